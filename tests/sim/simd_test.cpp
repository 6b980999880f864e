// Instruction sets by name, and loops that give the same bits in all of them.
// SPDX-License-Identifier: Apache-2.0
#include "sim/simd.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "sim/error.h"
#include "sim/random.h"
#include "sim/random/elementary.h"

using ohmset::Simd;
using ohmset::elementary::loops;

namespace {

// Uniform draws of all sizes: the middle, the tails and what only a caller's own numbers reach.
std::vector<double> uniforms() {
  std::mt19937_64 random(5);
  std::vector<double> values{0.5, 0.075, 0.925, std::nextafter(0.075, 0.0), std::nextafter(0.5, 1.0), 5e-324, 1e-310};
  for (int k = 0; k < 20'000; ++k) values.push_back(ohmset::to_uniform(random()));
  for (int k = 1; k < 1000; ++k) values.push_back(std::ldexp(1.0, -k));
  return values;
}

}  // namespace

TEST_CASE("An instruction set is named, and an unknown name is an error in one line") {
  CHECK(ohmset::simd_named("portable") == Simd::portable);
  CHECK_THROWS_AS((void)ohmset::simd_named("sse9"), ohmset::Error);
  CHECK_THROWS_AS((void)ohmset::simd_named(""), ohmset::Error);
  if (ohmset::available_simd().size() < 3) CHECK_THROWS_AS((void)ohmset::simd_named("avx512"), ohmset::Error);
}

TEST_CASE("Normal quantiles are those of Boost.Math to 1e-15, the same bits in every instruction set and any company") {
  const std::vector<double> draws = uniforms();
  std::vector<double> expected = draws;
  loops(Simd::portable).normal_quantiles(expected.data(), expected.size());
  for (std::size_t k = 0; k < draws.size(); ++k) {
    CAPTURE(draws[k]);
    const long double u = draws[k];
    const long double z = u < 0.5L ? -std::numbers::sqrt2_v<long double> * boost::math::erfc_inv(2.0L * u)
                                   : std::numbers::sqrt2_v<long double> * boost::math::erfc_inv(2.0L * (1.0L - u));
    REQUIRE(std::abs(static_cast<double>(expected[k] - z)) <= 1e-15 * std::abs(static_cast<double>(z)));
    REQUIRE(ohmset::normal_quantile(draws[k]) == expected[k]);
  }
  for (const Simd set : ohmset::available_simd()) {
    CAPTURE(static_cast<int>(set));
    std::vector<double> values = draws;
    loops(set).normal_quantiles(values.data(), values.size());
    CHECK(values == expected);
    // One less at a time: other blocks, other ends.
    for (std::size_t count = 1; count < 130; ++count) {
      std::vector<double> some(draws.begin(), draws.begin() + static_cast<std::ptrdiff_t>(count));
      loops(set).normal_quantiles(some.data(), count);
      REQUIRE(std::equal(some.begin(), some.end(), expected.begin()));
    }
  }
}

TEST_CASE("Exponentials are within 1.5 ulps, the same bits in every instruction set, never 0 or infinite") {
  std::mt19937_64 random(6);
  std::vector<double> arguments{
      0.0, -0.0, 1.0, -1.0, 700.0, -708.0, 709.78, 1e300, -1e300, 1e-300, 0.34657359027997264};
  for (int k = 0; k < 20'000; ++k) arguments.push_back(std::uniform_real_distribution<double>(-5.0, 5.0)(random));
  for (int k = 0; k < 20'000; ++k) arguments.push_back(std::uniform_real_distribution<double>(-708.0, 709.7)(random));
  std::vector<double> expected = arguments;
  loops(Simd::portable).exponentials(expected.data(), expected.size());
  double worst = 0.0;
  for (std::size_t k = 0; k < arguments.size(); ++k) {
    CAPTURE(arguments[k]);
    const long double exact = std::exp(static_cast<long double>(std::clamp(arguments[k], -708.0, 709.78)));
    const auto rounded = static_cast<double>(exact);
    const double ulp = rounded - std::nextafter(rounded, 0.0);
    worst = std::max(worst, static_cast<double>(std::abs(expected[k] - exact)) / ulp);
    REQUIRE(expected[k] > 0.0);
    REQUIRE(std::isfinite(expected[k]));
  }
  CHECK(worst < 1.5);
  CHECK(expected[0] == 1.0);
  for (const Simd set : ohmset::available_simd()) {
    CAPTURE(static_cast<int>(set));
    std::vector<double> values = arguments;
    loops(set).exponentials(values.data(), values.size());
    CHECK(values == expected);
  }
}

TEST_CASE("Normal probabilities are within 1e-15 to either end, the same bits in every instruction set and company") {
  std::mt19937_64 random(7);
  std::vector<double> scores{0.0,
                             -0.0,
                             0.67448975,
                             -0.67448975,
                             std::nextafter(0.67448975, 1.0),
                             5.65685424949238,
                             -5.65685424949239,
                             1e-300,
                             37.0,
                             -37.0,
                             1e300,
                             -1e300,
                             8.2,
                             8.4};
  for (int k = 0; k < 20'000; ++k) scores.push_back(std::uniform_real_distribution<double>(-6.0, 6.0)(random));
  for (int k = 0; k < 20'000; ++k) scores.push_back(std::uniform_real_distribution<double>(-37.0, 37.0)(random));
  std::vector<double> expected = scores;
  loops(Simd::portable).normal_probabilities(expected.data(), expected.size());
  double worst = 0.0;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    CAPTURE(scores[k]);
    const long double z = std::clamp(scores[k], -37.0, 37.0);
    const long double exact = 0.5L * std::erfc(-z / std::numbers::sqrt2_v<long double>);
    worst = std::max(worst, static_cast<double>(std::abs(expected[k] - exact) / exact));
    REQUIRE(expected[k] > 0.0);
    REQUIRE(expected[k] <= 1.0);
  }
  CHECK(worst < 1e-15);
  CHECK(expected[0] == 0.5);
  for (const Simd set : ohmset::available_simd()) {
    CAPTURE(static_cast<int>(set));
    std::vector<double> values = scores;
    loops(set).normal_probabilities(values.data(), values.size());
    CHECK(values == expected);
    for (std::size_t count = 1; count < 20; ++count) {
      std::vector<double> some(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(count));
      loops(set).normal_probabilities(some.data(), count);
      REQUIRE(std::equal(some.begin(), some.end(), expected.begin()));
    }
  }
}
