// What measurement leaves of precision: said beforehand, and seen.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "design/precision.h"

namespace {

using namespace ohmset;

constexpr double eta = 1e-4;

PrecisionQuestion measured(const std::string& topology, double sigma = 0.3,
                           Distribution distribution = Distribution::lognormal) {
  PrecisionQuestion question{.banks = 500, .seed = 5};
  question.family = BankFamily{.topology = topology};
  question.family->fabrication = {.process = {.nominals = {10e3}, .distribution = distribution, .sigma = sigma},
                                  .measurement = {.sigma = eta}};
  return question;
}

// How far the ceiling is from what is seen with so many devices that it alone counts.
double off(const PrecisionQuestion& question, std::size_t devices = 30) {
  const PrecisionSample sample = sample_precision(question, devices);
  const double seen =
      std::accumulate(sample.bits.begin(), sample.bits.end(), 0.0) / static_cast<double>(sample.bits.size());
  const auto ceiling = measurement_ceiling(question, devices);
  REQUIRE(ceiling);
  CHECK(ceiling->mean - ceiling->rms == doctest::Approx(0.91635).epsilon(1e-4));
  return std::abs(ceiling->mean - seen);
}

// Bits spread by 1.6: the mean of 500 of them has a standard deviation of 0.07.
constexpr double band = 0.25;

TEST_CASE("what measurement leaves of single banks depends on how many devices are inserted, and how they differ") {
  CHECK(off(measured("parallel")) < band);
  CHECK(off(measured("series")) < band);
  CHECK(off(measured("parallel", 0.7)) < band);
  CHECK(off(measured("series", 0.8, Distribution::uniform)) < band);
  PrecisionQuestion question = measured("parallel");
  question.interval = Interval{0.7, 0.8};
  CHECK(off(question) < band);
  question.interval = Interval{0.2, 0.25};
  CHECK(off(question) < band);
  question.interval.reset();
  question.banks = 100;
  question.even = 9;
  CHECK(off(question) < band);
  question.even = 0;
  question.targets = {4e-4, 6e-4, 25e-4};
  CHECK(off(question) < band);
}

TEST_CASE("contacts, faults and stuck switches take their share of what measurement leaves") {
  PrecisionQuestion question = measured("parallel");
  // Two of three ohms are a switch's, which nobody measures.
  question.family->fabrication.switches.nominal.on = Ohm{20e3};
  CHECK(off(question) < band);
  CHECK(measurement_ceiling(question, 30)->mean > measurement_ceiling(measured("parallel"), 30)->mean + 1.2);
  question = measured("series");
  question.family->fabrication.switches.nominal = {.on = Ohm{1e3}, .off = Ohm{30e3}};
  CHECK(off(question) < band);
  question = measured("parallel");
  question.interval = Interval{0.2, 0.3};
  question.family->fabrication.process.device_open = 0.2;
  question.family->fabrication.switches.stuck_closed = 0.3;
  CHECK(off(question, 36) < band);
}

TEST_CASE("what measurement leaves of pairs is the same with any number of devices") {
  for (const std::size_t devices : {24, 36}) {
    CAPTURE(devices);
    const PrecisionQuestion question = measured("differential");
    CHECK(measurement_ceiling(question, devices)->rms == doctest::Approx(std::log2(1.0 / eta) - 0.5).epsilon(1e-4));
    CHECK(off(question, devices) < band);
  }
  // The full scale is an expectation over lots, of which each die has one.
  PrecisionQuestion question = measured("differential");
  question.family->fabrication.process.lot_sigma = 0.5;
  CHECK(off(question) < band);
}

TEST_CASE("measured values are measured again") {
  PrecisionQuestion question = measured("parallel");
  std::vector<double> values;
  for (std::size_t k = 0; k < 30; ++k) values.push_back(2e3 * std::exp2(0.1 * static_cast<double>((k * 17) % 31)));
  question.family->fabrication.process = {.values = values};
  CHECK(off(question) < band);
}

bool known(const std::string& topology, const std::function<void(PrecisionQuestion&)>& change) {
  PrecisionQuestion question = measured(topology);
  change(question);
  return measurement_ceiling(question, 8).has_value();
}

TEST_CASE("where something else decides, or nothing is measured, no ceiling is known") {
  CHECK(known("parallel", [](auto&) {}));
  CHECK(known("parallel", [](auto& q) { q.condition = Condition{.celsius = 85.0}; }));
  CHECK(known("series", [](auto& q) { q.unit = TargetUnit::ohm; }));
  CHECK(!known("series", [](auto& q) { q.unit = TargetUnit::siemens; }));
  CHECK(!known("parallel(series(n/2), series(n/2))", [](auto&) {}));
  CHECK(!measurement_ceiling({}, 8));
  const std::vector<std::function<void(PrecisionQuestion&)>> changes{
      [](auto& q) { q.unit = TargetUnit::ohm; },
      [](auto& q) { q.choosing = Choosing::code; },
      [](auto& q) { q.choosing = Choosing::everything; },
      [](auto& q) { q.targets = {1.0}; },
      [](auto& q) { q.family->fabrication.measurement.sigma = 0.0; },
      [](auto& q) { q.family->fabrication.measurement.bits = 10; },
      [](auto& q) {
        q.family->fabrication.process.read_noise = 1e-3;
        q.condition = Condition{};
      }};
  for (const auto& change : changes) CHECK(!known("parallel", change));
}

}  // namespace
