// Standard deviations of what is random about a device, relative to what it is when nothing deviates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/life.h"
#include "sim/process.h"

namespace ohmset::tolerance {

// Of exp(sigma N(0,1)), relative to its median.
[[nodiscard]] double lognormal_deviation(double sigma);

// What a device's R / nominal is counted from: 1, of measured ratios their mean.
[[nodiscard]] double typical_ratio(const Process& process);
// Standard deviation of R / nominal over that.
[[nodiscard]] double ratio_deviation(const Process& process);

// What a device's resistance has become, and by how much each cause alone makes it deviate.
struct Aged {
  double resistance = 0.0;
  double elasticity = 1.0;  // d ln(aged) / d ln(made)
  double tc1 = 0.0;
  double tc2 = 0.0;
  double written = 0.0;
  double nu = 0.0;
  double read = 0.0;
};

// By quadrature over a normal score, through Life itself: exact for whatever its formulas are.
class Ageing {
 public:
  // requires a process and a condition that pass `check`
  Ageing(const Process& process, const Condition& condition);
  [[nodiscard]] Aged of(double resistance) const;

 private:
  [[nodiscard]] Aged quadrature(double resistance) const;

  Life life_;
  bool alike_;  // deviations are the same whatever the resistance
  Aged any_{};
};

}  // namespace ohmset::tolerance
