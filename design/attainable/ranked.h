// Configurations in order: by error, fewest inserted devices, mask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "design/attainable.h"

namespace ohmset::attainable {

// Values of these searches differ from the closed form's by rounding only: sums of terms >= 0 and reciprocals keep the
// relative error to a few units per level.
inline constexpr double rounding = 2e-13;

struct Candidate {
  double error = 0.0;
  std::uint64_t mask = 0;
};

[[nodiscard]] inline bool before(const Candidate& a, const Candidate& b) {
  if (a.error != b.error) return a.error < b.error;
  const int items_a = std::popcount(a.mask);
  const int items_b = std::popcount(b.mask);
  return items_a != items_b ? items_a < items_b : a.mask < b.mask;
}

// By the closed form.
[[nodiscard]] inline double value_of(const Bank& bank, std::uint64_t mask, const AttainableOptions& options) {
  const Configuration configuration = Configuration::from_mask(mask, bank.devices.size());
  return options.siemens ? conductance(bank, configuration, options.seen).value
                         : resistance(bank, configuration, options.seen).value;
}

[[nodiscard]] inline bool on_side(Side side, double value, double target) {
  return side == Side::either || (side == Side::below ? value <= target : value >= target);
}

}  // namespace ohmset::attainable
