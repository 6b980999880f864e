// The questions one can ask, as requests to the meet in the middle in the narrowest integers that hold the items.
// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/closest.h"

#include <array>
#include <cmath>
#include <stdexcept>

#include "design/subset_sum.h"
#include "design/subset_sum/cheapest.h"
#include "design/subset_sum/exact_sum.h"
#include "design/subset_sum/meet.h"
#include "sim/error.h"

namespace ohmset {
namespace {

using exact::ExactSum;
using exact::Frame;
using exact::Int128;

// Order of the answers: by error, by cost, or by number of items before error.
enum class Order : unsigned char { closest, cheapest, fewest };

// A question in real numbers, about the items that are free to choose; no bound where the optional is empty.
class Question {
 public:
  Question(std::span<const double> items, double target, const SubsetSumOptions& options)
      : items_(items), target_(target), options_(options) {
    if (items.size() > most_masked) throw std::invalid_argument("subset sum: too many items");
    if (!std::isfinite(target)) throw std::invalid_argument("subset sum: the target is not finite");
    for (const double item : items) {
      if (!std::isfinite(item)) throw std::invalid_argument("subset sum: an item is not finite");
    }
    const std::uint64_t all =
        items.empty() ? 0 : ~std::uint64_t{0} >> static_cast<unsigned>(most_masked - items.size());
    if (((options.forced_in | options.forced_out) & ~all) != 0 || (options.forced_in & options.forced_out) != 0) {
      throw std::invalid_argument("subset sum: forced items that do not exist or contradict each other");
    }
    if (options.within && !(*options.within >= 0.0)) throw std::invalid_argument("subset sum: within is negative");
    for (std::size_t k = 0; k < items.size(); ++k) {
      const std::uint64_t bit = std::uint64_t{1} << k;
      if ((options.forced_in & bit) != 0) forced_.push_back(items[k]);
      if (((options.forced_in | options.forced_out) & bit) != 0) continue;
      free_.push_back(items[k]);
      which_.push_back(k);
    }
    if (free_.size() > most_items) throw std::invalid_argument("subset sum: too many items");
    frame_ = exact::join(exact::frame_of(items), exact::frame_of({&target, 1}));
    if (options.within && std::isfinite(*options.within)) {
      low(target, -*options.within);
      high(target, *options.within);
    }
    if (options.side == Side::below) high(target);
    if (options.side == Side::above) low(target);
  }

  // Only sums of at least, at most bound + distance.
  void low(double bound, double distance = 0.0) { lows_.push_back(placed(bound, distance)); }
  void high(double bound, double distance = 0.0) { highs_.push_back(placed(bound, distance)); }
  void order(Order order, std::span<const double> costs = {}) {
    order_ = order;
    costs_ = costs;
    cost_frame_ = exact::frame_of(costs);
  }

  // At most options.cap of the `wanted` first; asks for one more to know whether there are more.
  [[nodiscard]] SubsetSumResult result(std::size_t wanted) const {
    const bool may_cap = options_.cap < wanted;
    SubsetSumResult result{.method = "meet-in-the-middle"};
    std::vector<std::uint64_t> masks = answer(may_cap ? options_.cap + 1 : wanted, result.exact);
    if (may_cap && masks.size() > options_.cap) {
      result.capped = true;
      masks.resize(options_.cap);
    }
    result.subsets.reserve(masks.size());
    for (const std::uint64_t mask : masks) result.subsets.push_back(subset_of(spread(mask)));
    return result;
  }

  [[nodiscard]] Subset subset_of(std::uint64_t mask) const {
    ExactSum sum(frame_);
    Subset subset{.mask = mask};
    ExactSum cost(cost_frame_);
    for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
      const auto k = static_cast<std::size_t>(std::countr_zero(rest));
      sum.add(items_[k]);
      if (!costs_.empty()) cost.add(costs_[k]);
    }
    subset.sum = sum.rounded();
    sum.subtract(target_);
    subset.error = sum.rounded();
    if (order_ != Order::closest) subset.cost = costs_.empty() ? std::popcount(mask) : cost.rounded();
    return subset;
  }

  // The first mask, of the free items, without limits of any kind.
  [[nodiscard]] std::uint64_t closest() const {
    bool exact = true;
    return answer(1, exact).front();
  }

 private:
  // A bound of the free items' sums.
  [[nodiscard]] ExactSum placed(double bound, double distance) const {
    const std::array<double, 2> both{bound, distance};
    ExactSum sum(exact::join(frame_, exact::frame_of(both)));
    sum.add(bound);
    sum.add(distance);
    for (const double item : forced_) sum.subtract(item);
    return sum;
  }

  [[nodiscard]] std::uint64_t spread(std::uint64_t mask) const {
    std::uint64_t all = options_.forced_in;
    for (; mask != 0; mask &= mask - 1)
      all |= std::uint64_t{1} << which_[static_cast<std::size_t>(std::countr_zero(mask))];
    return all;
  }

  [[nodiscard]] std::vector<std::uint64_t> answer(std::size_t count, bool& exact) const {
    if (options_.at_most && *options_.at_most < forced_.size()) return {};
    if (options_.at_least && *options_.at_least > forced_.size() + free_.size()) return {};
    Frame items = exact::frame_of(free_);
    if (items.bits == 0) items.unit = std::numeric_limits<double>::max_exponent - 1;  // all sums are zero
    // Sums of 40 items need 6 bits more than the items, quarters two.
    const int bits = items.bits + 8;
    if (bits <= exact::Traits<std::int64_t>::bits) return answer_in<std::int64_t>(items.unit, count, exact);
    if (bits <= exact::Traits<Int128>::bits) return answer_in<Int128>(items.unit, count, exact);
    if (bits <= exact::Traits<exact::Wide<4>>::bits) return answer_in<exact::Wide<4>>(items.unit, count, exact);
    return answer_in<exact::Wide<exact::most_limbs>>(items.unit, count, exact);
  }

  template <class V>
  [[nodiscard]] std::vector<std::uint64_t> answer_in(int unit, std::size_t count, bool& exact) const {
    std::vector<V> integers;
    integers.reserve(free_.size());
    for (const double item : free_) {
      ExactSum sum(frame_);
      sum.add(item);
      integers.push_back(sum.quarters<V>(unit));
    }
    const V end = exact::power_of_two<V>(exact::Traits<V>::bits);
    exact::Request<V> request{
        .target = placed(target_, 0.0).template quarters<V>(unit), .low = -end, .high = end, .count = count};
    for (const ExactSum& bound : lows_) request.low = std::max(request.low, bound.quarters<V>(unit));
    for (const ExactSum& bound : highs_) request.high = std::min(request.high, bound.quarters<V>(unit));
    if (options_.at_least && *options_.at_least > forced_.size()) {
      request.at_least = *options_.at_least - forced_.size();
    }
    if (options_.at_most && *options_.at_most < items_.size()) request.at_most = *options_.at_most - forced_.size();
    if (order_ == Order::closest) return exact::Meet<V>(integers, request).run();
    if (order_ == Order::fewest) return exact::Meet<V>(integers, request, true).run_fewest_first();
    exact::Cheapest<V> cheapest(integers, integer_costs(), request);
    std::vector<std::uint64_t> masks = cheapest.run();
    exact = cheapest.exact();
    return masks;
  }

  [[nodiscard]] std::vector<Int128> integer_costs() const {
    std::vector<double> free;
    free.reserve(which_.size());
    for (const std::size_t k : which_) free.push_back(costs_[k]);
    const Frame frame = exact::frame_of(free);
    if (frame.bits + 8 > exact::Traits<Int128>::bits) {
      throw input_error("the costs differ by too many orders of magnitude", "expected at most 18 or so");
    }
    std::vector<Int128> integers;
    for (const double cost : free) {
      ExactSum sum(frame);
      sum.add(cost);
      integers.push_back(sum.quarters<Int128>(frame.unit));
    }
    return integers;
  }

  std::span<const double> items_;
  double target_;
  SubsetSumOptions options_;
  std::vector<double> forced_{};      // values of the items that are in every subset
  std::vector<double> free_{};        // values of the items to choose from
  std::vector<std::size_t> which_{};  // their indices
  Frame frame_{};                     // of all items and the target
  std::vector<ExactSum> lows_{};
  std::vector<ExactSum> highs_{};
  Order order_ = Order::closest;
  std::span<const double> costs_{};
  Frame cost_frame_{};
};

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
  if (plain && options.best == 1 && options.cap > 0 && items.size() <= most_items) {
    SubsetSumSearch search;
    return {.subsets = {search.closest(items, target)}, .method = "meet-in-the-middle"};
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
  if (empty_interval(low, high)) return {.method = "meet-in-the-middle"};
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
  if (empty_interval(low, high)) return {.method = "meet-in-the-middle"};
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
