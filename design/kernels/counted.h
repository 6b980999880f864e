// The sum and the error of a subset, exactly, in 128 bits: what a search reports is recomputed from the mask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

#include "design/subset_sum.h"
#include "design/subset_sum/exact_sum.h"

namespace ohmset::kernels {

// The subset with its sum and error, each rounded once; none where the magnitudes differ by more than 2^64.
// requires finite items, at most 64, and a finite target
[[nodiscard]] inline std::optional<Subset> counted(std::span<const double> items, double target, std::uint64_t mask) {
  constexpr int widest = 64;
  constexpr unsigned fraction_bits = 52;
  const auto exponent_of = [](double value) {
    return std::max(1, static_cast<int>((std::bit_cast<std::uint64_t>(value) >> fraction_bits) & 0x7ffU));
  };
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
  const auto integer = [&](double value) -> exact::Int128 {
    if (value == 0.0) return 0;
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
    const bool normal = ((bits >> fraction_bits) & 0x7ffU) != 0;
    const std::uint64_t digits =
        (bits & ((std::uint64_t{1} << fraction_bits) - 1)) | (normal ? std::uint64_t{1} << fraction_bits : 0);
    const exact::Int128 magnitude = static_cast<exact::Int128>(digits) << (exponent_of(value) - least);
    return value < 0.0 ? -magnitude : magnitude;
  };
  exact::Int128 sum = 0;
  for (std::uint64_t rest = mask; rest != 0; rest &= rest - 1) {
    sum += integer(items[static_cast<std::size_t>(std::countr_zero(rest))]);
  }
  // An integer is rounded once on its way to a double; a power of two then takes nothing away, not even from the
  // smallest numbers, which are multiples of their unit.
  const int unit = least - 1075;
  const auto rounded = [&](exact::Int128 value) { return std::ldexp(static_cast<double>(value), unit); };
  return Subset{.mask = mask, .sum = rounded(sum), .error = rounded(sum - integer(target))};
}

}  // namespace ohmset::kernels
