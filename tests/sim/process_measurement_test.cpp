// What the search gets to see of fabricated devices: noise and converter bits.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/process.h"
#include "tests/support/statistics.h"

using ohmset::Device;
using ohmset::Fabrication;
using ohmset::infinity;
using ohmset::sample_devices;
using ohmset::support::kolmogorov_smirnov;
using ohmset::support::normal_probability;

namespace {

Fabrication fabrication_with(const ohmset::Measurement& measurement) {
  Fabrication fabrication;
  fabrication.process.nominals = {1000.0};
  fabrication.process.distribution = ohmset::Distribution::lognormal;
  fabrication.process.sigma = 0.5;
  fabrication.process.device_open = 0.05;
  fabrication.process.device_short = 0.05;
  fabrication.measurement = measurement;
  return fabrication;
}

}  // namespace

TEST_CASE("An exact measurement sees what the device is") {
  for (const Device& device : sample_devices(fabrication_with({}), 1000, {})) {
    CHECK(device.measured == device.resistance);
  }
}

TEST_CASE("Measurement noise is relative, normal and independent of the device") {
  constexpr std::size_t count = 200'000;
  constexpr double sigma = 0.02;
  const auto devices = sample_devices(fabrication_with({.sigma = sigma}), count, {.seed = 6});
  std::vector<double> noise;
  double correlation = 0.0;
  for (const Device& device : devices) {
    if (device.is_open() || device.is_shorted()) {
      REQUIRE(device.measured == device.resistance);
      continue;
    }
    noise.push_back((device.measured.value / device.resistance.value - 1.0) / sigma);
    correlation += noise.back() * std::log(device.resistance.value / 1000.0) / 0.5;
  }
  const auto size = static_cast<double>(noise.size());
  CHECK(std::abs(correlation / size) < 5.0 / std::sqrt(size));
  CHECK(kolmogorov_smirnov(noise, normal_probability) < 2.2);
}

TEST_CASE("However noisy, a reading of what conducts is positive and finite") {
  for (const double sigma : {0.5, 3.0, 1e6, 1e300}) {
    for (const Device& device : sample_devices(fabrication_with({.sigma = sigma, .bits = 8}), 2000, {.seed = 8})) {
      if (device.is_open() || device.is_shorted()) continue;
      REQUIRE(device.measured.value > 0.0);
      REQUIRE(device.measured.value < infinity);
    }
  }
}

TEST_CASE("A converter rounds to its nearest code; only a short reads 0; the largest reading is exact") {
  for (const int bits : {1, 2, 4, 8, 16, 52}) {
    CAPTURE(bits);
    const auto devices = sample_devices(fabrication_with({.bits = bits}), 500, {.seed = 12});
    double full_scale = 0.0;
    for (const Device& device : devices) {
      if (!device.is_open()) full_scale = std::max(full_scale, device.resistance.value);
    }
    const double step = full_scale / (std::ldexp(1.0, bits) - 1.0);
    for (const Device& device : devices) {
      if (device.is_open() || device.is_shorted()) {
        CHECK(device.measured == device.resistance);
        continue;
      }
      const double code = device.measured.value / step;
      CHECK(std::abs(code - std::round(code)) < 1e-15 * code + 1e-12);
      CHECK(code >= 1.0 - 1e-12);
      if (device.resistance.value >= step) {
        CHECK(std::abs(device.measured.value - device.resistance.value) <= 0.5 * step + 1e-15 * full_scale);
      }
      if (device.resistance.value == full_scale) CHECK(device.measured.value == full_scale);
    }
  }
}

TEST_CASE("A bank of nothing but faults is read as it is") {
  Fabrication fabrication = fabrication_with({.sigma = 0.1, .bits = 8});
  fabrication.process.nominals.clear();
  fabrication.process.values = {0.0, infinity};
  fabrication.process.distribution = ohmset::Distribution::none;
  const auto devices = sample_devices(fabrication, 2, {});
  CHECK(devices[0].measured == devices[0].resistance);
  CHECK(devices[1].measured == devices[1].resistance);
  CHECK(sample_devices(fabrication_with({.bits = 8}), 0, {}).empty());
}

TEST_CASE("Measuring again, in place, gives the same readings") {
  const Fabrication fabrication = fabrication_with({.sigma = 0.1, .bits = 10});
  const ohmset::Site site{.seed = 2, .die = 5, .cell = 77};
  const auto devices = sample_devices(fabrication, 50, site);
  auto again = devices;
  for (Device& device : again) device.measured = ohmset::Ohm{-1.0};
  ohmset::measure(fabrication.measurement, site, again);
  for (std::size_t k = 0; k < devices.size(); ++k) CHECK(again[k].measured == devices[k].measured);
}
