// The command line tool: every error ends here, as one line and an exit code.
// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <exception>

#include "tools/cli/command_line.h"
#include "tools/cli/failure.h"
#include "tools/io/file.h"

namespace {

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
  } catch (...) {
    return ohmset::cli::report_failure(std::current_exception());
  }
}
