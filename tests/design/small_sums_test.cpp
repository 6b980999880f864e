// Subset sums near a number against all subset sums.
// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/small_sums.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

using namespace ohmset::tolerance;

namespace {

// The halves apart, each in the order of the items: as the lists add them.
double sum_of(const std::vector<double>& items, std::uint64_t mask) {
  const std::size_t half = items.size() / 2;
  double low = 0.0;
  double high = 0.0;
  for (std::size_t k = 0; k < items.size(); ++k) {
    if (((mask >> k) & 1U) != 0) (k < half ? low : high) += items[k];
  }
  return low + high;
}

}  // namespace

TEST_CASE("neighbours and all sums of an interval are those of brute force, ties included") {
  SmallSums sums;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::vector<double> items(random() % 12);
    const bool coarse = random() % 2 == 0;
    for (double& item : items) item = coarse ? 1.0 + static_cast<double>(random() % 4) : 0.1 + uniform(random);
    double total = 0.0;
    for (const double item : items) total += item;
    const double target = coarse ? std::floor(total * uniform(random)) : 1.2 * total * uniform(random) - 0.1;
    const double low = target - 0.2 * uniform(random);
    const double high = target + (seed % 7 == 0 ? std::numeric_limits<double>::infinity() : 0.2 * uniform(random));
    double below = -std::numeric_limits<double>::infinity();
    double above = std::numeric_limits<double>::infinity();
    std::vector<std::uint64_t> inside;
    for (std::uint64_t mask = 0; mask < (std::uint64_t{1} << items.size()); ++mask) {
      const double sum = sum_of(items, mask);
      if (sum <= target) below = std::max(below, sum);
      if (sum > target) above = std::min(above, sum);
      if (low <= sum && sum <= high) inside.push_back(mask);
    }
    sums.assign(items);
    const SmallSums::Neighbours found = sums.neighbours(target);
    CHECK(found.below == below);
    CHECK(found.above == above);
    std::vector<std::uint64_t> masks;
    sums.between(low, high, 100'000, masks);
    std::ranges::sort(masks);
    CHECK(masks == inside);
    sums.between(low, high, 3, masks);
    CHECK(masks.size() == std::min<std::size_t>(inside.size(), 4));
  }
  CHECK_THROWS_AS(sums.assign(std::vector<double>(most_small_items + 1, 1.0)), std::invalid_argument);
}
