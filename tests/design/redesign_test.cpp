// Configurations of dies by the thousand against program(), one by one.
// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/redesign.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "design/program.h"
#include "tests/support/banks.h"

using namespace ohmset;
using support::Random;

namespace {

double any_uniform(Random& random) { return std::uniform_real_distribution<double>(0.0, 1.0)(random); }

struct Dice {
  BankSpec spec{};
  std::vector<Bank> banks{};
  std::vector<Aim> aims{};
};

// Dies of one spec: with ties or without, with faults or without, ideal switches or real ones.
Dice any_dice(Random& random, std::size_t most_devices, std::size_t count) {
  Dice dice;
  const std::size_t devices = 1 + random() % most_devices;
  const bool series = random() % 2 == 0;
  dice.spec.topology = series ? Topology::series(devices) : Topology::parallel(devices);
  Switch& contact = dice.spec.fabrication.switches.nominal;
  if (random() % 2 == 0) contact = {.on = Ohm{30.0}, .off = Ohm{std::pow(10.0, 5.0 + 4.0 * any_uniform(random))}};
  const bool equal = random() % 4 == 0;
  const bool coarse = random() % 4 == 0;
  const double faults = random() % 3 == 0 ? 0.15 : 0.0;
  for (std::size_t die = 0; die < count; ++die) {
    Bank bank{.topology = dice.spec.topology, .devices = std::vector<Device>(devices)};
    for (Device& device : bank.devices) {
      double r = equal ? 1e4 : 1e4 * std::exp(0.4 * std::normal_distribution<double>()(random));
      if (coarse) r = 500.0 * std::round(r / 500.0);
      if (any_uniform(random) < faults) r = any_uniform(random) < 0.5 ? 0.0 : infinity;
      device.resistance = device.measured = Ohm{r};
      device.contact = contact;
      if (contact.on.value > 0.0 && !equal) device.contact.on.value *= 0.5 + any_uniform(random);
      if (any_uniform(random) < faults) device.stuck = any_uniform(random) < 0.5 ? Stuck::open : Stuck::closed;
    }
    dice.banks.push_back(bank);
  }
  for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
    Configuration some(devices);
    for (std::size_t k = 0; k < devices; ++k) some.set(k, random() % 2 == 0);
    const double inside = resistance(dice.banks.front(), some).value;
    double target = std::isfinite(inside) && inside > 0.0 ? inside : 1e4;
    if (random() % 2 == 0) target *= 0.8 + 0.4 * any_uniform(random);
    if (random() % 4 == 0) target *= std::pow(10.0, 12.0 * (any_uniform(random) - 0.5));
    dice.aims.push_back({.target = unit == TargetUnit::ohm ? target : 1.0 / target, .unit = unit});
  }
  return dice;
}

struct Outcome {
  std::size_t asked = 0;
  std::size_t wrong = 0;
  std::uint64_t by_program = 0;
};

Outcome compare(const Dice& dice) {
  const std::size_t devices = dice.spec.topology.device_count();
  const std::size_t count = dice.banks.size();
  tolerance::Table measured(devices, count);
  tolerance::Table on(devices, count);
  std::vector<std::uint8_t> stuck(devices * tolerance::whole_packs(count));
  for (std::size_t k = 0; k < devices; ++k) {
    std::fill_n(measured.row(k), tolerance::whole_packs(count), 1.0);
    for (std::size_t die = 0; die < count; ++die) {
      const Device& device = dice.banks[die].devices[k];
      measured.row(k)[die] = device.measured.value;
      on.row(k)[die] = device.contact.on.value;
      stuck[k * tolerance::whole_packs(count) + die] = static_cast<std::uint8_t>(device.stuck);
    }
  }
  tolerance::Redesign redesign(dice.spec, dice.aims, count);
  redesign.choose({.count = count,
                   .measured = &measured,
                   .switch_on = &on,
                   .stuck = stuck,
                   .stuck_stride = tolerance::whole_packs(count)});
  Outcome outcome{.by_program = redesign.by_program()};
  for (std::size_t a = 0; a < dice.aims.size(); ++a) {
    for (std::size_t die = 0; die < count; ++die) {
      const Design design = program(dice.banks[die], dice.aims[a].target, {.unit = dice.aims[a].unit});
      Configuration ours(devices);
      for (std::size_t k = 0; k < devices; ++k) ours.set(k, redesign.inserted(a, k)[die] != 0);
      ++outcome.asked;
      outcome.wrong += ours == design.choices.at(0).configuration ? 0 : 1;
    }
  }
  return outcome;
}

}  // namespace

TEST_CASE("every die gets the configuration that program gives it, ties and faults included") {
  Outcome all;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Outcome outcome = compare(any_dice(random, 12, 20));
    CHECK(outcome.wrong == 0);
    all.asked += outcome.asked;
    all.by_program += outcome.by_program;
  }
  // Most of them by sums, or this test shows little.
  MESSAGE(all.by_program, " of ", all.asked, " left to program");
  CHECK(all.by_program < all.asked / 2);
}

TEST_CASE("the same for banks as large as are searched side by side, and for larger ones") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    CHECK(compare(any_dice(random, 25, 12)).wrong == 0);
  }
}
