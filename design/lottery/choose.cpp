// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/choose.h"

#include <cmath>

#include "design/subset_sum.h"

namespace ohmset::lottery {
namespace {

// What a - b loses when it is rounded to `difference` [Knuth97].
double lost(double a, double b, double difference) {
  const double back = a - difference;
  return (a - (difference + back)) + (back - b);
}

}  // namespace

std::uint64_t nearest_item(std::span<const double> items, double target) {
  std::size_t best = 0;
  double error = 0.0;
  double rest = 0.0;  // of the error, which rounding lost
  for (std::size_t k = 0; k < items.size(); ++k) {
    const double difference = items[k] - target;
    const double size = std::abs(difference);
    if (k > 0 && size > error) continue;
    const double tail = difference < 0.0 ? -lost(items[k], target, difference) : lost(items[k], target, difference);
    if (k > 0 && size == error && tail >= rest) continue;
    best = k;
    error = size;
    rest = tail;
  }
  return std::uint64_t{1} << best;
}

std::uint64_t fewest_items(std::span<const double> items, double target, double within) {
  const SubsetSumResult few = cheapest_subset_sums(items, {}, target - within, target + within, target);
  if (!few.subsets.empty()) return few.subsets.front().mask;
  return closest_subset_sums(items, target).subsets.front().mask;
}

}  // namespace ohmset::lottery
