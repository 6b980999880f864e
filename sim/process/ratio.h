// The shape of R / nominal, prepared once for many draws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/process.h"

namespace ohmset {

// exp(x), never 0 or infinite: factors that spread however wide have a product.
[[nodiscard]] double positive_exp(double x);

// Quantile of a standard normal variable scaled to 1 + sigma N(0,1) and conditioned on being positive.
class PositiveNormal {
 public:
  explicit PositiveNormal(double sigma);
  [[nodiscard]] double quantile(double u) const;  // > 0

 private:
  double sigma_;
  double below_;    // probability of 0 or less without the condition
  double at_zero_;  // conditional density at 0
};

// Refers to the process's ratios: must not outlive it.
class RatioShape {
 public:
  explicit RatioShape(const Process& process);
  [[nodiscard]] double quantile(double u) const;

 private:
  Distribution distribution_;
  double sigma_;
  std::span<const double> ratios_;
  PositiveNormal normal_;
};

}  // namespace ohmset
