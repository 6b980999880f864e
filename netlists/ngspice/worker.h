// The process that holds libngspice: decks in, operating points out, over one socket.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace ohmset::ngspice {

// What a worker says. On the wire: one byte of kind, eight of size, then the payload.
//   ready    the library's version
//   results  per value: four bytes of name length, the name, eight bytes of double
//   series   eight bytes of double for each `op` of the question's commands
//   failure  why not, in one line; the worker ends after it
enum class Reply : unsigned char { ready = 'v', results = 'r', series = 's', failure = 'f' };

// A question is eight bytes of the deck's size, eight of the commands', then both. The commands' first line names the
// quantity that is read after each `op`; the others are run one by one. No commands: the deck's operating point.
inline constexpr std::size_t question_header = 16;
inline constexpr std::size_t reply_header = 9;

struct WorkerSetup {
  int socket = -1;
  std::string folder{};   // private, empty; the worker removes it once the library has read its start-up files
  std::string library{};  // what dlopen is asked for
};

// Answers questions until the other end closes. Only ever called in a forked process.
[[noreturn]] void serve(const WorkerSetup& setup);

}  // namespace ohmset::ngspice
