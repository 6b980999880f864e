// How fast the search answers, against what else one might use; the ratios are printed at the end. Times are those of
// the thread's processor; every file's first line says what it asks. --benchmark_filter=REGEX runs some of it.
// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/ratios.h"

int main(int argc, char** argv) { return ohmset::bench::run_with_ratios(argc, argv); }
