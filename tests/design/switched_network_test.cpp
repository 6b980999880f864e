// The search of switched networks against Kirchhoff's laws on every configuration.
// SPDX-License-Identifier: Apache-2.0
#include "design/switched_network.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "design/program.h"
#include "sim/error.h"
#include "sim/nodal.h"
#include "support/banks.h"

using namespace ohmset;

namespace {

using Generator = std::mt19937_64;

double between(Generator& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}
std::size_t below(Generator& random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

struct Asked {
  SwitchedNetwork switched{};
  Port port{};
};

enum class Ends { ideal, real, mixed };

SwitchBranch contact(Generator& random, std::size_t branch, Ends ends) {
  const double on = std::exp(between(random, 0.0, 4.0));
  const double off = std::exp(between(random, 10.0, 20.0));
  const bool ideal_on = ends == Ends::ideal || (ends == Ends::mixed && below(random, 2) == 0);
  const bool ideal_off = ends == Ends::ideal || (ends == Ends::mixed && below(random, 2) == 0);
  SwitchBranch made{.branch = branch, .on = Ohm{ideal_on ? 0.0 : on}, .off = Ohm{ideal_off ? infinity : off}};
  if (ends == Ends::mixed && below(random, 8) == 0) std::swap(made.on, made.off);
  return made;
}

// Side by side nodes; `switches` of the branches are switches, the others resistors over two decades.
Asked grid(Generator& random, std::size_t side, std::size_t switches, Ends ends) {
  Asked asked;
  std::vector<Node> nodes;
  for (std::size_t k = 0; k < side * side; ++k) nodes.push_back(asked.switched.network.add_node());
  std::vector<std::pair<Node, Node>> pairs;
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < side; ++j) {
      if (j + 1 < side) pairs.emplace_back(nodes[i * side + j], nodes[i * side + j + 1]);
      if (i + 1 < side) pairs.emplace_back(nodes[i * side + j], nodes[(i + 1) * side + j]);
    }
  }
  std::shuffle(pairs.begin(), pairs.end(), random);
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const std::size_t branch = asked.switched.network.add_resistor(
        "r" + std::to_string(k), pairs[k].first, pairs[k].second, Ohm{std::exp(between(random, 0.0, 4.6))});
    if (k < switches) asked.switched.switches.push_back(contact(random, branch, ends));
  }
  asked.port = {.a = nodes.front(), .b = nodes.back()};
  return asked;
}

// Any graph: parallel branches, self-loops, islands, shorts and opens among the fixed branches.
Asked anything(Generator& random, std::size_t nodes, std::size_t branches, std::size_t switches, Ends ends) {
  Asked asked;
  for (std::size_t k = 1; k < nodes; ++k) asked.switched.network.add_node();
  for (std::size_t k = 0; k < branches + switches; ++k) {
    const std::size_t kind = below(random, 12);
    const double r = kind == 0 ? 0.0 : kind == 1 ? infinity : std::exp(between(random, 0.0, 7.0));
    const std::size_t branch = asked.switched.network.add_resistor("r" + std::to_string(k), below(random, nodes),
                                                                   below(random, nodes), Ohm{r});
    if (k >= branches) asked.switched.switches.push_back(contact(random, branch, ends));
  }
  asked.port = {.a = 0, .b = 1};
  return asked;
}

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
