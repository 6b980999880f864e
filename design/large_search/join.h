// Nearly equal values in two windows of values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

namespace ohmset::large {

// Which values of a window may have a partner in another one: bits of bins, narrower than any two values' usual gap.
class Marks {
 public:
  // Bins of 2^shift, folded to so many. requires a power of two of them, at least 64, and 2 near < 2^shift
  void clear(std::int64_t begin, unsigned shift, std::size_t bins, std::int64_t near) {
    begin_ = begin - near;
    shift_ = shift;
    last_ = bins - 1;
    edge_ = static_cast<std::uint64_t>(2 * near);
    inside_ = (std::uint64_t{1} << shift) - 1;
    words_.assign(bins / 64, 0);
  }
  void mark(std::int64_t value) {
    const std::uint64_t bin = (relative(value) >> shift_) & last_;
    words_[bin / 64] |= std::uint64_t{1} << (bin % 64);
  }
  void mark_all(std::span<const std::int64_t> values) {
    Marks marks = std::move(*this);  // in registers
    for (const std::int64_t value : values) marks.mark(value);
    *this = std::move(marks);
  }
  // Not 0 where something not farther than `near` may be marked: in the same bin, or the value is near its bin's edge.
  [[nodiscard]] std::size_t near(std::int64_t value) const {
    const std::uint64_t place = relative(value);
    const std::uint64_t bin = (place >> shift_) & last_;
    const std::uint64_t marked = (words_[bin / 64] >> (bin % 64)) & 1U;
    return marked | static_cast<std::uint64_t>(((place + edge_ / 2) & inside_) <= edge_);
  }

 private:
  [[nodiscard]] std::uint64_t relative(std::int64_t value) const { return static_cast<std::uint64_t>(value - begin_); }

  std::int64_t begin_ = 0;
  unsigned shift_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t edge_ = 0;
  std::uint64_t inside_ = 0;
  std::vector<std::uint64_t> words_{};
};

// Finds equal-enough sums of two windows.
class Join {
 public:
  // Calls visit(a, b) for every pair of indices whose values differ by at most tolerance(), which may shrink meanwhile;
  // stops where visit returns false.
  template <class Tolerance, class Visit>
  bool run(std::span<const std::int64_t> a, std::span<const std::int64_t> b, std::int64_t begin, std::int64_t end,
           const Tolerance& tolerance, const Visit& visit) {
    if (a.empty() || b.empty()) return true;
    const auto width = static_cast<std::uint64_t>(end - begin);
    const std::size_t bins = std::bit_ceil(std::max<std::size_t>(bins_of_each * b.size(), 64));
    unsigned shift = 0;
    while ((width >> shift) >= bins) ++shift;
    const std::int64_t near = tolerance();
    const auto needed = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(2 * near)));  // bits of a bin
    if (shift < needed) return run_by_hash(a, b, begin, end, tolerance, visit);

    // Those that share a bin, then those of them that share one of much narrower ones.
    marks_.clear(begin, shift, bins, near);
    marks_.mark_all(b);
    keep_near(a, a_left_);
    marks_.clear(begin, shift, bins, near);
    for (const std::uint32_t k : a_left_) marks_.mark(a[k]);
    keep_near(b, b_left_);
    constexpr unsigned narrower = 16;
    const unsigned narrow = std::max(needed, shift > narrower ? shift - narrower : 0);
    const std::size_t few = std::bit_ceil(std::max<std::size_t>(bins_of_each * b_left_.size(), 64));
    marks_.clear(begin, narrow, few, near);
    for (const std::uint32_t k : b_left_) marks_.mark(b[k]);
    drop_far(a, a_left_);
    marks_.clear(begin, narrow, few, near);
    for (const std::uint32_t k : a_left_) marks_.mark(a[k]);
    drop_far(b, b_left_);

    std::sort(b_left_.begin(), b_left_.end(), [&](std::uint32_t x, std::uint32_t y) { return b[x] < b[y]; });
    for (const std::uint32_t k : a_left_) {
      auto other =
          std::partition_point(b_left_.begin(), b_left_.end(), [&](std::uint32_t x) { return b[x] < a[k] - near; });
      for (; other != b_left_.end() && b[*other] <= a[k] + near; ++other) {
        if (std::abs(a[k] - b[*other]) <= tolerance() && !visit(k, *other)) return false;
      }
    }
    return true;
  }

 private:
  static constexpr std::size_t bins_of_each = 16;

  void keep_near(std::span<const std::int64_t> values, std::vector<std::uint32_t>& left) const {
    left.resize(values.size());
    std::size_t count = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      left[count] = static_cast<std::uint32_t>(k);
      count += marks_.near(values[k]);
    }
    left.resize(count);
  }
  void drop_far(std::span<const std::int64_t> values, std::vector<std::uint32_t>& left) const {
    std::size_t count = 0;
    for (const std::uint32_t k : left) {
      left[count] = k;
      count += marks_.near(values[k]);
    }
    left.resize(count);
  }

  // Where the tolerance is wider than what stands between values.
  template <class Tolerance, class Visit>
  bool run_by_hash(std::span<const std::int64_t> a, std::span<const std::int64_t> b, std::int64_t begin,
                   std::int64_t end, const Tolerance& tolerance, const Visit& visit) {
    const std::uint64_t bins = std::bit_ceil(std::max<std::size_t>(2 * b.size(), 64));
    const auto width = static_cast<std::uint64_t>(end - begin);
    unsigned shift = 0;
    while ((width >> shift) >= bins) ++shift;
    heads_.assign(bins, none);
    next_.resize(b.size());
    for (std::size_t k = 0; k < b.size(); ++k) {
      if (b[k] < begin || b[k] >= end) continue;
      std::uint32_t& head = heads_[static_cast<std::uint64_t>(b[k] - begin) >> shift];
      next_[k] = head;
      head = static_cast<std::uint32_t>(k);
    }
    for (std::size_t k = 0; k < a.size(); ++k) {
      const std::int64_t near = tolerance();
      const std::int64_t low = std::max(a[k] - near, begin);
      const std::int64_t high = std::min(a[k] + near, end - 1);
      if (low > high) continue;
      const std::uint64_t last = static_cast<std::uint64_t>(high - begin) >> shift;
      for (std::uint64_t bin = static_cast<std::uint64_t>(low - begin) >> shift; bin <= last; ++bin) {
        for (std::uint32_t other = heads_[bin]; other != none; other = next_[other]) {
          const std::int64_t apart = a[k] < b[other] ? b[other] - a[k] : a[k] - b[other];
          if (apart <= tolerance() && !visit(k, other)) return false;
        }
      }
    }
    return true;
  }

  static constexpr std::uint32_t none = 0xffffffffU;
  Marks marks_{};
  std::vector<std::uint32_t> a_left_{};
  std::vector<std::uint32_t> b_left_{};
  std::vector<std::uint32_t> heads_{};
  std::vector<std::uint32_t> next_{};
};

}  // namespace ohmset::large
