// A question's bank when nothing deviates, and its configurations.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "design/tolerance.h"
#include "design/tolerance/variables.h"

namespace ohmset::tolerance {

// As made: a die's own devices, by their measured values where those are what is known of them; of a process the
// nominal ones, without faults.
[[nodiscard]] Bank typical_bank(const Making& making);

// The aim's own; of redesigned dies that have none, the nearest one that the typical bank has.
[[nodiscard]] Configuration configuration_of(const Making& making, std::size_t aim);

}  // namespace ohmset::tolerance
