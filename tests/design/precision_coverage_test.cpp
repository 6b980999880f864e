// How well fresh banks cover an interval: the published figures, and each bank against its own coverage.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "design/coverage.h"
#include "design/precision.h"
#include "design/precision/use.h"
#include "sim/error.h"
#include "sim/random.h"

using ohmset::Bank;
using ohmset::BankFamily;
using ohmset::Coverage;
using ohmset::Distribution;
using ohmset::Fabrication;
using ohmset::Interval;
using ohmset::PrecisionQuestion;
using ohmset::PrecisionRow;
using ohmset::PrecisionSample;
using ohmset::sample_coverage;
using ohmset::TargetUnit;

namespace {

const Fabrication lognormal{
    .process = {.nominals = {10e3}, .distribution = Distribution::lognormal, .sigma = 0.3, .tc1 = {.sigma = 1e-4}}};

PrecisionRow row_of(const PrecisionQuestion& question, std::size_t devices) {
  return summarize(question, sample_coverage(question, devices));
}

}  // namespace

TEST_CASE("Median coverage of 200 banks is what exact runs elsewhere found") {
  constexpr std::array<std::size_t, 4> devices{8, 12, 16, 20};
  constexpr std::array<double, 4> signed_bits{5.07, 8.22, 11.65, 15.10};
  constexpr std::array<double, 4> bank_bits{6.20, 9.54, 12.66, 15.87};
  // Resistances that are uniform from next to 0 to twice the nominal one, in series.
  const BankFamily uniform{
      .fabrication = {.process = {.nominals = {1e3}, .distribution = Distribution::uniform, .sigma = 1.0 - 1e-9}},
      .topology = "series"};
  for (std::size_t k = 0; k < devices.size(); ++k) {
    CAPTURE(devices.at(k));
    const PrecisionRow items = row_of({.banks = 200, .seed = 1}, devices.at(k));
    const PrecisionRow bank =
        row_of({.family = uniform, .unit = TargetUnit::ohm, .banks = 200, .seed = 1}, devices.at(k));
    // Medians of 200 have a standard deviation of about 0.08 here; so have the figures.
    CHECK(std::abs(items.bits_median - signed_bits.at(k)) < 0.25);
    CHECK(std::abs(bank.bits_median - bank_bits.at(k)) < 0.25);
    CHECK(!items.bits_law);
    // 2^n subsets cannot do better on an interval of length 1.
    CHECK(items.band.high < static_cast<double>(devices.at(k)));
  }
}

TEST_CASE("Each bank's coverage is that of the bank which is fabricated for its number") {
  for (const std::string topology : {"parallel", "series", "parallel(series(n/2), series(n/2))"}) {
    CAPTURE(topology);
    const PrecisionQuestion question{.family = BankFamily{.fabrication = lognormal, .topology = topology},
                                     .interval = Interval{0.3, 0.6},
                                     .banks = 5,
                                     .condition = ohmset::Condition{.celsius = 85.0},
                                     .seed = 9};
    const PrecisionSample sample = sample_coverage(question, 10);
    const TargetUnit unit = target_unit_of(question, 10);
    const ohmset::precision::Use use(question, lognormal);
    for (std::size_t number = 0; number < 5; ++number) {
      Bank bank = fabricate(bank_spec_of(*question.family, 10), {.seed = 9, .die = number});
      // All in and all out, or the greatest finite value, are the ends of what is within reach.
      double low = std::numeric_limits<double>::infinity();
      double high = 0.0;
      for (std::uint64_t mask = 0; mask < 1024; ++mask) {
        const auto configuration = ohmset::Configuration::from_mask(mask, 10);
        const double value =
            unit == TargetUnit::ohm ? resistance(bank, configuration).value : conductance(bank, configuration).value;
        low = std::min(low, value);
        if (std::isfinite(value)) high = std::max(high, value);
      }
      const double length = 0.3 * (high - low);
      use.apply(bank, 9, number, 0);
      const Coverage wanted = coverage(bank, unit, low + 0.3 * (high - low), low + 0.6 * (high - low));
      CHECK(sample.target[number] == doctest::Approx(wanted.at).epsilon(1e-12));
      CHECK(sample.error[number] == doctest::Approx(wanted.distance).epsilon(1e-9));
      CHECK(sample.bits[number] == doctest::Approx(-std::log2(wanted.distance / length)).epsilon(1e-9));
    }
  }
}

TEST_CASE("A differential pair covers what the conductances of one bank and the negatives of the other do") {
  const PrecisionQuestion question{
      .family = BankFamily{.fabrication = lognormal, .topology = "differential"}, .banks = 4, .seed = 3};
  const PrecisionSample sample = sample_coverage(question, 14);
  REQUIRE(sample.full_scale > 0.0);
  for (std::size_t number = 0; number < 4; ++number) {
    std::vector<double> items;
    for (const std::uint64_t cell : {0, 1}) {
      const Bank bank = fabricate(bank_spec_of(*question.family, 14), {.seed = 3, .die = number, .cell = cell});
      for (const ohmset::Device& device : bank.devices) {
        items.push_back((cell == 0 ? 1.0 : -1.0) / device.resistance.value);
      }
    }
    const Coverage wanted = ohmset::coverage(items, -sample.full_scale, sample.full_scale);
    CHECK(sample.target[number] == wanted.at);
    CHECK(sample.error[number] == wanted.distance);
    CHECK(sample.bits[number] == doctest::Approx(-std::log2(wanted.distance / (2.0 * sample.full_scale))));
  }
}

TEST_CASE("Coverage is the same on any number of threads") {
  PrecisionQuestion question{.family = BankFamily{.fabrication = lognormal}, .banks = 30, .seed = 3, .threads = 1};
  const PrecisionSample one = sample_coverage(question, 12);
  question.threads = 2;
  const PrecisionSample two = sample_coverage(question, 12);
  CHECK(one.target == two.target);
  CHECK(one.error == two.error);
  CHECK(one.bits == two.bits);
}

TEST_CASE("Banks with nothing to choose from cover nothing") {
  Fabrication stuck = lognormal;
  stuck.switches.stuck_closed = 1.0;
  const PrecisionQuestion question{.family = BankFamily{.fabrication = stuck}, .banks = 3};
  const PrecisionSample sample = sample_coverage(question, 6);
  for (const double bits : sample.bits) CHECK(bits == 0.0);
  // No point is farthest from what is nowhere, and its distance is not 0.
  for (const double at : sample.target) CHECK(std::isnan(at));
  for (const double distance : sample.error) CHECK(std::isnan(distance));
  const PrecisionRow row = row_of(question, 6);
  CHECK(row.dead == 3);
  CHECK(std::isnan(row.error_median));
}

TEST_CASE("Coverage of what cannot be looked at is refused, and stops when told") {
  const BankFamily family{.fabrication = lognormal};
  const auto ask = [](const PrecisionQuestion& question, std::size_t devices) {
    static_cast<void>(sample_coverage(question, devices));
  };
  CHECK_THROWS_AS(ask({.banks = 2}, 27), ohmset::Error);
  CHECK_THROWS_AS(ask({.family = family, .banks = 2}, 27), ohmset::Error);
  CHECK_THROWS_AS(ask({.family = BankFamily{.fabrication = lognormal, .topology = "differential"}, .banks = 2}, 28),
                  ohmset::Error);
  CHECK_THROWS_AS(ask({.family = family, .choosing = ohmset::Choosing::code, .banks = 2}, 8), ohmset::Error);
  CHECK_THROWS_AS(ask({.banks = 20, .progress = [](std::size_t, std::size_t) { return false; }}, 8), ohmset::Error);
}
