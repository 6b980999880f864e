// All subset sums of a few items near a number, in doubles: for questions that are too close to call and must be looked
// at one by one. Two sorted half lists and two pointers, without branches that nobody can foretell.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ohmset::tolerance {

inline constexpr std::size_t most_small_items = 24;

// Room for the lists is kept from one use to the next. For one thread.
class SmallSums {
 public:
  // requires at most most_small_items items, positive and finite
  void assign(std::span<const double> items);

  // The greatest sum <= target and the least > target, as doubles round them; infinite where there is none.
  struct Neighbours {
    double below = 0.0;
    double above = 0.0;
  };
  [[nodiscard]] Neighbours neighbours(double target) const;
  // Masks of all sums from low to high, in no order; the first `most` of them and one more when there are more.
  void between(double low, double high, std::size_t most, std::vector<std::uint64_t>& masks) const;

 private:
  // In ascending order, between sentinels: of columns on both sides, of lists that grow above.
  struct List {
    std::vector<double> sums{};
    std::vector<std::uint64_t> masks{};
    std::size_t count = 0;

    void begin(std::size_t items);
  };
  static void grow(List& list, List& spare, double item, std::size_t place);

  List rows_{};
  List columns_{};
  List spare_{};
};

}  // namespace ohmset::tolerance
