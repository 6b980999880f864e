// The loops for AVX-512.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx512
#define OHMSET_WIDTH 8
#include "design/tolerance/loops.inc"
