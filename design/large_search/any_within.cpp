// Any subset near enough: greedy but for a few items, whose closest subset makes up for the rest.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "design/kernels/closest.h"
#include "design/large_search.h"
#include "design/subset_sum/exact_sum.h"

namespace ohmset {
namespace {

using exact::ExactSum;
using exact::Frame;

constexpr std::size_t most_free = 40;  // items left to the exact search
constexpr std::size_t least_free = 12;
constexpr std::size_t tries_of_a_size = 6;
constexpr std::size_t tries_of_the_last_size = 24;
constexpr std::size_t most_searched = 52;  // items whose closest subset is found in about a second

class Attempts {
 public:
  Attempts(std::span<const double> items, double target, double eps)
      : items_(items), target_(target), eps_(eps), order_(items.size()) {
    frame_ = exact::join(exact::frame_of(items), exact::frame_of({&target, 1}));
    frame_ = exact::join(frame_, exact::frame_of({&eps, 1}));
    frame_.bits += 7;  // room for 128 times as many terms
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      const double x = std::abs(items[a]);
      const double y = std::abs(items[b]);
      return x != y ? x > y : a < b;
    });
    while (!order_.empty() && items[order_.back()] == 0.0) order_.pop_back();
  }

  [[nodiscard]] AnyWithin run() {
    consider({});
    std::size_t free = free_at_first();
    for (std::size_t attempt = 0; !best_.found; ++attempt) {
      const bool last = free == std::min(most_free, order_.size());
      if (attempt == (last ? tries_of_the_last_size : tries_of_a_size)) {
        if (last) break;
        free = std::min({free + 4, most_free, order_.size()});
        attempt = 0;
      }
      // Small items stand closer; but they may be too small to make up for what the others leave.
      consider(attempt_with(free, attempt % 2 == 0 ? std::min(free + 8, order_.size()) : order_.size()));
    }
    return best_;
  }
  [[nodiscard]] const AnyWithin& best() const { return best_; }

  // The subset, if it is nearer than those before.
  void consider(std::vector<std::size_t> chosen) {
    std::sort(chosen.begin(), chosen.end());
    ExactSum sum(frame_);
    for (const std::size_t item : chosen) sum.add(items_[item]);
    AnyWithin met{.chosen = std::move(chosen), .sum = sum.rounded()};
    sum.subtract(target_);
    met.error = sum.rounded();
    if (met.error > 0.0) {
      sum.subtract(eps_);
      met.found = sum.rounded() <= 0.0;
    } else {
      sum.add(eps_);
      met.found = sum.rounded() >= 0.0;
    }
    met.proven = met.found;
    if (any_ && std::abs(met.error) >= std::abs(best_.error)) return;
    any_ = true;
    best_ = std::move(met);
  }

 private:
  // So many that several of their subsets are expected within eps.
  [[nodiscard]] std::size_t free_at_first() const {
    if (order_.empty()) return 0;
    const std::size_t typical = order_[order_.size() - 1 - std::min<std::size_t>(order_.size() / 2, most_free / 2)];
    const double wanted = eps_ > 0.0 ? std::log2(std::abs(items_[typical]) / eps_) + 3.0 : 1e3;
    const double bounded = std::clamp(wanted, static_cast<double>(least_free), static_cast<double>(most_free));
    return std::min(static_cast<std::size_t>(bounded), order_.size());
  }

  // Which items are left free follows from the number of attempts alone.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }

  // Some items, of the smallest `pool` ones, left free.
  std::vector<std::size_t> attempt_with(std::size_t free, std::size_t pool) {
    std::vector<bool> left_free(items_.size(), false);
    std::vector<std::size_t> free_items;
    while (free_items.size() < free) {
      const std::size_t item = order_[order_.size() - 1 - static_cast<std::size_t>(next() % pool)];
      if (left_free[item]) continue;
      left_free[item] = true;
      free_items.push_back(item);
    }
    std::vector<double> values;
    double middle = 0.0;
    for (const std::size_t item : free_items) {
      values.push_back(items_[item]);
      middle += items_[item] / 2.0;
    }
    std::vector<std::size_t> chosen;
    double rest = target_ - middle;
    for (const std::size_t item : order_) {
      if (left_free[item] || !(std::abs(rest - items_[item]) < std::abs(rest))) continue;
      rest -= items_[item];
      chosen.push_back(item);
    }
    // Once more without accumulated rounding.
    ExactSum missing(frame_);
    missing.add(target_);
    for (const std::size_t item : chosen) missing.subtract(items_[item]);
    const double goal = missing.rounded();
    std::uint64_t mask = 0;
    if (std::isfinite(goal)) {
      const std::optional<std::uint64_t> quick = closest_mask(values, goal);
      mask = quick ? *quick : closest_subset_sums(values, goal).subsets.front().mask;
    }
    for (std::size_t k = 0; k < free_items.size(); ++k) {
      if (((mask >> k) & 1U) != 0) chosen.push_back(free_items[k]);
    }
    return chosen;
  }

  std::span<const double> items_;
  double target_;
  double eps_;
  std::vector<std::size_t> order_;  // items other than 0, greatest magnitude first
  Frame frame_{};
  std::uint64_t state_ = 0;
  bool any_ = false;
  AnyWithin best_{};
};

std::vector<std::size_t> indices_of(std::uint64_t mask) {
  std::vector<std::size_t> indices;
  for (; mask != 0; mask &= mask - 1) indices.push_back(static_cast<std::size_t>(std::countr_zero(mask)));
  return indices;
}

// Whether no sum can reach the interval, whatever the rounding of these.
bool beyond_reach(std::span<const double> items, double target, double eps) {
  double above = 0.0;
  double below = 0.0;
  for (const double item : items) (item > 0.0 ? above : below) += item;
  const double doubt = 1e-9 * (above - below + eps);
  return target - eps > above + doubt || target + eps < below - doubt;
}

}  // namespace

AnyWithin any_within(std::span<const double> items, double target, double eps) {
  if (items.size() > most_any_items) throw std::invalid_argument("any within: too many items");
  if (!std::isfinite(target)) throw std::invalid_argument("any within: the target is not finite");
  if (!(eps >= 0.0) || !std::isfinite(eps)) throw std::invalid_argument("any within: eps is negative or not finite");
  for (const double item : items) {
    if (!std::isfinite(item)) throw std::invalid_argument("any within: an item is not finite");
  }
  Attempts attempts(items, target, eps);
  if (items.size() <= most_items) {
    attempts.consider(indices_of(closest_subset_sums(items, target).subsets.front().mask));
    AnyWithin result = attempts.best();
    result.proven = true;
    return result;
  }
  if (beyond_reach(items, target, eps)) {
    std::vector<std::size_t> all;
    for (std::size_t k = 0; k < items.size(); ++k) {
      if (items[k] != 0.0 && (items[k] > 0.0) == (target > 0.0)) all.push_back(k);
    }
    attempts.consider(std::move(all));
    AnyWithin result = attempts.best();
    result.proven = true;
    return result;
  }
  AnyWithin met = attempts.run();
  if (met.found || items.size() > most_searched) return met;
  const LargeSearchResult closest = closest_of_many(items, target);
  attempts.consider(indices_of(closest.subset.mask));
  AnyWithin result = attempts.best();
  result.proven = result.found || closest.proven;
  return result;
}

}  // namespace ohmset
