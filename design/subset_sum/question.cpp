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
  for (; mask != 0; mask &= mask - 1)
    all |= std::uint64_t{1} << which_[static_cast<std::size_t>(std::countr_zero(mask))];
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

template <class V>
struct Ranked {
  V error{};
  int items = 0;
  std::uint64_t mask = 0;
  bool operator<(const Ranked& other) const {
    if (!(error == other.error)) return error < other.error;
    return items != other.items ? items < other.items : mask < other.mask;
  }
};

// The first of the masks in order, of those with a sum that the request allows.
template <class V>
std::vector<std::uint64_t> ranked(std::span<const V> integers, const Request<V>& request,
                                  std::span<const std::uint64_t> masks) {
  std::vector<Ranked<V>> all;
  for (const std::uint64_t mask : masks) {
    V sum{};
    for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
      sum = sum + integers[static_cast<std::size_t>(std::countr_zero(rest))];
    }
    if (sum < request.low || sum > request.high) continue;
    all.push_back({sum < request.target ? request.target - sum : sum - request.target, std::popcount(mask), mask});
  }
  const std::size_t count = std::min(request.count, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count), all.end());
  std::vector<std::uint64_t> first;
  first.reserve(count);
  for (std::size_t k = 0; k < count; ++k) first.push_back(all[k].mask);
  return first;
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
  // Subsets that are ranked in the time that the integer search takes; of more, that one ranks equal ones together.
  const std::size_t few = std::min(std::size_t{2} << (integers.size() / 2), std::size_t{65536});
  if (integers.size() < windows::least_items || request.count == 0) return std::nullopt;
  const double target = placed(target_, 0.0).rounded();
  if (!std::isfinite(target)) return std::nullopt;
  windows::Windows& windows = windows_of(free_, request.at_least, request.at_most);
  if (!windows.usable()) return std::nullopt;
  windows::Range asked = windows.sums();
  for (const ExactSum& bound : lows_) asked.low = std::max(asked.low, std::nextafter(bound.rounded(), -infinity));
  for (const ExactSum& bound : highs_) asked.high = std::min(asked.high, std::nextafter(bound.rounded(), infinity));
  if (asked.low > asked.high) return std::vector<std::uint64_t>{};

  // The answer when the windows have all that is asked for up to a distance from the target, if that is enough.
  const auto answer_up_to = [&](double distance) -> std::optional<std::vector<std::uint64_t>> {
    if (target - distance <= asked.low && asked.high <= target + distance) {
      return ranked<V>(integers, request, windows.masks());
    }
    constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
    const double sure = distance - rounding * (std::abs(target) + distance);
    if (!(sure > 0.0)) return std::nullopt;
    Request<V> near = request;
    near.low = std::max(near.low, placed(target_, -sure).template quarters<V>(unit));
    near.high = std::min(near.high, placed(target_, sure).template quarters<V>(unit));
    std::vector<std::uint64_t> masks = ranked<V>(integers, near, windows.masks());
    if (masks.size() < request.count) return std::nullopt;
    return masks;
  };

  const windows::Range& seen = windows.seen();
  if (seen.low <= seen.high) {
    const double below = seen.low <= asked.low ? infinity : target - seen.low;
    const double above = seen.high >= asked.high ? infinity : seen.high - target;
    if (auto masks = answer_up_to(std::min(below, above))) return masks;
  }
  if (request.count > kernels::most_reached) {
    if (windows.see(asked, std::max(few, std::min(request.count, windows::most_found)))) return answer_up_to(infinity);
    if (request.count > few) return std::nullopt;
  }
  const std::size_t wanted = std::min(3 * std::min(request.count, few) + 12, kernels::most_reached);
  const std::optional<double> reach = windows.reach(target, wanted);
  if (!reach) {
    // There may be no more than that.
    if (!windows.see(asked, few + 16 * request.count)) return std::nullopt;
    return answer_up_to(infinity);
  }
  double distance = *reach * std::max(1.0, 1.5 * static_cast<double>(request.count) / static_cast<double>(wanted));
  double too_near = 0.0;
  double too_far = infinity;
  // Where sums are few the scan's distance holds far more than are wanted: nearer ones are tried before they are
  // ranked.
  constexpr int most_refusals = 3;
  int refusals = 0;
  for (int attempt = 0; attempt < 16; ++attempt) {
    windows::Range range{.low = target - distance, .high = target + distance};
    // Both sides of the target, for the other one is often asked about next.
    if (target < asked.low || target > asked.high) {
      range = {.low = std::max(asked.low, range.low), .high = std::min(asked.high, range.high)};
    }
    const bool empty = range.low > range.high;
    const std::size_t room =
        refusals < most_refusals ? std::min(few, std::size_t{512}) + 16 * request.count : few + 16 * request.count;
    if (!empty && !windows.see(range, room)) {
      if (++refusals > most_refusals) return std::nullopt;
      too_far = distance;
      distance = too_near > 0.0 ? std::sqrt(too_near * too_far) : distance / 8.0;
      continue;
    }
    if (!empty) {
      if (auto masks = answer_up_to(distance)) return masks;
    }
    too_near = distance;
    distance = too_far < infinity ? std::sqrt(too_near * too_far) : 4.0 * distance;
  }
  return std::nullopt;
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
