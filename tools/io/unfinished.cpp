// SPDX-License-Identifier: Apache-2.0
#include "tools/io/unfinished.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "sim/error.h"
#include "tools/io/file.h"

namespace ohmset::io {
namespace {

// A signal handler may only touch lock-free atomics and memory that never moves.
constexpr std::size_t slots = 32;
constexpr std::size_t longest_path = 4096;
enum class State : int { free, claimed, used };
struct Slot {
  std::atomic<State> state{State::free};
  std::array<char, longest_path> path{};
};
std::array<Slot, slots> unfinished;
static_assert(std::atomic<State>::is_always_lock_free);

// unlink and rmdir are async-signal-safe.
void remove_path(const char* path) {
  if (unlink(path) != 0 && (errno == EISDIR || errno == EPERM)) rmdir(path);
}

extern "C" void remove_and_end(int signal_number) {
  for (std::size_t k = slots; k-- > 0;) {
    if (unfinished[k].state.load() == State::used) remove_path(unfinished[k].path.data());
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

}  // namespace

Unfinished::Unfinished(std::string path) : path_(std::move(path)), slot_(slots) {
  if (path_.size() + 1 > longest_path) throw input_error(Where{path_}, "the path is too long");
  for (std::size_t k = 0; k < slots && slot_ == slots; ++k) {
    State expected = State::free;
    if (!unfinished[k].state.compare_exchange_strong(expected, State::claimed)) continue;
    slot_ = k;
    std::memcpy(unfinished[k].path.data(), path_.c_str(), path_.size() + 1);
    unfinished[k].state.store(State::used);
  }
}

Unfinished::~Unfinished() {
  if (path_.empty()) return;
  remove_path(path_.c_str());
  keep();
}

void Unfinished::keep() {
  if (slot_ < slots) unfinished[slot_].state.store(State::free);
  slot_ = slots;
  path_.clear();
}

void remove_unfinished_on_signal() {
  struct sigaction action {};
  action.sa_handler = remove_and_end;
  sigemptyset(&action.sa_mask);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction present {};
    // A signal that the parent asked to be ignored (nohup) stays ignored.
    if (sigaction(signal_number, nullptr, &present) == 0 && present.sa_handler == SIG_IGN) continue;
    sigaction(signal_number, &action, nullptr);
  }
}

}  // namespace ohmset::io
