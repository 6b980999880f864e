// The shape of R / nominal, prepared once for many draws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "sim/process.h"

namespace ohmset {

// exp(x), never 0 or infinite: factors that spread however wide have a product.
[[nodiscard]] double positive_exp(double x);

// Quantile functions take uniform draws between 0 and 1 and leave the values in their place; what they give does not
// depend on how many there are at once.

// Quantile of a standard normal variable scaled to 1 + sigma N(0,1) and conditioned on being positive.
class PositiveNormal {
 public:
  explicit PositiveNormal(double sigma);
  void quantiles(std::span<double> draws) const;  // > 0
  [[nodiscard]] double quantile(double u) const;

 private:
  [[nodiscard]] double argument(double u) const;
  [[nodiscard]] double scaled(double u, double z) const;

  double sigma_;
  double below_;        // probability of 0 or less without the condition
  double at_zero_;      // conditional density at 0
  double beyond_zero_;  // draws above it give more than what is just above 0
};

// Refers to the process's ratios: must not outlive it.
class RatioShape {
 public:
  explicit RatioShape(const Process& process);
  void quantiles(std::span<double> draws) const;
  [[nodiscard]] double quantile(double u) const;

 private:
  Distribution distribution_;
  double sigma_;
  std::span<const double> ratios_;
  PositiveNormal normal_;
};

}  // namespace ohmset
