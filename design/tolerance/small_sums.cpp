// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/small_sums.h"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

namespace ohmset::tolerance {
namespace {

constexpr double none = std::numeric_limits<double>::infinity();

}  // namespace

// The empty sum, with room for all.
void SmallSums::List::begin(std::size_t items) {
  const std::size_t room = (std::size_t{1} << items) + 2;
  if (sums.size() < room) {
    sums.resize(room);
    masks.resize(room);
  }
  count = 1;
  sums[0] = -none;
  sums[1] = 0.0;
  sums[2] = none;
  masks[1] = 0;
}

// The list merged with itself raised by an item.
void SmallSums::grow(List& list, List& spare, double item, std::size_t place) {
  const std::uint64_t bit = std::uint64_t{1} << place;
  spare.count = 2 * list.count;
  if (spare.sums.size() < spare.count + 2) {
    spare.sums.resize(spare.count + 2);
    spare.masks.resize(spare.count + 2);
  }
  const double* const sums = list.sums.data();
  const std::uint64_t* const masks = list.masks.data();
  std::size_t without = 1;
  std::size_t with = 1;
  for (std::size_t k = 1; k <= spare.count; ++k) {
    const double plain = sums[without];
    const double raised = sums[with] + item;
    const bool first = plain <= raised;
    const std::uint64_t choice = std::uint64_t{0} - static_cast<std::uint64_t>(first);
    spare.sums[k] = std::min(plain, raised);
    spare.masks[k] = (masks[without] & choice) | ((masks[with] | bit) & ~choice);
    without += first ? 1 : 0;
    with += first ? 0 : 1;
  }
  spare.sums[0] = -none;
  spare.sums[spare.count + 1] = none;
  spare.masks[spare.count + 1] = 0;
  std::swap(list, spare);
}

void SmallSums::assign(std::span<const double> items) {
  if (items.size() > most_small_items) throw std::invalid_argument("SmallSums: too many items");
  const std::size_t half = items.size() / 2;
  rows_.begin(half);
  columns_.begin(items.size() - half);
  for (std::size_t k = 0; k < items.size(); ++k) grow(k < half ? rows_ : columns_, spare_, items[k], k);
}

SmallSums::Neighbours SmallSums::neighbours(double target) const {
  // What takes a sum on the wrong side of the target out of the running.
  constexpr std::array<double, 2> away{none, 0.0};
  Neighbours found{.below = -none, .above = none};
  const double* row = rows_.sums.data() + 1;
  const double* const end = row + rows_.count;
  const double* column = columns_.sums.data() + columns_.count;
  while (row != end) {
    const double sum = *row + *column;
    const std::size_t over = sum > target ? 1 : 0;
    found.above = std::min(found.above, sum + away[over]);
    found.below = std::max(found.below, sum - away[1 - over]);
    column -= over;
    row += 1 - over;
  }
  return found;
}

void SmallSums::between(double low, double high, std::size_t most, std::vector<std::uint64_t>& masks) const {
  masks.clear();
  std::size_t row = 1;
  std::size_t column = columns_.count;  // those beyond it reach `low`
  while (row <= rows_.count) {
    const double own = rows_.sums[row];
    const bool over = own + columns_.sums[column] >= low;
    const bool some = own + columns_.sums[column + 1] <= high;
    if (some && !over) {
      for (std::size_t k = column + 1; k <= columns_.count && own + columns_.sums[k] <= high; ++k) {
        masks.push_back(rows_.masks[row] | columns_.masks[k]);
        if (masks.size() > most) return;
      }
    }
    column -= over ? 1 : 0;
    row += over ? 0 : 1;
  }
}

}  // namespace ohmset::tolerance
