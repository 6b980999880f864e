// A reduced network must answer as the whole one does.
// SPDX-License-Identifier: Apache-2.0
#include "sim/reduce.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "sim/nodal.h"

namespace {

using namespace ohmset;

double relative(double x, double y) { return x == y ? 0.0 : std::abs(x - y) / std::max(std::abs(x), std::abs(y)); }

// Sparse enough for series, parallel, dangling and cut-off parts; some shorts and opens.
Network random_network(std::uint64_t seed, std::size_t nodes, std::size_t branches) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::uniform_int_distribution<std::size_t> any(0, nodes - 1);
  Network network;
  for (std::size_t k = 1; k < nodes; ++k) network.add_node();
  for (std::size_t k = 0; k < branches; ++k) {
    const double kind = uniform(engine);
    const double r = kind < 0.1 ? 0.0 : kind < 0.2 ? infinity : std::pow(10.0, 6.0 * uniform(engine) - 3.0);
    const Node a = any(engine);
    network.add_resistor("r" + std::to_string(k), a, any(engine), Ohm{r});
  }
  return network;
}

double reduced_resistance(const Reduction& reduction, Port port) {
  const std::size_t a = reduction.node_of[port.a];
  const std::size_t b = reduction.node_of[port.b];
  if (a == no_node || b == no_node) return infinity;
  return effective_resistance(reduction.network, {a, b}).value;
}

}  // namespace

TEST_CASE("every reduction keeps the resistances between its terminals") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const std::size_t nodes = 4 + seed;
    const Network network = random_network(seed, nodes, nodes + nodes / 3);
    const std::array<Node, 3> terminals{1, 2, nodes - 1};
    const Reduction merged = merge_shorts(network);
    const Reduction connected = drop_islands(network, terminals);
    const Reduction reduced = reduce_series_parallel(network, terminals);
    CHECK(reduced.network.branches().size() <= merged.network.branches().size());
    for (const Port port : {Port{1, 2}, Port{2, nodes - 1}, Port{nodes - 1, 1}}) {
      const double expected = effective_resistance(network, port).value;
      CHECK(relative(reduced_resistance(merged, port), expected) < 1e-13);
      CHECK(relative(reduced_resistance(connected, port), expected) < 1e-13);
      CHECK(relative(reduced_resistance(reduced, port), expected) < 1e-13);
    }
  }
}

TEST_CASE("nothing is left to reduce: no shorts, opens, parallels, dangling ends or nodes in series") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const Network network = random_network(seed, 40, 55);
    const std::array<Node, 2> terminals{3, 4};
    const Reduction reduced = reduce_series_parallel(network, terminals);
    std::vector<std::size_t> degree(reduced.network.node_count(), 0);
    std::vector<std::pair<Node, Node>> seen;
    for (const Branch& branch : reduced.network.branches()) {
      CHECK(branch.resistance.value > 0.0);
      CHECK(std::isfinite(branch.resistance.value));
      CHECK(branch.a != branch.b);
      const std::pair<Node, Node> ends = std::minmax(branch.a, branch.b);
      CHECK(std::find(seen.begin(), seen.end(), ends) == seen.end());
      seen.push_back(ends);
      ++degree[branch.a];
      ++degree[branch.b];
    }
    for (Node node = 0; node < degree.size(); ++node) {
      if (node == reduced.node_of[3] || node == reduced.node_of[4]) continue;
      CHECK((degree[node] >= 3 || (node == 0 && degree[node] == 0)));
    }
  }
}

TEST_CASE("a series-parallel network between two terminals becomes one resistor") {
  Network network;
  for (int k = 0; k < 4; ++k) network.add_node();
  network.add_resistor("a", 1, 2, Ohm{1.0});
  network.add_resistor("b", 2, 3, Ohm{2.0});
  network.add_resistor("c", 1, 3, Ohm{6.0});
  network.add_resistor("d", 3, 4, Ohm{5.0});
  network.add_resistor("dangling", 2, 0, Ohm{1.0});
  const std::array<Node, 2> terminals{1, 4};
  const Reduction reduced = reduce_series_parallel(network, terminals);
  REQUIRE(reduced.network.branches().size() == 1);
  CHECK(reduced.network.branches()[0].resistance.value == 7.0);  // (1 + 2) || 6 + 5
  CHECK(reduced.node_of[2] == no_node);
  CHECK(reduced.network.node_name(reduced.node_of[4]) == network.node_name(4));
}

TEST_CASE("joined nodes share an index, ground stays ground") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  const Node c = network.node("c");
  network.add_resistor("s1", a, b, Ohm{0.0});
  network.add_resistor("s2", c, 0, Ohm{0.0});
  network.add_resistor("self", a, b, Ohm{4.0});
  network.add_resistor("open", a, c, Ohm{infinity});
  network.add_resistor("r", b, c, Ohm{3.0});
  const Reduction merged = merge_shorts(network);
  CHECK(merged.node_of == std::vector<std::size_t>{0, 1, 1, 0});
  REQUIRE(merged.network.branches().size() == 1);
  CHECK(merged.network.branches()[0].name == "r");
  CHECK(merged.network.node_count() == 2);
}

TEST_CASE("sources and the nodes they touch survive, and the operating point with them") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Network network = random_network(seed, 20, 40);
    const Node top = network.add_node("top");
    network.add_voltage_source("v", top, 0, Volt{3.0});
    network.add_resistor("rs", top, 5, Ohm{2.0});
    network.add_resistor("rg", 7, 0, Ohm{2.0});
    network.add_current_source("i", 0, 7, Ampere{0.5});
    const std::array<Node, 2> terminals{7, top};
    const Reduction reduced = reduce_series_parallel(network, terminals);
    CHECK(reduced.network.voltage_sources().size() == 1);
    CHECK(reduced.network.current_sources().size() == 1);
    const OperatingPoint whole = operating_point(network);
    const OperatingPoint part = operating_point(reduced.network);
    CHECK(relative(part.node_voltages[reduced.node_of[7]], whole.node_voltages[7]) < 1e-13);
    CHECK(std::abs(part.voltage_source_currents[0] - whole.voltage_source_currents[0]) < 1e-13);
  }
}

TEST_CASE("what no terminal reaches is dropped, voltage sources conduct, current sources do not") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  const Node c = network.node("c");
  const Node d = network.node("d");
  network.add_voltage_source("v", a, b, Volt{1.0});
  network.add_current_source("i", b, c, Ampere{1.0});
  network.add_resistor("r", c, d, Ohm{1.0});
  const std::array<Node, 1> terminals{a};
  const Reduction connected = drop_islands(network, terminals);
  CHECK(connected.node_of[b] != no_node);
  CHECK(connected.node_of[c] == no_node);
  CHECK(connected.node_of[d] == no_node);
  CHECK(connected.network.voltage_sources().size() == 1);
  CHECK(connected.network.current_sources().empty());
  CHECK(connected.network.branches().empty());
  const std::array<Node, 1> beyond{99};
  CHECK_THROWS_AS((void)drop_islands(network, beyond), std::invalid_argument);
  CHECK_THROWS_AS((void)reduce_series_parallel(network, beyond), std::invalid_argument);
}

TEST_CASE("a chain of a hundred thousand resistors is one, to its last digits") {
  Network network;
  Node at = 0;
  long double sum = 0.0L;
  for (int k = 0; k < 100000; ++k) {
    const Node next = network.add_node();
    const double r = 0.1 * static_cast<double>(k % 7 + 1);
    network.add_resistor("r", at, next, Ohm{r});
    sum += r;
    at = next;
  }
  const std::array<Node, 2> terminals{0, at};
  const Reduction reduced = reduce_series_parallel(network, terminals);
  REQUIRE(reduced.network.branches().size() == 1);
  CHECK(relative(reduced.network.branches()[0].resistance.value, static_cast<double>(sum)) < 1e-15);
}
