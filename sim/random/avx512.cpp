// The loops for AVX-512.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx512
#include "sim/random/elementary.inc"
