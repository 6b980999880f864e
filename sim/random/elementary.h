// exp and the normal quantile for whole arrays, made of additions, multiplications, divisions and square roots alone:
// the same bits on every machine and for any number of values at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "sim/simd.h"

namespace ohmset::elementary {

struct Loops {
  // Quantiles of the standard normal distribution, in place; requires 0 < values < 1.
  // Rational approximations, 1e-16 [Wichura88]; as evaluated here within 1e-15 of the quantile, relatively.
  void (*normal_quantiles)(double* values, std::size_t count);
  // exp, in place, never 0 or infinite: arguments are taken from -708 to 709.78. Within 1.5 ulps. requires no NaN
  void (*exponentials)(double* values, std::size_t count);
};

[[nodiscard]] const Loops& loops(Simd set);
[[nodiscard]] const Loops& loops();

}  // namespace ohmset::elementary
