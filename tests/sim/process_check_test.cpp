// What is refused of a process, and what a device conducts on average.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "sim/error.h"
#include "sim/process.h"

using ohmset::Distribution;
using ohmset::Error;
using ohmset::Fabrication;
using ohmset::Fault;
using ohmset::infinity;
using ohmset::mean_conductance;
using ohmset::mean_square_conductance;
using ohmset::Ohm;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

Fabrication valid(Distribution distribution = Distribution::lognormal, double sigma = 0.3) {
  Fabrication fabrication;
  fabrication.process.nominals = {1000.0};
  fabrication.process.distribution = distribution;
  fabrication.process.sigma = sigma;
  return fabrication;
}

// The refusal of a valid fabrication after a change, "" when there is none.
std::string refusal(const std::function<void(Fabrication&)>& change, std::size_t devices = 4) {
  Fabrication fabrication = valid();
  change(fabrication);
  try {
    ohmset::check(fabrication, devices);
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return {};
}

// E[f(ratio)] of a shape by a million midpoints over its quantiles, times those of the lot.
double by_midpoints(const Fabrication& fabrication, const std::function<double(double)>& f) {
  constexpr int points = 20'000;
  constexpr int lots = 200;
  ohmset::Process lot_process;
  lot_process.distribution = Distribution::lognormal;
  lot_process.sigma = fabrication.process.lot_sigma;
  double sum = 0.0;
  for (int l = 0; l < lots; ++l) {
    const double lot = ohmset::ratio_quantile(lot_process, (l + 0.5) / lots);
    for (int k = 0; k < points; ++k) sum += f(lot * ohmset::ratio_quantile(fabrication.process, (k + 0.5) / points));
  }
  return sum / points / lots;
}

}  // namespace

TEST_CASE("A valid fabrication passes, at its limits too") {
  CHECK(refusal([](Fabrication&) {}) == "");
  CHECK(refusal([](Fabrication& f) { f.process.nominals = {1, 2, 3, 4}; }) == "");
  CHECK(refusal([](Fabrication& f) {
          f.process.nominals = {};
          f.process.values = {0.0, 1.0, infinity, 5.0};
        }) == "");
  CHECK(refusal([](Fabrication& f) {
          f.process.device_open = 0.5;
          f.process.device_short = 0.5;
          f.switches = {.nominal = {Ohm{0.0}, Ohm{5e-324}}, .stuck_open = 1.0};
          f.measurement = {.sigma = 0.0, .bits = 52};
          f.process.gradient = {1.0, -0.999};
        }) == "");
}

TEST_CASE("What is wrong is named in the words of the file") {
  using Change = std::function<void(Fabrication&)>;
  const std::vector<std::pair<std::string, Change>> cases{
      {"process.sigma is negative: expected 0 or more", [](Fabrication& f) { f.process.sigma = -0.1; }},
      {"process.sigma is nan: expected a finite number", [](Fabrication& f) { f.process.sigma = not_a_number; }},
      {"process.sigma is inf", [](Fabrication& f) { f.process.sigma = infinity; }},
      {"process.sigma is 1: expected less than 1",
       [](Fabrication& f) {
         f.process.distribution = Distribution::uniform;
         f.process.sigma = 1.0;
       }},
      {"process.sigma is 1: expected less than 1",
       [](Fabrication& f) {
         f.process.distribution = Distribution::triangular;
         f.process.sigma = 1.0;
       }},
      {"process.sigma has no effect", [](Fabrication& f) { f.process.distribution = Distribution::none; }},
      {"process.ratios is missing", [](Fabrication& f) { f.process.distribution = Distribution::empirical; }},
      {"process.ratios holds 0",
       [](Fabrication& f) {
         f.process.ratios = {1.0, 0.0};
       }},
      {"process.ratios holds nan", [](Fabrication& f) { f.process.ratios = {not_a_number}; }},
      {"process.nominal is missing", [](Fabrication& f) { f.process.nominals = {}; }},
      {"process.nominal is 0", [](Fabrication& f) { f.process.nominals = {0.0}; }},
      {"process.nominal is -5", [](Fabrication& f) { f.process.nominals = {-5.0}; }},
      {"process.nominal is inf", [](Fabrication& f) { f.process.nominals = {infinity}; }},
      {"process.nominal is nan",
       [](Fabrication& f) {
         f.process.nominals = {1.0, 2.0, not_a_number, 4.0};
       }},
      {"process.nominals has 3 numbers: expected 1, or 4",
       [](Fabrication& f) {
         f.process.nominals = {1, 2, 3};
       }},
      {"process.values has 1 numbers: expected 4",
       [](Fabrication& f) {
         f.process.nominals = {};
         f.process.values = {1.0};
       }},
      {"process.values stands beside process.nominal",
       [](Fabrication& f) {
         f.process.values = {1, 2, 3, 4};
       }},
      {"process.values holds -1",
       [](Fabrication& f) {
         f.process.nominals = {};
         f.process.values = {1.0, 2.0, -1.0, 4.0};
       }},
      {"process.values holds nan",
       [](Fabrication& f) {
         f.process.nominals = {};
         f.process.values = {1.0, 2.0, not_a_number, 4.0};
       }},
      {"process.lot_sigma is negative", [](Fabrication& f) { f.process.lot_sigma = -1.0; }},
      {"process.gradient is nan",
       [](Fabrication& f) {
         f.process.gradient = {0.0, not_a_number};
       }},
      {"process.gradient leaves no resistance",
       [](Fabrication& f) {
         f.process.gradient = {1.5, -0.5};
       }},
      {"process.device_open is -0.1", [](Fabrication& f) { f.process.device_open = -0.1; }},
      {"process.device_short is 1.5", [](Fabrication& f) { f.process.device_short = 1.5; }},
      {"process.device_open is nan", [](Fabrication& f) { f.process.device_open = not_a_number; }},
      {"process.device_open and process.device_short sum to 1.25: expected at most 1",
       [](Fabrication& f) {
         f.process.device_open = 0.5;
         f.process.device_short = 0.75;
       }},
      {"process.tc1.mean is inf", [](Fabrication& f) { f.process.tc1.mean = infinity; }},
      {"process.tc1.sigma is negative", [](Fabrication& f) { f.process.tc1.sigma = -1e-9; }},
      {"process.tc2.mean is nan", [](Fabrication& f) { f.process.tc2.mean = not_a_number; }},
      {"process.tc2.sigma is negative", [](Fabrication& f) { f.process.tc2.sigma = -1e-9; }},
      {"switch.r_on is -1", [](Fabrication& f) { f.switches.nominal.on = Ohm{-1.0}; }},
      {"switch.r_on is nan", [](Fabrication& f) { f.switches.nominal.on = Ohm{not_a_number}; }},
      {"switch.r_on is inf", [](Fabrication& f) { f.switches.nominal.on = Ohm{infinity}; }},
      {"switch.r_off is 0: expected more than switch.r_on", [](Fabrication& f) { f.switches.nominal.off = Ohm{0.0}; }},
      {"switch.r_off is nan", [](Fabrication& f) { f.switches.nominal.off = Ohm{not_a_number}; }},
      {"switch.r_on_sigma is negative", [](Fabrication& f) { f.switches.on_sigma = -1.0; }},
      {"switch.stuck_open is 2", [](Fabrication& f) { f.switches.stuck_open = 2.0; }},
      {"switch.stuck_open and switch.stuck_closed sum to 1.5",
       [](Fabrication& f) {
         f.switches.stuck_open = 1.0;
         f.switches.stuck_closed = 0.5;
       }},
      {"measurement.sigma is negative", [](Fabrication& f) { f.measurement.sigma = -1.0; }},
      {"measurement.bits is -1", [](Fabrication& f) { f.measurement.bits = -1; }},
      {"measurement.bits is 53", [](Fabrication& f) { f.measurement.bits = 53; }},
  };
  for (const auto& [expected, change] : cases) {
    CAPTURE(expected);
    const std::string error = refusal(change);
    CHECK(error.substr(0, expected.size()) == expected);
  }
}

TEST_CASE("Lognormal: E[1/R] and E[1/R^2] are their closed forms, with the lot factor in") {
  for (const double sigma : {0.0, 0.05, 0.3, 1.0, 2.0}) {
    for (const double lot : {0.0, 0.05, 0.5}) {
      CAPTURE(sigma);
      CAPTURE(lot);
      Fabrication fabrication = valid(Distribution::lognormal, sigma);
      fabrication.process.nominals = {500.0};
      fabrication.process.lot_sigma = lot;
      const double variance = sigma * sigma + lot * lot;
      CHECK(mean_conductance(fabrication) == doctest::Approx(std::exp(variance / 2.0) / 500.0).epsilon(1e-12));
      CHECK(mean_square_conductance(fabrication) ==
            doctest::Approx(std::exp(2.0 * variance) / 250'000.0).epsilon(1e-12));
    }
  }
}

TEST_CASE("Uniform and triangular: E[1/R] and E[1/R^2] are their closed forms") {
  for (const double s : {0.01, 0.3, 0.9, 0.999}) {
    CAPTURE(s);
    const double up = 1.0 + s;
    const double down = 1.0 - s;
    const Fabrication uniform = valid(Distribution::uniform, s);
    CHECK(mean_conductance(uniform) == doctest::Approx(1e-3 * std::atanh(s) / s).epsilon(1e-9));
    CHECK(mean_square_conductance(uniform) == doctest::Approx(1e-6 / (1.0 - s * s)).epsilon(1e-9));
    const Fabrication triangular = valid(Distribution::triangular, s);
    const double first = (up * std::log(up) + down * std::log(down)) / (s * s);
    CHECK(mean_conductance(triangular) == doctest::Approx(1e-3 * first).epsilon(1e-9));
    CHECK(mean_square_conductance(triangular) == doctest::Approx(-1e-6 * std::log1p(-s * s) / (s * s)).epsilon(1e-9));
  }
}

TEST_CASE("With real switches the expectations agree with midpoints over the quantiles") {
  for (const Distribution distribution : {Distribution::normal, Distribution::lognormal, Distribution::uniform,
                                          Distribution::triangular, Distribution::empirical}) {
    CAPTURE(ohmset::name_of(distribution));
    Fabrication fabrication = valid(distribution, 0.15);
    fabrication.process.ratios = {0.7, 0.9, 1.1, 2.0};
    fabrication.process.lot_sigma = 0.1;
    fabrication.switches.nominal = {Ohm{80.0}, Ohm{2e4}};
    const auto g = [](double ratio) { return 1.0 / (1000.0 * ratio + 80.0) - 1.0 / (1000.0 * ratio + 2e4); };
    CHECK(mean_conductance(fabrication) == doctest::Approx(by_midpoints(fabrication, g)).epsilon(3e-4));
    CHECK(mean_square_conductance(fabrication) ==
          doctest::Approx(by_midpoints(fabrication, [g](double r) { return g(r) * g(r); })).epsilon(1e-3));
  }
}

TEST_CASE("Nominals that differ are averaged, measured values counted where they conduct") {
  Fabrication fabrication = valid(Distribution::lognormal, 0.4);
  fabrication.process.nominals = {1000.0, 2000.0, 1000.0, 4000.0};
  const double spread = std::exp(0.32);
  CHECK(mean_square_conductance(fabrication) ==
        doctest::Approx(spread * (2.0 + 0.25 + 0.0625) / 4.0 * 1e-6).epsilon(1e-12));
  Fabrication measured;
  measured.process.values = {0.0, 1000.0, infinity, 500.0};
  measured.process.lot_sigma = 0.5;
  CHECK(mean_conductance(measured) == doctest::Approx(1.5e-3).epsilon(1e-15));
  CHECK(mean_square_conductance(measured) == doctest::Approx(2.5e-6).epsilon(1e-15));
  measured.process.values = {0.0, infinity};
  CHECK(mean_conductance(measured) == 0.0);
}

TEST_CASE("A normal spread truncated at 0 has a finite expectation, however wide") {
  for (const double sigma : {1e-6, 0.01, 0.2, 1.0, 100.0, 1e6}) {
    CAPTURE(sigma);
    const Fabrication fabrication = valid(Distribution::normal, sigma);
    const double square = mean_square_conductance(fabrication);
    const double mean = mean_conductance(fabrication);
    CHECK(std::isfinite(square));
    CHECK(square >= mean * mean * (1.0 - 1e-12));  // Jensen
    // 1/R expanded to the fourth moment.
    if (sigma <= 0.01)
      CHECK(mean == doctest::Approx(1e-3 * (1.0 + sigma * sigma + 3 * std::pow(sigma, 4))).epsilon(1e-9));
  }
}

TEST_CASE("Hostile spreads give no NaN") {
  for (const double sigma : {1e-300, 10.0, 1e3, 1e300}) {
    for (const Distribution distribution : {Distribution::normal, Distribution::lognormal}) {
      Fabrication fabrication = valid(distribution, sigma);
      fabrication.process.lot_sigma = 0.1;
      CAPTURE(sigma);
      CHECK_FALSE(std::isnan(mean_square_conductance(fabrication)));
      CHECK_FALSE(std::isnan(mean_conductance(fabrication)));
    }
  }
}
