// The command line tool: every error ends here, as one line and an exit code.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/io/file.h"

namespace {

constexpr std::size_t longest_line = 2000;

// One line, whatever a file's bytes put into it.
void print_error(std::string text) {
  if (text.size() > longest_line) text = text.substr(0, longest_line) + "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  fmt::print(stderr, "ohmset: {}\n", text);
}

int run(int count, const char* const* arguments) {
  using namespace ohmset::cli;
  CommandLine line;
  add_sample(line);
  add_design(line);
  add_combine(line);
  add_subset_sum(line);
  add_compile(line);
  add_mvm(line);
  add_solve(line);
  add_netlist(line);
  add_verify(line);
  add_tolerance(line);
  add_precision(line);
  add_lottery(line);
  return line.run(count, arguments);
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is a failed write, reported like any other
  ohmset::io::remove_unfinished_on_signal();
  try {
    return run(count, arguments);
  } catch (const ohmset::Error& error) {
    print_error(error.what());
    return ohmset::cli::exit_code_of(error);
  } catch (const std::bad_alloc&) {
    print_error("not enough memory");
    return ohmset::cli::world_failed;
  } catch (const std::exception& error) {
    print_error(std::string("internal error: ") + error.what());
    return ohmset::cli::world_failed;
  }
}
