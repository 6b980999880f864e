// All sums of one half of the items in ascending order, with the subsets that give them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "design/subset_sum/exact_sum.h"

namespace ohmset::exact {

// Subsets masks[first[g]] ... masks[first[g + 1] - 1] sum to values[g], in ascending order of their masks.
template <class V>
struct HalfList {
  std::vector<V> values{};
  std::vector<std::uint32_t> first{};
  std::vector<std::uint32_t> masks{};
  std::vector<bool> ranked{};  // whether the group's masks are in order of (items, mask) by now

  [[nodiscard]] std::uint32_t count(std::size_t group) const { return first[group + 1] - first[group]; }
  // The group's subsets by number of items, then mask.
  [[nodiscard]] std::span<const std::uint32_t> subsets(std::size_t group) {
    const auto begin = masks.begin() + first[group];
    const auto end = masks.begin() + first[group + 1];
    if (!ranked[group]) {
      ranked[group] = true;
      // Counted, not compared: groups of equal items are large.
      std::array<std::size_t, 33> next{};
      for (auto mask = begin; mask != end; ++mask) ++next[static_cast<std::size_t>(std::popcount(*mask))];
      std::exclusive_scan(next.begin(), next.end(), next.begin(), std::size_t{0});
      std::vector<std::uint32_t> sorted(count(group));
      for (auto mask = begin; mask != end; ++mask)
        sorted[next[static_cast<std::size_t>(std::popcount(*mask))]++] = *mask;
      std::copy(sorted.begin(), sorted.end(), begin);
    }
    return {begin, end};
  }
};

// The sums of a list without an item and with it, merged. Equal sums: those without first, so that masks of equal sums
// ascend. The last entry of `values` is a sentinel above everything, as is that of the result.
template <class V>
void merge_item(const std::vector<V>& values, const std::vector<std::uint32_t>& masks, V item, std::uint32_t bit,
                std::vector<V>& out_values, std::vector<std::uint32_t>& out_masks) {
  const std::size_t size = masks.size();
  out_values.resize(2 * size + 1);
  out_masks.resize(2 * size);
  std::size_t without = 0;
  std::size_t with = 0;
  for (std::size_t k = 0; k < 2 * size; ++k) {
    const V a = values[without];
    const V b = values[with] + item;
    // Half of the choices would be mispredicted if they were branches.
    const std::size_t take = b < a ? 1U : 0U;
    out_values[k] = take != 0 ? b : a;
    const std::size_t from = without + ((with - without) & (0 - take));
    out_masks[k] = masks[from] | (bit & static_cast<std::uint32_t>(0 - take));
    with += take;
    without += 1 - take;
  }
  out_values[2 * size] = values[size];
}

// The same where subsets may have at most `at_most` items.
template <class V>
void merge_item_at_most(const std::vector<V>& values, const std::vector<std::uint32_t>& masks, V item,
                        std::uint32_t bit, std::size_t at_most, std::vector<V>& out_values,
                        std::vector<std::uint32_t>& out_masks) {
  const std::size_t size = masks.size();
  const auto full = [&](std::size_t k) { return static_cast<std::size_t>(std::popcount(masks[k])) >= at_most; };
  out_values.clear();
  out_masks.clear();
  std::size_t without = 0;
  std::size_t with = 0;
  while (true) {
    while (with < size && full(with)) ++with;
    if (without == size && with == size) break;
    if (with == size || (without < size && !(values[with] + item < values[without]))) {
      out_values.push_back(values[without]);
      out_masks.push_back(masks[without++]);
    } else {
      out_values.push_back(values[with] + item);
      out_masks.push_back(masks[with++] | bit);
    }
  }
  out_values.push_back(values[size]);
}

// requires at most 20 items, sums within +-2^bits
template <class V>
HalfList<V> make_half_list(std::span<const V> items, std::size_t at_most) {
  std::vector<V> values{V{}, power_of_two<V>(Traits<V>::bits + 2)};
  std::vector<std::uint32_t> masks{0};
  std::vector<V> next_values;
  std::vector<std::uint32_t> next_masks;
  if (at_most >= items.size()) {
    const std::size_t size = std::size_t{1} << items.size();
    values.reserve(size + 1);
    masks.reserve(size);
    next_values.reserve(size + 1);
    next_masks.reserve(size);
  }
  for (std::size_t k = 0; k < items.size(); ++k) {
    const std::uint32_t bit = std::uint32_t{1} << k;
    if (at_most < items.size()) {
      merge_item_at_most(values, masks, items[k], bit, at_most, next_values, next_masks);
    } else {
      merge_item(values, masks, items[k], bit, next_values, next_masks);
    }
    values.swap(next_values);
    masks.swap(next_masks);
  }
  HalfList<V> list;
  list.masks = std::move(masks);
  const std::size_t size = list.masks.size();
  list.first.resize(size + 1);
  std::size_t groups = 0;
  for (std::size_t k = 0; k < size; ++k) {
    if (groups > 0 && values[k] == values[groups - 1]) continue;
    values[groups] = values[k];
    list.first[groups++] = static_cast<std::uint32_t>(k);
  }
  values.resize(groups);
  list.first.resize(groups + 1);
  list.first[groups] = static_cast<std::uint32_t>(size);
  list.values = std::move(values);
  list.ranked.assign(groups, false);
  for (std::size_t g = 0; g < groups; ++g) list.ranked[g] = list.count(g) == 1;
  return list;
}

}  // namespace ohmset::exact
