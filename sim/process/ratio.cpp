// Quantile functions of the per-device distributions.
// SPDX-License-Identifier: Apache-2.0
#include "sim/process/ratio.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <stdexcept>

namespace ohmset {

double positive_exp(double x) {
  return std::clamp(std::exp(x), std::numeric_limits<double>::min(), std::numeric_limits<double>::max());
}

PositiveNormal::PositiveNormal(double sigma)
    : sigma_(sigma),
      below_(sigma > 0.0 ? 0.5 * std::erfc(1.0 / (sigma * std::numbers::sqrt2)) : 0.0),
      at_zero_(sigma > 0.0 ? std::exp(-0.5 / sigma / sigma) * std::numbers::inv_sqrtpi / std::numbers::sqrt2 / sigma /
                                 (1.0 - below_)
                           : 0.0) {}

double PositiveNormal::quantile(double u) const {
  if (sigma_ == 0.0) return 1.0;
  // Just above the truncation 1 + sigma z would cancel; there the distribution function is its Taylor series,
  // F(r) = f(0) (r + r^2 / (2 sigma^2) + ...), inverted.
  const double linear = u / at_zero_;
  const double slope = linear / sigma_ / sigma_;
  constexpr double negligible = 1e-5;
  if (linear < negligible && slope < negligible) return linear * (1.0 - 0.5 * slope);
  const double above = (1.0 - u) * (1.0 - below_);
  const double z = above < 0.5 ? -normal_quantile(above) : normal_quantile(below_ + u * (1.0 - below_));
  return 1.0 + sigma_ * z;
}

RatioShape::RatioShape(const Process& process)
    : distribution_(process.distribution),
      sigma_(process.sigma),
      ratios_(process.ratios),
      normal_(process.distribution == Distribution::normal ? process.sigma : 0.0) {
  if (distribution_ == Distribution::empirical && ratios_.empty()) {
    throw std::invalid_argument("process: an empirical distribution without ratios");
  }
}

double RatioShape::quantile(double u) const {
  switch (distribution_) {
    case Distribution::none:
      return 1.0;
    case Distribution::normal:
      return normal_.quantile(u);
    case Distribution::lognormal:
      return positive_exp(sigma_ * normal_quantile(u));
    case Distribution::uniform:
      return 1.0 + sigma_ * (2.0 * u - 1.0);
    case Distribution::triangular:
      return u < 0.5 ? 1.0 + sigma_ * (std::sqrt(2.0 * u) - 1.0) : 1.0 + sigma_ * (1.0 - std::sqrt(2.0 * (1.0 - u)));
    case Distribution::empirical: {
      const auto count = static_cast<double>(ratios_.size());
      return ratios_[std::min(static_cast<std::size_t>(u * count), ratios_.size() - 1)];
    }
  }
  throw std::invalid_argument("process: unknown distribution");
}

double ratio_quantile(const Process& process, double u) {
  if (!(u > 0.0 && u < 1.0)) throw std::invalid_argument("ratio_quantile: u must lie between 0 and 1");
  return RatioShape(process).quantile(u);
}

}  // namespace ohmset
