// Meet in the middle on exact integers: the first subsets in order of |sum - target|, number of items, mask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "design/subset_sum/exact_sum.h"
#include "design/subset_sum/half_list.h"

namespace ohmset::exact {

inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// What is asked, in the items' integers.
template <class V>
struct Request {
  V target{};
  V low{};  // only sums in [low, high]
  V high{};
  std::size_t count = 1;
  std::size_t at_most = unlimited;  // items
};

template <class V>
class Meet {
 public:
  Meet(std::span<const V> items, const Request<V>& request)
      : request_(request),
        half_(items.size() / 2),
        low_(make_half_list(items.first(half_), request.at_most)),
        high_(make_half_list(items.subspan(half_), request.at_most)) {}

  // The first request.count masks in order; fewer only when there are no more.
  [[nodiscard]] std::vector<std::uint64_t> run() {
    std::vector<std::uint64_t> masks;
    if (request_.count == 0) return masks;
    collect();
    shrink();
    for (std::size_t begin = 0; begin < pool_.size() && masks.size() < request_.count;) {
      std::size_t end = begin + 1;
      while (end < pool_.size() && pool_[end].error == pool_[begin].error) ++end;
      expand(std::span<const Pair>(pool_).subspan(begin, end - begin), masks);
      begin = end;
    }
    return masks;
  }

 private:
  static constexpr std::uint32_t any = 0xffffffffU;

  // One sum of each half; `weight` subsets have them. With a limit on the items, only those with exactly `items` from
  // the low half and what the limit leaves from the high half.
  struct Pair {
    V error{};
    std::uint64_t weight = 0;
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::uint32_t items = any;
  };

  // Some sums of a half: all of them, or those of subsets with a suitable number of items.
  struct View {
    std::vector<V> values{};
    std::vector<std::uint32_t> counts{};
    std::vector<std::uint32_t> groups{};
  };
  template <class Keep>
  static View view_of(const HalfList<V>& list, Keep keep) {
    View view;
    for (std::size_t g = 0; g + 1 < list.first.size(); ++g) {
      std::uint32_t count = 0;
      for (std::size_t k = list.first[g]; k < list.first[g + 1]; ++k) {
        if (keep(static_cast<std::size_t>(std::popcount(list.masks[k])))) ++count;
      }
      if (count == 0) continue;
      view.values.push_back(list.values[g]);
      view.counts.push_back(count);
      view.groups.push_back(static_cast<std::uint32_t>(g));
    }
    return view;
  }

  void collect() {
    if (request_.at_most == unlimited) {
      scan(
          low_.values, high_.values, any,
          [&](std::size_t i, std::size_t j) { return std::uint64_t{low_.count(i)} * high_.count(j); },
          [](std::size_t i, std::size_t j) { return std::pair(i, j); });
      return;
    }
    const std::size_t most = std::min<std::size_t>(request_.at_most, half_);
    for (std::size_t items = 0; items <= most; ++items) {
      const View low = view_of(low_, [&](std::size_t n) { return n == items; });
      const View high = view_of(high_, [&](std::size_t n) { return n <= request_.at_most - items; });
      scan(
          low.values, high.values, static_cast<std::uint32_t>(items),
          [&](std::size_t i, std::size_t j) { return std::uint64_t{low.counts[i]} * high.counts[j]; },
          [&](std::size_t i, std::size_t j) {
            return std::pair<std::size_t, std::size_t>(low.groups[i], high.groups[j]);
          });
    }
  }

  // Adds to the pool every pair that may belong to the first `count`: from each row outwards, until the errors exceed
  // the worst that is still wanted. Both starting points move one way only as the row's sum grows.
  template <class Weight, class Groups>
  void scan(std::span<const V> rows, std::span<const V> columns, std::uint32_t items, Weight weight, Groups groups) {
    const V z = request_.target;
    const V from = std::max(z, request_.low);
    const bool low_side = request_.low < z;
    std::size_t right = columns.size();  // first column with a sum >= from
    std::size_t left = columns.size();   // columns before it have sums < z and <= high
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const V row = rows[i];
      while (right > 0 && row + columns[right - 1] >= from) --right;
      std::uint64_t found = 0;
      for (std::size_t j = right; j < columns.size() && found < request_.count; ++j) {
        const V sum = row + columns[j];
        if (sum > request_.high) break;
        const V error = sum - z;
        if (bounded_ && error > worst_) break;
        found += weight(i, j);
        const auto [a, b] = groups(i, j);
        push({error, weight(i, j), static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b), items});
      }
      if (!low_side) continue;
      while (left > 0 && (row + columns[left - 1] >= z || row + columns[left - 1] > request_.high)) --left;
      found = 0;
      for (std::size_t j = left; j-- > 0 && found < request_.count;) {
        const V sum = row + columns[j];
        if (sum < request_.low) break;
        const V error = z - sum;
        if (bounded_ && error > worst_) break;
        found += weight(i, j);
        const auto [a, b] = groups(i, j);
        push({error, weight(i, j), static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b), items});
      }
    }
  }

  void push(const Pair& pair) {
    pool_.push_back(pair);
    if (pool_.size() >= limit_) shrink();
  }

  // Drops what cannot be among the first `count`. Pairs as far off as the last wanted one stay: the tie rule decides.
  void shrink() {
    std::sort(pool_.begin(), pool_.end(), [](const Pair& a, const Pair& b) { return a.error < b.error; });
    std::uint64_t subsets = 0;
    std::size_t keep = 0;
    while (keep < pool_.size() && subsets < request_.count) subsets += pool_[keep++].weight;
    if (subsets >= request_.count) {
      bounded_ = true;
      worst_ = pool_[keep - 1].error;
      while (keep < pool_.size() && pool_[keep].error == worst_) ++keep;
      pool_.resize(keep);
    }
    limit_ = std::max<std::size_t>(64, 2 * pool_.size());
  }

  // Subsets made of any of `high` and any of `low`, all with `items` items.
  struct Product {
    std::size_t items = 0;
    std::span<const std::uint32_t> low{};
    std::span<const std::uint32_t> high{};
  };

  // Appends the subsets of pairs with equal error, as many as are still wanted.
  void expand(std::span<const Pair> pairs, std::vector<std::uint64_t>& masks) {
    std::vector<Product> products;
    for (const Pair& pair : pairs) add_products(pair, products);
    std::sort(products.begin(), products.end(), [](const Product& a, const Product& b) { return a.items < b.items; });
    for (std::size_t begin = 0; begin < products.size() && masks.size() < request_.count;) {
      std::size_t end = begin + 1;
      while (end < products.size() && products[end].items == products[begin].items) ++end;
      append_smallest(std::span<const Product>(products).subspan(begin, end - begin), masks);
      begin = end;
    }
  }

  static std::vector<std::span<const std::uint32_t>> by_items(std::span<const std::uint32_t> subsets) {
    std::vector<std::span<const std::uint32_t>> classes;
    for (std::size_t begin = 0; begin < subsets.size();) {
      std::size_t end = begin + 1;
      while (end < subsets.size() && std::popcount(subsets[end]) == std::popcount(subsets[begin])) ++end;
      classes.push_back(subsets.subspan(begin, end - begin));
      begin = end;
    }
    return classes;
  }

  void add_products(const Pair& pair, std::vector<Product>& products) {
    const auto high = by_items(high_.subsets(pair.high));
    for (const std::span<const std::uint32_t> a : by_items(low_.subsets(pair.low))) {
      const auto low_items = static_cast<std::uint32_t>(std::popcount(a.front()));
      if (pair.items != any && pair.items != low_items) continue;
      for (const std::span<const std::uint32_t> b : high) {
        const std::size_t items = low_items + static_cast<std::size_t>(std::popcount(b.front()));
        if (items <= request_.at_most) products.push_back({items, a, b});
      }
    }
  }

  // Appends the smallest masks of the products in order, as many as are still wanted.
  void append_smallest(std::span<const Product> products, std::vector<std::uint64_t>& masks) const {
    const std::size_t wanted = request_.count - masks.size();
    std::vector<std::uint64_t> found;
    std::uint64_t threshold = std::numeric_limits<std::uint64_t>::max();
    const std::size_t limit = wanted > (unlimited - 1024) / 2 ? unlimited : 2 * wanted + 1024;
    for (const Product& product : products) {
      for (const std::uint32_t b : product.high) {
        const std::uint64_t base = std::uint64_t{b} << half_;
        if ((base | product.low.front()) > threshold) break;
        for (const std::uint32_t a : product.low) {
          if ((base | a) > threshold) break;
          found.push_back(base | a);
          if (found.size() < limit) continue;
          std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(wanted - 1), found.end());
          threshold = found[wanted - 1];
          found.resize(wanted);
        }
      }
    }
    std::sort(found.begin(), found.end());
    if (found.size() > wanted) found.resize(wanted);
    masks.insert(masks.end(), found.begin(), found.end());
  }

  Request<V> request_;
  std::size_t half_;
  HalfList<V> low_;
  HalfList<V> high_;
  std::vector<Pair> pool_{};
  std::size_t limit_ = 64;
  bool bounded_ = false;
  V worst_{};
};

}  // namespace ohmset::exact
