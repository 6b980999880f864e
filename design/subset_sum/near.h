// The first subsets in order of |sum - target|, number of items, mask, from windows around the target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "design/subset_sum/meet.h"
#include "design/subset_sum/windows.h"

namespace ohmset::exact {

// Place gives target + distance in the request's integers.
template <class V, class Place>
class Near {
 public:
  using Masks = std::optional<std::vector<std::uint64_t>>;

  // `target` and `asked` are the request's target and bounds, asked no narrower than they are.
  // requires windows made for these items and finite numbers
  Near(windows::Windows& windows, std::span<const V> integers, const Request<V>& request, double target,
       const windows::Range& asked, const Place& place)
      : windows_(windows),
        integers_(integers),
        request_(request),
        target_(target),
        asked_{.low = std::max(asked.low, windows.sums().low), .high = std::min(asked.high, windows.sums().high)},
        place_(place),
        few_(std::min(std::size_t{2} << (integers.size() / 2), std::size_t{65536})) {}

  // None where subsets are so many that ranking them takes longer than the integer search, which ranks equal ones
  // together.
  [[nodiscard]] Masks find() {
    if (asked_.low > asked_.high) return std::vector<std::uint64_t>{};
    if (Masks masks = from_seen()) return masks;
    if (request_.count > kernels::most_reached) {
      if (windows_.see(asked_, std::max(few_, std::min(request_.count, windows::most_found)))) return all();
      if (request_.count > few_) return std::nullopt;
    }
    const std::size_t wanted = std::min(3 * std::min(request_.count, few_) + 12, kernels::most_reached);
    if (const std::optional<double> reach = windows_.reach(target_, wanted)) {
      return around(*reach * std::max(1.0, 1.5 * static_cast<double>(request_.count) / static_cast<double>(wanted)));
    }
    // There may be no more than that.
    if (windows_.see(asked_, few_ + 16 * request_.count)) return all();
    return std::nullopt;
  }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();

  struct Ranked {
    V error{};
    int items = 0;
    std::uint64_t mask = 0;
    bool operator<(const Ranked& other) const {
      if (!(error == other.error)) return error < other.error;
      return items != other.items ? items < other.items : mask < other.mask;
    }
  };

  // The first of the windows' masks, of those with a sum that the request allows.
  [[nodiscard]] std::vector<std::uint64_t> ranked(const Request<V>& request) const {
    std::vector<Ranked> all;
    for (const std::uint64_t mask : windows_.masks()) {
      V sum{};
      for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
        sum = sum + integers_[static_cast<std::size_t>(std::countr_zero(rest))];
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
  // When the windows have all that is asked for.
  [[nodiscard]] std::vector<std::uint64_t> all() const { return ranked(request_); }

  // When the windows have all that is asked for up to a distance from the target; none if that is not enough.
  [[nodiscard]] Masks up_to(double distance) const {
    if (target_ - distance <= asked_.low && asked_.high <= target_ + distance) return all();
    constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();
    const double sure = distance - rounding * (std::abs(target_) + distance);
    if (!(sure > 0.0)) return std::nullopt;
    Request<V> near = request_;
    near.low = std::max(near.low, place_(-sure));
    near.high = std::min(near.high, place_(sure));
    std::vector<std::uint64_t> masks = ranked(near);
    if (masks.size() < request_.count) return std::nullopt;
    return masks;
  }

  [[nodiscard]] Masks from_seen() const {
    const windows::Range& seen = windows_.seen();
    if (seen.low > seen.high) return std::nullopt;
    const double below = seen.low <= asked_.low ? infinity : target_ - seen.low;
    const double above = seen.high >= asked_.high ? infinity : seen.high - target_;
    return up_to(std::min(below, above));
  }

  // What to look at for answers up to a distance: both sides of the target, for the other one is often asked about
  // next.
  [[nodiscard]] windows::Range range_up_to(double distance) const {
    const windows::Range range{.low = target_ - distance, .high = target_ + distance};
    if (asked_.low <= target_ && target_ <= asked_.high) return range;
    return {.low = std::max(asked_.low, range.low), .high = std::min(asked_.high, range.high)};
  }

  // By windows that widen until they hold enough. Where sums are few a scan's distance holds far more than are wanted:
  // then nearer ones are tried before so many are ranked.
  [[nodiscard]] Masks around(double distance) {
    constexpr int most_refusals = 3;
    int refusals = 0;
    double too_near = 0.0;
    double too_far = infinity;
    for (int attempt = 0; attempt < 16; ++attempt) {
      const windows::Range range = range_up_to(distance);
      const bool empty = range.low > range.high;
      const std::size_t few = refusals < most_refusals ? std::min(few_, std::size_t{512}) : few_;
      if (!empty && !windows_.see(range, few + 16 * request_.count)) {
        if (++refusals > most_refusals) return std::nullopt;
        too_far = distance;
        distance = too_near > 0.0 ? std::sqrt(too_near * too_far) : distance / 8.0;
        continue;
      }
      if (!empty) {
        if (Masks masks = up_to(distance)) return masks;
      }
      too_near = distance;
      distance = too_far < infinity ? std::sqrt(too_near * too_far) : 4.0 * distance;
    }
    return std::nullopt;
  }

  windows::Windows& windows_;
  std::span<const V> integers_;
  const Request<V>& request_;
  double target_;
  windows::Range asked_;
  const Place& place_;
  std::size_t few_;  // subsets that are ranked in the time that the integer search takes
};

}  // namespace ohmset::exact
