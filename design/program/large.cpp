// SPDX-License-Identifier: Apache-2.0
#include "design/program/large.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "design/large_search.h"
#include "sim/error.h"

namespace ohmset::large {
namespace {

void refuse(const additive::Sum& sum, const std::string& expected) {
  throw input_error(fmt::format("{} free switches", sum.items.size()), expected);
}

void require(const additive::Sum& sum, const ProgramOptions& options) {
  if (sum.items.size() > most_large_items && !options.any) {
    refuse(sum, fmt::format("expected at most {} for the closest one, {} for any one within a tolerance",
                            most_large_items, most_any_items));
  }
  if (sum.items.size() > most_any_items) {
    refuse(sum, fmt::format("expected at most {} switches that are free to choose", most_any_items));
  }
  if (options.best != 1 || options.at_least || options.at_most || options.side != Side::either || options.cheapest ||
      options.robust) {
    refuse(sum, fmt::format("this question takes at most {} switches that are free to choose", most_items));
  }
}

// The sums of items whose values lie within the relative tolerance for sure.
additive::Interval sums_within(const additive::Sum& sum, const additive::Scale& scale, double target, double within) {
  double low = target * (1.0 - within);
  double high = target * (1.0 + within);
  if (scale.reciprocal()) {
    const double least = 1.0 / high;
    high = low > 0.0 ? 1.0 / low : infinity;
    low = least;
  }
  return {.low = scale.clamped(low - sum.offset), .high = scale.clamped(high - sum.offset)};
}

}  // namespace

Answer search(const Bank& bank, const additive::Sum& sum, double target, const ProgramOptions& options) {
  require(sum, options);
  const additive::Scale scale(bank, sum, target, options.unit);
  const auto error_of = [&](const Configuration& configuration) {
    return std::abs(additive::value_of(bank, configuration, options.unit, Seen::measured) - target);
  };
  const double reach = options.within ? *options.within * target : infinity;
  Answer answer;
  if (options.any) {
    answer.method = "any-within";
    const additive::Interval interval = sums_within(sum, scale, target, *options.within);
    const double middle = interval.low + 0.5 * (interval.high - interval.low);
    const AnyWithin any = any_within(sum.items, middle, 0.5 * (interval.high - interval.low));
    Configuration configuration = sum.fixed;
    for (const std::size_t k : any.chosen) configuration.set(sum.which[k], true);
    if (any.found && error_of(configuration) <= reach) answer.configuration = std::move(configuration);
    return answer;
  }
  answer.method = "meet-in-the-middle in windows";
  const LargeSearchResult result = closest_of_many(sum.items, scale.aim());
  Configuration configuration = additive::configuration(sum, result.subset.mask);
  answer.exact = result.proven;
  const double error = error_of(configuration);
  if (scale.reciprocal() && result.subset.error < 0.0) {
    // A sum as far on the other side, or a little farther, gives a nearer reciprocal.
    const double away = std::abs(result.subset.error) / std::abs(sum.offset + scale.aim());
    answer.exact = false;
    answer.bound = std::min(error, target * away / (1.0 + away) * (1.0 - 1e-12));
  }
  if (error <= reach) answer.configuration = std::move(configuration);
  return answer;
}

}  // namespace ohmset::large
