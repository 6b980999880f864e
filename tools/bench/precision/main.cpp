// How fast precision is sampled, against what else one might do; the ratios are printed at the end. Times are those of
// the thread's processor.
// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/ratios.h"

int main(int argc, char** argv) { return ohmset::bench::run_with_ratios(argc, argv); }
