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
  std::size_t at_least = 0;         // items
  std::size_t at_most = unlimited;  // items
};

template <class V>
class Meet {
 public:
  // by_items: subsets are told apart by their number of items from the start.
  Meet(std::span<const V> items, const Request<V>& request, bool by_items)
      : request_(request),
        half_(items.size() / 2),
        low_(half_lists(items.first(half_), !by_items, request.at_most)),
        high_(half_lists(items.subspan(half_), !by_items, request.at_most)),
        by_items_(by_items) {}
  Meet(std::span<const V> items, const Request<V>& request)
      : Meet(items, request, request.at_least > 0 || request.at_most < items.size()) {}

  // The first request.count masks in order; fewer only when there are no more.
  [[nodiscard]] std::vector<std::uint64_t> run() { return run(request_.at_least, request_.at_most, request_.count); }

  // The first request.count masks in order of (number of items, |sum - target|, mask). requires by_items
  [[nodiscard]] std::vector<std::uint64_t> run_fewest_first() {
    std::vector<std::uint64_t> masks;
    const std::size_t most = std::min(request_.at_most, low_.size() + high_.size() - 2);
    for (std::size_t items = request_.at_least; items <= most && masks.size() < request_.count; ++items) {
      const std::vector<std::uint64_t> more = run(items, items, request_.count - masks.size());
      masks.insert(masks.end(), more.begin(), more.end());
    }
    return masks;
  }

 private:
  // One sum of each half; `weight` subsets have them.
  struct Pair {
    V error{};
    std::uint64_t weight = 0;
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    std::uint8_t low_list = 0;
    std::uint8_t high_list = 0;
  };

  std::vector<std::uint64_t> run(std::size_t at_least, std::size_t at_most, std::size_t count) {
    std::vector<std::uint64_t> masks;
    count_ = count;
    pool_.clear();
    limit_ = 64;
    bounded_ = false;
    if (count == 0) return masks;
    for (std::size_t a = 0; a < low_.size(); ++a) {
      for (std::size_t b = 0; b < high_.size(); ++b) {
        if (!by_items_ || (a + b >= at_least && a + b <= at_most)) scan(a, b);
      }
    }
    shrink();
    for (std::size_t begin = 0; begin < pool_.size() && masks.size() < count;) {
      std::size_t end = begin + 1;
      while (end < pool_.size() && pool_[end].error == pool_[begin].error) ++end;
      expand(std::span<const Pair>(pool_).subspan(begin, end - begin), masks);
      begin = end;
    }
    return masks;
  }

  // Adds to the pool every pair that may belong to the first `count`: from each row outwards, until the errors exceed
  // the worst that is still wanted. Both starting points move one way only as the row's sum grows.
  void scan(std::size_t low_list, std::size_t high_list) {
    const HalfList<V>& a = low_[low_list];
    const HalfList<V>& b = high_[high_list];
    const std::span<const V> rows = a.values;
    const std::span<const V> columns = b.values;
    const V z = request_.target;
    const V from = std::max(z, request_.low);
    const bool low_side = request_.low < z;
    const auto take = [&](const V& error, std::size_t i, std::size_t j) {
      const std::uint64_t weight = std::uint64_t{a.count(i)} * b.count(j);
      push({error, weight, static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j),
            static_cast<std::uint8_t>(low_list), static_cast<std::uint8_t>(high_list)});
      return weight;
    };
    std::size_t right = columns.size();  // first column with a sum >= from
    std::size_t left = columns.size();   // columns before it have sums < z and <= high
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const V row = rows[i];
      while (right > 0 && row + columns[right - 1] >= from) --right;
      std::uint64_t found = 0;
      for (std::size_t j = right; j < columns.size() && found < count_; ++j) {
        const V sum = row + columns[j];
        if (sum > request_.high) break;
        const V error = sum - z;
        if (bounded_ && error > worst_) break;
        found += take(error, i, j);
      }
      if (!low_side) continue;
      while (left > 0 && (row + columns[left - 1] >= z || row + columns[left - 1] > request_.high)) --left;
      found = 0;
      for (std::size_t j = left; j-- > 0 && found < count_;) {
        const V sum = row + columns[j];
        if (sum < request_.low) break;
        const V error = z - sum;
        if (bounded_ && error > worst_) break;
        found += take(error, i, j);
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
    while (keep < pool_.size() && subsets < count_) subsets += pool_[keep++].weight;
    if (subsets >= count_) {
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
    for (std::size_t begin = 0; begin < products.size() && masks.size() < count_;) {
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
    const auto high = by_items(high_[pair.high_list].subsets(pair.high));
    for (const std::span<const std::uint32_t> a : by_items(low_[pair.low_list].subsets(pair.low))) {
      for (const std::span<const std::uint32_t> b : high) {
        const int items = std::popcount(a.front()) + std::popcount(b.front());
        products.push_back({static_cast<std::size_t>(items), a, b});
      }
    }
  }

  // Appends the smallest masks of the products in order, as many as are still wanted.
  void append_smallest(std::span<const Product> products, std::vector<std::uint64_t>& masks) const {
    const std::size_t wanted = count_ - masks.size();
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
  std::vector<HalfList<V>> low_;
  std::vector<HalfList<V>> high_;
  bool by_items_;
  std::size_t count_ = 1;
  std::vector<Pair> pool_{};
  std::size_t limit_ = 64;
  bool bounded_ = false;
  V worst_{};
};

}  // namespace ohmset::exact
