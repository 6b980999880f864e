// Walks among the configurations of a switched network, and the search beside its other oracle: rank-one updates along
// a Gray code.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "design/switched_network.h"
#include "design/switched_network/walk.h"
#include "sim/nodal.h"
#include "tests/support/network_by_gray_code.h"
#include "tests/support/switched_networks.h"

using namespace ohmset;
using namespace ohmset::support;

namespace {

Configuration configuration_of(const switched::Terminals& terminals, const switched::Highs& highs, std::size_t size) {
  Configuration closed(size);
  for (std::size_t k = 0; k < highs.size(); ++k) {
    closed.set(terminals.contacts[k].index, highs[k] == terminals.contacts[k].high_is_closed);
  }
  return closed;
}

double resistance_in(const Asked& asked, const Configuration& closed) {
  return effective_resistance(network_in(asked.switched, closed), asked.port).value;
}

struct Walked {
  double least = infinity;  // relative error
  std::size_t offered = 0;
  std::vector<std::string> order{};
};

// What a walk of so many steps offers; each offer is checked.
Walked walked(const Asked& asked, double target, std::size_t steps, std::size_t at_most, std::uint64_t seed = 1) {
  const switched::Terminals terminals = switched::terminals_of(asked.switched, asked.port);
  const std::size_t size = asked.switched.switches.size();
  Walked result;
  switched::walk(terminals, switched::Highs(terminals.contacts.size(), false),
                 {.resistance = target,
                  .at_most = at_most,
                  .seed = seed,
                  .goes_on = [&] { return steps-- > 0; },
                  .reach = [&] { return result.least * target; },
                  .offer =
                      [&](const switched::Highs& highs, double conductance) {
                        const Configuration closed = configuration_of(terminals, highs, size);
                        const double r = resistance_in(asked, closed);
                        CHECK(1.0 / conductance == doctest::Approx(r).epsilon(1e-12));
                        CHECK(closed.count() <= at_most);
                        result.least = std::min(result.least, std::abs(r - target) / target);
                        result.order.push_back(closed.text());
                        ++result.offered;
                      }});
  return result;
}

}  // namespace

TEST_CASE("a walk finds the nearest of some thousand configurations") {
  for (std::uint64_t seed = 1; seed <= 18; ++seed) {
    CAPTURE(seed);
    Generator random(seed + 300);
    const auto ends = static_cast<Ends>(seed % 3);
    const Asked asked = seed % 2 == 0 ? grid(random, 4, 12, ends) : anything(random, 8, 20, 12, ends);
    double r = infinity;
    for (std::size_t k = 0; k < 100 && !(r > 0.0 && r < 1e6); ++k) {
      r = resistance_in(asked, Configuration::from_mask(below(random, 1U << 12U), 12));
    }
    if (!(r > 0.0 && r < 1e6)) continue;  // this port is open or shorted
    const double target = r * 1.003;
    const std::size_t at_most = seed % 4 == 0 ? 6 : 12;
    const SwitchedDesign best = program_network(asked.switched, asked.port, target, {.at_most = at_most});
    REQUIRE(best.proven);
    const Walked found = walked(asked, target, 1500, at_most);
    CHECK(found.least == doctest::Approx(std::abs(best.choices.at(0).relative_error)).epsilon(1e-9));
  }
}

TEST_CASE("a walk is a function of its seed") {
  Generator random(9);
  const Asked asked = grid(random, 6, 40, Ends::real);
  const double target = 1.001 * resistance_in(asked, Configuration::from_mask(0x5a3c96f0e1, 40));
  const Walked once = walked(asked, target, 300, 40);
  CHECK(once.offered > 10);
  CHECK(once.order == walked(asked, target, 300, 40).order);
  CHECK(once.order != walked(asked, target, 300, 40, 2).order);
  CHECK(once.least < 1e-5);
}

TEST_CASE("walks on ports that are open, shorted or alone end") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Generator random(seed + 4000);
    const Asked asked =
        anything(random, 2 + below(random, 30), below(random, 6), 2 + below(random, 12), static_cast<Ends>(seed % 3));
    if (switched::terminals_of(asked.switched, asked.port).shorted) continue;
    const std::size_t size = asked.switched.switches.size();
    (void)walked(asked, 100.0, 200, below(random, size + 1));
  }
}

TEST_CASE("the nearest configurations are those of rank-one updates along a Gray code") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    Generator random(seed + 60);
    const std::size_t switches = seed == 4 ? 16 : 12;
    Asked asked = grid(random, 4, switches, Ends::real);
    // Updates lose what cuts the network nearly in two gains.
    for (SwitchBranch& contact : asked.switched.switches) contact.off = Ohm{between(random, 500.0, 5000.0)};
    const double target = between(random, 50.0, 150.0);
    constexpr std::size_t best = 5;
    std::vector<double> errors;
    support::network_by_gray_code(asked.switched, asked.port, [&](std::uint64_t mask, double r) {
      if (mask % 911 == 0) CHECK(r == doctest::Approx(resistance_in(asked, Configuration::from_mask(mask, switches))));
      errors.push_back(std::abs(r - target));
    });
    REQUIRE(errors.size() == std::size_t{1} << switches);
    std::sort(errors.begin(), errors.end());
    const SwitchedDesign design = program_network(asked.switched, asked.port, target, {.best = best});
    REQUIRE(design.choices.size() == best);
    for (std::size_t k = 0; k < best; ++k) {
      CHECK(std::abs(std::abs(design.choices[k].error) - errors[k]) <= 1e-10 * target);
    }
  }
}

TEST_CASE("a long search gives each configuration once, however it was found, and the same ones every time") {
  Generator random(12);
  const Asked asked = grid(random, 5, 28, Ends::real);
  const SwitchedOptions options{.best = 40, .at_most = 14};
  const SwitchedDesign design = program_network(asked.switched, asked.port, 150.0, options);
  CHECK(design.proven);
  CHECK(design.method == "branch and bound on terminals, with walks");
  REQUIRE(design.choices.size() == 40);
  std::set<std::string> different;
  for (const Choice& choice : design.choices) {
    CHECK(different.insert(choice.configuration.text()).second);
    CHECK(choice.configuration.count() <= 14);
    CHECK(choice.achieved == resistance_in(asked, choice.configuration));
  }
  const SwitchedDesign again = program_network(asked.switched, asked.port, 150.0, options);
  REQUIRE(again.choices.size() == 40);
  for (std::size_t k = 0; k < 40; ++k) CHECK(again.choices[k].configuration == design.choices[k].configuration);
}

TEST_CASE("forty relays and nothing else: four thousand steps come within a thousandth of a percent") {
  Asked asked;
  SwitchedNetwork& switched = asked.switched;
  for (std::size_t k = 0; k < 25; ++k) {
    if (k > 0) switched.network.add_node();
    for (const std::size_t other : {k % 5 > 0 ? k - 1 : k, k >= 5 ? k - 5 : k}) {
      if (other == k) continue;
      const std::size_t branch =
          switched.network.add_resistor("r" + std::to_string(switched.switches.size()), other, k, Ohm{50.0});
      switched.switches.push_back({.branch = branch, .on = Ohm{50.0}, .off = Ohm{1e9}});
    }
  }
  REQUIRE(switched.switches.size() == 40);
  asked.port = {.a = 0, .b = 24};
  for (const double target : {123.4, 222.2, 311.0}) {
    CAPTURE(target);
    CHECK(walked(asked, target, 4000, 40).least < 1e-5);
  }
  const SwitchedDesign design = program_network(switched, asked.port, 222.2, {.time_limit = 0.5});
  REQUIRE(design.choices.size() == 1);
  CHECK(design.bound <= std::abs(design.choices[0].error));
  CHECK(design.method == "branch and bound on terminals, with walks");
}
