// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/choose.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "design/subset_sum.h"
#include "sim/twofold.h"

namespace ohmset::lottery {
namespace {

// The two nearest subsets of one size, as doubles tell.
class OfOneSize {
 public:
  OfOneSize(std::span<const double> items, double target) : items_(items), target_(target) {}

  void look(std::size_t size) {
    nearest_ = second_ = HUGE_VAL;
    if (size == 0) {
      nearest_ = std::abs(target_);
    } else if (size <= items_.size()) {
      look(size, 0, -target_, 0);
    }
  }
  [[nodiscard]] double nearest() const { return nearest_; }
  [[nodiscard]] double second() const { return second_; }
  [[nodiscard]] std::uint64_t mask() const { return mask_; }

 private:
  // All choices of `size` items from `first` on, added to `sum`.
  void look(std::size_t size, std::size_t first, double sum, std::uint64_t chosen) {
    if (size == 1) {
      for (std::size_t k = first; k < items_.size(); ++k) {
        const double error = std::abs(sum + items_[k]);
        if (error >= second_) continue;
        if (error < nearest_) {
          second_ = nearest_;
          nearest_ = error;
          mask_ = chosen | std::uint64_t{1} << k;
        } else {
          second_ = error;
        }
      }
      return;
    }
    for (std::size_t k = first; k + size <= items_.size(); ++k) {
      look(size - 1, k + 1, sum + items_[k], chosen | std::uint64_t{1} << k);
    }
  }

  std::span<const double> items_;
  double target_;
  double nearest_ = 0.0;
  double second_ = 0.0;
  std::uint64_t mask_ = 0;
};

// Most questions are answered by few items, all choices of which are tried sooner than a search begins. Nothing where
// more are needed, or rounding leaves a doubt.
std::optional<std::uint64_t> few_items(std::span<const double> items, double target, double within) {
  const std::size_t n = items.size();
  // What the search for the fewest takes, in choices tried.
  const std::size_t most_choices = std::size_t{24} << (n / 2);
  double largest = 0.0;
  for (const double item : items) largest = std::max(largest, std::abs(item));
  // Of the sums, each rounded at most most_items times, and of the bounds.
  const double lost = 0x1p-47 * (static_cast<double>(n) * largest + std::abs(target) + within);
  OfOneSize subsets(items, target);
  std::size_t choices = 1;
  for (std::size_t size = 0; size <= n && choices <= most_choices; ++size) {
    subsets.look(size);
    if (subsets.nearest() <= within + lost) {
      const bool sure = subsets.nearest() + lost < within && subsets.nearest() + lost < subsets.second();
      if (!sure) return {};
      return size == 0 ? 0 : subsets.mask();
    }
    choices = choices * (n - size) / (size + 1);
  }
  return {};
}

}  // namespace

std::uint64_t nearest_item(std::span<const double> items, double target) {
  std::size_t best = 0;
  double error = 0.0;
  double rest = 0.0;  // of the error, which rounding lost
  for (std::size_t k = 0; k < items.size(); ++k) {
    const Twofold difference = exact_sum(items[k], -target);
    const double size = std::abs(difference.high);
    if (k > 0 && size > error) continue;
    const double tail = difference.high < 0.0 ? -difference.low : difference.low;
    if (k > 0 && size == error && tail >= rest) continue;
    best = k;
    error = size;
    rest = tail;
  }
  return std::uint64_t{1} << best;
}

std::uint64_t fewest_items(std::span<const double> items, double target, double within) {
  if (const auto mask = few_items(items, target, within)) return *mask;
  const SubsetSumResult few = cheapest_subset_sums(items, {}, target - within, target + within, target);
  if (!few.subsets.empty()) return few.subsets.front().mask;
  return closest_subset_sums(items, target).subsets.front().mask;
}

}  // namespace ohmset::lottery
