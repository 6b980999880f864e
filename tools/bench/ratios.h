// Which benchmark is measured against which: the ratios are printed after the run, so that nobody divides by hand.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>

namespace ohmset::bench {

// `ours` is compared with each alternative at every argument that both ran with. Made beside the benchmarks, as a
// static.
class Against {
 public:
  Against(std::string ours, std::initializer_list<std::string> alternatives);
};

// Runs what the command line asks of Google Benchmark, prints as it does, then the ratios. The exit code.
[[nodiscard]] int run_with_ratios(int argc, char** argv);

}  // namespace ohmset::bench
