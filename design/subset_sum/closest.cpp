// The questions one can ask about subset sums.
// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/closest.h"

#include <cmath>
#include <stdexcept>

#include "design/subset_sum.h"
#include "design/subset_sum/question.h"

namespace ohmset {
namespace {

using exact::Order;
using exact::Question;

SubsetSumOptions on_side(SubsetSumOptions options, Side side) {
  options.side = side;
  options.within.reset();
  return options;
}

// No sum lies between the bounds.
bool empty_interval(double low, double high) {
  if (std::isnan(low) || std::isnan(high)) throw std::invalid_argument("subset sum: a bound is not a number");
  return low > high || low == std::numeric_limits<double>::infinity() ||
         high == -std::numeric_limits<double>::infinity();
}

}  // namespace

SubsetSumResult closest_subset_sums(std::span<const double> items, double target, const SubsetSumOptions& options) {
  const bool plain = !options.within && !options.at_least && !options.at_most && options.side == Side::either &&
                     (options.forced_in | options.forced_out) == 0;
  if (plain && options.best == 1 && options.cap > 0 && items.size() <= most_items && !exact::lists_at_hand(items)) {
    SubsetSumSearch search;
    return {.subsets = {search.closest(items, target)}, .method = exact::method_for(items)};
  }
  return Question(items, target, options).result(options.best);
}

SubsetSumResult subset_sums_below(std::span<const double> items, double target, std::size_t count,
                                  const SubsetSumOptions& options) {
  return Question(items, target, on_side(options, Side::below)).result(count);
}

SubsetSumResult subset_sums_above(std::span<const double> items, double target, std::size_t count,
                                  const SubsetSumOptions& options) {
  return Question(items, target, on_side(options, Side::above)).result(count);
}

SubsetSumResult subset_sums_between(std::span<const double> items, double low, double high, double target,
                                    const SubsetSumOptions& options) {
  Question question(items, target, on_side(options, Side::either));
  if (empty_interval(low, high)) return {.method = exact::method_for(items)};
  if (std::isfinite(low)) question.low(low);
  if (std::isfinite(high)) question.high(high);
  return question.result(exact::unlimited);
}

SubsetSumResult cheapest_subset_sums(std::span<const double> items, std::span<const double> costs, double low,
                                     double high, double target, const SubsetSumOptions& options) {
  if (!costs.empty() && costs.size() != items.size()) {
    throw std::invalid_argument("subset sum: another number of costs than of items");
  }
  for (const double cost : costs) {
    if (!std::isfinite(cost)) throw std::invalid_argument("subset sum: a cost is not finite");
  }
  Question question(items, target, options);
  if (empty_interval(low, high)) return {.method = exact::method_for(items)};
  if (std::isfinite(low)) question.low(low);
  if (std::isfinite(high)) question.high(high);
  question.order(costs.empty() ? Order::fewest : Order::cheapest, costs);
  return question.result(options.best);
}

Subset SubsetSumSearch::closest(std::span<const double> items, double target) {
  if (items.size() <= most_items) {
    if (const std::optional<Subset> quick = closest_quickly(items, target)) return *quick;
  }
  const Question question(items, target, {});
  return question.subset_of(question.closest());
}

}  // namespace ohmset
