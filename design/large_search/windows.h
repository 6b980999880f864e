// Pairs of sums of quarters, window by window of their values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "design/kernels/kernels.h"

namespace ohmset::large {

// Sums of a quarter of the items in ascending order with their subsets.
struct Quarter {
  std::vector<std::int64_t> values{};
  std::vector<std::uint32_t> masks{};
};

// All row + column sums in ascending windows: each row remembers how far it has come.
class Stream {
 public:
  // Columns ascending.
  Stream(std::vector<std::int64_t> rows, std::vector<std::int64_t> columns, const kernels::Kernels& set)
      : rows_(std::move(rows)),
        columns_(std::move(columns)),
        set_(set),
        from_(rows_.size(), 0),
        first_(rows_.size() + 1) {
    columns_.resize(columns_.size() + 8, kernels::Lane<std::int64_t>::beyond);
  }

  // Makes the sums below `end` from where the rows are; false when they are more than `most`.
  [[nodiscard]] bool make(std::int64_t end, std::size_t most) {
    std::size_t count = 0;
    const std::size_t widest = columns_.size();
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      first_[row] = static_cast<std::uint32_t>(count);
      if (sums_.size() < count + widest) sums_.resize(std::max(2 * sums_.size(), count + widest));
      count += set_.sums_below(rows_[row], columns_.data() + from_[row], end, sums_.data() + count);
      if (count > most) return false;
    }
    first_[rows_.size()] = static_cast<std::uint32_t>(count);
    count_ = count;
    return true;
  }
  [[nodiscard]] std::span<const std::int64_t> sums() const {
    return std::span<const std::int64_t>(sums_).first(count_);
  }

  // Lets every row start at its first sum >= begin.
  void advance(std::int64_t begin) {
    const std::size_t last = columns_.size() - 8;
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      while (from_[row] < last && rows_[row] + columns_[from_[row]] < begin) ++from_[row];
    }
  }

  struct Place {
    std::size_t row = 0;
    std::size_t column = 0;
  };
  [[nodiscard]] Place place(std::size_t sum) const {
    const auto after = std::upper_bound(first_.begin(), first_.end(), static_cast<std::uint32_t>(sum));
    const auto row = static_cast<std::size_t>(after - first_.begin()) - 1;
    return {row, from_[row] + (sum - first_[row])};
  }

 private:
  std::vector<std::int64_t> rows_;
  std::vector<std::int64_t> columns_;
  const kernels::Kernels& set_;
  std::vector<std::uint32_t> from_;
  std::vector<std::uint32_t> first_;
  std::vector<std::int64_t> sums_{};
  std::size_t count_ = 0;
};

// Finds equal-enough sums of two windows through bins of values.
class Join {
 public:
  // Calls visit(a, b) for every pair of indices whose values differ by at most tolerance(), which may shrink meanwhile;
  // stops where visit returns false.
  template <class Tolerance, class Visit>
  bool run(std::span<const std::int64_t> a, std::span<const std::int64_t> b, std::int64_t begin, std::int64_t end,
           const Tolerance& tolerance, const Visit& visit) {
    if (a.empty() || b.empty()) return true;
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

 private:
  static constexpr std::uint32_t none = 0xffffffffU;
  std::vector<std::uint32_t> heads_{};
  std::vector<std::uint32_t> next_{};
};

}  // namespace ohmset::large
