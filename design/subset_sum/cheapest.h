// The cheapest subsets with a sum in a window. Every row of one half list leaves a window in the other one; a tree of
// minima finds the cheapest column in it, and splitting windows at what was found gives the next ones in order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "design/subset_sum/exact_sum.h"
#include "design/subset_sum/half_list.h"
#include "design/subset_sum/meet.h"

namespace ohmset::exact {

// Subsets as cheap as the last wanted one that are compared by their sums; of more, some are left out.
inline constexpr std::size_t most_ties = std::size_t{1} << 20;

// Sums in ascending order with their costs, and where the least cost of any range is.
template <class V>
class CostedList {
 public:
  CostedList(SortedSums<V> sums, std::span<const Int128> costs) : sums_(std::move(sums)) {
    costs_.reserve(size());
    for (const std::uint32_t mask : sums_.masks) {
      Int128 cost = 0;
      for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
        cost += costs[static_cast<std::size_t>(std::countr_zero(rest))];
      }
      costs_.push_back(cost);
    }
    tree_.resize(2 * size());
    for (std::size_t k = 0; k < size(); ++k) tree_[size() + k] = static_cast<std::uint32_t>(k);
    for (std::size_t k = size(); k-- > 1;) tree_[k] = cheaper(tree_[2 * k], tree_[2 * k + 1]);
  }

  [[nodiscard]] std::size_t size() const { return sums_.masks.size(); }
  [[nodiscard]] const V& value(std::size_t k) const { return sums_.values[k]; }
  [[nodiscard]] std::uint32_t mask(std::size_t k) const { return sums_.masks[k]; }
  [[nodiscard]] const Int128& cost(std::size_t k) const { return costs_[k]; }
  // The cheapest in [begin, end); requires begin < end
  [[nodiscard]] std::uint32_t cheapest(std::size_t begin, std::size_t end) const {
    auto best = static_cast<std::uint32_t>(begin);
    for (begin += size(), end += size(); begin < end; begin /= 2, end /= 2) {
      if (begin % 2 != 0) best = cheaper(best, tree_[begin++]);
      if (end % 2 != 0) best = cheaper(best, tree_[--end]);
    }
    return best;
  }

 private:
  [[nodiscard]] std::uint32_t cheaper(std::uint32_t a, std::uint32_t b) const { return costs_[b] < costs_[a] ? b : a; }

  SortedSums<V> sums_;
  std::vector<Int128> costs_{};
  std::vector<std::uint32_t> tree_{};
};

template <class V>
class Cheapest {
 public:
  Cheapest(std::span<const V> items, std::span<const Int128> costs, const Request<V>& request)
      : request_(request), half_(items.size() / 2) {
    const bool whole = request.at_least == 0 && request.at_most >= items.size();
    low_ = lists(items.first(half_), costs.first(half_), whole);
    high_ = lists(items.subspan(half_), costs.subspan(half_), whole);
    for (std::size_t a = 0; a < low_.size(); ++a) {
      for (std::size_t b = 0; b < high_.size(); ++b) {
        if (whole || (a + b >= request.at_least && a + b <= request.at_most)) pairs_.emplace_back(a, b);
      }
    }
  }

  // The first request.count masks in order of (cost, |sum - target|, number of items, mask).
  [[nodiscard]] std::vector<std::uint64_t> run() {
    std::vector<std::uint64_t> masks;
    if (request_.count == 0) return masks;
    for (std::size_t p = 0; p < pairs_.size(); ++p) collect(p);
    shrink();
    std::vector<Found> found = cheapest_of_windows();
    std::sort(found.begin(), found.end());
    for (const Found& each : found) {
      if (masks.size() == request_.count) break;
      masks.push_back(each.mask);
    }
    return masks;
  }
  [[nodiscard]] bool exact() const { return exact_; }

 private:
  // Columns [begin, end) of a row, `best` the cheapest of them.
  struct Window {
    Int128 cost = 0;
    std::uint32_t pair = 0;
    std::uint32_t row = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t best = 0;
    bool operator<(const Window& other) const { return other.cost < cost; }  // the cheapest is the greatest
  };
  struct Found {
    Int128 cost = 0;
    V error{};
    std::uint64_t mask = 0;
    bool operator<(const Found& other) const {
      if (cost != other.cost) return cost < other.cost;
      if (!(error == other.error)) return error < other.error;
      const int items = std::popcount(mask);
      const int others = std::popcount(other.mask);
      return items != others ? items < others : mask < other.mask;
    }
  };

  [[nodiscard]] std::vector<CostedList<V>> lists(std::span<const V> items, std::span<const Int128> costs,
                                                 bool whole) const {
    std::vector<CostedList<V>> all;
    if (whole) {
      all.emplace_back(sorted_sums(items), costs);
    } else {
      for (SortedSums<V>& sums : sorted_sums_by_items(items, request_.at_most)) {
        all.emplace_back(std::move(sums), costs);
      }
    }
    return all;
  }

  [[nodiscard]] Window window(std::size_t pair, std::size_t row, std::size_t begin, std::size_t end) const {
    const CostedList<V>& columns = high_[pairs_[pair].second];
    const std::uint32_t best = columns.cheapest(begin, end);
    return {.cost = low_[pairs_[pair].first].cost(row) + columns.cost(best),
            .pair = static_cast<std::uint32_t>(pair),
            .row = static_cast<std::uint32_t>(row),
            .begin = static_cast<std::uint32_t>(begin),
            .end = static_cast<std::uint32_t>(end),
            .best = best};
  }

  void collect(std::size_t pair) {
    const CostedList<V>& rows = low_[pairs_[pair].first];
    const CostedList<V>& columns = high_[pairs_[pair].second];
    std::size_t begin = columns.size();  // first column with a sum >= low
    std::size_t end = columns.size();    // first column with a sum > high
    for (std::size_t row = 0; row < rows.size(); ++row) {
      while (begin > 0 && rows.value(row) + columns.value(begin - 1) >= request_.low) --begin;
      while (end > 0 && rows.value(row) + columns.value(end - 1) > request_.high) --end;
      if (begin >= end) continue;
      const Window found = window(pair, row, begin, end);
      if (bounded_ && found.cost > worst_) continue;
      windows_.push_back(found);
      if (windows_.size() >= limit_) shrink();
    }
  }

  // Each window holds at least one subset: what is dearer than the wanted ones' windows is not wanted.
  void shrink() {
    if (windows_.size() > request_.count) {
      const auto last = windows_.begin() + static_cast<std::ptrdiff_t>(request_.count - 1);
      std::nth_element(windows_.begin(), last, windows_.end(), [](const Window& a, const Window& b) { return b < a; });
      bounded_ = true;
      worst_ = last->cost;
      std::erase_if(windows_, [&](const Window& each) { return each.cost > worst_; });
    }
    limit_ = std::max<std::size_t>(1024, 2 * windows_.size());
  }

  std::vector<Found> cheapest_of_windows() {
    std::vector<Found> found;
    std::priority_queue<Window> queue(std::less<Window>{}, std::move(windows_));
    while (!queue.empty()) {
      const Window next = queue.top();
      if (found.size() >= request_.count && next.cost > found[request_.count - 1].cost) break;
      if (found.size() >= request_.count && found.size() - request_.count >= most_ties) {
        exact_ = false;
        break;
      }
      queue.pop();
      const CostedList<V>& rows = low_[pairs_[next.pair].first];
      const CostedList<V>& columns = high_[pairs_[next.pair].second];
      const V sum = rows.value(next.row) + columns.value(next.best);
      found.push_back({.cost = next.cost,
                       .error = sum < request_.target ? request_.target - sum : sum - request_.target,
                       .mask = std::uint64_t{columns.mask(next.best)} << half_ | rows.mask(next.row)});
      if (next.begin < next.best) queue.push(window(next.pair, next.row, next.begin, next.best));
      if (next.best + 1 < next.end) queue.push(window(next.pair, next.row, next.best + 1, next.end));
    }
    return found;
  }

  Request<V> request_;
  std::size_t half_;
  std::vector<CostedList<V>> low_{};
  std::vector<CostedList<V>> high_{};
  std::vector<std::pair<std::size_t, std::size_t>> pairs_{};  // of lists
  std::vector<Window> windows_{};
  std::size_t limit_ = 1024;
  bool bounded_ = false;
  Int128 worst_ = 0;
  bool exact_ = true;
};

}  // namespace ohmset::exact
