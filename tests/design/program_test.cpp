// SPDX-License-Identifier: Apache-2.0
#include "design/program.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "sim/error.h"
#include "tests/support/programs.h"

using namespace ohmset;
using namespace ohmset::test;

TEST_CASE("Parallel and series banks: the order equals brute force over all configurations, in both units") {
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    CAPTURE(seed);
    Case c = make_case(seed, seed % 100 == 0 ? 13 : 8);
    CAPTURE(c.bank.topology.text());
    CAPTURE(c.target);
    if (hopeless(c.bank)) continue;
    std::mt19937_64 random(seed);
    for (int variant = 0; variant < 4; ++variant) {
      CAPTURE(variant);
      c.options.best = variant == 0 ? 1 : 1 + random() % 40;
      c.options.within.reset();
      c.options.at_most.reset();
      if (variant == 2) {
        c.options.within = std::pow(10.0, -3.0 * std::uniform_real_distribution<double>(0.0, 1.0)(random));
        if (seed % 2 == 0) c.options.best = everything;
      }
      if (variant == 3) c.options.at_most = random() % (c.bank.devices.size() + 1);
      const Design design = program(c.bank, c.target, c.options);
      CHECK(design.exact);
      CHECK_FALSE(design.capped);
      CHECK(texts(design) == texts(brute_force(c)));
    }
  }
}

TEST_CASE("What is reported is recomputed from the true devices") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    Case c = make_case(seed, 9);
    c.options.best = 5;
    const Design design = program(c.bank, c.target, c.options);
    CHECK(design.target == c.target);
    CHECK(design.seconds >= 0.0);
    for (const Choice& choice : design.choices) {
      CHECK(choice.configuration == with_stuck(c.bank, choice.configuration));
      CHECK(choice.achieved == value_of(c.bank, choice.configuration, c.options.unit, Seen::actual));
      CHECK(choice.error == choice.achieved - c.target);
      if (c.target == 0.0) {
        CHECK(std::isnan(choice.relative_error));
        CHECK(std::isnan(choice.bits));
      } else if (choice.error == 0.0) {
        CHECK(choice.bits == infinity);
      } else {
        CHECK(choice.relative_error == choice.error / c.target);
        CHECK(choice.bits == -std::log2(std::abs(choice.error / c.target)));
      }
    }
  }
}

TEST_CASE("A search sees measured values, an answer is made of true ones") {
  Bank bank{.topology = Topology::parallel(2), .devices = std::vector<Device>(2)};
  bank.devices[0].resistance = Ohm{1000.0};
  bank.devices[0].measured = Ohm{2000.0};
  bank.devices[1].resistance = Ohm{2000.0};
  bank.devices[1].measured = Ohm{1000.0};
  const Design design = program(bank, 1000.0);
  REQUIRE(design.choices.size() == 1);
  CHECK(design.choices.front().configuration.text() == "01");
  CHECK(design.choices.front().achieved == 2000.0);
  CHECK(design.choices.front().bits == 0.0);
}

TEST_CASE("Series-parallel trees go the same way, ranked and limited") {
  std::mt19937_64 random(4);
  Case c;
  c.bank.topology = Topology::parse("parallel(series(3), series(2, parallel(2)), 2)");
  for (std::size_t k = 0; k < c.bank.topology.device_count(); ++k) {
    c.bank.devices.push_back(make_device(random, false, true, 0.0));
  }
  c.bank.devices[4].stuck = Stuck::open;
  c.bank.devices[7].stuck = Stuck::open;
  for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
    c.options = {.unit = unit, .best = 20};
    c.target = unit == TargetUnit::ohm ? 6543.0 : 1.5e-4;
    CHECK(texts(program(c.bank, c.target, c.options)) == texts(brute_force(c)));
    c.options.at_most = 4;
    CHECK(texts(program(c.bank, c.target, c.options)) == texts(brute_force(c)));
    c.options.within = 0.02;
    CHECK(texts(program(c.bank, c.target, c.options)) == texts(brute_force(c)));
  }
}

TEST_CASE("A bank that is shorted or open whatever is chosen answers with that constant") {
  Bank shorted{.topology = Topology::parallel(3), .devices = std::vector<Device>(3)};
  for (Device& device : shorted.devices) device.resistance = device.measured = Ohm{1e4};
  shorted.devices[1].resistance = shorted.devices[1].measured = Ohm{0.0};
  shorted.devices[1].stuck = Stuck::closed;
  const Design short_design = program(shorted, 5000.0);
  REQUIRE(short_design.choices.size() == 1);
  CHECK(short_design.choices.front().achieved == 0.0);
  CHECK(short_design.choices.front().configuration.text() == "010");
  Bank open = shorted;
  open.topology = Topology::series(3);
  open.devices[1].resistance = open.devices[1].measured = Ohm{infinity};
  open.devices[1].stuck = Stuck::open;
  const Design open_design = program(open, 5000.0, {.best = 9});
  REQUIRE(open_design.choices.size() == 1);
  CHECK(open_design.choices.front().achieved == infinity);
  CHECK(open_design.choices.front().bits == -infinity);
}

TEST_CASE("Forty devices are a subset sum in either unit") {
  std::mt19937_64 random(8);
  Bank bank{.topology = Topology::parallel(41)};
  for (int k = 0; k < 41; ++k) bank.devices.push_back(make_device(random, false, true, 0.0));
  bank.devices[40].stuck = Stuck::closed;
  const Design design = program(bank, 777.0);
  REQUIRE(design.choices.size() == 1);
  CHECK(design.exact);
  CHECK(design.choices.front().configuration.inserted(40));
  const double seen = resistance(bank, design.choices.front().configuration, Seen::measured).value;
  CHECK(std::abs(seen - 777.0) < 1e-7);
  CHECK(program(bank, 777.0, {.at_most = 0}).choices.empty());
}

TEST_CASE("Forty equal devices: ties without number") {
  Bank bank{.topology = Topology::parallel(40), .devices = std::vector<Device>(40)};
  for (Device& device : bank.devices) device.resistance = device.measured = Ohm{1e4};
  const Design design = program(bank, 500.0, {.best = 3});
  CHECK(design.exact);
  REQUIRE(design.choices.size() == 3);
  CHECK(design.choices[0].configuration.mask() == (std::uint64_t{1} << 20U) - 1);
  CHECK(design.choices[1].configuration.mask() == ((std::uint64_t{1} << 19U) - 1) + (std::uint64_t{1} << 20U));
  CHECK(design.choices[2].configuration.count() == 20);
}

TEST_CASE("The cap is said") {
  Bank bank{.topology = Topology::series(4), .devices = std::vector<Device>(4)};
  for (Device& device : bank.devices) device.resistance = device.measured = Ohm{100.0};
  const Design cut = program(bank, 200.0, {.best = everything, .within = 0.5, .cap = 3});
  CHECK(cut.capped);
  CHECK(texts(cut) == std::vector<std::string>{"1100", "1010", "0110"});
  const Design whole = program(bank, 200.0, {.best = everything, .within = 0.5, .cap = 14});
  CHECK_FALSE(whole.capped);
  CHECK(whole.choices.size() == 14);
  CHECK(program(bank, 200.0, {.best = 0}).choices.empty());
}

TEST_CASE("Targets that are not finite or negative are broken preconditions") {
  const Bank bank{.topology = Topology::parallel(1), .devices = std::vector<Device>(1)};
  for (const double bad : {infinity, -infinity, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(static_cast<void>(program(bank, bad)), std::invalid_argument);
  }
  CHECK_THROWS_AS(static_cast<void>(program(bank, 1.0, {.within = -1.0})), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(program(Bank{.topology = Topology::parallel(2)}, 1.0)), std::invalid_argument);
}
