// The loops for AVX-512 with the F, VL, DQ and BW sets.
// SPDX-License-Identifier: Apache-2.0
#ifdef __AVX512F__
#define OHMSET_ISA avx512
#include "design/kernels/cells.inc"
#include "design/kernels/loops.inc"
#endif
