// Quantile functions of the per-device distributions.
// SPDX-License-Identifier: Apache-2.0
#include "sim/process/ratio.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "sim/random/elementary.h"

namespace ohmset {

namespace {

constexpr double negligible = 1e-5;  // powers of it that the series leaves out

}  // namespace

double positive_exp(double x) {
  elementary::loops().exponentials(&x, 1);
  return x;
}

PositiveNormal::PositiveNormal(double sigma)
    : sigma_(sigma),
      below_(sigma > 0.0 ? 0.5 * std::erfc(1.0 / (sigma * std::numbers::sqrt2)) : 0.0),
      at_zero_(sigma > 0.0 ? std::exp(-0.5 / sigma / sigma) * std::numbers::inv_sqrtpi / std::numbers::sqrt2 / sigma /
                                 (1.0 - below_)
                           : 0.0),
      beyond_zero_(2.0 * negligible * at_zero_) {}

// Just above the truncation 1 + sigma z would cancel; there the distribution function is its Taylor series,
// F(r) = f(0) (r + r^2 / (2 sigma^2) + ...), inverted.
double PositiveNormal::scaled(double u, double z) const {
  // Nowhere near: most draws by far.
  if (u > beyond_zero_) return 1.0 + sigma_ * z;
  const double linear = u / at_zero_;
  const double slope = linear / sigma_ / sigma_;
  if (linear < negligible && slope < negligible) return linear * (1.0 - 0.5 * slope);
  return 1.0 + sigma_ * z;
}

// Where the standard normal quantile is taken: from the nearer end.
double PositiveNormal::argument(double u) const {
  const double above = (1.0 - u) * (1.0 - below_);
  return above < 0.5 ? above : below_ + u * (1.0 - below_);
}

void PositiveNormal::quantiles(std::span<double> draws) const {
  constexpr std::size_t block = 64;
  std::array<double, block> z{};
  for (; !draws.empty(); draws = draws.subspan(std::min(block, draws.size()))) {
    const std::span<double> some = draws.first(std::min(block, draws.size()));
    if (sigma_ == 0.0) {
      std::ranges::fill(some, 1.0);
      continue;
    }
    for (std::size_t k = 0; k < some.size(); ++k) z.at(k) = argument(some[k]);
    elementary::loops().normal_quantiles(z.data(), some.size());
    for (std::size_t k = 0; k < some.size(); ++k) {
      const bool mirrored = (1.0 - some[k]) * (1.0 - below_) < 0.5;
      some[k] = scaled(some[k], mirrored ? -z.at(k) : z.at(k));
    }
  }
}

double PositiveNormal::quantile(double u) const {
  quantiles({&u, 1});
  return u;
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

void RatioShape::quantiles(std::span<double> draws) const {
  switch (distribution_) {
    case Distribution::none:
      std::ranges::fill(draws, 1.0);
      return;
    case Distribution::normal:
      normal_.quantiles(draws);
      return;
    case Distribution::lognormal:
      elementary::loops().normal_quantiles(draws.data(), draws.size());
      for (double& draw : draws) draw *= sigma_;
      elementary::loops().exponentials(draws.data(), draws.size());
      return;
    case Distribution::uniform:
      for (double& u : draws) u = 1.0 + sigma_ * (2.0 * u - 1.0);
      return;
    case Distribution::triangular:
      for (double& u : draws) {
        u = u < 0.5 ? 1.0 + sigma_ * (std::sqrt(2.0 * u) - 1.0) : 1.0 + sigma_ * (1.0 - std::sqrt(2.0 * (1.0 - u)));
      }
      return;
    case Distribution::empirical: {
      const auto count = static_cast<double>(ratios_.size());
      for (double& u : draws) u = ratios_[std::min(static_cast<std::size_t>(u * count), ratios_.size() - 1)];
      return;
    }
  }
  throw std::invalid_argument("process: unknown distribution");
}

double RatioShape::quantile(double u) const {
  quantiles({&u, 1});
  return u;
}

double ratio_quantile(const Process& process, double u) {
  if (!(u > 0.0 && u < 1.0)) throw std::invalid_argument("ratio_quantile: u must lie between 0 and 1");
  return RatioShape(process).quantile(u);
}

}  // namespace ohmset
