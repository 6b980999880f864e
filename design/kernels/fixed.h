// Items as integers of at least 0 in a common power of two: negative ones are turned round, which shifts the target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace ohmset::kernels {

inline constexpr std::size_t most_fixed = 64;

struct Fixed {
  std::size_t count = 0;
  std::array<std::int64_t, most_fixed> items{};  // |item| * 2^shift, rounded
  std::uint64_t turned = 0;                      // negative items: in a mask of the others, they are taken back
  std::int64_t turned_sum = 0;                   // of their magnitudes; targets rise by it
  double scale = 0.0;                            // 2^shift
  std::int64_t margin = 0;                       // twice what rounding adds to an error at most, but the target's part
};

// A value in units of `quantum` (1 or 2), rounded; whether it was exact.
struct Rounded {
  std::int64_t value = 0;
  bool exact = true;
};
[[nodiscard]] inline Rounded rounded(double scaled, std::int64_t quantum) {
  const double units = scaled / static_cast<double>(quantum);
  auto whole = static_cast<std::int64_t>(units);
  const double rest = units - static_cast<double>(whole);
  if (rest >= 0.5) ++whole;
  if (rest <= -0.5) --whole;
  return {whole * quantum, rest == 0.0};
}

// The sum of all magnitudes, and of the largest target; none where a double cannot scale it.
[[nodiscard]] inline std::optional<double> magnitude_of(std::span<const double> items, double largest_target = 0.0) {
  double total = std::abs(largest_target);
  for (const double item : items) total += std::abs(item);
  if (!(total > 1e-250 && total < 1e250)) return std::nullopt;
  return total;
}

// Scales items so that their magnitudes and the target's sum below 2^bits. The first `even` items are rounded to even
// integers. None where the magnitudes leave what a double can scale. requires finite items, at most 64
[[nodiscard]] inline std::optional<Fixed> fixed_point(std::span<const double> items, double largest_target, int bits,
                                                      std::size_t even) {
  const std::optional<double> total = magnitude_of(items, largest_target);
  if (!total) return std::nullopt;
  Fixed fixed;
  fixed.count = items.size();
  fixed.scale = std::ldexp(1.0, bits - 2 - std::ilogb(*total));
  for (std::size_t k = 0; k < items.size(); ++k) {
    const std::int64_t quantum = k < even ? 2 : 1;
    const Rounded item = rounded(std::abs(items[k]) * fixed.scale, quantum);
    fixed.items[k] = item.value;
    if (!item.exact) fixed.margin += quantum;
    if (items[k] < 0.0) {
      fixed.turned |= std::uint64_t{1} << k;
      fixed.turned_sum += item.value;
    }
  }
  return fixed;
}

// The items that are not 0, which are never chosen.
template <std::size_t Most>
class Nonzero {
 public:
  // requires at most Most items
  explicit Nonzero(std::span<const double> items) {
    for (std::size_t k = 0; k < items.size(); ++k) {
      if (items[k] == 0.0) continue;
      items_.at(count_) = items[k];
      places_.at(count_++) = k;
    }
  }
  [[nodiscard]] std::span<const double> items() const { return std::span<const double>(items_).first(count_); }
  // The same subset as a mask of all items.
  [[nodiscard]] std::uint64_t spread(std::uint64_t mask) const {
    if (count_ == 0 || places_.at(count_ - 1) == count_ - 1) return mask;
    std::uint64_t all = 0;
    for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
      all |= std::uint64_t{1} << places_.at(static_cast<std::size_t>(std::countr_zero(rest)));
    }
    return all;
  }

 private:
  std::size_t count_ = 0;
  std::array<double, Most> items_{};
  std::array<std::size_t, Most> places_{};
};

// Which subsets have the greatest and the least sum, and how far the sums reach, not quite exactly.
struct Reach {
  double above = 0.0;
  double below = 0.0;
  std::uint64_t positive = 0;
  std::uint64_t negative = 0;

  explicit Reach(std::span<const double> items) {
    for (std::size_t k = 0; k < items.size(); ++k) {
      (items[k] > 0.0 ? above : below) += items[k];
      (items[k] > 0.0 ? positive : negative) |= std::uint64_t{1} << k;
    }
  }
  // The closest subset to a target beyond all sums, whatever their rounding; none for others.
  [[nodiscard]] std::optional<std::uint64_t> closest_beyond(double target) const {
    const double doubt = 1e-12 * (above - below);
    if (target > above + doubt) return positive;
    if (target < below - doubt) return negative;
    return std::nullopt;
  }
};

}  // namespace ohmset::kernels
