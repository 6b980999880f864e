// Every subset whose sum lies in a window of real numbers, from half lists that are made once for many windows: in
// numbers rounded to 51 bits, so with some that lie next to the window.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "design/kernels/fixed.h"
#include "design/kernels/half_sums.h"
#include "design/kernels/kernels.h"

namespace ohmset::windows {

// Fewer items are searched exactly as fast.
inline constexpr std::size_t least_items = 10;
// Subsets in a window at most: more take longer than the exact search.
inline constexpr std::size_t most_found = std::size_t{1} << 22;

struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  [[nodiscard]] bool holds(const Range& other) const { return low <= other.low && other.high <= high; }
};

inline constexpr Range nowhere{.low = 1.0, .high = -1.0};

class Windows {
 public:
  explicit Windows(const kernels::Kernels& set = kernels::chosen()) : set_(set) {}

  // Makes the lists of the subsets of at_least to at_most items. False when these windows are not for them: too few
  // items or too many, or magnitudes that 51 bits cannot scale. Memory is kept for the next items. requires finite
  // items
  bool make(std::span<const double> items, std::size_t at_least, std::size_t at_most);
  // The last items that it was made for.
  [[nodiscard]] bool is_for(std::span<const double> items, std::size_t at_least, std::size_t at_most) const;
  [[nodiscard]] bool usable() const { return usable_; }
  // No sum lies outside.
  [[nodiscard]] Range sums() const { return sums_; }

  // The window that masks() has all subsets of.
  [[nodiscard]] const Range& seen() const { return seen_; }
  [[nodiscard]] const std::vector<std::uint64_t>& masks() const { return masks_; }
  // Widens or moves it; false, and an empty window, when more than `room` subsets may be within.
  // requires made lists
  bool see(const Range& range, std::size_t room);
  // A distance from the target that at least `wanted` <= kernels::most_reached subsets are within; none when that takes
  // more than a scan. requires made lists and a finite target
  [[nodiscard]] std::optional<double> reach(double target, std::size_t wanted) const;

 private:
  using Lists = std::vector<kernels::SortedSums<double>>;

  void make_whole_lists();
  void make_lists_by_items();
  [[nodiscard]] std::vector<kernels::Pairing<double>> pairings(std::int64_t centre) const;
  [[nodiscard]] std::uint64_t key_of(const kernels::SortedSums<double>& list, std::size_t entry,
                                     std::size_t items) const;
  void recover(std::span<const kernels::Met> met);

  const kernels::Kernels& set_;
  std::vector<double> items_{};
  std::size_t at_least_ = 0;
  std::size_t at_most_ = 0;
  bool whole_ = true;
  bool usable_ = false;
  Range sums_{};
  Range seen_ = nowhere;
  std::vector<std::uint64_t> masks_{};

  kernels::Fixed fixed_{};
  std::vector<std::int64_t> integers_{};  // of the items, all at least 0
  std::int64_t raise_ = 0;                // what was added to each to make it so, in lists by number of items
  std::size_t kept_out_ = 0;              // the first items, which shift the target instead
  std::size_t rows_ = 0;                  // items of the first half
  Lists low_{};
  Lists high_{};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_{};  // of lists; or the mask of what is kept out
  kernels::Buffers<double> buffers_{};
  std::vector<double> arena_{};
  std::vector<kernels::Met> met_{};
};

}  // namespace ohmset::windows
