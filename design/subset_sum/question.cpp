// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum/question.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "design/kernels/counted.h"
#include "design/subset_sum/cheapest.h"
#include "design/subset_sum/near.h"
#include "design/subset_sum/windows.h"
#include "sim/error.h"
#include "sim/units.h"

namespace ohmset::exact {

Question::Question(std::span<const double> items, double target, const SubsetSumOptions& options, Method method)
    : items_(items), target_(target), options_(options), method_(method) {
  if (items.size() > most_masked) throw std::invalid_argument("subset sum: too many items");
  if (!std::isfinite(target)) throw std::invalid_argument("subset sum: the target is not finite");
  for (const double item : items) {
    if (!std::isfinite(item)) throw std::invalid_argument("subset sum: an item is not finite");
  }
  const std::uint64_t all = items.empty() ? 0 : ~std::uint64_t{0} >> static_cast<unsigned>(most_masked - items.size());
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
  frame_ = join(frame_of(items), frame_of({&target, 1}));
  if (options.within && std::isfinite(*options.within)) {
    low(target, -*options.within);
    high(target, *options.within);
  }
  if (options.side == Side::below) high(target);
  if (options.side == Side::above) low(target);
}

void Question::order(Order order, std::span<const double> costs) {
  order_ = order;
  costs_ = costs;
  cost_frame_ = frame_of(costs);
}

SubsetSumResult Question::result(std::size_t wanted) const {
  const bool may_cap = options_.cap < wanted;
  SubsetSumResult result{.method = method_for(free_)};
  std::vector<std::uint64_t> masks = answer(may_cap ? options_.cap + 1 : wanted, result);
  if (may_cap && masks.size() > options_.cap) {
    result.capped = true;
    masks.resize(options_.cap);
  }
  result.subsets.reserve(masks.size());
  for (const std::uint64_t mask : masks) result.subsets.push_back(subset_of(spread(mask)));
  return result;
}

Subset Question::subset_of(std::uint64_t mask) const {
  if (order_ == Order::closest) {
    if (const std::optional<Subset> quick = kernels::counted(items_, target_, mask)) return *quick;
  }
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

std::uint64_t Question::closest() const {
  SubsetSumResult about;
  return answer(1, about).front();
}

ExactSum Question::placed(double bound, double distance) const {
  const std::array<double, 2> both{bound, distance};
  ExactSum sum(join(frame_, frame_of(both)));
  sum.add(bound);
  sum.add(distance);
  for (const double item : forced_) sum.subtract(item);
  return sum;
}

std::uint64_t Question::spread(std::uint64_t mask) const {
  std::uint64_t all = options_.forced_in;
  for (; mask != 0; mask &= mask - 1) {
    all |= std::uint64_t{1} << which_[static_cast<std::size_t>(std::countr_zero(mask))];
  }
  return all;
}

std::vector<std::uint64_t> Question::answer(std::size_t count, SubsetSumResult& about) const {
  if (options_.at_most && *options_.at_most < forced_.size()) return {};
  if (options_.at_least && *options_.at_least > forced_.size() + free_.size()) return {};
  Frame items = frame_of(free_);
  if (items.bits == 0) items.unit = std::numeric_limits<double>::max_exponent - 1;  // all sums are zero
  // Sums of 40 items need 6 bits more than the items, quarters two.
  const int bits = items.bits + 8;
  if (bits <= Traits<std::int64_t>::bits) return answer_in<std::int64_t>(items.unit, count, about);
  if (bits <= Traits<Int128>::bits) return answer_in<Int128>(items.unit, count, about);
  if (bits <= Traits<Wide<4>>::bits) return answer_in<Wide<4>>(items.unit, count, about);
  return answer_in<Wide<most_limbs>>(items.unit, count, about);
}

namespace {

// The lists of the last items that were asked about: one question seldom comes alone.
windows::Windows& kept_windows() {
  thread_local windows::Windows kept;
  return kept;
}
windows::Windows& windows_of(std::span<const double> items, std::size_t at_least, std::size_t at_most) {
  windows::Windows& kept = kept_windows();
  if (!kept.is_for(items, at_least, at_most)) kept.make(items, at_least, at_most);
  return kept;
}

}  // namespace

std::string method_for(std::span<const double> items) {
  const bool scanned = items.size() < windows::least_items || kernels::magnitude_of(items);
  return scanned ? "meet-in-the-middle" : "meet-in-the-middle in integers";
}

bool lists_at_hand(std::span<const double> items) {
  const windows::Windows& kept = kept_windows();
  return kept.usable() && kept.is_for(items, 0, items.size());
}

template <class V>
std::optional<std::vector<std::uint64_t>> Question::from_windows(std::span<const V> integers, const Request<V>& request,
                                                                 int unit) const {
  if (integers.size() < windows::least_items || request.count == 0) return std::nullopt;
  const double target = placed(target_, 0.0).rounded();
  windows::Windows& windows = windows_of(free_, request.at_least, request.at_most);
  if (!std::isfinite(target) || !windows.usable()) return std::nullopt;
  windows::Range asked;
  for (const ExactSum& bound : lows_) asked.low = std::max(asked.low, std::nextafter(bound.rounded(), -infinity));
  for (const ExactSum& bound : highs_) asked.high = std::min(asked.high, std::nextafter(bound.rounded(), infinity));
  const auto place = [&](double distance) { return placed(target_, distance).template quarters<V>(unit); };
  return Near(windows, integers, request, target, asked, place).find();
}

template <class V>
std::vector<std::uint64_t> Question::answer_in(int unit, std::size_t count, SubsetSumResult& about) const {
  std::vector<V> integers;
  integers.reserve(free_.size());
  for (const double item : free_) {
    ExactSum sum(frame_);
    sum.add(item);
    integers.push_back(sum.quarters<V>(unit));
  }
  const V end = power_of_two<V>(Traits<V>::bits);
  Request<V> request{
      .target = placed(target_, 0.0).template quarters<V>(unit), .low = -end, .high = end, .count = count};
  for (const ExactSum& bound : lows_) request.low = std::max(request.low, bound.quarters<V>(unit));
  for (const ExactSum& bound : highs_) request.high = std::min(request.high, bound.quarters<V>(unit));
  if (options_.at_least && *options_.at_least > forced_.size()) {
    request.at_least = *options_.at_least - forced_.size();
  }
  if (options_.at_most && *options_.at_most < items_.size()) request.at_most = *options_.at_most - forced_.size();
  if (order_ == Order::closest && method_ == Method::fastest) {
    if (auto masks = from_windows<V>(integers, request, unit)) return std::move(*masks);
  }
  if (order_ == Order::closest) return Meet<V>(integers, request).run();
  if (order_ == Order::fewest) return Meet<V>(integers, request, true).run_fewest_first();
  Cheapest<V> cheapest(integers, integer_costs(), request);
  std::vector<std::uint64_t> masks = cheapest.run();
  about.exact = cheapest.exact();
  return masks;
}

std::vector<Int128> Question::integer_costs() const {
  std::vector<double> free;
  free.reserve(which_.size());
  for (const std::size_t k : which_) free.push_back(costs_[k]);
  const Frame frame = frame_of(free);
  if (frame.bits + 8 > Traits<Int128>::bits) {
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

}  // namespace ohmset::exact
