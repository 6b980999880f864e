// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/failure.h"

#include <fmt/format.h>

#include <cstdio>
#include <new>
#include <string>

#include "sim/error.h"
#include "tools/cli/command_line.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t longest_line = 2000;

// One line, whatever a file's bytes put into it.
void print_line(std::string text) {
  if (text.size() > longest_line) text = text.substr(0, longest_line) + "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  fmt::print(stderr, "ohmset: {}\n", text);
}

}  // namespace

int report_failure(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    print_line(error.what());
    return error.fault() == Fault::input ? bad_input : world_failed;
  } catch (const std::bad_alloc&) {
    print_line("not enough memory");
  } catch (const std::exception& error) {
    print_line(std::string("internal error: ") + error.what());
  }
  return world_failed;
}

}  // namespace ohmset::cli
