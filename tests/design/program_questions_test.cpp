// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "design/program.h"
#include "sim/error.h"
#include "tests/support/programs.h"

using namespace ohmset;
using namespace ohmset::test;

namespace {

// Questions in any combination.
void ask_anything(Case& c, std::mt19937_64& random) {
  const std::size_t n = c.bank.devices.size();
  ProgramOptions& options = c.options;
  options.best = random() % 3 == 0 ? 1 : 1 + random() % 20;
  if (random() % 3 == 0) options.at_most = random() % (n + 1);
  if (random() % 3 == 0) options.at_least = random() % (n + 1);
  if (random() % 4 == 0) options.at_least = options.at_most;
  options.side = static_cast<Side>(random() % 3);
  if (random() % 3 == 0) {
    options.within = std::pow(10.0, -3.0 * std::uniform_real_distribution<double>(0.0, 1.0)(random));
  }
  if (random() % 3 == 0) {
    options.cheapest = true;
    if (random() % 2 == 0) {
      for (std::size_t k = 0; k < n; ++k) options.costs.push_back(static_cast<double>(random() % 5));
    }
  }
  if (random() % 2 == 0) {
    const std::vector<bool> bypassed = bypassed_by_switch(c.bank.topology);
    for (std::size_t k = 0; k < n; ++k) {
      const std::uint64_t fate = random() % 6;
      if (fate > 1) continue;
      const bool in = fate == 0;
      const Stuck stuck = in == bypassed[k] ? Stuck::open : Stuck::closed;
      if (c.bank.devices[k].stuck != Stuck::free && c.bank.devices[k].stuck != stuck) continue;
      (in ? options.force_in : options.force_out).push_back(k);
    }
  }
}

// Shorted or open whatever is chosen.
bool settled(const Case& c) {
  Configuration forced(c.bank.devices.size());
  for (const std::size_t k : c.options.force_in) forced.set(k, true);
  const double additive = c.bank.topology.is_parallel() ? conductance(c.bank, forced, Seen::measured).value
                                                        : resistance(c.bank, forced, Seen::measured).value;
  return std::isinf(additive);
}

}  // namespace

TEST_CASE("Any combination of questions about parallel and series banks equals brute force") {
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    CAPTURE(seed);
    Case c = make_case(seed, seed % 50 == 0 ? 12 : 8);
    std::mt19937_64 random(seed + 77);
    ask_anything(c, random);
    CAPTURE(c.bank.topology.text());
    CAPTURE(c.target);
    if (settled(c)) continue;
    c.options.neighbours = seed % 4 == 0;
    const Design design = program(c.bank, c.target, c.options);
    const std::vector<Configuration> all = brute_force(c);
    CHECK(design.exact);
    CHECK(texts(design) == texts(all));
    if (!c.options.neighbours) continue;
    Case near = c;
    near.options.within.reset();
    near.options.cheapest = false;
    near.options.best = 1;
    bool inside = true;
    for (const Side side : {Side::below, Side::above}) {
      near.options.side = side;
      const std::optional<Choice>& found = side == Side::below ? design.below : design.above;
      const std::vector<Configuration> nearest = brute_force(near);
      REQUIRE(found.has_value() == !nearest.empty());
      inside = inside && found.has_value();
      if (!found) continue;
      const double value = value_of(c.bank, nearest.front(), c.options.unit, Seen::measured);
      CHECK(value_of(c.bank, found->configuration, c.options.unit, Seen::measured) == value);
      inside = inside && std::isfinite(value);
    }
    CHECK(design.reachable == inside);
    c.options.neighbours = false;
    CHECK(program(c.bank, c.target, c.options).reachable == inside);
  }
}

TEST_CASE("Any combination of questions about series-parallel trees equals brute force") {
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Case c;
    const char* const trees[] = {"parallel(series(3), series(2, parallel(2)), 1)",
                                 "series(parallel(3), 2, parallel(2))", "parallel(series(2), series(2))"};
    c.bank.topology = Topology::parse(trees[seed % 3]);
    for (std::size_t k = 0; k < c.bank.topology.device_count(); ++k) {
      c.bank.devices.push_back(make_device(random, seed % 5 == 0, true, 0.0));
    }
    c.options.unit = random() % 2 == 0 ? TargetUnit::ohm : TargetUnit::siemens;
    const double size = c.options.unit == TargetUnit::ohm ? 1e4 : 1e-4;
    c.target = size * std::uniform_real_distribution<double>(0.1, 2.0)(random);
    ask_anything(c, random);
    c.options.neighbours = true;
    const Design design = program(c.bank, c.target, c.options);
    CHECK(design.exact);
    CHECK(texts(design) == texts(brute_force(c)));
    if (design.below) CHECK(value_of(c.bank, design.below->configuration, c.options.unit, Seen::measured) <= c.target);
    if (design.above) CHECK(value_of(c.bank, design.above->configuration, c.options.unit, Seen::measured) >= c.target);
  }
}

TEST_CASE("An exact answer's error is the bound, and what it costs is said") {
  Bank bank{.topology = Topology::series(3), .devices = std::vector<Device>(3)};
  for (std::size_t k = 0; k < 3; ++k) bank.devices[k].resistance = bank.devices[k].measured = Ohm{100.0 * (1 << k)};
  const Design closest = program(bank, 310.0, {.neighbours = true});
  CHECK(closest.bound == 10.0);
  CHECK(closest.reachable);
  CHECK(closest.below->achieved == 300.0);
  CHECK(closest.above->achieved == 400.0);
  const Design cheap = program(bank, 310.0, {.within = 0.4, .cheapest = true});
  CHECK(cheap.choices.front().configuration.text() == "001");
  CHECK(cheap.choices.front().cost == 1.0);
  CHECK(cheap.bound == 10.0);
  const Design dear = program(bank, 310.0, {.within = 0.4, .cheapest = true, .costs = {1.0, 2.0, 9.0}});
  CHECK(dear.choices.front().configuration.text() == "010");
  CHECK(dear.choices.front().cost == 2.0);
  const Design out = program(bank, 1000.0, {.neighbours = true});
  CHECK_FALSE(out.reachable);
  CHECK_FALSE(out.above.has_value());
  CHECK(out.below->achieved == 700.0);
  CHECK(program(bank, 310.0, {.within = 0.1, .any = true}).choices.front().achieved == 300.0);
  CHECK(program(bank, 310.0, {.within = 0.01, .any = true}).choices.empty());
}

TEST_CASE("Every device stuck or forced leaves one answer; contradictions are refused in one line") {
  Bank bank{.topology = Topology::parallel(2), .devices = std::vector<Device>(2)};
  for (Device& device : bank.devices) device.resistance = device.measured = Ohm{100.0};
  bank.devices[1].stuck = Stuck::open;
  const Design one = program(bank, 75.0, {.best = 5, .force_in = {0}});
  REQUIRE(one.choices.size() == 1);
  CHECK(one.choices.front().achieved == 100.0);
  CHECK(program(bank, 75.0, {.at_most = 0, .force_in = {0}}).choices.empty());
  CHECK_THROWS_WITH_AS(static_cast<void>(program(bank, 75.0, {.force_in = {1}})),
                       "device 1 cannot be forced in: its switch is stuck, or it is forced the other way", Error);
  CHECK_THROWS_AS(static_cast<void>(program(bank, 75.0, {.force_in = {0}, .force_out = {0}})), Error);
  CHECK_THROWS_WITH_AS(static_cast<void>(program(bank, 75.0, {.force_out = {7}})),
                       "device 7 cannot be forced out: the bank has 2 devices, counted from 0", Error);
  CHECK_THROWS_AS(static_cast<void>(program(bank, 75.0, {.any = true})), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(program(bank, 75.0, {.costs = {1.0}})), std::invalid_argument);
  const Bank none{.topology = Topology::parallel(0)};
  CHECK(program(none, 1.0, {.neighbours = true}).choices.size() == 1);
  CHECK_FALSE(program(none, 1.0, {.neighbours = true}).reachable);
}

namespace {

Bank large_bank(std::size_t devices) {
  std::mt19937_64 random(3);
  Bank bank{.topology = Topology::parallel(devices)};
  for (std::size_t k = 0; k < devices; ++k) bank.devices.push_back(make_device(random, false, false, 0.0));
  return bank;
}

std::string refusal(const Bank& bank, const ProgramOptions& options) {
  try {
    static_cast<void>(program(bank, 777.0, options));
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Forty-two free switches: the closest, no farther than with two of them fixed") {
  Bank bank = large_bank(42);
  for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
    const double target = unit == TargetUnit::ohm ? 777.0 : 1.0 / 777.0;
    const Design closest = program(bank, target, {.unit = unit});
    REQUIRE(closest.choices.size() == 1);
    CHECK(closest.reachable);
    const auto error = [&](const Design& design) {
      return std::abs(value_of(bank, design.choices.front().configuration, unit, Seen::measured) - target);
    };
    CHECK(closest.bound <= error(closest));
    CHECK(closest.bound >= error(closest) * 0.99);
    for (const std::size_t k : {0U, 1U}) {
      const ProgramOptions fixed{.unit = unit, .force_in = {k}, .force_out = {1 - k}};
      CHECK(closest.bound <= error(program(bank, target, fixed)) * (1.0 + 1e-6) + 1e-12 * target);
    }
  }
  CHECK(refusal(bank, {.best = 2}) ==
        "42 free switches: this question takes at most 40 switches that are free to choose");
  CHECK(refusal(bank, {.side = Side::below}) == refusal(bank, {.best = 2}));
}

TEST_CASE("Beyond 64 free switches any one within a tolerance, up to 10,000") {
  for (const std::size_t devices : {65U, 10'000U}) {
    CAPTURE(devices);
    const Bank bank = large_bank(devices);
    const Design any = program(bank, 777.0, {.within = 1e-9, .any = true});
    REQUIRE(any.choices.size() == 1);
    CHECK_FALSE(any.exact);
    CHECK(any.reachable);
    CHECK(std::abs(resistance(bank, any.choices.front().configuration, Seen::measured).value - 777.0) <= 777e-9);
    CHECK(refusal(bank, {}) == std::to_string(devices) +
                                   " free switches: expected at most 64 for the closest one, 10000 for any one within "
                                   "a tolerance");
  }
  CHECK(refusal(large_bank(10'001), {.within = 0.1, .any = true}) ==
        "10001 free switches: expected at most 10000 switches that are free to choose");
}
