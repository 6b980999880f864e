// The loops for AVX2.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx2
#include "design/kernels/cells.inc"
#include "design/kernels/loops.inc"
