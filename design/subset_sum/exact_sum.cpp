// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace ohmset::exact {
namespace {

// value = (negative ? -1 : 1) * mantissa * 2^exponent, mantissa odd or zero.
struct Parts {
  std::uint64_t mantissa = 0;
  int exponent = 0;
  bool negative = false;
};

Parts parts_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto biased = static_cast<int>((bits >> 52U) & 0x7ffU);
  Parts parts;
  parts.negative = (bits >> 63U) != 0;
  parts.mantissa = bits & ((std::uint64_t{1} << 52U) - 1);
  if (biased != 0) parts.mantissa |= std::uint64_t{1} << 52U;
  parts.exponent = std::max(biased, 1) - 1075;
  if (parts.mantissa != 0) {
    const int zeros = std::countr_zero(parts.mantissa);
    parts.mantissa >>= static_cast<unsigned>(zeros);
    parts.exponent += zeros;
  }
  return parts;
}

bool bit_at(std::span<const std::uint64_t> limbs, std::size_t bit) {
  return ((limbs[bit / 64] >> (bit % 64)) & 1U) != 0;
}

bool any_below(std::span<const std::uint64_t> limbs, std::size_t bit) {
  for (std::size_t k = 0; k < bit / 64; ++k) {
    if (limbs[k] != 0) return true;
  }
  return bit % 64 != 0 && (limbs[bit / 64] << (64 - bit % 64)) != 0;
}

std::uint64_t word_at(std::span<const std::uint64_t> limbs, std::size_t bit) {
  const std::size_t k = bit / 64;
  const std::size_t shift = bit % 64;
  const std::uint64_t low = k < limbs.size() ? limbs[k] >> shift : 0;
  return (shift == 0 || k + 1 >= limbs.size()) ? low : low | (limbs[k + 1] << (64 - shift));
}

std::size_t bit_length(std::span<const std::uint64_t> limbs) {
  for (std::size_t k = limbs.size(); k-- > 0;) {
    if (limbs[k] != 0) return k * 64 + static_cast<std::size_t>(std::bit_width(limbs[k]));
  }
  return 0;
}

}  // namespace

Frame frame_of(std::span<const double> values) {
  Frame frame;
  bool any = false;
  int top = 0;
  for (const double value : values) {
    const Parts parts = parts_of(value);
    if (parts.mantissa == 0) continue;
    const int end = parts.exponent + static_cast<int>(std::bit_width(parts.mantissa));
    frame.unit = any ? std::min(frame.unit, parts.exponent) : parts.exponent;
    top = any ? std::max(top, end) : end;
    any = true;
  }
  frame.bits = any ? top - frame.unit : 0;
  return frame;
}

Frame join(const Frame& a, const Frame& b) {
  if (a.bits == 0) return b;
  if (b.bits == 0) return a;
  const int unit = std::min(a.unit, b.unit);
  return {.unit = unit, .bits = std::max(a.unit + a.bits, b.unit + b.bits) - unit};
}

void ExactSum::add(double value, bool negate) {
  const Parts parts = parts_of(value);
  if (parts.mantissa == 0) return;
  const auto shift = static_cast<std::size_t>(parts.exponent - unit_);
  const std::size_t offset = shift % 64;
  std::uint64_t low = parts.mantissa << offset;
  std::uint64_t high = offset == 0 ? 0 : parts.mantissa >> (64 - offset);
  std::size_t k = shift / 64;
  if (parts.negative == negate) {
    std::uint64_t carry = 0;
    for (; k < limbs_ && (low != 0 || high != 0 || carry != 0); ++k, low = high, high = 0) {
      const std::uint64_t partial = limb_[k] + carry;
      carry = partial < carry ? 1U : 0U;
      limb_[k] = partial + low;
      carry += limb_[k] < partial ? 1U : 0U;
    }
  } else {
    std::uint64_t borrow = 0;
    for (; k < limbs_ && (low != 0 || high != 0 || borrow != 0); ++k, low = high, high = 0) {
      const std::uint64_t before = limb_[k];
      const std::uint64_t partial = before - borrow;
      const std::uint64_t wrapped = before < borrow ? 1U : 0U;
      limb_[k] = partial - low;
      borrow = wrapped + (partial < low ? 1U : 0U);
    }
  }
}

bool ExactSum::magnitude(std::array<std::uint64_t, most_limbs>& limbs) const {
  const bool negative = (limb_[limbs_ - 1] >> 63U) != 0;
  std::uint64_t carry = negative ? 1U : 0U;
  for (std::size_t k = 0; k < limbs_; ++k) {
    limbs[k] = negative ? ~limb_[k] + carry : limb_[k];
    carry = (carry != 0 && limbs[k] == 0) ? 1U : 0U;
  }
  return negative;
}

double ExactSum::rounded() const {
  std::array<std::uint64_t, most_limbs> limbs{};
  const bool negative = magnitude(limbs);
  const std::span<const std::uint64_t> used(limbs.data(), limbs_);
  const std::size_t length = bit_length(used);
  // Units are at least 2^-1074, so what is kept is always representable: one rounding, subnormals included.
  const std::size_t drop = length > 53 ? length - 53 : 0;
  std::uint64_t mantissa = word_at(used, drop);
  if (drop > 0) {
    mantissa &= (std::uint64_t{1} << 53U) - 1;
    if (bit_at(used, drop - 1) && ((mantissa & 1U) != 0 || any_below(used, drop - 1))) ++mantissa;
  }
  const double value = std::ldexp(static_cast<double>(mantissa), unit_ + static_cast<int>(drop));
  return negative ? -value : value;
}

bool ExactSum::quarter_limbs(int unit, int bits, std::array<std::uint64_t, most_limbs + 2>& limbs) const {
  std::array<std::uint64_t, most_limbs> own{};
  const bool negative = magnitude(own);
  const std::span<const std::uint64_t> used(own.data(), limbs_);
  const auto shift = static_cast<std::size_t>(unit - unit_);
  const std::size_t length = bit_length(used);
  if (length > shift && length - shift + 2 > static_cast<std::size_t>(bits)) {
    limbs[static_cast<std::size_t>(bits) / 64] = std::uint64_t{1} << (static_cast<unsigned>(bits) % 64U);
    return negative;
  }
  std::uint64_t code = 0;
  if (shift > 0) {
    const std::size_t half = std::min(shift - 1, limbs_ * 64 - 1);
    const bool over = shift - 1 < limbs_ * 64 && bit_at(used, half);
    const bool rest = shift - 1 < limbs_ * 64 ? any_below(used, half) : length > 0;
    code = (over ? 2U : 0U) + (rest ? 1U : 0U);
  }
  std::uint64_t carried = code;
  for (std::size_t k = 0; k < limbs.size(); ++k) {
    const std::uint64_t word = shift + k * 64 < limbs_ * 64 ? word_at(used, shift + k * 64) : 0;
    limbs[k] = (word << 2U) | carried;
    carried = word >> 62U;
  }
  return negative;
}

}  // namespace ohmset::exact
