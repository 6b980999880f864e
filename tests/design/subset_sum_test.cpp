// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "tests/support/subsets.h"

namespace {

using ohmset::closest_subset_sums;
using ohmset::Subset;
using ohmset::SubsetSumOptions;
using ohmset::SubsetSumResult;
using ohmset::SubsetSumSearch;
using namespace ohmset::test;

}  // namespace

TEST_CASE("The closest subset equals brute force, ties by fewest items and smallest mask") {
  SubsetSumSearch search;
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    for (int kind = 0; kind < kinds; ++kind) {
      CAPTURE(seed);
      CAPTURE(kind);
      std::mt19937_64 random(seed * 100 + static_cast<std::uint64_t>(kind));
      const Instance instance = make_instance(kind, seed < 6 ? seed * 2 + 3 : seed % 9, random);
      const std::vector<Entry> entries = all_subsets(instance.items, instance.target);
      const SubsetSumResult result = closest_subset_sums(instance.items, instance.target);
      REQUIRE(result.subsets.size() == 1);
      CHECK(result.exact);
      CHECK_FALSE(result.capped);
      const Subset& best = result.subsets.front();
      REQUIRE(best.mask == entries.front().mask);
      CHECK(rounds_to(entries.front().sum, best.sum));
      CHECK(rounds_to(entries.front().sum - big(instance.target), best.error));
      const Subset searched = search.closest(instance.items, instance.target);
      CHECK(searched.mask == best.mask);
      CHECK(searched.sum == best.sum);
      CHECK(searched.error == best.error);
    }
  }
}

TEST_CASE("k best, within, at most, below, above and between equal brute force") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (int kind = 0; kind < kinds; ++kind) {
      CAPTURE(seed);
      CAPTURE(kind);
      std::mt19937_64 random(7777 + seed * 100 + static_cast<std::uint64_t>(kind));
      const std::size_t n = seed % 8;
      const Instance instance = make_instance(kind, n, random);
      const std::vector<double>& items = instance.items;
      const double target = instance.target;
      const std::vector<Entry> entries = all_subsets(items, target);
      const auto any = [](const Entry&) { return true; };
      const std::size_t best = 1 + random() % (entries.size() + 2);
      const std::size_t most = random() % (n + 2);
      const auto few = [&](const Entry& entry) { return static_cast<std::size_t>(std::popcount(entry.mask)) <= most; };

      CHECK(masks_of(closest_subset_sums(items, target, {.best = best})) == first_masks(entries, best, any));
      CHECK(masks_of(closest_subset_sums(items, target, {.best = best, .at_most = most})) ==
            first_masks(entries, best, few));

      const double within = std::abs(closest_subset_sums(items, target, {.best = best}).subsets.back().error);
      if (std::isfinite(within)) {
        const Big bound = big(within);
        const auto near = [&](const Entry& entry) { return entry.error <= bound; };
        CHECK(masks_of(closest_subset_sums(items, target, {.best = everything, .within = within})) ==
              first_masks(entries, everything, near));
        CHECK(masks_of(closest_subset_sums(items, target, {.best = 2, .within = within, .at_most = most})) ==
              first_masks(entries, 2, [&](const Entry& entry) { return near(entry) && few(entry); }));
      }

      const Big aim = big(target);
      const auto below = [&](const Entry& entry) { return entry.sum <= aim; };
      const auto above = [&](const Entry& entry) { return entry.sum >= aim; };
      CHECK(masks_of(ohmset::subset_sums_below(items, target, best)) == first_masks(entries, best, below));
      CHECK(masks_of(ohmset::subset_sums_above(items, target, best)) == first_masks(entries, best, above));
      CHECK(masks_of(ohmset::subset_sums_above(items, target, best, {.at_most = most})) ==
            first_masks(entries, best, [&](const Entry& entry) { return above(entry) && few(entry); }));

      double low = draw(kind, random);
      double high = draw(kind, random);
      if (low > high) std::swap(low, high);
      const auto between = [&](const Entry& entry) { return entry.sum >= big(low) && entry.sum <= big(high); };
      CHECK(masks_of(ohmset::subset_sums_between(items, low, high, target)) ==
            first_masks(entries, everything, between));
      CHECK(masks_of(ohmset::subset_sums_between(items, low, high, target, {.at_most = most})) ==
            first_masks(entries, everything, [&](const Entry& entry) { return between(entry) && few(entry); }));
      const double inf = std::numeric_limits<double>::infinity();
      CHECK(masks_of(ohmset::subset_sums_between(items, -inf, inf, target)) == first_masks(entries, everything, any));
    }
  }
}

TEST_CASE("The cap cuts the order short and says so only when there is more") {
  const std::vector<double> items{1.0, 2.0, 4.0, 8.0};
  const SubsetSumResult cut = closest_subset_sums(items, 5.0, {.best = everything, .within = 2.0, .cap = 3});
  CHECK(cut.capped);
  CHECK(masks_of(cut) == std::vector<std::uint64_t>{0b0101, 0b0100, 0b0110});
  const SubsetSumResult whole = closest_subset_sums(items, 5.0, {.best = everything, .within = 2.0, .cap = 5});
  CHECK_FALSE(whole.capped);
  CHECK(whole.subsets.size() == 5);
  CHECK_FALSE(closest_subset_sums(items, 5.0, {.best = 2, .cap = 2}).capped);
  CHECK(closest_subset_sums(items, 5.0, {.best = 0}).subsets.empty());
  CHECK(closest_subset_sums(items, 5.5, {.best = 4, .within = 0.25}).subsets.empty());
  const SubsetSumResult between = ohmset::subset_sums_between(items, 0.0, 15.0, 3.0, {.cap = 4});
  CHECK(between.capped);
  CHECK(between.subsets.size() == 4);
}

namespace {

// Least |sum - target| over all subsets of integers, by sorting both halves.
__extension__ typedef __int128 Int128;
Int128 least_error(const std::vector<std::int64_t>& items, Int128 target) {
  std::vector<Int128> sums[2];
  for (std::size_t side = 0; side < 2; ++side) {
    sums[side].push_back(0);
    for (std::size_t k = side; k < items.size(); k += 2) {
      const std::size_t size = sums[side].size();
      for (std::size_t s = 0; s < size; ++s) sums[side].push_back(sums[side][s] + items[k]);
    }
    std::sort(sums[side].begin(), sums[side].end());
  }
  Int128 least = -1;
  for (const Int128 sum : sums[0]) {
    auto other = std::lower_bound(sums[1].begin(), sums[1].end(), target - sum);
    for (int step = 0; step < 2; ++step) {
      if (other != sums[1].end()) {
        const Int128 error = sum + *other - target;
        const Int128 distance = error < 0 ? -error : error;
        if (least < 0 || distance < least) least = distance;
      }
      if (other == sums[1].begin()) break;
      --other;
    }
  }
  return least;
}

}  // namespace

TEST_CASE("Larger searches of integers reach the least error of an independent meet in the middle") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const std::size_t n = 20 + seed % 13;
    // From dense (many exact hits) to 53-bit integers.
    const std::int64_t most = std::int64_t{1} << (8 + seed * 45 / 60);
    std::vector<std::int64_t> integers;
    std::vector<double> items;
    std::int64_t total = 0;
    for (std::size_t k = 0; k < n; ++k) {
      integers.push_back(std::uniform_int_distribution<std::int64_t>(seed % 2 == 0 ? 1 : -most, most)(random));
      items.push_back(static_cast<double>(integers.back()));
      total += integers.back();
    }
    const auto target = static_cast<double>(total / 2);
    const auto aim = static_cast<std::int64_t>(target);
    const Subset best = closest_subset_sums(items, target).subsets.front();
    Int128 achieved = -Int128{aim};
    for (std::size_t k = 0; k < n; ++k) achieved += ((best.mask >> k) & 1U) != 0 ? integers[k] : 0;
    CHECK((achieved < 0 ? -achieved : achieved) == least_error(integers, aim));
  }
}

TEST_CASE("Doubles whose rounding ties are told apart by their exact sums") {
  // 1 + 2^-60 against 1: the sum of the two last items is closer by less than any double near 1 can show.
  const double tiny = std::ldexp(1.0, -60);
  CHECK(closest_subset_sums(std::vector<double>{1.0, 1.0, tiny}, 1.0 + 0.0).subsets.front().mask == 0b001);
  const std::vector<double> items{1.0, 0.5, 0.5 + std::ldexp(1.0, -53), -std::ldexp(1.0, -53), std::ldexp(1.0, -110)};
  const Subset best = closest_subset_sums(items, 1.0 + std::ldexp(1.0, -52), {.at_most = 2}).subsets.front();
  CHECK(best.mask == 0b00110);
  // 20 items about 1 and 20 about 1e-40: the small ones refine what the large ones leave.
  std::mt19937_64 random(5);
  std::vector<double> spread;
  for (int k = 0; k < 24; ++k) {
    spread.push_back((k < 12 ? 1.0 : 1e-40) * std::uniform_real_distribution<double>(0.5, 1.0)(random));
  }
  const std::vector<double> large(spread.begin(), spread.begin() + 12);
  const std::vector<double> small(spread.begin() + 12, spread.end());
  double aim = 0.0;
  for (int k = 0; k < 6; ++k) aim += large[static_cast<std::size_t>(k)];
  const Subset nested = closest_subset_sums(spread, aim).subsets.front();
  const Subset outer = closest_subset_sums(large, aim).subsets.front();
  const Subset inner = closest_subset_sums(small, -outer.error).subsets.front();
  CHECK((nested.mask & 0xfffU) == outer.mask);
  CHECK((nested.mask >> 12U) == inner.mask);
}

TEST_CASE("Forty equal items: ties without number are resolved by the order") {
  const std::vector<double> items(40, 0.1);
  const Subset best = closest_subset_sums(items, 2.0).subsets.front();
  CHECK(best.mask == (std::uint64_t{1} << 20U) - 1);
  const SubsetSumResult ten = closest_subset_sums(items, 2.0, {.best = 10});
  REQUIRE(ten.subsets.size() == 10);
  // Of all masks with 20 bits the smallest: the successor of each is the next with as many bits.
  std::uint64_t mask = (std::uint64_t{1} << 20U) - 1;
  for (const Subset& subset : ten.subsets) {
    CHECK(subset.mask == mask);
    const std::uint64_t lowest = mask & (~mask + 1);
    const std::uint64_t ripple = mask + lowest;
    mask = ripple | (((mask ^ ripple) >> 2U) / lowest);
  }
  const SubsetSumResult few = closest_subset_sums(items, 2.0, {.best = 2, .at_most = 3});
  CHECK(masks_of(few) == std::vector<std::uint64_t>{0b0111, 0b1011});
}

TEST_CASE("Forty items whose halves cancel have a million best subsets and the empty one wins") {
  std::mt19937_64 random(11);
  std::vector<double> items;
  for (int k = 0; k < 20; ++k) items.push_back(std::uniform_real_distribution<double>(0.5, 1.0)(random));
  for (int k = 0; k < 20; ++k) items.push_back(-items[static_cast<std::size_t>(k)]);
  CHECK(closest_subset_sums(items, 0.0).subsets.front().mask == 0);
  const SubsetSumResult ranked = closest_subset_sums(items, 0.0, {.best = 22});
  REQUIRE(ranked.subsets.size() == 22);
  for (std::size_t k = 0; k < 20; ++k) {
    CHECK(ranked.subsets[k + 1].mask == (std::uint64_t{1} << k | std::uint64_t{1} << (k + 20)));
  }
}

TEST_CASE("A search that keeps its buffers answers as one that does not, in any order of sizes") {
  SubsetSumSearch search;
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::size_t n = random() % 27;
    const Instance instance = make_instance(round % kinds, n, random);
    const Subset kept = search.closest(instance.items, instance.target);
    const Subset fresh = closest_subset_sums(instance.items, instance.target).subsets.front();
    const Subset general = closest_subset_sums(instance.items, instance.target, {.best = 2}).subsets.front();
    CHECK(kept.mask == fresh.mask);
    CHECK(kept.mask == general.mask);
    CHECK(kept.error == general.error);
  }
}

TEST_CASE("Broken preconditions throw") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> fine{1.0, 2.0};
  CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(std::vector<double>(41, 1.0), 1.0)), std::invalid_argument);
  for (const double bad : {inf, -inf, nan}) {
    CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(fine, bad)), std::invalid_argument);
    CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(std::vector<double>{1.0, bad}, 1.0)), std::invalid_argument);
    CHECK_THROWS_AS(static_cast<void>(ohmset::subset_sums_below(fine, bad, 1)), std::invalid_argument);
    CHECK_THROWS_AS(static_cast<void>(SubsetSumSearch().closest(fine, bad)), std::invalid_argument);
  }
  CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(fine, 1.0, {.within = -1.0})), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(fine, 1.0, {.within = nan})), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(ohmset::subset_sums_between(fine, nan, 1.0, 1.0)), std::invalid_argument);
  CHECK(closest_subset_sums({}, 5.0).subsets.front().mask == 0);
  CHECK(closest_subset_sums({}, 5.0).subsets.front().error == -5.0);
}
