// The program's loops for AVX-512.
// SPDX-License-Identifier: Apache-2.0
#ifdef __AVX512F__
#define OHMSET_ISA avx512
#define OHMSET_WIDTH 8
#include "sim/network_batch/loops.inc"
#endif
