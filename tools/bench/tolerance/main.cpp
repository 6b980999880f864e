// What the sampling of tolerances costs and what better points save. First, how many times smaller the variances of
// Latin hypercube's and Sobol's answers are; then speeds. --benchmark_filter=REGEX runs some of the latter.
// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/ratios.h"
#include "tools/bench/tolerance/variance.h"

int main(int argc, char** argv) {
  ohmset::bench::print_variance_reduction();
  return ohmset::bench::run_with_ratios(argc, argv);
}
