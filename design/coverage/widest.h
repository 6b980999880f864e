// The widest part of an interval between neighbouring integers. Distances and places count twice, in halves of the
// unit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "design/coverage.h"
#include "design/coverage/whole.h"

namespace ohmset::covering {

// Of an interval: from one sum, or what lies below all of them, to the next.
template <class Sum>
struct Part {
  bool has_below = false;
  bool has_above = false;
  Sum below{};
  Sum above{};
  Sum at{};  // the place within the interval that is farthest from both
  Sum distance{};

  // Null: no sum is there. requires one of them at least, and that they have some of the interval between them
  Part(const Sum& low, const Sum& high, const Sum* lesser, const Sum* greater)
      : has_below(lesser != nullptr), has_above(greater != nullptr) {
    if (has_below) below = *lesser;
    if (has_above) above = *greater;
    at = !has_below ? low + low : !has_above ? high + high : clamped(below + above, low + low, high + high);
    const Sum from_below = at - (below + below);
    const Sum to_above = above + above - at;
    distance = !has_below || (has_above && to_above < from_below) ? to_above : from_below;
  }

  static Sum clamped(const Sum& place, const Sum& first, const Sum& last) {
    return place < first ? first : last < place ? last : place;
  }
};

template <class Sum>
[[nodiscard]] bool apart(const Sum& low, const Sum& high, const Sum* below, const Sum* above) {
  return (above != nullptr && *above < low) || (below != nullptr && high < *below);
}

// Told of exact sums in ascending order; the first of equals.
template <class Sum>
class Widest {
 public:
  Widest(const Sum& low, const Sum& high) : low_(low), high_(high), best_(low, high, &low, &low) {}

  // So many sums lie in the interval: one part of it is at least this wide.
  void expect(std::uint64_t count) { least_ = (high_ - low_) / (static_cast<Sum>(count) + 1); }
  // Nearer neighbours cannot be the ones.
  [[nodiscard]] Sum width(const Sum& /*from*/) const { return std::max({best_.distance, least_, Sum{1}}); }

  void between(const Sum* below, const Sum* above) {
    if (apart(low_, high_, below, above)) return;
    const Part<Sum> part(low_, high_, below, above);
    if (any_ && !(part.distance > best_.distance)) return;
    any_ = true;
    best_ = part;
  }

  [[nodiscard]] Coverage coverage(int unit) const {
    return {.at = rounded(best_.at, unit - 1),
            .distance = rounded(best_.distance, unit - 1),
            .below = best_.has_below ? rounded(best_.below, unit) : -infinity,
            .above = best_.has_above ? rounded(best_.above, unit) : infinity};
  }

 private:
  Sum low_;
  Sum high_;
  Sum least_{};
  bool any_ = false;
  Part<Sum> best_;
};

// Told of sums that were rounded: the parts that may be the widest.
class WidestOfRounded {
 public:
  // Rounding changes twice a distance by at most `margin`.
  WidestOfRounded(std::int64_t low, std::int64_t high, std::int64_t margin) : low_(low), high_(high), margin_(margin) {}

  void expect(std::uint64_t count) { least_ = (high_ - low_) / (static_cast<std::int64_t>(count) + 1); }
  [[nodiscard]] std::int64_t width(std::int64_t /*from*/) const {
    return std::max(std::max(greatest_, least_) - 2 * margin_, std::int64_t{1});
  }

  void between(const std::int64_t* below, const std::int64_t* above) {
    if (apart(low_, high_, below, above)) return;
    const Part<std::int64_t> part(low_, high_, below, above);
    if (part.distance < greatest_ - 2 * margin_) return;
    greatest_ = std::max(greatest_, part.distance);
    candidates_.push_back({.distance = part.distance,
                           .inside = (part.has_below ? part.below : low_) + (part.has_above ? part.above : high_)});
    if (candidates_.size() <= most) return;
    drop_lesser();
    if (candidates_.size() <= most) return;
    // So many of one width are for others to compare, unless a wider one comes.
    crowd_ = greatest_;
    candidates_.clear();
  }

  // Twice a place inside of each, in ascending order; none where there are too many, or they are hardly wider than what
  // rounding may do.
  [[nodiscard]] std::vector<std::int64_t> places() {
    std::vector<std::int64_t> places;
    drop_lesser();
    if (greatest_ <= 8 * margin_ || greatest_ - 2 * margin_ <= crowd_) return places;
    for (const Candidate& candidate : candidates_) places.push_back(candidate.inside);
    return places;
  }

 private:
  static constexpr std::size_t most = 64;
  struct Candidate {
    std::int64_t distance = 0;
    std::int64_t inside = 0;
  };
  void drop_lesser() {
    std::erase_if(candidates_, [this](const Candidate& one) { return one.distance < greatest_ - 2 * margin_; });
  }

  std::int64_t low_;
  std::int64_t high_;
  std::int64_t margin_;
  std::int64_t least_ = 0;
  std::int64_t greatest_ = 0;
  std::int64_t crowd_ = -1;  // the width of many that were not kept
  std::vector<Candidate> candidates_{};
};

}  // namespace ohmset::covering
