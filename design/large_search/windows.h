// Pairs of sums of quarters, window by window of their values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "design/kernels/kernels.h"
#include "design/large_search/join.h"
#include "sim/error.h"

namespace ohmset::large {

// Sums of a quarter of the items in ascending order with their subsets.
struct Quarter {
  std::vector<std::int64_t> values{};
  std::vector<std::uint32_t> masks{};
};

// Row + column sums in ascending windows: each row remembers how far it has come.
class Stream {
 public:
  // Both ascending.
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

  // Lets every row start at its first sum >= begin, wherever it is. requires ascending rows
  void start(std::int64_t begin) {
    auto from = static_cast<std::uint32_t>(columns_.size() - 8);
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      while (from > 0 && rows_[row] + columns_[from - 1] >= begin) --from;
      from_[row] = from;
    }
  }
  // The same after the sums below some end were made and begin is at most that: few of them stand behind it.
  void advance(std::int64_t begin) {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      const std::uint32_t start = from_[row];
      std::uint32_t next = start + first_[row + 1] - first_[row];
      while (next > start && rows_[row] + columns_[next - 1] >= begin) --next;
      from_[row] = next;
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

// Pairs of nearly equal sums of two streams in some range of values.
class Windows {
 public:
  Windows(Stream sums, Stream rests, std::size_t window, std::size_t memory_limit)
      : sums_(std::move(sums)), rests_(std::move(rests)), window_(window), memory_limit_(memory_limit) {}

  // Calls visit(sum, rest, apart) for pairs of places with the sum in [begin, end) that are at most tolerance() apart,
  // which may shrink meanwhile; stops where visit returns false. `width` of values holds about a window of them.
  template <class Tolerance, class Visit>
  bool run(std::int64_t begin, std::int64_t end, double width, const Tolerance& tolerance, const Visit& visit) {
    sums_.start(begin);
    rests_.start(begin - tolerance());
    std::size_t most = 4 * window_;
    while (begin < end) {
      const std::int64_t near = tolerance();
      // Windows narrower than that would look at the same rests again and again.
      const double wide = std::max({width, static_cast<double>(near), 1.0});
      const double step = std::min(wide, static_cast<double>(end - begin));
      const std::int64_t stop = std::min(end, begin + static_cast<std::int64_t>(step));
      if (!sums_.make(stop, most) || !rests_.make(stop + near, most)) {
        if (stop - begin > 1 && static_cast<double>(near) < step) {
          width = step / 2;
          continue;
        }
        most *= 2;  // many equal sums
        if (most * 48 > memory_limit_) throw input_error("too many equal sums for the memory limit");
        continue;
      }
      const bool go_on = join_.run(
          sums_.sums(), rests_.sums(), begin - near, stop + near, tolerance, [&](std::size_t a, std::size_t b) {
            return visit(sums_.place(a), rests_.place(b), std::abs(sums_.sums()[a] - rests_.sums()[b]));
          });
      if (!go_on) return false;
      const std::size_t made = std::max<std::size_t>(1, std::max(sums_.sums().size(), rests_.sums().size()));
      width = step * std::clamp(static_cast<double>(window_) / static_cast<double>(made), 0.5, 2.0);
      begin = stop;
      sums_.advance(begin);
      rests_.advance(begin - tolerance());
    }
    return true;
  }

 private:
  Stream sums_;
  Stream rests_;
  std::size_t window_;
  std::size_t memory_limit_;
  Join join_{};
};

}  // namespace ohmset::large
