// SPDX-License-Identifier: Apache-2.0
#include "design/coverage/sums.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <queue>
#include <type_traits>

#include "design/coverage/sweep.h"
#include "design/subset_sum/exact_sum.h"

namespace ohmset::covering {
namespace {

using exact::Int128;
__extension__ typedef unsigned __int128 Uint128;  // NOLINT(modernize-use-using): ISO C++ knows no such alias

template <class Sum>
constexpr bool is_word = std::is_same_v<Sum, std::int64_t> || std::is_same_v<Sum, Int128>;

constexpr int most_bits = 2098;  // of a double, in units of the least one

// A multiple of 2^unit as an integer in that unit.
template <class Sum>
Sum whole(double value, int unit) {
  if constexpr (is_word<Sum>) {
    int exponent = 0;
    const auto mantissa = static_cast<Sum>(std::ldexp(std::frexp(value, &exponent), 53));
    const int shift = exponent - 53 - unit;
    return shift >= 0 ? mantissa * (Sum{1} << shift) : mantissa / (Sum{1} << -shift);
  } else {
    exact::ExactSum sum({.unit = unit, .bits = std::min(exact::Traits<Sum>::bits - 10, most_bits)});
    sum.add(value);
    return sum.quarters<Sum>(unit);
  }
}

// What `whole` counts in.
template <class Sum>
constexpr int unit_shift = is_word<Sum> ? 0 : -2;

// Rounded once.
template <class Sum>
double rounded(const Sum& value, int unit) {
  if constexpr (is_word<Sum>) {
    return std::ldexp(static_cast<double>(value), unit);
  } else {
    const bool negative = value < Sum{};
    const Sum magnitude = negative ? -value : value;
    std::size_t top = magnitude.limb.size() - 1;
    while (top > 1 && magnitude.limb[top] == 0) --top;
    // The two highest words; whether anything lies below them, their last bit tells.
    const bool rest = std::any_of(magnitude.limb.begin(), magnitude.limb.begin() + static_cast<std::ptrdiff_t>(top) - 1,
                                  [](std::uint64_t limb) { return limb != 0; });
    const Uint128 high =
        (static_cast<Uint128>(magnitude.limb[top]) << 64U) | magnitude.limb[top - 1] | (rest ? 1U : 0U);
    const double result = std::ldexp(static_cast<double>(high), unit + 64 * (static_cast<int>(top) - 1));
    return negative ? -result : result;
  }
}

// The widest part of an interval between neighbouring sums. Distances and places count twice: in halves of the unit.
template <class Sum>
class Widest {
 public:
  Widest(const Sum& low, const Sum& high) : low_(low), high_(high) {}

  // So many sums lie in the interval: one part of it is at least this wide.
  void expect(std::uint64_t count) { least_ = (high_ - low_) / (static_cast<Sum>(count) + 1); }
  [[nodiscard]] Sum width(const Sum& /*from*/) const { return std::max({distance_, least_, Sum{1}}); }

  void between(const Sum* below, const Sum* above) {
    if ((above != nullptr && *above < low_) || (below != nullptr && high_ < *below)) return;
    const Sum first = low_ + low_;
    const Sum last = high_ + high_;
    Sum at = below == nullptr ? first : last;
    if (below != nullptr && above != nullptr) {
      at = *below + *above;
      if (at < first) at = first;
      if (at > last) at = last;
    }
    Sum distance{};
    if (below != nullptr) distance = at - (*below + *below);
    if (above != nullptr) {
      const Sum rest = *above + *above - at;
      if (below == nullptr || rest < distance) distance = rest;
    }
    if (any_ && !(distance > distance_)) return;
    any_ = true;
    at_ = at;
    distance_ = distance;
    has_below_ = below != nullptr;
    has_above_ = above != nullptr;
    if (has_below_) below_ = *below;
    if (has_above_) above_ = *above;
  }

  [[nodiscard]] Coverage coverage(int unit) const {
    return {.at = rounded(at_, unit - 1),
            .distance = rounded(distance_, unit - 1),
            .below = has_below_ ? rounded(below_, unit) : -infinity,
            .above = has_above_ ? rounded(above_, unit) : infinity};
  }

 private:
  Sum low_;
  Sum high_;
  Sum least_{};
  bool any_ = false;
  Sum at_{};
  Sum distance_{};
  bool has_below_ = false;
  bool has_above_ = false;
  Sum below_{};
  Sum above_{};
};

// Sums of one of each pair, in two lists.
template <class Sum>
Lists<Sum> lists_of(std::span<const Contribution> pairs, int unit) {
  Sum base{};
  std::vector<Sum> changes;
  for (const Contribution& pair : pairs) {
    const Sum removed = whole<Sum>(pair.removed, unit);
    base = base + removed;
    if (pair.inserted != pair.removed) changes.push_back(whole<Sum>(pair.inserted, unit) - removed);
  }
  const auto list = [&changes](std::size_t begin, std::size_t end, const Sum& from) {
    std::vector<Sum> sums{from};
    std::vector<Sum> changed;
    std::vector<Sum> both;
    for (std::size_t k = begin; k < end; ++k) {
      changed.clear();
      both.clear();
      for (const Sum& sum : sums) changed.push_back(sum + changes[k]);
      std::merge(sums.begin(), sums.end(), changed.begin(), changed.end(), std::back_inserter(both));
      both.erase(std::unique(both.begin(), both.end()), both.end());
      sums.swap(both);
    }
    return sums;
  };
  const std::size_t half = changes.size() / 2;
  return {.first = list(0, half, base), .second = list(half, changes.size(), Sum{})};
}

template <class Sum>
Coverage swept(std::span<const Contribution> pairs, double low, double high, int unit) {
  const Lists<Sum> lists = lists_of<Sum>(pairs, unit);
  Widest<Sum> widest(whole<Sum>(low, unit), whole<Sum>(high, unit));
  Sweep<Sum> sweep(lists, whole<Sum>(low, unit), whole<Sum>(high, unit));
  widest.expect(sweep.count());
  sweep.tell(widest);
  return widest.coverage(unit);
}

template <class Sum>
Coverage in_order(std::span<const Contribution> pairs, double low, double high, int unit) {
  const Lists<Sum> lists = lists_of<Sum>(pairs, unit);
  Widest<Sum> widest(whole<Sum>(low, unit), whole<Sum>(high, unit));
  // Each entry of the first list waits with the entry of the second whose turn it is.
  struct Waiting {
    Sum sum;
    std::size_t first;
    std::size_t second;
    bool operator<(const Waiting& other) const { return other.sum < sum; }  // the least on top
  };
  std::priority_queue<Waiting> queue;
  for (std::size_t k = 0; k < lists.first.size(); ++k) queue.push({lists.first[k] + lists.second[0], k, 0});
  std::optional<Sum> previous;
  while (!queue.empty()) {
    Waiting next = queue.top();
    queue.pop();
    widest.between(previous ? &*previous : nullptr, &next.sum);
    previous = next.sum;
    if (++next.second == lists.second.size()) continue;
    next.sum = lists.first[next.first] + lists.second[next.second];
    queue.push(next);
  }
  widest.between(&*previous, nullptr);
  return widest.coverage(unit + unit_shift<Sum>);
}

// The unit that all numbers are multiples of, and bits that hold the sums and eight times as much.
exact::Frame frame_of(std::span<const Contribution> pairs, double low, double high) {
  std::vector<double> numbers{low, high};
  double total = std::abs(low) + std::abs(high);
  for (const Contribution& pair : pairs) {
    numbers.push_back(pair.removed);
    numbers.push_back(pair.inserted);
    total += std::abs(pair.removed) + std::abs(pair.inserted);
  }
  exact::Frame frame = exact::frame_of(numbers);
  constexpr int more = 3;
  frame.bits =
      (total < infinity ? std::ilogb(total) + 1 : std::numeric_limits<double>::max_exponent + 32) - frame.unit + more;
  return frame;
}

}  // namespace

Coverage cover_sums(std::span<const Contribution> pairs, double low, double high) {
  const exact::Frame frame = frame_of(pairs, low, high);
  if (frame.bits <= 62) return swept<std::int64_t>(pairs, low, high, frame.unit);
  if (frame.bits <= 126) return swept<Int128>(pairs, low, high, frame.unit);
  return cover_sums_in_order(pairs, low, high);
}

Coverage cover_sums_in_order(std::span<const Contribution> pairs, double low, double high) {
  const exact::Frame frame = frame_of(pairs, low, high);
  constexpr int quarters = 2;
  if (frame.bits + quarters <= 126) return in_order<Int128>(pairs, low, high, frame.unit);
  if (frame.bits + quarters <= exact::Traits<exact::Wide<4>>::bits) {
    return in_order<exact::Wide<4>>(pairs, low, high, frame.unit);
  }
  return in_order<exact::Wide<exact::most_limbs + 1>>(pairs, low, high, frame.unit);
}

std::optional<std::vector<Contribution>> finite_pairs(std::span<const Contribution> pairs) {
  std::vector<Contribution> finite(pairs.begin(), pairs.end());
  for (Contribution& pair : finite) {
    if (std::isinf(pair.removed)) pair.removed = pair.inserted;
    if (std::isinf(pair.inserted)) pair.inserted = pair.removed;
    if (std::isinf(pair.removed)) return std::nullopt;
  }
  return finite;
}

}  // namespace ohmset::covering
