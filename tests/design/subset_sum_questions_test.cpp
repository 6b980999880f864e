// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "design/subset_sum.h"
#include "sim/error.h"
#include "sim/units.h"
#include "tests/support/subsets.h"

namespace {

using namespace ohmset;
using namespace ohmset::test;

std::size_t items_of(const Entry& entry) { return static_cast<std::size_t>(std::popcount(entry.mask)); }

// Limits, forced items and a side drawn at random, each there or not.
SubsetSumOptions any_options(std::size_t n, std::mt19937_64& random) {
  SubsetSumOptions options;
  if (random() % 2 == 0) options.at_most = random() % (n + 2);
  if (random() % 2 == 0) options.at_least = random() % (n + 2);
  if (random() % 3 == 0) options.at_least = options.at_most;  // exactly, or neither
  if (random() % 2 == 0) {
    for (std::size_t k = 0; k < n; ++k) {
      const std::uint64_t fate = random() % 6;
      if (fate == 0) options.forced_in |= std::uint64_t{1} << k;
      if (fate == 1) options.forced_out |= std::uint64_t{1} << k;
    }
  }
  options.side = static_cast<Side>(random() % 3);
  return options;
}

bool allowed(const SubsetSumOptions& options, const Entry& entry, const Big& aim) {
  if (options.at_most && items_of(entry) > *options.at_most) return false;
  if (options.at_least && items_of(entry) < *options.at_least) return false;
  if ((entry.mask & options.forced_in) != options.forced_in || (entry.mask & options.forced_out) != 0) return false;
  if (options.within && entry.error > big(*options.within)) return false;
  if (options.side == Side::below) return entry.sum <= aim;
  return options.side == Side::either || entry.sum >= aim;
}

}  // namespace

TEST_CASE("Limits on the items, forced items and a side, alone and together, equal brute force") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    for (int kind = 0; kind < kinds; ++kind) {
      CAPTURE(seed);
      CAPTURE(kind);
      std::mt19937_64 random(991 + seed * 100 + static_cast<std::uint64_t>(kind));
      const std::size_t n = seed % 9;
      const Instance instance = make_instance(kind, n, random);
      const std::vector<Entry> entries = all_subsets(instance.items, instance.target);
      const Big aim = big(instance.target);
      SubsetSumOptions options = any_options(n, random);
      options.best = 1 + random() % (entries.size() + 2);
      if (seed % 3 == 0) options.best = 1;
      const auto keep = [&](const Entry& entry) { return allowed(options, entry, aim); };
      CHECK(masks_of(closest_subset_sums(instance.items, instance.target, options)) ==
            first_masks(entries, options.best, keep));

      const double within = static_cast<double>(random() % 1000) / 999.0 * std::abs(draw(kind, random));
      if (std::isfinite(within)) options.within = within;
      const std::vector<std::uint64_t> near = first_masks(entries, options.best, keep);
      const SubsetSumResult result = closest_subset_sums(instance.items, instance.target, options);
      CHECK(result.exact);
      CHECK(masks_of(result) == near);
      for (const Subset& subset : result.subsets) {
        const auto entry =
            std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.mask == subset.mask; });
        CHECK(rounds_to(entry->sum, subset.sum));
        CHECK(rounds_to(entry->sum - aim, subset.error));
      }
    }
  }
}

TEST_CASE("The cheapest within a window equal brute force, for any costs and for the number of items") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    for (int kind = 0; kind < kinds; ++kind) {
      CAPTURE(seed);
      CAPTURE(kind);
      std::mt19937_64 random(5 + seed * 100 + static_cast<std::uint64_t>(kind));
      const std::size_t n = seed % 9;
      const Instance instance = make_instance(kind, n, random);
      std::vector<Entry> entries = all_subsets(instance.items, instance.target);
      const Big aim = big(instance.target);
      SubsetSumOptions options = any_options(n, random);
      options.best = seed % 2 == 0 ? 1 : 1 + random() % (entries.size() + 2);
      const double width = static_cast<double>(random() % 1000) / 999.0 * std::abs(draw(kind, random));
      double low = instance.target - width;
      double high = instance.target + width;
      if (seed % 7 == 0) low = -infinity;
      if (seed % 11 == 0) high = infinity;
      std::vector<double> costs;
      // None; whole numbers, which tie; tenths, which tie only when summed exactly alike; negative ones too.
      if (seed % 4 == 1) {
        for (std::size_t k = 0; k < n; ++k) costs.push_back(static_cast<double>(random() % 4));
      } else if (seed % 4 == 2) {
        for (std::size_t k = 0; k < n; ++k) costs.push_back(static_cast<double>(random() % 5) / 10.0);
      } else if (seed % 4 == 3) {
        for (std::size_t k = 0; k < n; ++k) costs.push_back(std::uniform_real_distribution<double>(-1.0, 3.0)(random));
      }
      const auto cost_of = [&](const Entry& entry) {
        Big cost = 0;
        for (std::size_t k = 0; k < costs.size(); ++k) cost += ((entry.mask >> k) & 1U) != 0 ? big(costs[k]) : Big(0);
        return costs.empty() ? Big(items_of(entry)) * big(1.0) : cost;
      };
      std::stable_sort(entries.begin(), entries.end(),
                       [&](const Entry& a, const Entry& b) { return cost_of(a) < cost_of(b); });
      const auto keep = [&](const Entry& entry) {
        return allowed(options, entry, aim) && (std::isinf(low) || entry.sum >= big(low)) &&
               (std::isinf(high) || entry.sum <= big(high));
      };
      const SubsetSumResult result = cheapest_subset_sums(instance.items, costs, low, high, instance.target, options);
      CHECK(result.exact);
      CHECK(masks_of(result) == first_masks(entries, options.best, keep));
      for (const Subset& subset : result.subsets) {
        const auto entry =
            std::find_if(entries.begin(), entries.end(), [&](const Entry& each) { return each.mask == subset.mask; });
        Big difference = cost_of(*entry) - big(subset.cost);
        if (difference < 0) difference = -difference;
        CHECK(difference <= big(1e-14));
      }
    }
  }
}

TEST_CASE("The range of the sums is that of all allowed subsets") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const std::size_t n = seed % 9;
    const Instance instance = make_instance(static_cast<int>(seed % 6), n, random);
    SubsetSumOptions options = any_options(n, random);
    options.side = Side::either;
    std::vector<Entry> entries = all_subsets(instance.items, 0.0);
    std::erase_if(entries, [&](const Entry& entry) { return !allowed(options, entry, 0); });
    const std::optional<SumRange> range = range_of_sums(instance.items, options);
    REQUIRE(range.has_value() == !entries.empty());
    if (!range) continue;
    const auto [least, greatest] = std::minmax_element(entries.begin(), entries.end(),
                                                       [](const Entry& a, const Entry& b) { return a.sum < b.sum; });
    // Rounded once: two units of the last place of the largest item are ample.
    const Big ulp = big(1e-13);
    CHECK(abs(least->sum - big(range->least)) <= ulp);
    CHECK(abs(greatest->sum - big(range->greatest)) <= ulp);
  }
}

TEST_CASE("Forced items come on top of the forty that are free") {
  std::mt19937_64 random(12);
  std::vector<double> items;
  for (int k = 0; k < 64; ++k) items.push_back(std::uniform_real_distribution<double>(0.5, 1.0)(random));
  const std::uint64_t in = 0xfffff;
  const std::uint64_t out = std::uint64_t{0xfffff} << 40U;
  const SubsetSumResult result = closest_subset_sums(items, 22.0, {.best = 2, .forced_in = in, .forced_out = out});
  REQUIRE(result.subsets.size() == 2);
  CHECK((result.subsets[0].mask & in) == in);
  CHECK((result.subsets[0].mask & out) == 0);
  CHECK(std::abs(result.subsets[0].error) < 1e-4);
  CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(items, 22.0)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(items, 22.0, {.forced_in = in, .forced_out = in})),
                  std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(closest_subset_sums(std::vector<double>{1.0}, 1.0, {.forced_in = 2})),
                  std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(closest_subset_sums({}, 1.0, {.forced_out = 1})), std::invalid_argument);
}

TEST_CASE("Exactly K of forty equals the best of all numbers of items put together") {
  std::mt19937_64 random(31);
  std::vector<double> items;
  for (int k = 0; k < 30; ++k) items.push_back(std::uniform_real_distribution<double>(-0.5, 1.0)(random));
  const Subset best = closest_subset_sums(items, 3.0).subsets.front();
  double least = infinity;
  for (std::size_t count = 0; count <= items.size(); ++count) {
    CAPTURE(count);
    const Subset exactly = closest_subset_sums(items, 3.0, {.at_least = count, .at_most = count}).subsets.front();
    CHECK(static_cast<std::size_t>(std::popcount(exactly.mask)) == count);
    CHECK(std::abs(exactly.error) >= std::abs(best.error));
    if (count == static_cast<std::size_t>(std::popcount(best.mask))) CHECK(exactly.mask == best.mask);
    least = std::min(least, std::abs(exactly.error));
    const Subset at_most = closest_subset_sums(items, 3.0, {.at_most = count}).subsets.front();
    CHECK(std::abs(at_most.error) == least);
  }
  CHECK(least == std::abs(best.error));
}

TEST_CASE("Costs that tie without number are cut and said to be") {
  const std::vector<double> items(40, 1.0);
  const std::vector<double> costs(40, 0.5);
  const SubsetSumResult tied = cheapest_subset_sums(items, costs, 9.5, 12.5, 12.0);
  REQUIRE(tied.subsets.size() == 1);
  CHECK_FALSE(tied.exact);
  CHECK(tied.subsets.front().cost == 5.0);
  const SubsetSumResult fewest = cheapest_subset_sums(items, {}, 9.5, 12.5, 12.0, {.best = 2});
  CHECK(fewest.exact);
  CHECK(masks_of(fewest) == std::vector<std::uint64_t>{0x3ff, 0x5ff});
  CHECK(fewest.subsets.front().cost == 10.0);
}

TEST_CASE("Costs must be finite, as many as the items, and comparable") {
  const std::vector<double> items{1.0, 2.0};
  CHECK_THROWS_AS(static_cast<void>(cheapest_subset_sums(items, std::vector<double>{1.0}, 0.0, 3.0, 1.0)),
                  std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(cheapest_subset_sums(items, std::vector<double>{1.0, infinity}, 0.0, 3.0, 1.0)),
                  std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(cheapest_subset_sums(items, std::vector<double>{1e-30, 1e30}, 0.0, 3.0, 1.0)),
                  Error);
  CHECK(cheapest_subset_sums({}, {}, -1.0, 1.0, 0.5).subsets.size() == 1);
  CHECK(cheapest_subset_sums({}, {}, 1.0, -1.0, 0.5).subsets.empty());
}
