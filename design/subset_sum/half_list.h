// All sums of one half of the items in ascending order, with the subsets that give them; whole, or by number of items.
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

// Sums in ascending order, those of equal value by mask. A sentinel above everything ends `values`.
template <class V>
struct SortedSums {
  std::vector<V> values{};
  std::vector<std::uint32_t> masks{};
};

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
      for (auto mask = begin; mask != end; ++mask) {
        sorted[next[static_cast<std::size_t>(std::popcount(*mask))]++] = *mask;
      }
      std::copy(sorted.begin(), sorted.end(), begin);
    }
    return {begin, end};
  }
};

// The sums of `a` and, with the item, of `b`, merged into `out`. Equal sums: those of `a` first, so that masks of equal
// sums ascend.
template <class V>
void merge_item(const SortedSums<V>& a, const SortedSums<V>& b, V item, std::uint32_t bit, SortedSums<V>& out) {
  const std::size_t size = a.masks.size() + b.masks.size();
  out.values.resize(size + 1);
  out.masks.resize(size);
  std::size_t i = 0;
  std::size_t j = 0;
  for (std::size_t k = 0; k < size; ++k) {
    const V without = a.values[i];
    const V with = b.values[j] + item;
    // Half of the choices would be mispredicted if they were branches.
    const std::size_t take = with < without ? 1U : 0U;
    out.values[k] = take != 0 ? with : without;
    const std::uint32_t* const from = take != 0 ? b.masks.data() + j : a.masks.data() + i;
    out.masks[k] = *from | (bit & static_cast<std::uint32_t>(0 - take));
    j += take;
    i += 1 - take;
  }
  out.values[size] = a.values.back();
}

template <class V>
SortedSums<V> empty_subset() {
  return {.values = {V{}, power_of_two<V>(Traits<V>::bits + 2)}, .masks = {0}};
}
template <class V>
SortedSums<V> no_subset() {
  return {.values = {power_of_two<V>(Traits<V>::bits + 2)}, .masks = {}};
}

// requires at most 20 items, sums within +-2^bits
template <class V>
SortedSums<V> sorted_sums(std::span<const V> items) {
  SortedSums<V> list = empty_subset<V>();
  SortedSums<V> next;
  const std::size_t size = std::size_t{1} << items.size();
  for (SortedSums<V>* buffer : {&list, &next}) {
    buffer->values.reserve(size + 1);
    buffer->masks.reserve(size);
  }
  for (std::size_t k = 0; k < items.size(); ++k) {
    merge_item(list, list, items[k], std::uint32_t{1} << k, next);
    std::swap(list, next);
  }
  return list;
}

// The same with one list for each number of items, 0 ... min(at_most, items.size()).
template <class V>
std::vector<SortedSums<V>> sorted_sums_by_items(std::span<const V> items, std::size_t at_most) {
  std::vector<SortedSums<V>> lists(std::min(at_most, items.size()) + 1, no_subset<V>());
  lists.front() = empty_subset<V>();
  SortedSums<V> next;
  for (std::size_t k = 0; k < items.size(); ++k) {
    for (std::size_t count = std::min(k + 1, lists.size() - 1); count > 0; --count) {
      merge_item(lists[count], lists[count - 1], items[k], std::uint32_t{1} << k, next);
      std::swap(lists[count], next);
    }
  }
  return lists;
}

template <class V>
HalfList<V> grouped(SortedSums<V> sums) {
  HalfList<V> list;
  std::vector<V>& values = sums.values;
  list.masks = std::move(sums.masks);
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

// One list of all subsets when `whole`, else one for each number of items up to at_most.
template <class V>
std::vector<HalfList<V>> half_lists(std::span<const V> items, bool whole, std::size_t at_most) {
  std::vector<HalfList<V>> lists;
  if (whole) {
    lists.push_back(grouped(sorted_sums(items)));
  } else {
    for (SortedSums<V>& sums : sorted_sums_by_items(items, at_most)) lists.push_back(grouped(std::move(sums)));
  }
  return lists;
}

}  // namespace ohmset::exact
