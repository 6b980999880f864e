// The sums of two lists in ascending order, as far as it takes to see wide gaps between them.
//
// Sums are thrown into buckets, of which only the least and the greatest is kept: neighbours that lie in different
// buckets are seen, those in one bucket are nearer to each other than the bucket is wide. As wide as the widest gap so
// far, or as wide as the widest must be where so many sums share an interval, buckets hide nothing that counts; so
// 2^26 sums need no sorting and next to no memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace ohmset::covering {

// A sum is one entry of each. Ascending, distinct, not empty. Integers: no sum beyond half of what the type holds.
template <class Sum>
struct Lists {
  std::vector<Sum> first{};
  std::vector<Sum> second{};
};

// More than any sum.
template <class Sum>
[[nodiscard]] constexpr Sum beyond() {
  if constexpr (std::is_floating_point_v<Sum>) {
    return std::numeric_limits<Sum>::infinity();
  } else {
    return Sum{1} << (8 * sizeof(Sum) - 2);
  }
}

// Buckets of one width from `begin` on.
template <class Sum>
class Buckets {
 public:
  // Integers: `width` is rounded down to a power of two.
  Buckets(Sum begin, Sum end, Sum width, std::size_t most) : begin_(begin) {
    if constexpr (std::is_floating_point_v<Sum>) {
      inverse_ = 1.0 / width;
      const double wanted = (end - begin) * inverse_;
      last_ = wanted < static_cast<double>(most - 1);
      count_ = last_ ? static_cast<std::size_t>(wanted) + 1 : most;
      end_ = last_ ? beyond<Sum>() : begin + width * static_cast<double>(most);
      if (end_ <= begin) end_ = std::nextafter(begin, beyond<Sum>());
    } else {
      while (Sum{2} << shift_ <= width) ++shift_;
      const Sum wanted = (end - begin) >> shift_;
      last_ = wanted < static_cast<Sum>(most);
      count_ = last_ ? static_cast<std::size_t>(wanted) + 1 : most;
      end_ = last_ ? beyond<Sum>() : begin + (static_cast<Sum>(most) << shift_);
    }
  }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] bool last() const { return last_; }  // they reach the end
  [[nodiscard]] Sum end() const { return end_; }
  // requires begin <= sum < end
  [[nodiscard]] std::size_t of(Sum sum) const {
    if constexpr (std::is_floating_point_v<Sum>) {
      return std::min(static_cast<std::size_t>((sum - begin_) * inverse_), count_ - 1);
    } else {
      return static_cast<std::size_t>((sum - begin_) >> shift_);
    }
  }

 private:
  Sum begin_;
  Sum end_{};
  double inverse_ = 1.0;
  unsigned shift_ = 0;
  std::size_t count_ = 1;
  bool last_ = false;
};

template <class Sum>
class Sweep {
 public:
  Sweep(const Lists<Sum>& lists, Sum low, Sum high)
      : first_(lists.first), second_(lists.second), low_(low), high_(high) {
    begin_.resize(first_.size());
    end_.resize(first_.size());
    std::size_t from = second_.size();  // the first that reaches `low`, of those before it all that do
    std::size_t to = second_.size();    // the first that exceeds `high`
    for (std::size_t k = 0; k < first_.size(); ++k) {
      while (from > 0 && first_[k] + second_[from - 1] >= low) --from;
      while (to > 0 && first_[k] + second_[to - 1] > high) --to;
      begin_[k] = from;
      end_[k] = to;
      count_ += to - from;
    }
  }

  // Sums from low to high; equal ones count as often as they occur.
  [[nodiscard]] std::uint64_t count() const { return count_; }

  // Tells `gaps` of neighbours, in ascending order: gaps.between(below, above), pointers to sums, null where there is
  // none. All that are gaps.width(from) or more apart, whatever it is when those above `from` are looked at; and the
  // neighbours of low and high, be they sums or not.
  template <class Gaps>
  void tell(Gaps& gaps) {
    const bool any_below = find_below();
    has_previous_ = any_below;
    Sum from = low_;
    std::size_t active = 0;
    for (std::uint64_t left = count_; left > 0;) {
      const Buckets<Sum> buckets(from, high_, gaps.width(from), most_buckets);
      cells_.assign(buckets.count(), {beyond<Sum>(), -beyond<Sum>()});
      while (active < first_.size() && begin_[active] >= end_[active]) ++active;
      left -= fill(buckets, active);
      for (const Cell& cell : cells_) {
        if (cell.least > cell.greatest) continue;
        gaps.between(has_previous_ ? &previous_ : nullptr, &cell.least);
        previous_ = cell.greatest;
        has_previous_ = true;
      }
      if (buckets.last()) break;
      from = buckets.end();
    }
    tell_end(gaps);
  }

 private:
  // As many as a second-level cache holds.
  static constexpr std::size_t most_buckets = (std::size_t{1} << 17U) / sizeof(Sum) / 2;
  struct Cell {
    Sum least;
    Sum greatest;
  };

  bool find_below() {
    bool any = false;
    for (std::size_t k = 0; k < first_.size(); ++k) {
      if (begin_[k] == 0) continue;
      const Sum sum = first_[k] + second_[begin_[k] - 1];
      previous_ = any ? std::max(previous_, sum) : sum;
      any = true;
    }
    return any;
  }

  std::uint64_t fill(const Buckets<Sum>& buckets, std::size_t active) {
    std::uint64_t filled = 0;
    const Sum end = buckets.end();
    for (std::size_t k = active; k < first_.size(); ++k) {
      const Sum own = first_[k];
      if (own + second_.front() >= end) break;
      std::size_t b = begin_[k];
      for (; b < end_[k]; ++b) {
        const Sum sum = own + second_[b];
        if (sum >= end) break;
        Cell& cell = cells_[buckets.of(sum)];
        cell.least = std::min(cell.least, sum);
        cell.greatest = std::max(cell.greatest, sum);
      }
      filled += b - begin_[k];
      begin_[k] = b;
    }
    return filled;
  }

  template <class Gaps>
  void tell_end(Gaps& gaps) {
    bool any = false;
    Sum above{};
    for (std::size_t k = 0; k < first_.size(); ++k) {
      if (end_[k] == second_.size()) continue;
      const Sum sum = first_[k] + second_[end_[k]];
      above = any ? std::min(above, sum) : sum;
      any = true;
    }
    gaps.between(has_previous_ ? &previous_ : nullptr, any ? &above : nullptr);
  }

  const std::vector<Sum>& first_;
  const std::vector<Sum>& second_;
  Sum low_;
  Sum high_;
  std::uint64_t count_ = 0;
  std::vector<std::size_t> begin_{};  // of the second list's entries, with each of the first's: those not yet told
  std::vector<std::size_t> end_{};    // the first above high
  std::vector<Cell> cells_{};
  Sum previous_{};
  bool has_previous_ = false;
};

}  // namespace ohmset::covering
