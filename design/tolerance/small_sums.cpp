// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/small_sums.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace ohmset::tolerance {

// The list merged with itself raised by an item.
void SmallSums::grow(std::vector<Entry>& list, std::vector<Entry>& spare, double item, std::size_t place) {
  const std::size_t count = list.size();
  const std::uint64_t bit = std::uint64_t{1} << place;
  spare.resize(2 * count);
  std::size_t without = 0;
  std::size_t with = 0;
  for (Entry& entry : spare) {
    // With an item more the list is as long: its end comes last.
    const double raised = list[with].sum + item;
    const bool plain = without < count && list[without].sum <= raised;
    entry = plain ? list[without] : Entry{raised, list[with].mask | bit};
    without += plain ? 1 : 0;
    with += plain ? 0 : 1;
    with = std::min(with, count - 1);
  }
  list.swap(spare);
}

void SmallSums::assign(std::span<const double> items) {
  if (items.size() > most_small_items) throw std::invalid_argument("SmallSums: too many items");
  rows_.assign(1, Entry{});
  columns_.assign(1, Entry{});
  for (std::size_t k = 0; k < items.size(); ++k) grow(k < items.size() / 2 ? rows_ : columns_, spare_, items[k], k);
}

SmallSums::Neighbours SmallSums::neighbours(double target) const {
  Neighbours found;
  double below = -std::numeric_limits<double>::infinity();
  double above = std::numeric_limits<double>::infinity();
  std::size_t column = columns_.size();  // columns before it may stand with the row
  for (const Entry& row : rows_) {
    while (column > 0 && row.sum + columns_[column - 1].sum > target) --column;
    if (column > 0 && row.sum + columns_[column - 1].sum > below) {
      below = row.sum + columns_[column - 1].sum;
      found.below = row.mask | columns_[column - 1].mask;
    }
    if (column < columns_.size() && row.sum + columns_[column].sum < above) {
      above = row.sum + columns_[column].sum;
      found.above = row.mask | columns_[column].mask;
    }
  }
  return found;
}

void SmallSums::between(double low, double high, std::size_t most, std::vector<std::uint64_t>& masks) const {
  masks.clear();
  std::size_t first = columns_.size();  // from it on sums reach `low`
  for (const Entry& row : rows_) {
    while (first > 0 && row.sum + columns_[first - 1].sum >= low) --first;
    for (std::size_t k = first; k < columns_.size() && row.sum + columns_[k].sum <= high; ++k) {
      masks.push_back(row.mask | columns_[k].mask);
      if (masks.size() > most) return;
    }
  }
}

}  // namespace ohmset::tolerance
