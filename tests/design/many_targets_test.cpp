// Many targets on one bank are so many single searches.
// SPDX-License-Identifier: Apache-2.0
#include "design/many_targets.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace {

std::vector<double> items_of(int kind, std::size_t n, std::mt19937_64& random) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::vector<double> items(n);
  for (double& item : items) {
    const double u = unit(random);
    item = kind == 0 ? u + 0.5 : kind == 1 ? 2.0 * u - 1.0 : kind == 2 ? std::floor(20.0 * u) : std::exp(3.0 * u);
  }
  return items;
}

std::vector<double> targets_for(const std::vector<double>& items, std::size_t count, std::mt19937_64& random) {
  double reach = 1.0;
  for (const double item : items) reach += std::abs(item);
  std::uniform_real_distribution<double> where(-0.2 * reach, 1.2 * reach);
  std::vector<double> targets(count);
  for (double& target : targets) target = where(random);
  return targets;
}

void check_each(const std::vector<double>& items, const std::vector<double>& targets) {
  const std::vector<ohmset::Subset> each = ohmset::closest_to_each(items, targets, 1);
  REQUIRE(each.size() == targets.size());
  for (std::size_t k = 0; k < targets.size(); ++k) {
    CAPTURE(k);
    // Two of them: the exact search.
    const ohmset::Subset first = ohmset::closest_subset_sums(items, targets[k], {.best = 2}).subsets.front();
    REQUIRE(each[k].mask == first.mask);
    REQUIRE(each[k].sum == first.sum);
    REQUIRE(each[k].error == first.error);
  }
}

}  // namespace

TEST_CASE("Each target gets what the exact search gives it alone") {
  std::mt19937_64 random(3);
  for (std::size_t n = 0; n <= 20; ++n) {
    for (int kind = 0; kind < 4; ++kind) {
      CAPTURE(n);
      CAPTURE(kind);
      const std::vector<double> items = items_of(kind, n, random);
      for (const std::size_t count : {0, 1, 3, 4, 5, 21}) check_each(items, targets_for(items, count, random));
    }
  }
}

TEST_CASE("With more targets than a list is long all sums are sorted: the same answers") {
  std::mt19937_64 random(4);
  for (const std::size_t n : {3, 8, 11, 12}) {
    for (int kind = 0; kind < 4; ++kind) {
      CAPTURE(n);
      CAPTURE(kind);
      const std::vector<double> items = items_of(kind, n, random);
      check_each(items, targets_for(items, 200, random));
    }
  }
}

TEST_CASE("The answers are the same for any number of threads") {
  std::mt19937_64 random(6);
  const std::vector<double> items = items_of(0, 18, random);
  const std::vector<double> targets = targets_for(items, 400, random);
  const std::vector<ohmset::Subset> one = ohmset::closest_to_each(items, targets, 1);
  for (const int threads : {0, 2, 5}) {
    const std::vector<ohmset::Subset> more = ohmset::closest_to_each(items, targets, threads);
    for (std::size_t k = 0; k < targets.size(); ++k) CHECK(more[k].mask == one[k].mask);
  }
}

TEST_CASE("What is not finite or too much is refused") {
  const std::vector<double> one{1.0};
  const std::vector<double> nan{std::numeric_limits<double>::quiet_NaN()};
  CHECK_THROWS_AS((void)ohmset::closest_to_each(nan, one), std::invalid_argument);
  CHECK_THROWS_AS((void)ohmset::closest_to_each(one, nan), std::invalid_argument);
  CHECK_THROWS_AS((void)ohmset::closest_to_each(std::vector<double>(41, 1.0), one), std::invalid_argument);
}
