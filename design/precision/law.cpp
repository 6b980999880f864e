// What the error is about, by the density of subset sums around the target.
// SPDX-License-Identifier: Apache-2.0
#include "design/precision/law.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace ohmset {

namespace precision {

SumsOfSubsets::SumsOfSubsets(std::span<const double> items) : items_(static_cast<double>(items.size())) {
  // Squares relative to the largest, which neither overflow nor vanish.
  for (const double item : items) largest_ = std::max(largest_, std::abs(item));
  if (largest_ == 0.0) return;
  for (const double item : items) {
    const double part = item / largest_;
    mean_ += part / 2.0;
    variance_ += part * part / 4.0;
  }
}

double SumsOfSubsets::bits(double target) const {
  if (largest_ == 0.0) return -std::numeric_limits<double>::infinity();
  const double away = target / largest_ - mean_;
  const double log2_density = -0.5 * std::log2(2.0 * std::numbers::pi * variance_) -
                              away * away / (2.0 * variance_) * std::numbers::log2e - std::log2(largest_);
  return items_ + 1.0 + log2_density + std::numbers::egamma * std::numbers::log2e;
}

}  // namespace precision

double law(std::span<const double> items, double target) { return precision::SumsOfSubsets(items).bits(target); }

// E[sum x] = 0 with variance n/3, E[sum x^2] = n/3: the target lies E[(z - sum x / 2)^2] = E[z^2] + n/12 away from the
// mean, squared, and the variance is n/12.
double law_of_signed_items(std::size_t devices, double mean_square_target) {
  const auto n = static_cast<double>(devices);
  return n + 1.0 - 0.5 * std::log2(std::numbers::pi * n / 6.0) -
         (0.5 + 6.0 * mean_square_target / n) * std::numbers::log2e + std::numbers::egamma * std::numbers::log2e;
}

}  // namespace ohmset
