// How much of a bank's resistance each resistance in it decides.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/bank.h"

namespace ohmset::tolerance {

// d ln R / d ln r of each device and of each switch, in the state that it is in: (i / I)^2 r / R by Tellegen's theorem,
// i the current through r when I flows through the bank. None is negative and their sum is 1, as R is homogeneous of
// degree 1. All are 0 in a bank that is open or shorted.
struct Slopes {
  double resistance = 0.0;  // of the bank, ohm
  std::vector<double> devices{};
  std::vector<double> contacts{};
  std::vector<bool> closed{};  // whether the switch is
};
// requires configuration.size() == devices
[[nodiscard]] Slopes slopes_of(const Bank& bank, const Configuration& configuration, Seen seen = Seen::actual);

// A device of resistance r and its switch of resistance s: one after the other, or side by side where it is a bypass.
struct Leaf {
  double resistance = 0.0;
  double device = 0.0;   // d ln(resistance) / d ln r
  double contact = 0.0;  // d ln(resistance) / d ln s
};
// Slopes are 0 where it is open or shorted.
[[nodiscard]] Leaf leaf_of(double r, double s, bool bypass);

}  // namespace ohmset::tolerance
