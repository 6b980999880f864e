// Fabricated devices: lots, gradients, faults, switches, and draws that depend on nothing but their place.
// SPDX-License-Identifier: Apache-2.0
#include "sim/process.h"

#include <doctest/doctest.h>
#include <tbb/parallel_for.h>

#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "tests/support/statistics.h"

using ohmset::Device;
using ohmset::Distribution;
using ohmset::Fabrication;
using ohmset::infinity;
using ohmset::lot_factor;
using ohmset::sample_devices;
using ohmset::Site;
using ohmset::Stuck;
using ohmset::support::kolmogorov_smirnov;
using ohmset::support::normal_probability;

namespace {

constexpr std::size_t many = 200'000;

Fabrication with_spread(Distribution distribution, double sigma, std::vector<double> nominals = {1000.0}) {
  Fabrication fabrication;
  fabrication.process.nominals = std::move(nominals);
  fabrication.process.distribution = distribution;
  fabrication.process.sigma = sigma;
  return fabrication;
}

// Everything at once: what must stay the same whatever the order of draws.
Fabrication rich() {
  Fabrication fabrication = with_spread(Distribution::lognormal, 0.3, {1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3, 128e3});
  fabrication.process.lot_sigma = 0.1;
  fabrication.process.gradient = {0.2, -0.1};
  fabrication.process.device_open = 0.05;
  fabrication.process.device_short = 0.05;
  fabrication.process.tc1 = {1e-4, 2e-5};
  fabrication.process.tc2 = {1e-6, 2e-7};
  fabrication.switches = {
      .nominal = {ohmset::Ohm{50.0}, ohmset::Ohm{1e9}}, .on_sigma = 0.2, .stuck_open = 0.05, .stuck_closed = 0.05};
  fabrication.measurement = {.sigma = 0.01, .bits = 12};
  return fabrication;
}

bool same(const Device& a, const Device& b) {
  return a.nominal == b.nominal && a.resistance == b.resistance && a.measured == b.measured && a.tc1 == b.tc1 &&
         a.tc2 == b.tc2 && a.contact.on == b.contact.on && a.contact.off == b.contact.off && a.stuck == b.stuck;
}

double lognormal_probability(double sigma, double ratio) { return normal_probability(std::log(ratio) / sigma); }

}  // namespace

TEST_CASE("The lot factor is one draw per die, lognormal, and multiplies every device") {
  Fabrication fabrication = with_spread(Distribution::uniform, 0.2, {1000.0});
  const auto without = sample_devices(fabrication, 16, {.seed = 3, .die = 9, .cell = 4});
  fabrication.process.lot_sigma = 0.4;
  const auto with = sample_devices(fabrication, 16, {.seed = 3, .die = 9, .cell = 4});
  const double lot = lot_factor(fabrication.process, 3, 9);
  CHECK(lot != 1.0);
  for (std::size_t k = 0; k < with.size(); ++k) {
    CHECK(with[k].resistance.value == doctest::Approx(lot * without[k].resistance.value).epsilon(1e-15));
  }
  std::vector<double> factors(many);
  for (std::size_t die = 0; die < many; ++die) factors[die] = lot_factor(fabrication.process, 3, die);
  CHECK(kolmogorov_smirnov(factors, [](double r) { return lognormal_probability(0.4, r); }) < 2.2);
}

TEST_CASE("A gradient is linear across the array and 0 in its middle") {
  Fabrication fabrication = with_spread(Distribution::normal, 0.1);
  const auto flat = sample_devices(fabrication, 8, {.cell = 2});
  fabrication.process.gradient = {0.3, -0.2};
  for (const double along_word : {-0.5, 0.0, 0.25}) {
    for (const double along_bit : {-0.5, 0.0, 0.5}) {
      const auto tilted = sample_devices(fabrication, 8, {.cell = 2, .along_word = along_word, .along_bit = along_bit});
      for (std::size_t k = 0; k < flat.size(); ++k) {
        const double expected = flat[k].resistance.value * (1.0 + 0.3 * along_word - 0.2 * along_bit);
        CHECK(tilted[k].resistance.value == doctest::Approx(expected).epsilon(1e-15));
      }
    }
  }
}

TEST_CASE("Faults come as often as they should and leave the other devices as they are") {
  Fabrication fabrication = with_spread(Distribution::lognormal, 0.3);
  const auto sound = sample_devices(fabrication, many, {.seed = 2});
  fabrication.process.device_open = 0.03;
  fabrication.process.device_short = 0.07;
  fabrication.switches.stuck_open = 0.11;
  fabrication.switches.stuck_closed = 0.05;
  const auto faulty = sample_devices(fabrication, many, {.seed = 2});
  std::array<double, 4> count{};
  double both = 0.0;
  for (std::size_t k = 0; k < many; ++k) {
    const Device& device = faulty[k];
    count[0] += device.is_open() ? 1.0 : 0.0;
    count[1] += device.is_shorted() ? 1.0 : 0.0;
    count[2] += device.stuck == Stuck::open ? 1.0 : 0.0;
    count[3] += device.stuck == Stuck::closed ? 1.0 : 0.0;
    both += device.is_shorted() && device.stuck == Stuck::open ? 1.0 : 0.0;
    if (!device.is_open() && !device.is_shorted()) REQUIRE(device.resistance == sound[k].resistance);
    REQUIRE(device.measured == device.resistance);
  }
  const auto agrees = [](double times, double p) {
    return std::abs(times - many * p) < 5.0 * std::sqrt(many * p * (1 - p));
  };
  CHECK(agrees(count[0], 0.03));
  CHECK(agrees(count[1], 0.07));
  CHECK(agrees(count[2], 0.11));
  CHECK(agrees(count[3], 0.05));
  CHECK(agrees(both, 0.07 * 0.11));
  fabrication.process.device_open = 0.0;
  fabrication.process.device_short = 1.0;
  for (const Device& device : sample_devices(fabrication, 1000, {})) REQUIRE(device.is_shorted());
}

TEST_CASE("Measured values are the devices: no spread, lot or gradient, but faults") {
  Fabrication fabrication = rich();
  fabrication.process.nominals.clear();
  fabrication.process.values = {0.0, 1.0, 4711.5, infinity, 1e9, 3.0};
  fabrication.process.device_open = 0.0;
  fabrication.process.device_short = 0.0;
  fabrication.measurement = {};
  const Site site{.seed = 4, .die = 3, .along_word = 0.5, .along_bit = 0.5};
  const auto devices = sample_devices(fabrication, 6, site);
  for (std::size_t k = 0; k < devices.size(); ++k) {
    CHECK(devices[k].resistance.value == fabrication.process.values[k]);
    CHECK(devices[k].nominal.value == fabrication.process.values[k]);
    CHECK(devices[k].measured.value == fabrication.process.values[k]);
  }
  fabrication.process.device_open = 1.0;
  for (const Device& device : sample_devices(fabrication, 6, site)) CHECK(device.is_open());
}

TEST_CASE("Coefficients of temperature and switch resistances have their own draws") {
  const Fabrication fabrication = [] {
    Fabrication f = rich();
    f.process.nominals = {1e3};
    return f;
  }();
  const auto devices = sample_devices(fabrication, many, {.seed = 11});
  std::vector<double> tc1;
  std::vector<double> tc2;
  std::vector<double> on;
  for (const Device& device : devices) {
    tc1.push_back((device.tc1 - 1e-4) / 2e-5);
    tc2.push_back((device.tc2 - 1e-6) / 2e-7);
    on.push_back(device.contact.on.value / 50.0);
    REQUIRE(device.contact.off.value == 1e9);
  }
  CHECK(kolmogorov_smirnov(tc1, normal_probability) < 2.2);
  CHECK(kolmogorov_smirnov(tc2, normal_probability) < 2.2);
  CHECK(kolmogorov_smirnov(on, [](double r) { return lognormal_probability(0.2, r); }) < 2.2);
  double correlation = 0.0;
  for (std::size_t k = 0; k < many; ++k) correlation += tc1[k] * tc2[k] / many;
  CHECK(std::abs(correlation) < 5.0 / std::sqrt(many));
}

TEST_CASE("However wide the switches' spread, closed conducts better than open") {
  Fabrication fabrication = with_spread(Distribution::none, 0.0);
  fabrication.switches = {.nominal = {ohmset::Ohm{50.0}, ohmset::Ohm{60.0}}, .on_sigma = 3.0};
  for (const Device& device : sample_devices(fabrication, 1000, {})) {
    REQUIRE(device.contact.on < device.contact.off);
    REQUIRE(device.contact.on.value > 0.0);
  }
}

TEST_CASE("A draw depends on its place alone: any order, any threads, bit for bit") {
  const Fabrication fabrication = rich();
  constexpr std::size_t cells = 2000;
  constexpr std::size_t count = 8;
  const auto site = [](std::size_t cell) {
    return Site{.seed = 7, .die = 3, .cell = cell, .along_word = static_cast<double>(cell) / cells - 0.5};
  };
  std::vector<std::vector<Device>> forward(cells);
  std::vector<std::vector<Device>> threaded(cells);
  for (std::size_t cell = 0; cell < cells; ++cell) forward[cell] = sample_devices(fabrication, count, site(cell));
  tbb::parallel_for(std::size_t{0}, cells, [&](std::size_t cell) {
    threaded[cells - 1 - cell] = sample_devices(fabrication, count, site(cells - 1 - cell));
  });
  for (std::size_t cell = 0; cell < cells; ++cell) {
    CAPTURE(cell);
    for (std::size_t k = 0; k < count; ++k) REQUIRE(same(forward[cell][k], threaded[cell][k]));
  }
}

TEST_CASE("Banks sampled as arrays are the same devices, whatever is asked for and however wide they are") {
  for (const std::size_t count : {1, 3, 8, 70}) {
    CAPTURE(count);
    for (const Distribution shape : {Distribution::none, Distribution::normal, Distribution::lognormal,
                                     Distribution::uniform, Distribution::triangular, Distribution::empirical}) {
      CAPTURE(static_cast<int>(shape));
      Fabrication fabrication = rich();
      fabrication.process.nominals.assign(count, 1e4);
      fabrication.process.distribution = shape;
      if (shape == Distribution::none) fabrication.process.sigma = 0.0;
      fabrication.process.ratios = {0.5, 1.0, 1.25};
      std::vector<Site> sites;
      for (std::size_t k = 0; k < 40; ++k) {
        sites.push_back({.cell = 3 * k, .along_word = 0.01 * static_cast<double>(k), .along_bit = -0.2});
      }
      const ohmset::Fabricator fabricator(fabrication, count, 7, 3);
      const std::size_t all = count * sites.size();
      std::vector<double> resistances(all);
      std::vector<double> measured(all);
      std::vector<double> switch_on(all);
      std::vector<double> alone(all);
      std::vector<std::uint8_t> stuck(all);
      fabricator.sample(sites, {resistances, measured, switch_on, stuck});
      fabricator.sample(sites, {.resistances = alone});
      CHECK(alone == resistances);
      for (std::size_t bank = 0; bank < sites.size(); ++bank) {
        Site site = sites[bank];
        site.seed = 7;
        site.die = 3;
        const auto devices = sample_devices(fabrication, count, site);
        for (std::size_t k = 0; k < count; ++k) {
          const std::size_t at = bank * count + k;
          REQUIRE(resistances[at] == devices[k].resistance.value);
          REQUIRE(measured[at] == devices[k].measured.value);
          REQUIRE(switch_on[at] == devices[k].contact.on.value);
          REQUIRE(stuck[at] == static_cast<std::uint8_t>(devices[k].stuck));
        }
      }
    }
  }
}

TEST_CASE("A lognormal device is its nominal times exp(sigma z) of its own draw, lot and gradient") {
  Fabrication fabrication = with_spread(Distribution::lognormal, 0.3, {1e4});
  fabrication.process.lot_sigma = 0.1;
  fabrication.process.gradient = {0.2, -0.1};
  const Site site{.seed = 5, .die = 2, .cell = 11, .along_word = 0.25, .along_bit = -0.5};
  const auto devices = sample_devices(fabrication, 100, site);
  const double common = lot_factor(fabrication.process, 5, 2) * (1.0 + 0.2 * 0.25 + 0.1 * 0.5);
  for (std::size_t k = 0; k < devices.size(); ++k) {
    const double u = ohmset::uniform({.seed = 5, .die = 2, .cell = 11, .device = k}, ohmset::Draw::resistance);
    const double expected = 1e4 * std::exp(0.3 * ohmset::normal_quantile(u)) * common;
    CHECK(devices[k].resistance.value == doctest::Approx(expected).epsilon(1e-14));
  }
}

TEST_CASE("A longer bank begins with the devices of a shorter one") {
  Fabrication fabrication = rich();
  fabrication.process.nominals = {1e4};
  fabrication.measurement.bits = 0;  // the converter's full scale is the bank's largest reading
  const auto longer = sample_devices(fabrication, 40, {.seed = 9});
  const auto shorter = sample_devices(fabrication, 7, {.seed = 9});
  for (std::size_t k = 0; k < shorter.size(); ++k) CHECK(same(longer[k], shorter[k]));
}

TEST_CASE("A number of nominals or values that does not fit is a broken precondition") {
  Fabrication fabrication = with_spread(Distribution::none, 0.0, {1.0, 2.0});
  CHECK_THROWS_AS((void)sample_devices(fabrication, 3, {}), std::invalid_argument);
  CHECK_THROWS_AS(ohmset::Fabricator(fabrication, 3, 1, 0), std::invalid_argument);
  fabrication.process.nominals.clear();
  CHECK_THROWS_AS((void)sample_devices(fabrication, 3, {}), std::invalid_argument);
  fabrication.process.values = {1.0};
  CHECK_THROWS_AS((void)sample_devices(fabrication, 3, {}), std::invalid_argument);
}
