// The law of one bank, prepared once for many targets.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "design/precision.h"

namespace ohmset::precision {

// Subset sums of items, taken for independent draws from a normal variable.
class SumsOfSubsets {
 public:
  explicit SumsOfSubsets(std::span<const double> items);
  // E[-log2 |error|] of the sum nearest to the target; -inf when there is nothing but 0.
  [[nodiscard]] double bits(double target) const;

 private:
  double items_;
  double largest_ = 0.0;
  double mean_ = 0.0;  // relative to the largest item, like the variance
  double variance_ = 0.0;
};

}  // namespace ohmset::precision
