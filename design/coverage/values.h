// Coverage by values of trees, and of banks in the unit in which nothing adds up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "design/coverage.h"
#include "sim/bank.h"

namespace ohmset::covering {

// In doubles: values err by a few units in the last place for each device and level. requires at most most_covered free
// switches and low < high finite
[[nodiscard]] Coverage cover_values(const Bank& bank, TargetUnit unit, double low, double high);

// A group's members, those of groups of the same arrangement within it among them: their values add up.
[[nodiscard]] std::vector<const Group*> members_of(const Group& group);

}  // namespace ohmset::covering
