// Searches among many items: planted answers, the half-list search where both can run, honest failures.
// SPDX-License-Identifier: Apache-2.0
#include "design/large_search.h"

#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "design/kernels/closest.h"
#include "design/large_search/closest_in_windows.h"
#include "sim/error.h"

namespace {

std::vector<double> items_of(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::vector<double> items(n);
  for (double& item : items) item = std::exp(unit(random));
  return items;
}

double sum_of(const std::vector<double>& items) {
  double sum = 0.0;
  for (const double item : items) sum += item;
  return sum;
}

}  // namespace

TEST_CASE("Up to 40 items it is the closest subset sum") {
  for (const std::size_t n : {0, 1, 7, 20}) {
    CAPTURE(n);
    const std::vector<double> items = items_of(n, 1);
    const double target = 0.4 * sum_of(items) + 0.1;
    const ohmset::LargeSearchResult found = ohmset::closest_of_many(items, target);
    const ohmset::Subset first = ohmset::closest_subset_sums(items, target).subsets.front();
    CHECK(found.proven);
    CHECK(found.subset.mask == first.mask);
    CHECK(found.subset.error == first.error);
  }
}

TEST_CASE("41 items: windows find what half lists find, also among signed items") {
  for (const std::uint64_t seed : {1, 2}) {
    CAPTURE(seed);
    std::vector<double> items = items_of(41, seed);
    if (seed == 2) {
      for (std::size_t k = 0; k < items.size(); k += 3) items[k] = -items[k];
    }
    const double target = 0.37 * sum_of(items);
    const ohmset::LargeSearchResult found = ohmset::closest_of_many(items, target);
    CHECK(found.proven);
    const auto mask = ohmset::closest_mask(items, target);
    if (mask) CHECK(found.subset.mask == *mask);
    CHECK(std::abs(found.subset.error) < 1e-9);
  }
}

TEST_CASE("Windows find what half lists find, in ten distributions") {
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    std::normal_distribution<double> normal(0.0, 1.0);
    const std::size_t n = 8 + random() % 21;
    std::vector<double> items(n);
    for (std::size_t k = 0; k < n; ++k) {
      switch (seed % 10) {
        case 0:
          items[k] = std::exp(0.5 * normal(random));
          break;
        case 1:
          items[k] = 2.0 * unit(random) - 1.0;
          break;
        case 2:
          items[k] = static_cast<double>(1 + random() % 5);
          break;  // many ties
        case 3:
          items[k] = 0.1;
          break;
        case 4:
          items[k] = std::ldexp(1.0, static_cast<int>(k));
          break;
        case 5:
          items[k] = std::pow(10.0, 18.0 * unit(random) - 9.0);
          break;
        case 6:
          items[k] = 1000.0 + 10.0 * static_cast<double>(k);
          break;
        case 7:
          items[k] = 1.0 + static_cast<double>(random() % 3) * std::numeric_limits<double>::epsilon();
          break;
        case 8:
          items[k] = k % 2 == 0 ? 3.0 : -3.0;
          break;
        default:
          items[k] = 0.01 * static_cast<double>(1 + random() % 100);
          break;
      }
    }
    double least = 0.0;
    double greatest = 0.0;
    for (const double item : items) (item < 0.0 ? least : greatest) += item;
    double target = least + unit(random) * (greatest - least);
    if (seed % 3 == 0) target = std::floor(target);
    const ohmset::Subset first = ohmset::closest_subset_sums(items, target).subsets.front();
    const auto [mask, proven] = ohmset::large::closest_in_windows(items, target, {});
    CHECK(proven);
    CHECK(mask == first.mask);
    ++compared;
  }
  CHECK(compared == 300);
}

TEST_CASE("The answer does not depend on how much memory, or how many threads, it may take") {
  const std::vector<double> items = items_of(44, 9);
  const double target = 0.41 * sum_of(items);
  const ohmset::LargeSearchResult found = ohmset::closest_of_many(items, target);
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const ohmset::LargeSearchResult alone =
      ohmset::closest_of_many(items, target, {.memory_limit = std::size_t{8} << 20});
  CHECK(found.subset.mask == alone.subset.mask);
  CHECK(found.proven);
  CHECK(alone.proven);
}

TEST_CASE("An error of 0 is found, with the fewest items and the smallest mask") {
  // 48 items in two sizes: 3 large and 2 small ones are the fewest that make 32.
  std::vector<double> items(48, 1.0);
  for (std::size_t k = 0; k < items.size(); k += 2) items[k] = 10.0;
  const ohmset::LargeSearchResult found = ohmset::closest_of_many(items, 32.0);
  CHECK(found.proven);
  CHECK(found.subset.error == 0.0);
  CHECK(found.subset.mask == 0b11111);
  // And with all signs turned.
  for (double& item : items) item = -item;
  CHECK(ohmset::closest_of_many(items, -32.0).subset.mask == 0b11111);
}

TEST_CASE("Beyond its memory a large search says so; out of reach it needs none") {
  const std::vector<double> items = items_of(64, 5);
  CHECK_THROWS_AS((void)ohmset::closest_of_many(items, 0.5 * sum_of(items), {.memory_limit = 1000}), ohmset::Error);
  const ohmset::LargeSearchResult all = ohmset::closest_of_many(items, 1e9, {.memory_limit = 1000});
  CHECK(all.proven);
  CHECK(all.subset.mask == ~std::uint64_t{0});
  CHECK(ohmset::closest_of_many(items, -1.0).subset.mask == 0);
  CHECK_THROWS_AS((void)ohmset::closest_of_many(std::vector<double>(65, 1.0), 1.0), std::invalid_argument);
  CHECK_THROWS_AS((void)ohmset::closest_of_many(items, std::numeric_limits<double>::infinity()), std::invalid_argument);
}

TEST_CASE("Any within eps: what is found is within eps, in long double too") {
  for (const std::size_t n : {20, 60, 400, 10000}) {
    for (const double eps : {1e-3, 1e-6}) {
      CAPTURE(n);
      CAPTURE(eps);
      const std::vector<double> items = items_of(n, n);
      const double target = 0.43 * sum_of(items);
      const ohmset::AnyWithin any = ohmset::any_within(items, target, eps);
      if (n == 20 && !any.found) {
        CHECK(any.proven);
        continue;
      }
      REQUIRE(any.found);
      CHECK(any.proven);
      long double sum = 0.0L;
      for (std::size_t k = 0; k < any.chosen.size(); ++k) {
        REQUIRE(any.chosen[k] < n);
        if (k > 0) REQUIRE(any.chosen[k] > any.chosen[k - 1]);
        sum += static_cast<long double>(items[any.chosen[k]]);
      }
      CHECK(std::abs(sum - static_cast<long double>(target)) <= static_cast<long double>(eps));
      CHECK(static_cast<double>(sum) == doctest::Approx(any.sum).epsilon(1e-15));
    }
  }
}

TEST_CASE("Any within 1e-12 of a sum of lognormal items: found among 48 as among 10,000") {
  for (const std::size_t n : {48, 100, 1000, 10000}) {
    for (const std::uint64_t seed : {1, 2}) {
      CAPTURE(n);
      CAPTURE(seed);
      std::mt19937_64 random(n + seed);
      std::lognormal_distribution<double> lognormal(0.0, 0.5);
      std::vector<double> items(n);
      for (double& item : items) item = lognormal(random);
      const double target = 0.4 * sum_of(items);
      const ohmset::AnyWithin any = ohmset::any_within(items, target, 1e-12);
      REQUIRE(any.found);
      // Exactly: sums of such items are multiples of 2^-60 below 2^15, which long doubles of 64 bits do not hold.
      __extension__ using Integer = __int128;
      Integer sum = -static_cast<Integer>(std::ldexp(target, 60));
      for (const std::size_t item : any.chosen) sum += static_cast<Integer>(std::ldexp(items[item], 60));
      CHECK(std::abs(std::ldexp(static_cast<double>(sum), -60)) <= 1e-12);
      CHECK(std::is_sorted(any.chosen.begin(), any.chosen.end()));
      CHECK(std::adjacent_find(any.chosen.begin(), any.chosen.end()) == any.chosen.end());
    }
  }
}

TEST_CASE("Any within eps: not found is proven only where it is") {
  // Even numbers never make an odd one, but the search among 60 of them cannot know.
  const std::vector<double> even(60, 2.0);
  const ohmset::AnyWithin odd = ohmset::any_within(even, 51.0, 0.5);
  CHECK(!odd.found);
  CHECK(!odd.proven);
  CHECK(std::abs(odd.error) == 1.0);
  // Among 50 all are searched in the end.
  const ohmset::AnyWithin proven = ohmset::any_within(std::span<const double>(even).first(50), 51.0, 0.5);
  CHECK(!proven.found);
  CHECK(proven.proven);
  const ohmset::AnyWithin few = ohmset::any_within(std::vector<double>(10, 2.0), 11.0, 0.5);
  CHECK(!few.found);
  CHECK(few.proven);
  const ohmset::AnyWithin far = ohmset::any_within(even, 1000.0, 1.0);
  CHECK(!far.found);
  CHECK(far.proven);
  CHECK(far.chosen.size() == 60);
  CHECK(ohmset::any_within(even, 40.0, 0.0).found);
  CHECK(ohmset::any_within({}, 0.0, 0.0).found);
  CHECK_THROWS_AS((void)ohmset::any_within(even, 1.0, -1.0), std::invalid_argument);
  CHECK_THROWS_AS((void)ohmset::any_within(std::vector<double>(10001, 1.0), 1.0, 1.0), std::invalid_argument);
}
