// Doubles as integers in a common unit, and back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "design/subset_sum/exact_sum.h"

namespace ohmset::covering {

using exact::Int128;
__extension__ typedef unsigned __int128 Uint128;  // NOLINT(modernize-use-using): ISO C++ knows no such alias

template <class Sum>
constexpr bool is_word = std::is_same_v<Sum, std::int64_t> || std::is_same_v<Sum, Int128>;

constexpr int most_bits = 2098;  // of a double, in units of the least one

// A number as an integer in units of 2^unit: rounded to the nearest one unless it is a multiple.
template <class Sum>
Sum whole(double value, int unit) {
  if constexpr (is_word<Sum>) {
    int exponent = 0;
    const auto mantissa = static_cast<Sum>(std::ldexp(std::frexp(value, &exponent), 53));
    const int shift = exponent - 53 - unit;
    if (shift >= 0) return mantissa * (Sum{1} << shift);
    return static_cast<Sum>(std::llround(std::ldexp(value, -unit)));
  } else {
    exact::ExactSum sum({.unit = unit, .bits = std::min(exact::Traits<Sum>::bits - 10, most_bits)});
    sum.add(value);
    return sum.quarters<Sum>(unit);
  }
}

// What `whole` counts in.
template <class Sum>
constexpr int unit_shift = is_word<Sum> ? 0 : -2;

// Rounded once.
template <class Sum>
double rounded(const Sum& value, int unit) {
  if constexpr (is_word<Sum>) {
    return std::ldexp(static_cast<double>(value), unit);
  } else {
    const bool negative = value < Sum{};
    const Sum magnitude = negative ? -value : value;
    std::size_t top = magnitude.limb.size() - 1;
    while (top > 1 && magnitude.limb[top] == 0) --top;
    // The two highest words; whether anything lies below them, their last bit tells.
    const bool rest = std::any_of(magnitude.limb.begin(), magnitude.limb.begin() + static_cast<std::ptrdiff_t>(top) - 1,
                                  [](std::uint64_t limb) { return limb != 0; });
    const Uint128 high =
        (static_cast<Uint128>(magnitude.limb[top]) << 64U) | magnitude.limb[top - 1] | (rest ? 1U : 0U);
    const double result = std::ldexp(static_cast<double>(high), unit + 64 * (static_cast<int>(top) - 1));
    return negative ? -result : result;
  }
}

}  // namespace ohmset::covering
