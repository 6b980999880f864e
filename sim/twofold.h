// A number as the unevaluated sum of two doubles, about 106 bits: residuals and differences of nearly equal potentials.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace ohmset {

// |low| <= half an ulp of high. The operations err by a few 2^-104 of the result [JoldesMullerPopescu17].
struct Twofold {
  double high = 0.0;
  double low = 0.0;

  constexpr Twofold() = default;
  constexpr Twofold(double value) : high(value) {}  // NOLINT(google-explicit-constructor): every double is one
  constexpr Twofold(double h, double l) : high(h), low(l) {}
  [[nodiscard]] constexpr double value() const { return high + low; }
};

// x + y exactly, for any x and y [Knuth98].
[[nodiscard]] constexpr Twofold exact_sum(double x, double y) {
  const double sum = x + y;
  const double part = sum - x;
  return {sum, (x - (sum - part)) + (y - part)};
}

// x + y exactly, when |x| >= |y| or x = 0.
[[nodiscard]] constexpr Twofold ordered_sum(double x, double y) {
  const double sum = x + y;
  return {sum, y - (sum - x)};
}

[[nodiscard]] inline Twofold exact_product(double x, double y) {
  const double product = x * y;
  return {product, std::fma(x, y, -product)};
}

[[nodiscard]] constexpr Twofold operator-(Twofold x) { return {-x.high, -x.low}; }

[[nodiscard]] constexpr Twofold operator+(Twofold x, Twofold y) {
  const Twofold high = exact_sum(x.high, y.high);
  const Twofold low = exact_sum(x.low, y.low);
  const Twofold sum = ordered_sum(high.high, high.low + low.high);
  return ordered_sum(sum.high, sum.low + low.low);
}

[[nodiscard]] constexpr Twofold operator-(Twofold x, Twofold y) { return x + (-y); }

[[nodiscard]] inline Twofold operator*(Twofold x, Twofold y) {
  const Twofold product = exact_product(x.high, y.high);
  return ordered_sum(product.high, product.low + (x.high * y.low + x.low * y.high));
}

[[nodiscard]] inline Twofold operator/(Twofold x, Twofold y) {
  const double first = x.high / y.high;
  const Twofold rest = x - y * Twofold(first);
  const double second = rest.high / y.high;
  const Twofold remainder = rest - y * Twofold(second);
  return ordered_sum(first, second) + Twofold(remainder.high / y.high);
}

constexpr Twofold& operator+=(Twofold& x, Twofold y) { return x = x + y; }
constexpr Twofold& operator-=(Twofold& x, Twofold y) { return x = x - y; }

}  // namespace ohmset
