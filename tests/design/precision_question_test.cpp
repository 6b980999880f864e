// What may be asked of precision: the banks that a family means, and hostile questions.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "design/precision.h"
#include "design/precision/banks.h"
#include "tests/support/refusal.h"

namespace {

using namespace ohmset;

BankFamily family_of(const std::string& topology, double ladder = 1.0) {
  return {.fabrication = {.process = {.nominals = {1000.0}}}, .topology = topology, .ladder = ladder};
}

std::string text_of(const std::string& topology, std::size_t devices) {
  return bank_spec_of(family_of(topology), devices).topology.text();
}
std::string parsed(const std::string& topology) { return Topology::parse(topology).text(); }

TEST_CASE("n and its parts stand for numbers of devices") {
  CHECK(text_of("series(n)", 3) == parsed("series(3)"));
  CHECK(text_of("parallel(series(n/2), series(n/2))", 8) == parsed("parallel(series(4), series(4))"));
  CHECK(text_of("parallel(series( n / 3 ), n/3, series(n/3))", 12) == parsed("parallel(series(4), 4, series(4))"));
}

TEST_CASE("topologies without n mean what they mean elsewhere") {
  CHECK(text_of("parallel", 5) == parsed("parallel(5)"));
  CHECK(text_of("series", 5) == parsed("series(5)"));
  CHECK(text_of("series(parallel(2), 3)", 5) == parsed("series(parallel(2), 3)"));
  CHECK(text_of("differential", 10) == parsed("parallel(5)"));
}

TEST_CASE("ladders give each device its nominal, lists the first ones") {
  CHECK(bank_spec_of(family_of("parallel", 2.0), 4).fabrication.process.nominals ==
        std::vector<double>{1000.0, 2000.0, 4000.0, 8000.0});
  CHECK(bank_spec_of(family_of("differential", 0.5), 6).fabrication.process.nominals ==
        std::vector<double>{1000.0, 500.0, 250.0});
  CHECK(bank_spec_of(family_of("parallel"), 4).fabrication.process.nominals == std::vector<double>{1000.0});
  BankFamily listed = family_of("series");
  listed.fabrication.process.nominals = {1.0, 2.0, 3.0, 4.0, 5.0};
  CHECK(bank_spec_of(listed, 3).fabrication.process.nominals == std::vector<double>{1.0, 2.0, 3.0});
  listed.fabrication.process.nominals.clear();
  listed.fabrication.process.values = {7.0, 8.0, 9.0};
  CHECK(bank_spec_of(listed, 2).fabrication.process.values == std::vector<double>{7.0, 8.0});
}

TEST_CASE("targets are in the unit in which all values are finite") {
  const auto in_ohm = [](const std::string& topology) {
    return target_unit_of({.family = family_of(topology)}, 4) == TargetUnit::ohm;
  };
  const std::vector<std::string> ohm{"series", "parallel(series(n/2), series(n/2))", "parallel(series(n/2), n/2)"};
  const std::vector<std::string> siemens{"parallel", "differential", "series(parallel(n/2), parallel(n/2))",
                                         "series(parallel(n/2), n/2)"};
  CHECK(std::ranges::all_of(ohm, in_ohm));
  CHECK(std::ranges::none_of(siemens, in_ohm));
  CHECK(target_unit_of({.family = family_of("series"), .unit = TargetUnit::siemens}, 4) == TargetUnit::siemens);
}

// Over every configuration.
Interval finite_range(const Bank& bank, TargetUnit unit) {
  Interval range{.low = infinity, .high = 0.0};
  for (std::uint64_t mask = 0; mask < 64; ++mask) {
    const Configuration all = Configuration::from_mask(mask, 6);
    const double value = unit == TargetUnit::ohm ? resistance(bank, all).value : conductance(bank, all).value;
    if (!std::isfinite(value)) continue;
    range = {.low = std::min(range.low, value), .high = std::max(range.high, value)};
  }
  if (range.high == 0.0) return {};
  return range;
}

// Shorts, opens and stuck switches among the devices.
bool reaches_are_right(const std::string& topology, TargetUnit unit) {
  BankFamily family = family_of(topology);
  Process& process = family.fabrication.process;
  process.distribution = Distribution::lognormal;
  process.sigma = 0.5;
  process.device_open = process.device_short = 0.2;
  family.fabrication.switches = {.stuck_open = 0.15, .stuck_closed = 0.15};
  const auto near = [](double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); };
  for (std::uint64_t die = 0; die < 200; ++die) {
    const Bank bank = fabricate(bank_spec_of(family, 6), {.die = die});
    const Interval reach = precision::reach_of(bank, unit);
    const Interval range = finite_range(bank, unit);
    if (!near(reach.low, range.low) || !near(reach.high, range.high)) return false;
  }
  return true;
}

TEST_CASE("the reach of a bank is its least and its greatest finite value") {
  for (const char* topology : {"parallel", "series", "parallel(series(n/2), series(n/2))",
                               "series(parallel(n/3), n/3, parallel(n/6, series(n/6)))"}) {
    CAPTURE(topology);
    CHECK(reaches_are_right(topology, TargetUnit::ohm));
    CHECK(reaches_are_right(topology, TargetUnit::siemens));
  }
}

void refused(const PrecisionQuestion& question, std::size_t devices, const std::string& why) {
  const std::string line = test::refusal([&] { check(question, devices); });
  CAPTURE(line);
  CHECK(line.find(why) != std::string::npos);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(test::refusal([&] { static_cast<void>(sample_precision(question, devices)); }) == line);
}

PrecisionQuestion with(const std::string& topology, const std::function<void(PrecisionQuestion&)>& change = {}) {
  PrecisionQuestion question{.family = family_of(topology)};
  if (change) change(question);
  return question;
}

TEST_CASE("questions that make no sense are refused with one line") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  refused({}, 0, "0 devices");
  refused({.banks = 0}, 4, "no banks");
  refused({.confidence = 1.0}, 4, "a confidence of 1");
  refused({.confidence = nan}, 4, "a confidence of nan");
  refused({.threads = -1}, 4, "-1 threads");
  refused({.interval = Interval{0.5, 0.5}}, 4, "from 0.5 to 0.5");
  refused({.interval = Interval{0.5, -0.5}}, 4, "from 0.5 to -0.5");
  refused({.interval = Interval{-infinity, 0.5}}, 4, "from -inf");
  refused({.interval = Interval{nan, 0.5}}, 4, "from nan");
  refused({.even = 1}, 4, "1 evenly spaced target");
  refused({.even = 2, .targets = {0.5}}, 4, "one of them");
  refused({.targets = {0.5, nan}}, 4, "a target of nan");
  refused({.banks = 3, .targets = {0.5}, .each_its_own = true}, 4, "1 targets for 3 banks");
  refused({.each_its_own = true}, 4, "0 targets for 1000 banks");
  refused({.banks = 1'000'000, .even = 1'000'000}, 4, "at most");
  refused({.choosing = Choosing::code}, 4, "signed items");
  refused({.choosing = Choosing::everything}, 4, "signed items");
  refused({.condition = Condition{}}, 4, "signed items");
  refused({.contacts_anew = true}, 4, "signed items");
  refused({}, 65, "65 devices to choose from");
  refused(with("differential"), 7, "a differential pair of 7 devices");
  refused(with("differential", [](auto& q) { q.unit = TargetUnit::ohm; }), 6, "a differential pair in ohm");
  refused(with("differential", [](auto& q) { q.choosing = Choosing::everything; }), 6, "the average");
  refused(with("series(parallel(n/2), n/2)", [](auto& q) { q.choosing = Choosing::everything; }), 6, "the average");
  const auto average = [](const std::function<void(PrecisionQuestion&)>& change) {
    PrecisionQuestion question = with("parallel", change);
    question.choosing = Choosing::everything;
    return question;
  };
  refused(average([](auto& q) { q.even = 5; }), 6, "for the average");
  refused(average([](auto& q) { q.targets = {1e-3}; }), 6, "for the average");
  refused(average([](auto& q) { q.interval = Interval{0.1, 0.2}; }), 6, "for the average");
  refused(with("parallel", [](auto& q) { q.of_full_scale = true; }), 6, "multiples of a full scale");
  refused({.of_full_scale = true}, 6, "multiples of a full scale");
  refused(with("parallel", [](auto& q) { q.targets = {0.0}; }), 6, "a target of 0");
  refused(with("parallel", [](auto& q) { q.targets = {-1.0}; }), 6, "a target of -1");
  refused(with("parallel", [](auto& q) { q.interval = Interval{-0.1, 0.5}; }), 6, "from -0.1 to 0.5");
  refused(with("parallel", [](auto& q) { q.interval = Interval{0.5, 1.5}; }), 6, "from 0.5 to 1.5");
  refused(with("parallel",
               [](auto& q) {
                 q.interval = Interval{0.0, 1.0};
                 q.even = 5;
               }),
          6, "evenly spaced targets include it");
  refused(with("parallel", [](auto& q) { q.condition = Condition{.celsius = -300.0}; }), 6, "-300");
  refused(with("parallel", [](auto& q) { q.family->ladder = 0.0; }), 6, "a ladder of steps by 0");
  refused(with("parallel", [](auto& q) { q.family->ladder = nan; }), 6, "a ladder of steps by nan");
  refused(with("parallel", [](auto& q) { q.family->ladder = 1e200; }), 6, "inf");
  refused(with("parallel", [](auto& q) { q.family->fabrication.process.nominals = {1.0, 2.0}; }), 6, "has 2 numbers");
  refused(with("parallel",
               [](auto& q) {
                 q.family->fabrication.process.nominals = {1.0, 2.0, 3.0};
                 q.family->ladder = 2.0;
               }),
          3, "from a list");
  refused(with("parallel", [](auto& q) { q.family->fabrication.process.nominals.clear(); }), 6, "nominal");
  refused(with("parallel", [](auto& q) { q.family->fabrication.process.sigma = -1.0; }), 6, "sigma");
  refused(with("parallel(series(n/2), series(n/2))"), 7, "7 devices do not divide into 2");
  refused(with("parallel(series(n/0))"), 6, "divided by no number");
  refused(with("parallel(series(n/x))"), 6, "divided by no number");
  refused(with("parallel(series(n), 1)"), 6, "has 7 devices where n is 6");
  refused(with("series(4)"), 6, "4 devices");
  refused(with("paralel"), 6, "paralel");
  refused(with("parallel(n"), 6, "topology");
  refused(with(""), 6, "topology");
}

}  // namespace
