// How well the attainable values cover an interval: the point of it that is farthest from any of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "design/program.h"
#include "design/subset_sum.h"

namespace ohmset {

inline constexpr std::size_t most_covered = 26;  // items or free switches

struct Coverage {
  double at = 0.0;        // the point that is farthest, the smallest of equals
  double distance = 0.0;  // of it to the nearest attainable value
  double below = 0.0;     // the attainable values around it; -inf or inf where there is none
  double above = 0.0;
};

// max over z in [low, high] of the distance to the nearest subset sum. Exact: sums, places and distances are compared
// as integers and rounded once for the answer. requires finite items, at most most_covered, and low < high finite
[[nodiscard]] Coverage coverage(std::span<const double> items, double low, double high);

// The same of a bank's values in the unit, of any topology; stuck switches are as they are stuck. Shorts and opens are
// values at 0 and at infinity. As exact, of what the devices contribute, where that adds up in the unit; else in
// doubles: every value is looked at, and errs by a few units in the last place for each device and level. Takes a few
// MB; trees of which one group has nearly all of the switches 16 bytes for each of its values. Throws Error{input} for
// more than most_covered free switches.
[[nodiscard]] Coverage coverage(const Bank& bank, TargetUnit unit, double low, double high);

}  // namespace ohmset
