// The loops for AVX-512 with the F, VL, DQ and BW sets.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx512
#include "design/kernels/cells.inc"
#include "design/kernels/loops.inc"
