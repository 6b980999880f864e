// SPDX-License-Identifier: Apache-2.0
#include "design/coverage/sums.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <queue>

#include "design/coverage/sweep.h"
#include "design/coverage/whole.h"
#include "design/coverage/widest.h"
#include "design/subset_sum/exact_sum.h"

namespace ohmset::covering {
namespace {

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

template <class Sum, class Gaps>
void sweep_all(const Lists<Sum>& lists, double low, double high, int unit, Gaps& gaps) {
  Sweep<Sum> sweep(lists, whole<Sum>(low, unit), whole<Sum>(high, unit));
  gaps.expect(sweep.count());
  sweep.tell(gaps);
}

template <class Sum>
Coverage swept(const Lists<Sum>& lists, double low, double high, int unit) {
  Widest<Sum> widest(whole<Sum>(low, unit), whole<Sum>(high, unit));
  sweep_all(lists, low, high, unit, widest);
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
  constexpr int word = 62;
  constexpr int two_words = 126;
  const exact::Frame frame = frame_of(pairs, low, high);
  if (frame.bits > two_words) return cover_sums_in_order(pairs, low, high);
  if (frame.bits <= word) {
    return swept(lists_of<std::int64_t>(pairs, frame.unit), low, high, frame.unit);
  }
  const Lists<Int128> lists = lists_of<Int128>(pairs, frame.unit);
  // One word is several times as fast as two. Rounded to it, every number is within half a unit: sums are within half
  // a unit for each pair, twice a distance within a unit for each pair and one for an end of the interval.
  const int more = frame.bits - word;
  const int unit = frame.unit + more;
  WidestOfRounded rough(whole<std::int64_t>(low, unit), whole<std::int64_t>(high, unit),
                        static_cast<std::int64_t>(pairs.size()) + 2);
  sweep_all(lists_of<std::int64_t>(pairs, unit), low, high, unit, rough);
  const std::vector<std::int64_t> places = rough.places();
  if (places.empty()) return swept(lists, low, high, frame.unit);
  Widest<Int128> widest(whole<Int128>(low, frame.unit), whole<Int128>(high, frame.unit));
  for (const std::int64_t twice : places) {
    const Int128 place = (Int128{1} << (more - 1)) * twice;
    Sweep<Int128>(lists, place, place).tell(widest);
  }
  return widest.coverage(frame.unit);
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
