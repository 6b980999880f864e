// The merge for any machine.
// SPDX-License-Identifier: Apache-2.0
#define OHMSET_ISA portable
#include "sim/crossbar/hps/loops.inc"
