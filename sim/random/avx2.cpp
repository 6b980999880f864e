// The loops for AVX2.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA avx2
#include "sim/random/elementary.inc"
