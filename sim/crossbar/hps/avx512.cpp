// The merge for AVX-512.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx512
#include "sim/crossbar/hps/loops.inc"
