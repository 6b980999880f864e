// Windows, integers, shared lists and brute force answer the same, wherever more than one of them answers.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>

#include "design/many_targets.h"
#include "design/many_targets/regimes.h"
#include "design/subset_sum.h"
#include "design/subset_sum/question.h"
#include "design/subset_sum/subsets_of_sums.h"
#include "design/subset_sum/windows.h"
#include "sim/units.h"
#include "tests/support/distributions.h"

namespace {

using namespace ohmset;
using namespace ohmset::test;
using exact::Int128;

// The items and the target as integers in a common unit; none where 128 bits do not hold them.
struct Integers {
  std::vector<Int128> items{};
  Int128 target = 0;
};
std::optional<Integers> integers_of(const std::vector<double>& items, double target) {
  std::vector<double> all = items;
  all.push_back(target);
  int least = 2000;
  int greatest = -2000;
  for (const double value : all) {
    if (value == 0.0) continue;
    least = std::min(least, std::ilogb(value) - 52);
    greatest = std::max(greatest, std::ilogb(value));
  }
  least = std::max(least, -1074);
  if (greatest - least > 110) return std::nullopt;
  Integers integers;
  for (const double value : all) {
    int exponent = 0;
    const double fraction = std::frexp(value, &exponent);
    const auto digits = static_cast<std::int64_t>(std::ldexp(fraction, 53));
    const int shift = exponent - 53 - least;
    const Int128 integer = shift >= 0 ? Int128{digits} * (Int128{1} << shift) : Int128{digits} >> -shift;
    integers.items.push_back(integer);
  }
  integers.target = integers.items.back();
  integers.items.pop_back();
  return integers;
}

// The nearest subset by the tie rule, by Gray code.
std::uint64_t brute_force(const Integers& integers) {
  Int128 error = -integers.target;
  Int128 best = error < 0 ? -error : error;
  std::uint64_t best_mask = 0;
  std::uint64_t mask = 0;
  for (std::uint64_t step = 1; step < std::uint64_t{1} << integers.items.size(); ++step) {
    const int bit = std::countr_zero(step);
    mask ^= std::uint64_t{1} << static_cast<unsigned>(bit);
    const Int128 item = integers.items[static_cast<std::size_t>(bit)];
    error += ((mask >> static_cast<unsigned>(bit)) & 1U) != 0 ? item : -item;
    const Int128 distance = error < 0 ? -error : error;
    if (distance > best) continue;
    const int count = std::popcount(mask);
    const int best_count = std::popcount(best_mask);
    if (distance < best || count < best_count || (count == best_count && mask < best_mask)) {
      best = distance;
      best_mask = mask;
    }
  }
  return best_mask;
}

std::vector<std::uint64_t> masks_of(const SubsetSumResult& result) {
  std::vector<std::uint64_t> masks;
  for (const Subset& subset : result.subsets) masks.push_back(subset.mask);
  return masks;
}

bool counted_in(std::uint64_t mask, std::size_t at_least, std::size_t at_most) {
  const auto count = static_cast<std::size_t>(std::popcount(mask));
  return count >= at_least && count <= at_most;
}

}  // namespace

TEST_CASE("One target, many targets, windows and integers all find what brute force finds") {
  std::mt19937_64 random(99);
  for (std::size_t n = 1; n <= 16; ++n) {
    for (int kind = 0; kind < distributions; ++kind) {
      const std::vector<double> items = items_of(kind, n, random);
      std::vector<double> targets;
      targets.reserve(6);
      for (int k = 0; k < 5; ++k) targets.push_back(target_of(items, random));
      targets.push_back(items.front());  // reached exactly
      const std::vector<Subset> each = closest_to_each(items, targets, 1);
      for (std::size_t k = 0; k < targets.size(); ++k) {
        CAPTURE(n);
        CAPTURE(kind);
        CAPTURE(k);
        const double target = targets[k];
        const auto integers = integers_of(items, target);
        const std::uint64_t expected =
            integers ? brute_force(*integers)
                     : exact::Question(items, target, {}, exact::Method::integers).result(1).subsets.front().mask;
        REQUIRE(each[k].mask == expected);
        REQUIRE(closest_subset_sums(items, target).subsets.front().mask == expected);
        REQUIRE(closest_subset_sums(items, target, {.best = 2}).subsets.front().mask == expected);
        REQUIRE(exact::Question(items, target, {}, exact::Method::integers).result(2).subsets.front().mask == expected);
      }
    }
  }
}

TEST_CASE("Twenty-four items: the same, a few times") {
  std::mt19937_64 random(100);
  for (const int kind : {0, 1, 2, 9}) {
    CAPTURE(kind);
    const std::vector<double> items = items_of(kind, 24, random);
    const double target = target_of(items, random);
    const auto integers = integers_of(items, target);
    REQUIRE(integers);
    const std::uint64_t expected = brute_force(*integers);
    const std::vector<double> targets(5, target);
    CHECK(closest_to_each(items, targets, 1).back().mask == expected);
    CHECK(closest_subset_sums(items, target).subsets.front().mask == expected);
    CHECK(closest_subset_sums(items, target, {.best = 3}).subsets.front().mask == expected);
  }
}

TEST_CASE("Any question gets from windows what it gets from integers") {
  for (std::uint64_t seed = 0; seed < 1500; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const int kind = static_cast<int>(seed % distributions);
    const std::size_t n = 10 + random() % 9;
    const std::vector<double> items = items_of(kind, n, random);
    const double target = target_of(items, random);
    SubsetSumOptions options;
    const std::array<std::size_t, 6> counts{1, 2, 8, 40, 100, 300};
    options.best = counts.at(random() % counts.size());
    options.side = static_cast<Side>(random() % 3);
    if (random() % 3 == 0) options.at_most = random() % (n + 1);
    if (random() % 3 == 0) options.at_least = random() % (n + 1);
    if (random() % 4 == 0) options.at_least = options.at_most;
    if (random() % 4 == 0) options.forced_in = std::uint64_t{1} << (random() % n);
    if (random() % 4 == 0) options.forced_out = (std::uint64_t{1} << (random() % n)) & ~options.forced_in;
    if (random() % 4 == 0) options.cap = 5;
    if (random() % 3 == 0) options.within = std::abs(target) * std::pow(10.0, -static_cast<double>(random() % 6));
    // Twice, the second time with the lists and the window of the first.
    const SubsetSumResult expected =
        exact::Question(items, target, options, exact::Method::integers).result(options.best);
    for (int again = 0; again < 2; ++again) {
      const SubsetSumResult found = exact::Question(items, target, options).result(options.best);
      REQUIRE(masks_of(found) == masks_of(expected));
      REQUIRE(found.capped == expected.capped);
      for (std::size_t k = 0; k < found.subsets.size(); ++k) {
        REQUIRE(found.subsets[k].sum == expected.subsets[k].sum);
        REQUIRE(found.subsets[k].error == expected.subsets[k].error);
      }
    }
    for (const double near : {target, target * 1.001}) {
      const SubsetSumResult below = subset_sums_below(items, near, 3, options);
      const SubsetSumResult above = subset_sums_above(items, near, 3, options);
      SubsetSumOptions one_side = options;
      one_side.within.reset();
      one_side.side = Side::below;
      REQUIRE(masks_of(below) == masks_of(exact::Question(items, near, one_side, exact::Method::integers).result(3)));
      one_side.side = Side::above;
      REQUIRE(masks_of(above) == masks_of(exact::Question(items, near, one_side, exact::Method::integers).result(3)));
    }
  }
}

TEST_CASE("A window holds every subset with a sum in it, on every instruction set") {
  for (const kernels::Kernels& set : kernels::available()) {
    windows::Windows windows(set);
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      CAPTURE(static_cast<int>(set.simd));
      CAPTURE(seed);
      std::mt19937_64 random(seed);
      const int kind = static_cast<int>(seed % distributions);
      const std::size_t n = 10 + random() % 5;
      const std::vector<double> items = items_of(kind, n, random);
      const bool whole = seed % 2 == 0;
      const std::size_t at_least = whole ? 0 : random() % n;
      const std::size_t at_most = whole ? n : at_least + random() % n;
      if (!windows.make(items, at_least, at_most)) {
        CHECK(kind == 5);  // denormal
        continue;
      }
      const double width =
          (windows.sums().high - windows.sums().low) * std::pow(10.0, -1.0 - static_cast<double>(random() % 5));
      const double target = target_of(items, random);
      if (!windows.see({.low = target - width, .high = target + width}, 4096)) continue;
      std::set<std::uint64_t> seen(windows.masks().begin(), windows.masks().end());
      CHECK(seen.size() == windows.masks().size());
      std::size_t within = 0;
      std::size_t reached = 0;
      const std::optional<double> reach = windows.reach(target, 9);
      for (std::uint64_t mask = 0; mask < std::uint64_t{1} << n; ++mask) {
        if (!counted_in(mask, at_least, at_most)) {
          REQUIRE(seen.count(mask) == 0);
          continue;
        }
        long double sum = 0.0L;
        for (std::size_t k = 0; k < n; ++k) sum += ((mask >> k) & 1U) != 0 ? items[k] : 0.0;
        const long double error = std::abs(sum - target);
        within += error <= width ? 1 : 0;
        reached += reach && error <= *reach ? 1 : 0;
        if (error <= width) REQUIRE(seen.count(mask) == 1);
        if (error > width * (1.0 + 1e-9) + 1e-9 * (windows.sums().high - windows.sums().low)) {
          REQUIRE(seen.count(mask) == 0);
        }
      }
      CHECK(seen.size() >= within);
      if (reach) CHECK(reached >= 9);
    }
  }
}

TEST_CASE("Lookups and scans for many targets answer what integers do, on every instruction set, or leave it open") {
  std::mt19937_64 random(17);
  std::size_t answered = 0;
  for (const std::size_t n : {3, 6, 8, 9, 13}) {
    for (int kind = 0; kind < distributions; ++kind) {
      std::vector<double> items = items_of(kind, n, random);
      std::erase(items, 0.0);
      std::vector<double> targets;
      targets.reserve(37);
      for (int k = 0; k < 37; ++k) targets.push_back(target_of(items, random));
      const auto fixed = kernels::fixed_point(items, 1e3 * std::abs(targets.front()), 50, 0);
      if (!fixed) continue;
      for (const kernels::Kernels& set : kernels::available()) {
        const auto check = [&](const auto& regime) {
          std::vector<many::Found> found(targets.size());
          std::vector<std::optional<std::uint64_t>> masks(targets.size());
          regime.seek(targets, found);
          regime.masks(found, masks);
          for (std::size_t k = 0; k < targets.size(); ++k) {
            if (!masks[k]) continue;
            ++answered;
            const exact::Question question(items, targets[k], {}, exact::Method::integers);
            REQUIRE(*masks[k] == question.result(1).subsets.front().mask);
          }
        };
        CAPTURE(n);
        CAPTURE(kind);
        CAPTURE(static_cast<int>(set.simd));
        for (std::size_t listed = many::least_listed; listed <= items.size(); ++listed) {
          CAPTURE(listed);
          check(many::Lookup(*fixed, listed, set));
        }
        if (items.size() >= 6) check(many::SharedHalves(*fixed, set));
      }
    }
  }
  CHECK(answered > 10'000);
}

TEST_CASE("Subsets of sums: all of each, none of others") {
  std::mt19937_64 random(8);
  for (const std::size_t n : {0, 1, 5, 11, 13}) {
    std::vector<std::uint64_t> items;
    for (std::size_t k = 0; k < n; ++k) items.push_back(random() % 50);
    const std::vector<std::uint64_t> sums{17, 0, 41, 40, 1000, 17};
    const std::size_t at_most = n % 2 == 0 ? 32 : 4;
    const windows::SubsetsOfSums found(items, sums, at_most);
    for (std::size_t k = 0; k < sums.size(); ++k) {
      std::vector<std::uint32_t> expected;
      for (std::uint32_t mask = 0; mask < std::uint32_t{1} << n; ++mask) {
        if (!counted_in(mask, 0, at_most)) continue;
        std::uint64_t sum = 0;
        for (std::size_t item = 0; item < n; ++item) sum += ((mask >> item) & 1U) != 0 ? items[item] : 0;
        if (sum == sums[k]) expected.push_back(mask);
      }
      const std::span<const std::uint32_t> masks = found.masks(found.group(k));
      CHECK(std::vector<std::uint32_t>(masks.begin(), masks.end()) == expected);
    }
  }
}
