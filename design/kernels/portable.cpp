// The loops for any machine.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA portable
#include "design/kernels/cells.inc"
#include "design/kernels/loops.inc"
