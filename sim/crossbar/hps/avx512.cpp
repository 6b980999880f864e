// The merge for AVX-512.
// SPDX-License-Identifier: Apache-2.0
#ifdef __AVX512F__
#define OHMSET_ISA avx512
#include "sim/crossbar/hps/loops.inc"
#endif
