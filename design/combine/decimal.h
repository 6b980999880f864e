// Circuits of decimal values without rounding: integers of any length.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <span>
#include <vector>

#include "design/combine.h"

namespace ohmset::drawer {

using Integer = boost::multiprecision::cpp_int;

// numerator / denominator, not reduced.
struct Fraction {
  Integer numerator{0};
  Integer denominator{1};
};
[[nodiscard]] int compare(const Fraction& a, const Fraction& b);  // < 0, 0, > 0. requires denominators > 0

// Values and target as whole multiples of one power of ten.
class Decimals {
 public:
  // Each double counts as the shortest decimal that reads back to it. requires finite values > 0
  Decimals(std::span<const double> ohms, double target);

  [[nodiscard]] Fraction value(const Wiring& circuit) const;        // in units of the power of ten
  [[nodiscard]] Fraction difference(const Fraction& value) const;   // value - target, in those units
  [[nodiscard]] double ohms(const Fraction& value) const;           // the nearest double
  [[nodiscard]] double relative(const Fraction& difference) const;  // difference / target, the nearest double

 private:
  int exponent_ = 0;
  std::vector<Integer> values_{};
  Integer target_{0};
};

}  // namespace ohmset::drawer
