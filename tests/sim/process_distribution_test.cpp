// The spread of fabricated devices: every distribution against its textbook formulas.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "sim/process.h"
#include "tests/support/statistics.h"

using ohmset::Device;
using ohmset::Distribution;
using ohmset::Fabrication;
using ohmset::infinity;
using ohmset::ratio_quantile;
using ohmset::sample_devices;
using ohmset::Stuck;
using ohmset::support::kolmogorov_smirnov;
using ohmset::support::normal_probability;

namespace {

constexpr std::size_t many = 200'000;

Fabrication with_spread(Distribution distribution, double sigma, double nominal = 1000.0) {
  Fabrication fabrication;
  fabrication.process.nominals = {nominal};
  fabrication.process.distribution = distribution;
  fabrication.process.sigma = sigma;
  return fabrication;
}

std::vector<double> ratios_of(const Fabrication& fabrication, std::uint64_t seed) {
  std::vector<double> ratios;
  for (const Device& device : sample_devices(fabrication, many, {.seed = seed})) {
    ratios.push_back(device.resistance.value / device.nominal.value);
  }
  return ratios;
}

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
};

Moments moments_of(const std::vector<double>& draws) {
  Moments moments;
  for (const double x : draws) moments.mean += x / static_cast<double>(draws.size());
  for (const double x : draws) moments.variance += std::pow(x - moments.mean, 2) / static_cast<double>(draws.size());
  return moments;
}

struct Shape {
  Distribution distribution = Distribution::none;
  double sigma = 0.0;
  std::function<double(double)> probability{};  // P(ratio <= r)
  Moments moments{};
};

Shape normal_shape(double s) {
  // The textbook's moments of a normal variable truncated from below.
  const double a = -1.0 / s;
  const double hazard = std::exp(-0.5 * a * a) / std::sqrt(2.0 * std::numbers::pi) / (1.0 - normal_probability(a));
  return {Distribution::normal,
          s,
          [s, a](double r) {
            return (normal_probability((r - 1.0) / s) - normal_probability(a)) / (1.0 - normal_probability(a));
          },
          {1.0 + s * hazard, s * s * (1.0 + a * hazard - hazard * hazard)}};
}

Shape lognormal_shape(double s) {
  const double square = std::exp(s * s);
  return {Distribution::lognormal,
          s,
          [s](double r) { return normal_probability(std::log(r) / s); },
          {std::sqrt(square), square * (square - 1.0)}};
}

Shape uniform_shape(double s) {
  return {Distribution::uniform,
          s,
          [s](double r) { return std::clamp((r - 1.0 + s) / (2.0 * s), 0.0, 1.0); },
          {1.0, s * s / 3.0}};
}

Shape triangular_shape(double s) {
  const auto probability = [s](double r) {
    const double x = (r - 1.0) / s;
    return x < 0.0 ? 0.5 * (1.0 + x) * (1.0 + x) : 1.0 - 0.5 * (1.0 - x) * (1.0 - x);
  };
  return {Distribution::triangular, s, probability, {1.0, s * s / 6.0}};
}

const std::vector<Shape> shapes{
    normal_shape(0.01),   normal_shape(0.3),  normal_shape(1.0),    lognormal_shape(0.01), lognormal_shape(0.3),
    lognormal_shape(1.0), uniform_shape(0.2), uniform_shape(0.999), triangular_shape(0.2), triangular_shape(0.999)};

}  // namespace

TEST_CASE("Draws follow their distribution: Kolmogorov-Smirnov, mean and variance") {
  for (const Shape& shape : shapes) {
    CAPTURE(ohmset::name_of(shape.distribution));
    CAPTURE(shape.sigma);
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      CAPTURE(seed);
      const std::vector<double> ratios = ratios_of(with_spread(shape.distribution, shape.sigma), seed);
      CHECK(*std::min_element(ratios.begin(), ratios.end()) > 0.0);
      CHECK(kolmogorov_smirnov(ratios, shape.probability) < 2.2);  // p about 1e-4
      const Moments moments = moments_of(ratios);
      CHECK(std::abs(moments.mean - shape.moments.mean) < 5.0 * std::sqrt(shape.moments.variance / many));
      CHECK(moments.variance == doctest::Approx(shape.moments.variance).epsilon(0.08));
    }
  }
}

TEST_CASE("The quantile inverts the distribution function, far into both tails") {
  for (const Shape& shape : shapes) {
    CAPTURE(ohmset::name_of(shape.distribution));
    CAPTURE(shape.sigma);
    const ohmset::Process process = with_spread(shape.distribution, shape.sigma).process;
    double before = 0.0;
    for (const double u : {1e-16, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1 - 1e-6, 1 - 1e-9}) {
      CAPTURE(u);
      const double ratio = ratio_quantile(process, u);
      CHECK(ratio > before);
      CHECK(std::abs(shape.probability(ratio) - u) < 1e-14 / std::min(1.0, shape.sigma));
      before = ratio;
    }
  }
  // Just above the truncation the density is level: R is the probability divided by it.
  const ohmset::Process wide = with_spread(Distribution::normal, 0.5).process;
  const double density = std::exp(-2.0) / std::sqrt(2.0 * std::numbers::pi) / 0.5 / normal_probability(2.0);
  for (const double u : {1e-16, 1e-12, 1e-9}) {
    CHECK(ratio_quantile(wide, u) == doctest::Approx(u / density).epsilon(1e-6));
  }
  CHECK_THROWS_AS((void)ratio_quantile(wide, 0.0), std::invalid_argument);
  CHECK_THROWS_AS((void)ratio_quantile(wide, std::numeric_limits<double>::quiet_NaN()), std::invalid_argument);
}

TEST_CASE("An empirical distribution draws each of its ratios equally often, and nothing else") {
  Fabrication fabrication = with_spread(Distribution::empirical, 0.0, 1.0);
  fabrication.process.ratios = {0.5, 0.9, 1.0, 1.25, 3.0, 8.0, 100.0};
  std::map<double, double> count;
  for (const double ratio : ratios_of(fabrication, 1)) ++count[ratio];
  REQUIRE(count.size() == 7);
  double chi_square = 0.0;
  for (const double ratio : fabrication.process.ratios) {
    REQUIRE(count.contains(ratio));
    chi_square += std::pow(count[ratio] - many / 7.0, 2) / (many / 7.0);
  }
  CHECK(chi_square < 27.9);  // 6 degrees of freedom, p = 1e-4
  fabrication.process.ratios.clear();
  CHECK_THROWS_AS((void)sample_devices(fabrication, 1, {}), std::invalid_argument);
}

TEST_CASE("Without a spread a device is its nominal to the last bit") {
  for (const Distribution distribution : {Distribution::none, Distribution::normal, Distribution::lognormal,
                                          Distribution::uniform, Distribution::triangular}) {
    for (const Device& device : sample_devices(with_spread(distribution, 0.0, 4700.3), 100, {})) {
      CHECK(device.resistance.value == 4700.3);
      CHECK(device.measured.value == 4700.3);
      CHECK(device.stuck == Stuck::free);
    }
  }
}

TEST_CASE("Every spread is relative: other nominals, same ratios") {
  for (const Shape& shape : shapes) {
    const auto small = sample_devices(with_spread(shape.distribution, shape.sigma, 1.0), 1000, {.seed = 5});
    const auto large = sample_devices(with_spread(shape.distribution, shape.sigma, 1e6), 1000, {.seed = 5});
    for (std::size_t k = 0; k < small.size(); ++k) {
      REQUIRE(large[k].resistance.value == doctest::Approx(1e6 * small[k].resistance.value).epsilon(1e-15));
    }
  }
}

TEST_CASE("However wide the spread, it makes neither shorts nor opens") {
  for (const double sigma : {30.0, 1e3, 1e6, 1e300}) {
    for (const Distribution distribution : {Distribution::normal, Distribution::lognormal}) {
      Fabrication fabrication = with_spread(distribution, sigma, 1e300);
      fabrication.process.lot_sigma = sigma;
      for (const Device& device : sample_devices(fabrication, 200, {})) {
        REQUIRE(device.resistance.value > 0.0);
        REQUIRE(device.resistance.value < infinity);
      }
    }
  }
}

TEST_CASE("Names of distributions are read back") {
  for (const Distribution distribution : {Distribution::none, Distribution::normal, Distribution::lognormal,
                                          Distribution::uniform, Distribution::triangular, Distribution::empirical}) {
    CHECK(ohmset::distribution_named(ohmset::name_of(distribution)) == distribution);
  }
  CHECK_FALSE(ohmset::distribution_named("Normal"));
  CHECK_FALSE(ohmset::distribution_named(""));
}
