// SPDX-License-Identifier: Apache-2.0
#include "sim/compensated_sum.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

using ohmset::CompensatedSum;

TEST_CASE("What one rounding loses, the value still has") {
  CompensatedSum sum;
  for (const double term : {1.0, 1e100, 1.0, -1e100}) sum.add(term);
  CHECK(sum.value() == 2.0);
}

TEST_CASE("A million terms: the value is the exact sum, rounded") {
  std::mt19937_64 random(1);
  CompensatedSum sum;
  long double exact = 0.0L;
  for (int k = 0; k < 1'000'000; ++k) {
    const double term = static_cast<double>(random() % 1'000'000'007) * 0x1p-20;
    sum.add(term);
    exact += static_cast<long double>(term);  // multiples of 2^-20 below 2^30: no rounding
  }
  CHECK(sum.value() == static_cast<double>(exact));
}

TEST_CASE("Infinity stays infinite, whatever was lost before") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CompensatedSum sum;
  for (const double term : {0.1, infinity, 0.2, infinity}) sum.add(term);
  CHECK(sum.value() == infinity);
  CompensatedSum greatest;
  for (int k = 0; k < 3; ++k) greatest.add(std::numeric_limits<double>::max());
  CHECK(greatest.value() == infinity);
}
