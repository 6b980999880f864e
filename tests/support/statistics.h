// What tests ask of random draws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace ohmset::support {

inline double normal_probability(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

// sqrt(n) times the largest distance between the draws' distribution function and the one claimed. Above 2.2 with a
// probability of about 1e-4 when the claim holds (Kolmogorov and Smirnov).
inline double kolmogorov_smirnov(std::vector<double> draws, const std::function<double(double)>& claim) {
  std::sort(draws.begin(), draws.end());
  const auto count = static_cast<double>(draws.size());
  double distance = 0.0;
  for (std::size_t k = 0; k < draws.size(); ++k) {
    const double claimed = claim(draws[k]);
    const auto before = static_cast<double>(k);
    distance = std::max({distance, claimed - before / count, (before + 1.0) / count - claimed});
  }
  return distance * std::sqrt(count);
}

}  // namespace ohmset::support
