// The merge for AVX2.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx2
#include "sim/crossbar/hps/loops.inc"
