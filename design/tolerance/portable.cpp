// The loops for any machine.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA portable
#define OHMSET_WIDTH 2
#include "design/tolerance/loops.inc"
