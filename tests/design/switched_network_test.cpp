// The search of switched networks against Kirchhoff's laws on every configuration.
// SPDX-License-Identifier: Apache-2.0
#include "design/switched_network.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "design/program.h"
#include "sim/error.h"
#include "sim/nodal.h"
#include "tests/support/banks.h"
#include "tests/support/switched_networks.h"

using namespace ohmset;
using namespace ohmset::support;

namespace {

struct Tried {
  double value = 0.0;
  Configuration closed{};
};

std::vector<Tried> every_configuration(const Asked& asked, TargetUnit unit) {
  std::vector<Tried> all;
  const std::size_t switches = asked.switched.switches.size();
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << switches; ++mask) {
    Tried tried{.closed = Configuration::from_mask(mask, switches)};
    const double r = effective_resistance(network_in(asked.switched, tried.closed), asked.port).value;
    tried.value = unit == TargetUnit::ohm ? r : 1.0 / r;
    all.push_back(tried);
  }
  return all;
}

constexpr double same = 1e-13;  // relative: what Kirchhoff's laws are computed to, and more

// Best first; errors within rounding count as equal.
void sort_by_error(std::vector<Tried>& all, double target) {
  std::sort(all.begin(), all.end(),
            [&](const Tried& a, const Tried& b) { return std::abs(a.value - target) < std::abs(b.value - target); });
}

void check_against_brute_force(const Asked& asked, TargetUnit unit, Generator& random, std::size_t best) {
  std::vector<Tried> all = every_configuration(asked, unit);
  double target = all[below(random, all.size())].value * (below(random, 3) == 0 ? 1.0 : between(random, 0.8, 1.2));
  if (!std::isfinite(target)) target = 100.0;
  sort_by_error(all, target);
  const SwitchedDesign design = program_network(asked.switched, asked.port, target, {.unit = unit, .best = best});
  CAPTURE(target);
  CHECK(design.proven);
  REQUIRE(design.choices.size() == std::min(best, all.size()));
  for (std::size_t k = 0; k < design.choices.size(); ++k) {
    CAPTURE(k);
    const Choice& choice = design.choices[k];
    const double expected = std::abs(all[k].value - target);
    if (expected == infinity) {
      CHECK(std::abs(choice.error) == infinity);
    } else {
      CHECK(std::abs(std::abs(choice.error) - expected) <= same * (target + expected));
    }
    const double r = effective_resistance(network_in(asked.switched, choice.configuration), asked.port).value;
    CHECK(choice.achieved == (unit == TargetUnit::ohm ? r : 1.0 / r));
    for (std::size_t other = 0; other < k; ++other) {
      CHECK(design.choices[other].configuration != choice.configuration);
    }
  }
  // Of equal ones the simplest: none in the list of all errs as little with fewer switches closed.
  const Choice& first = design.choices.front();
  const double least = std::abs(first.error);
  if (least == infinity) return;
  for (const Tried& tried : all) {
    if (std::abs(tried.value - target) > least + 1e-16 * (target + least)) break;
    if (tried.value != first.achieved) continue;
    CHECK(tried.closed.count() >= first.configuration.count());
  }
  CHECK(design.lowest <= all.front().value * (1.0 + same));
  CHECK(design.highest >= all.front().value * (1.0 - same));
}

}  // namespace

TEST_CASE("the nearest configurations of grids are those of brute force") {
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    CAPTURE(seed);
    Generator random(seed);
    const auto ends = static_cast<Ends>(seed % 3);
    const std::size_t side = 2 + seed % 3;
    const Asked asked = grid(random, side, std::min<std::size_t>(2 * side * (side - 1), 3 + seed % 8), ends);
    const TargetUnit unit = seed % 2 == 0 ? TargetUnit::ohm : TargetUnit::siemens;
    check_against_brute_force(asked, unit, random, seed % 5 == 0 ? 7 : 1);
  }
}

TEST_CASE("the nearest configurations of any graph are those of brute force, islands, shorts and opens included") {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    Generator random(seed + 1000);
    const auto ends = static_cast<Ends>(seed % 3);
    const Asked asked = anything(random, 2 + below(random, 9), below(random, 12), below(random, 9), ends);
    const TargetUnit unit = seed % 2 == 0 ? TargetUnit::ohm : TargetUnit::siemens;
    check_against_brute_force(asked, unit, random, 1 + below(random, 6));
  }
}

TEST_CASE("fourteen switches on a grid") {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    CAPTURE(seed);
    Generator random(seed + 5000);
    const Asked asked = grid(random, 4, 14, seed == 1 ? Ends::ideal : Ends::mixed);
    check_against_brute_force(asked, TargetUnit::ohm, random, 3);
  }
}

TEST_CASE("banks expressed as networks are programmed as banks are") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    Topology topology = Topology::parse(support::any_expression(random, 2));
    while (topology.device_count() > 12) topology = Topology::parse(support::any_expression(random, 2));
    Bank bank = support::any_bank(random, topology, {.ideal_switches = seed % 2 == 0, .faults = false});
    for (Device& device : bank.devices) device.measured = device.resistance;
    const std::vector<bool> bypass = bypassed_by_switch(topology);
    const BankNetwork built = build_network(bank, Configuration(bank.devices.size()));
    SwitchedNetwork switched{.network = built.network};
    for (std::size_t k = 0; k < bank.devices.size(); ++k) {
      const auto branches = built.network.branches();
      const auto found = std::find_if(branches.begin(), branches.end(),
                                      [&](const Branch& branch) { return branch.name == "s" + std::to_string(k); });
      REQUIRE(found != branches.end());
      switched.switches.push_back({.branch = static_cast<std::size_t>(found - branches.begin()),
                                   .on = bank.devices[k].contact.on,
                                   .off = bank.devices[k].contact.off});
    }
    const Configuration some = support::any_configuration(random, bank.devices.size());
    const double there = resistance(bank, some).value;
    const double target = std::isfinite(there) ? there * 1.01 : 1000.0;
    const Design expected = program(bank, target);
    const SwitchedDesign design = program_network(switched, built.port, target);
    REQUIRE(design.choices.size() == 1);
    // A bypass is closed where its device is left out.
    Configuration inserted(bank.devices.size());
    for (std::size_t k = 0; k < bank.devices.size(); ++k) {
      inserted.set(k, design.choices[0].configuration.inserted(k) != bypass[k]);
    }
    CAPTURE(topology.text());
    CHECK(design.proven);
    CHECK(resistance(bank, inserted).value == doctest::Approx(design.choices[0].achieved).epsilon(1e-12));
    const double least = std::abs(expected.choices.at(0).error);
    if (least == infinity) continue;
    CHECK(std::abs(std::abs(design.choices[0].error) - least) <= same * (target + least));
  }
}

TEST_CASE("Rayleigh: what lies outside lowest .. highest is not attained, and both are") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Generator random(seed + 9000);
    const Asked asked =
        anything(random, 3 + below(random, 6), 4 + below(random, 8), 1 + below(random, 8), static_cast<Ends>(seed % 3));
    const SwitchedDesign design = program_network(asked.switched, asked.port, 10.0);
    double lowest = infinity;
    double highest = 0.0;
    for (const Tried& tried : every_configuration(asked, TargetUnit::ohm)) {
      lowest = std::min(lowest, tried.value);
      highest = std::max(highest, tried.value);
    }
    CHECK((design.lowest == lowest || std::abs(design.lowest - lowest) <= 1e-12 * lowest));
    CHECK((design.highest == highest || std::abs(design.highest - highest) <= 1e-12 * highest));
    CHECK(design.reachable == (design.lowest <= 10.0 && 10.0 <= design.highest));
  }
}

TEST_CASE("at most so many closed switches, and within a bound: as brute force") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    Generator random(seed + 7000);
    const Asked asked =
        anything(random, 3 + below(random, 5), 3 + below(random, 8), 2 + below(random, 7), static_cast<Ends>(seed % 3));
    const std::size_t at_most = below(random, asked.switched.switches.size() + 1);
    std::vector<Tried> all = every_configuration(asked, TargetUnit::ohm);
    const double there = all[below(random, all.size())].value;
    const double target = std::isfinite(there) && there > 0.0 ? there * 1.001 : 50.0;
    const double within = 0.1;
    std::erase_if(all, [&](const Tried& tried) {
      return tried.closed.count() > at_most || !(std::abs(tried.value - target) <= within * target);
    });
    sort_by_error(all, target);
    const std::size_t best = 1 + below(random, 4);
    const SwitchedDesign design =
        program_network(asked.switched, asked.port, target, {.best = best, .within = within, .at_most = at_most});
    REQUIRE(design.choices.size() == std::min(best, all.size()));
    for (std::size_t k = 0; k < design.choices.size(); ++k) {
      CHECK(design.choices[k].configuration.count() <= at_most);
      const double expected = std::abs(all[k].value - target);
      CHECK(std::abs(std::abs(design.choices[k].error) - expected) <= same * (target + expected));
    }
  }
}

TEST_CASE("a search that runs out of time says what it has proven, and is never better than the proof") {
  Generator random(77);
  const Asked asked = grid(random, 5, 20, Ends::real);
  const double target = 200.0;
  const SwitchedDesign whole = program_network(asked.switched, asked.port, target);
  REQUIRE(whole.proven);
  CHECK(whole.bound == std::abs(whole.choices.at(0).error));
  const SwitchedDesign none = program_network(asked.switched, asked.port, target, {.time_limit = 0.0});
  CHECK_FALSE(none.proven);
  CHECK(none.choices.empty());
  CHECK(none.bound <= whole.bound);
  for (const double limit : {0.0005, 0.002, 0.005}) {
    CAPTURE(limit);
    const SwitchedDesign some = program_network(asked.switched, asked.port, target, {.time_limit = limit});
    CHECK(some.bound <= whole.bound);
    if (!some.choices.empty()) CHECK(std::abs(some.choices[0].error) >= whole.bound * (1.0 - same));
    CHECK(some.seconds < limit + 2.0);
  }
}

TEST_CASE("forty switches: an answer in time, with the resistance that Kirchhoff's laws give it") {
  Generator random(78);
  const Asked asked = grid(random, 6, 40, Ends::real);
  const SwitchedDesign design = program_network(asked.switched, asked.port, 200.0, {.time_limit = 1.0});
  REQUIRE(design.choices.size() == 1);
  CHECK(design.seconds < 10.0);
  const Choice& choice = design.choices[0];
  CHECK(choice.achieved == effective_resistance(network_in(asked.switched, choice.configuration), asked.port).value);
  CHECK(std::abs(choice.relative_error) < 0.1);
  CHECK(design.bound <= std::abs(choice.error));
}

TEST_CASE("hits within rounding end a search of many switches") {
  // All alike in parallel: the target is met by any twenty of sixty.
  SwitchedNetwork switched;
  const Node a = switched.network.add_node("a");
  for (std::size_t k = 0; k < 60; ++k) {
    const std::size_t branch = switched.network.add_resistor("r" + std::to_string(k), a, 0, Ohm{1000.0});
    switched.switches.push_back({.branch = branch, .on = Ohm{1000.0}});
  }
  const SwitchedDesign design = program_network(switched, {.a = a, .b = 0}, 50.0, {.time_limit = 60.0});
  CHECK(design.proven);
  CHECK(design.seconds < 30.0);
  CHECK(design.choices.at(0).configuration.count() == 20);
  CHECK(std::abs(design.choices[0].relative_error) < 1e-12);
}

TEST_CASE("switches that carry nothing stay open, and every one of their states is an alternative") {
  SwitchedNetwork switched;
  const Node a = switched.network.add_node("a");
  const Node island = switched.network.add_node("island");
  switched.network.add_resistor("r", a, 0, Ohm{10.0});
  switched.switches.push_back({.branch = switched.network.add_resistor("loop", a, a, Ohm{1.0}), .on = Ohm{1.0}});
  switched.switches.push_back({.branch = switched.network.add_resistor("stub", a, island, Ohm{1.0}), .on = Ohm{1.0}});
  switched.switches.push_back(
      {.branch = switched.network.add_resistor("same", a, 0, Ohm{1.0}), .on = Ohm{90.0}, .off = Ohm{90.0}});
  const SwitchedDesign design = program_network(switched, {.a = a, .b = 0}, 9.0, {.best = 20});
  REQUIRE(design.choices.size() == 8);
  const std::vector<std::string> order = {"000", "100", "010", "001", "110", "101", "011", "111"};
  for (std::size_t k = 0; k < 8; ++k) {
    CHECK(design.choices[k].configuration.text() == order[k]);
    CHECK(design.choices[k].achieved == doctest::Approx(9.0).epsilon(1e-15));
  }
}

TEST_CASE("no switches, open ports, shorted ports and targets of nothing are answers") {
  SwitchedNetwork switched;
  const Node a = switched.network.add_node("a");
  const Node b = switched.network.add_node("b");
  const Port port{.a = a, .b = b};
  SwitchedDesign design = program_network(switched, port, 5.0);
  REQUIRE(design.choices.size() == 1);
  CHECK(design.choices[0].achieved == infinity);
  CHECK(design.choices[0].configuration.size() == 0);
  CHECK_FALSE(design.reachable);

  const std::size_t wire = switched.network.add_resistor("wire", a, b, Ohm{0.0});
  CHECK(program_network(switched, port, 5.0).choices.at(0).achieved == 0.0);
  CHECK(program_network(switched, {.a = a, .b = a}, 5.0).choices.at(0).achieved == 0.0);

  switched.switches.push_back({.branch = wire});
  design = program_network(switched, port, 0.0);
  CHECK(design.choices.at(0).achieved == 0.0);
  CHECK(design.choices[0].configuration.text() == "1");
  CHECK(design.proven);
  design = program_network(switched, port, 0.0, {.unit = TargetUnit::siemens});
  CHECK(design.choices.at(0).achieved == 0.0);
  CHECK(design.choices[0].configuration.text() == "0");
}

TEST_CASE("what cannot be asked is refused") {
  Generator random(5);
  Asked asked = grid(random, 3, 4, Ends::real);
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, infinity), std::invalid_argument);
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, -1.0), std::invalid_argument);
  CHECK_THROWS_AS((void)program_network(asked.switched, {.a = 0, .b = 99}, 1.0), std::invalid_argument);
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, 1.0, {.within = -1.0}), std::invalid_argument);
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, 1.0, {.time_limit = std::nan("")}),
                  std::invalid_argument);
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, 1.0, {.best = std::size_t{1} << 62U}), Error);
  CHECK_THROWS_AS((void)network_in(asked.switched, Configuration(3)), std::invalid_argument);
  asked.switched.switches.push_back(asked.switched.switches.front());
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, 1.0), std::invalid_argument);
  asked.switched.switches.back().branch = 1000;
  CHECK_THROWS_AS((void)program_network(asked.switched, asked.port, 1.0), std::invalid_argument);

  SwitchedNetwork many;
  for (std::size_t k = 0; k <= most_network_switches; ++k) {
    many.switches.push_back(
        {.branch = many.network.add_resistor("r" + std::to_string(k), 0, many.network.add_node(), Ohm{1.0}),
         .on = Ohm{1.0}});
  }
  CHECK_THROWS_AS((void)program_network(many, {.a = 0, .b = 1}, 1.0), Error);
  many.switches.pop_back();
  const SwitchedDesign design = program_network(many, {.a = 0, .b = 1}, 1.0, {.time_limit = 5.0});
  CHECK(design.choices.at(0).achieved == 1.0);
  CHECK(design.choices[0].configuration.count() == 1);
}
