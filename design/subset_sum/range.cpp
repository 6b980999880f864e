// How far sums reach: with a number of items to choose, the greatest ones or the least ones.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "design/subset_sum.h"
#include "sim/compensated_sum.h"

namespace ohmset {
namespace {

// Of the items in order, as many as there must be and those that go on in their direction, up to the most.
double reach(std::span<const double> items, const CompensatedSum& fixed, std::size_t at_least, std::size_t at_most,
             double sign) {
  CompensatedSum sum = fixed;
  for (std::size_t k = 0; k < std::min(items.size(), at_most); ++k) {
    if (k >= at_least && !(sign * items[k] > 0.0)) break;
    sum.add(items[k]);
  }
  return sum.value();
}

}  // namespace

std::optional<SumRange> range_of_sums(std::span<const double> items, const SubsetSumOptions& options) {
  CompensatedSum fixed;
  std::size_t forced = 0;
  std::vector<double> free;
  for (std::size_t k = 0; k < items.size(); ++k) {
    const std::uint64_t bit = k < most_masked ? std::uint64_t{1} << k : 0;
    if ((options.forced_in & bit) != 0) {
      fixed.add(items[k]);
      ++forced;
    } else if ((options.forced_out & bit) == 0) {
      free.push_back(items[k]);
    }
  }
  const std::size_t most = options.at_most.value_or(items.size());
  const std::size_t least = options.at_least.value_or(0);
  if (most < forced || least > forced + free.size() || least > most) return std::nullopt;
  const std::size_t at_least = least > forced ? least - forced : 0;
  std::sort(free.begin(), free.end());
  SumRange range{.least = reach(free, fixed, at_least, most - forced, -1.0)};
  std::reverse(free.begin(), free.end());
  range.greatest = reach(free, fixed, at_least, most - forced, 1.0);
  return range;
}

}  // namespace ohmset
