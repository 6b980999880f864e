// Sums of doubles without rounding: long two's complement integers in a common unit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ohmset::exact {

__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): ISO C++ knows no such alias

// All finite doubles are multiples of 2^-1074 below 2^1024; 128 of them need 7 bits more, and a sign.
inline constexpr std::size_t most_limbs = 34;

// An integer of Words * 64 bits, for item sets whose magnitudes differ too much for 128 bits.
template <std::size_t Words>
struct Wide {
  std::array<std::uint64_t, Words> limb{};

  Wide operator+(const Wide& other) const {
    Wide sum;
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < Words; ++k) {
      const std::uint64_t partial = limb[k] + carry;
      carry = partial < carry ? 1U : 0U;
      sum.limb[k] = partial + other.limb[k];
      carry += sum.limb[k] < partial ? 1U : 0U;
    }
    return sum;
  }
  Wide operator-() const {
    Wide negated;
    std::uint64_t carry = 1;
    for (std::size_t k = 0; k < Words; ++k) {
      negated.limb[k] = ~limb[k] + carry;
      carry = (carry != 0 && negated.limb[k] == 0) ? 1U : 0U;
    }
    return negated;
  }
  Wide operator-(const Wide& other) const { return *this + (-other); }
  bool operator==(const Wide&) const = default;
  bool operator<(const Wide& other) const {
    const bool negative = (limb[Words - 1] >> 63U) != 0;
    if (negative != ((other.limb[Words - 1] >> 63U) != 0)) return negative;
    for (std::size_t k = Words; k-- > 0;) {
      if (limb[k] != other.limb[k]) return limb[k] < other.limb[k];
    }
    return false;
  }
  bool operator>(const Wide& other) const { return other < *this; }
  bool operator<=(const Wide& other) const { return !(other < *this); }
  bool operator>=(const Wide& other) const { return !(*this < other); }
};

// How list values of a type are made. `bits`: every sum and clamped target is within +-2^bits.
template <class V>
struct Traits;
template <>
struct Traits<std::int64_t> {
  static constexpr int bits = 60;
  static std::int64_t from(std::span<const std::uint64_t> limbs) { return static_cast<std::int64_t>(limbs[0]); }
};
template <>
struct Traits<Int128> {
  static constexpr int bits = 124;
  static Int128 from(std::span<const std::uint64_t> limbs) {
    return static_cast<Int128>(limbs[0]) + (static_cast<Int128>(limbs[1]) << 64U);
  }
};
template <std::size_t Words>
struct Traits<Wide<Words>> {
  static constexpr int bits = static_cast<int>(Words) * 64 - 4;
  static Wide<Words> from(std::span<const std::uint64_t> limbs) {
    Wide<Words> value;
    for (std::size_t k = 0; k < Words; ++k) value.limb[k] = limbs[k];
    return value;
  }
};
template <class V>
V power_of_two(int exponent) {
  std::array<std::uint64_t, most_limbs + 2> limbs{};
  limbs[static_cast<std::size_t>(exponent) / 64] = std::uint64_t{1} << (static_cast<unsigned>(exponent) % 64U);
  return Traits<V>::from(limbs);
}

// The unit 2^unit that all values of a set are multiples of, and the bits that the largest needs in it.
struct Frame {
  int unit = 0;
  int bits = 0;  // 0: all values are zero
  [[nodiscard]] std::size_t limbs() const { return static_cast<std::size_t>(bits + 7 + 2) / 64 + 1; }
};
[[nodiscard]] Frame frame_of(std::span<const double> values);
[[nodiscard]] Frame join(const Frame& a, const Frame& b);

// An exact sum of up to 128 doubles that fit the frame.
class ExactSum {
 public:
  explicit ExactSum(const Frame& frame) : unit_(frame.unit), limbs_(frame.limbs()) {}
  void add(double value) { add(value, false); }
  void subtract(double value) { add(value, true); }
  // Rounded once, to nearest even; overflows to infinity.
  [[nodiscard]] double rounded() const;
  // In quarters of 2^unit, clamped to +-2^Traits<V>::bits. A remainder below a half counts one quarter, a half two,
  // above a half three: then integers s compare with this value, and |4s - value| with |4t - value|, exactly as with
  // the real one. requires unit >= the frame's
  template <class V>
  [[nodiscard]] V quarters(int unit) const {
    std::array<std::uint64_t, most_limbs + 2> limbs{};
    const bool negative = quarter_limbs(unit, Traits<V>::bits, limbs);
    const V value = Traits<V>::from(limbs);
    return negative ? -value : value;
  }

 private:
  void add(double value, bool negate);
  bool quarter_limbs(int unit, int bits, std::array<std::uint64_t, most_limbs + 2>& limbs) const;
  // Returns whether the sum is negative; fills magnitude.
  bool magnitude(std::array<std::uint64_t, most_limbs>& limbs) const;

  int unit_;
  std::size_t limbs_;
  std::array<std::uint64_t, most_limbs> limb_{};  // the first limbs_ are in use
};

}  // namespace ohmset::exact
