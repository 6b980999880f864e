// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/crossbar/memory.h"
#include "tools/bench/ratios.h"

int main(int argc, char** argv) {
  if (ohmset::bench::measured_memory(argc, argv)) return 0;
  return ohmset::bench::run_with_ratios(argc, argv);
}
