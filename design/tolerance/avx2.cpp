// The loops for AVX2.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx2
#define OHMSET_WIDTH 4
#include "design/tolerance/loops.inc"
