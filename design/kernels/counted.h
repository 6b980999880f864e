// The sum and the error of a subset, exactly, in 128 bits: what a search reports is recomputed from the mask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

#include "design/subset_sum.h"
#include "design/subset_sum/exact_sum.h"

namespace ohmset::kernels {

// The exponent of a number's last bit, more or less: none is below that of the least normal one.
[[nodiscard]] inline int exponent_of(double value) {
  return std::max(1, static_cast<int>((std::bit_cast<std::uint64_t>(value) >> 52U) & 0x7ffU));
}
inline constexpr int widest = 64;  // exponents apart that numbers in 128 bits may be

// A number in units of the last bit of those with exponent `least`. requires an exponent of least to least + widest
[[nodiscard]] inline exact::Int128 integer_of(double value, int least) {
  if (value == 0.0) return 0;
  constexpr std::uint64_t hidden = std::uint64_t{1} << 52U;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const bool normal = ((bits >> 52U) & 0x7ffU) != 0;
  const std::uint64_t digits = (bits & (hidden - 1)) | (normal ? hidden : 0);
  const exact::Int128 magnitude = static_cast<exact::Int128>(digits) << (exponent_of(value) - least);
  return value < 0.0 ? -magnitude : magnitude;
}

// An integer is rounded once on its way to a double; a power of two then takes nothing away, not even from the smallest
// numbers, which are multiples of their unit.
[[nodiscard]] inline double rounded_once(exact::Int128 value, int least) {
  const auto narrow = static_cast<std::int64_t>(value);
  const double digits = narrow == value ? static_cast<double>(narrow) : static_cast<double>(value);
  const int unit = least - 1075;
  // A multiplication where the power and the product are normal numbers or zero.
  if (unit > -1020 && unit < 800) {
    return digits * std::bit_cast<double>(static_cast<std::uint64_t>(unit + 1023) << 52U);
  }
  return std::ldexp(digits, unit);
}

// The subset with its sum and error, each rounded once; none where the magnitudes differ by more than 2^64.
// requires finite items, at most 64, and a finite target
[[nodiscard]] inline std::optional<Subset> counted(std::span<const double> items, double target, std::uint64_t mask) {
  int least = target == 0.0 ? 2047 : exponent_of(target);
  int greatest = target == 0.0 ? 0 : least;
  for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    const double item = items[static_cast<std::size_t>(std::countr_zero(rest))];
    if (item == 0.0) continue;
    const int exponent = exponent_of(item);
    least = std::min(least, exponent);
    greatest = std::max(greatest, exponent);
  }
  if (greatest - least > widest) return std::nullopt;
  exact::Int128 sum = 0;
  for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    sum += integer_of(items[static_cast<std::size_t>(std::countr_zero(rest))], least);
  }
  return Subset{
      .mask = mask, .sum = rounded_once(sum, least), .error = rounded_once(sum - integer_of(target, least), least)};
}

// The same for many subsets of the same items, whose integers are made once.
class Counter {
 public:
  // requires finite items, at most 64
  explicit Counter(std::span<const double> items) : items_(items) {
    int greatest = 0;
    for (const double item : items) {
      if (item == 0.0) continue;
      least_ = std::min(least_, exponent_of(item));
      greatest = std::max(greatest, exponent_of(item));
    }
    common_ = greatest - least_ <= widest;
    if (!common_) return;
    for (std::size_t k = 0; k < items.size(); ++k) integers_.at(k) = integer_of(items[k], least_);
  }
  // requires a finite target
  [[nodiscard]] std::optional<Subset> count(double target, std::uint64_t mask) const {
    const int exponent = exponent_of(target);
    if (!common_ || (target != 0.0 && (exponent < least_ || exponent > least_ + widest))) {
      return counted(items_, target, mask);
    }
    exact::Int128 sum = 0;
    for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
      sum += integers_[static_cast<std::size_t>(std::countr_zero(rest))];
    }
    return Subset{.mask = mask,
                  .sum = rounded_once(sum, least_),
                  .error = rounded_once(sum - integer_of(target, least_), least_)};
  }

 private:
  std::span<const double> items_;
  std::array<exact::Int128, 64> integers_{};
  int least_ = 2047;
  bool common_ = false;
};

}  // namespace ohmset::kernels
