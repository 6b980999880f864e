// exp, the normal quantile and the normal probability for whole arrays, made of additions, multiplications, divisions
// and square roots alone: the same bits on every machine and for any number of values at once.
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
  // Probabilities that a standard normal variable is at most that, in place; what lies beyond -37 or 37 is taken to be
  // there, 37 gives 1. Rational approximations [Cody93]; within 1e-15 of the probability, relatively. requires no NaN
  void (*normal_probabilities)(double* values, std::size_t count);
};

[[nodiscard]] const Loops& loops(Simd set);
[[nodiscard]] const Loops& loops();

}  // namespace ohmset::elementary
