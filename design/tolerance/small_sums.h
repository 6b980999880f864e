// All subset sums of a few items near a number, in doubles: for questions that are too close to call and must be looked
// at one by one. Two sorted half lists and two pointers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ohmset::tolerance {

inline constexpr std::size_t most_small_items = 24;

// Room for the lists is kept from one use to the next. For one thread.
class SmallSums {
 public:
  // requires at most most_small_items items, positive and finite
  void assign(std::span<const double> items);

  // Masks of the greatest sum <= target and of the least > target, by sums as doubles round them.
  struct Neighbours {
    std::optional<std::uint64_t> below{};
    std::optional<std::uint64_t> above{};
  };
  [[nodiscard]] Neighbours neighbours(double target) const;
  // Masks of all sums from low to high, in no order; the first `most` of them and one more when there are more.
  void between(double low, double high, std::size_t most, std::vector<std::uint64_t>& masks) const;

 private:
  struct Entry {
    double sum = 0.0;
    std::uint64_t mask = 0;
  };
  static void grow(std::vector<Entry>& list, std::vector<Entry>& spare, double item, std::size_t place);

  std::vector<Entry> rows_{};
  std::vector<Entry> columns_{};
  std::vector<Entry> spare_{};
};

}  // namespace ohmset::tolerance
