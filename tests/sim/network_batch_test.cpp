// Small networks solved by the million: against one at a time, to the last digits, shorts and opens included.
// SPDX-License-Identifier: Apache-2.0
#include "sim/network_batch.h"

#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/nodal.h"

namespace {

using namespace ohmset;

struct Draw {
  std::mt19937_64 engine;
  explicit Draw(std::uint64_t seed) : engine(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); }
  double ohm(double decades) {
    return std::pow(10.0, std::uniform_real_distribution<double>(-decades / 2, decades / 2)(engine));
  }
};

// Branches anywhere: parallel ones, loops on one node and islands among them.
Network random_network(Draw& draw, std::size_t nodes, std::size_t branches) {
  Network network;
  for (Node node = 1; node < nodes; ++node) network.add_node();
  for (std::size_t k = 0; k < branches; ++k) {
    network.add_resistor("r" + std::to_string(k), draw.below(nodes), draw.below(nodes), Ohm{1.0});
  }
  return network;
}

std::vector<double> random_values(Draw& draw, std::size_t count, double decades, bool faults) {
  std::vector<double> values(count);
  for (double& value : values) {
    const std::size_t fault = faults ? draw.below(8) : 7;
    value = fault == 0 ? 0.0 : fault == 1 ? infinity : draw.ohm(decades);
  }
  return values;
}

Network with(Network network, std::span<const double> resistances) {
  for (std::size_t k = 0; k < resistances.size(); ++k) network.set_resistance(k, Ohm{resistances[k]});
  return network;
}

// 0 and infinity only as themselves.
bool same(double x, double y, double bound) { return x == y || std::abs(x - y) <= bound * std::min(x, y); }

}  // namespace

TEST_CASE("thousands of random networks in batches are what the solver says one at a time, twelve decades and faults") {
  double worst = 0.0;
  std::size_t open = 0;
  std::size_t shorted = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const std::size_t nodes = 2 + draw.below(seed % 20 == 0 ? 62 : 14);
    const Network network = random_network(draw, nodes, nodes + draw.below(2 * nodes));
    std::vector<Port> ports;
    for (std::size_t k = 0; k < 1 + seed % 4; ++k) ports.push_back({.a = draw.below(nodes), .b = draw.below(nodes)});
    const std::size_t instances = 1 + draw.below(12);
    const std::size_t branches = network.branches().size();
    const std::vector<double> values =
        random_values(draw, instances * branches, seed % 2 == 0 ? 2.0 : 12.0, seed % 3 != 0);
    const NetworkProgram program(network, ports);
    std::vector<double> out(instances * ports.size());
    program.run(values, out);
    for (std::size_t i = 0; i < instances; ++i) {
      const Network one = with(network, std::span(values).subspan(i * branches, branches));
      const std::vector<Ohm> expected = PortSolver(one).effective_resistances(ports);
      for (std::size_t k = 0; k < ports.size(); ++k) {
        const double got = out[i * ports.size() + k];
        CAPTURE(i);
        CAPTURE(k);
        REQUIRE(same(got, expected[k].value, 1e-13));
        open += got == infinity ? 1U : 0U;
        shorted += got == 0.0 ? 1U : 0U;
        if (std::isfinite(got) && got > 0.0) worst = std::max(worst, std::abs(got / expected[k].value - 1.0));
      }
    }
  }
  CHECK(worst < 2e-14);
  CHECK(open > 100);
  CHECK(shorted > 100);
}

TEST_CASE("every instruction set, any number of threads and a place in the batch give the same bits") {
  Draw draw(5);
  const Network network = random_network(draw, 20, 45);
  const std::vector<Port> ports{{.a = 0, .b = 19}, {.a = 3, .b = 7}};
  constexpr std::size_t instances = 1500;
  const std::vector<double> values = random_values(draw, instances * 45, 6.0, true);
  std::vector<double> expected(2 * instances);
  NetworkProgram(network, ports, Simd::portable).run(values, expected);
  for (const Simd simd : available_simd()) {
    for (const std::size_t threads : {1U, 2U}) {
      const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
      std::vector<double> out(2 * instances);
      NetworkProgram(network, ports, simd).run(values, out);
      CHECK(out == expected);
    }
  }
  std::vector<double> alone(2);
  NetworkProgram(network, ports).run(std::span(values).subspan(45 * 1234, 45), alone);
  CHECK(alone[0] == expected[2 * 1234]);
  CHECK(alone[1] == expected[2 * 1234 + 1]);
}

TEST_CASE("conductances in place of resistances") {
  Draw draw(9);
  const Network network = random_network(draw, 12, 30);
  const Port port{.a = 1, .b = 11};
  const std::vector<double> values = random_values(draw, 50 * 30, 3.0, true);
  std::vector<double> conductances;
  for (const double value : values) conductances.push_back(1.0 / value);
  const NetworkProgram program(network, std::span(&port, 1));
  std::vector<double> by_ohm(50);
  std::vector<double> by_siemens(50);
  program.run(values, by_ohm);
  program.run(conductances, by_siemens, NetworkProgram::Given::conductances);
  CHECK(by_ohm == by_siemens);
}

TEST_CASE("the reduced network has the ports' resistances") {
  Draw draw(11);
  for (int round = 0; round < 50; ++round) {
    const Network network = random_network(draw, 15, 40);
    const std::vector<Port> ports{{.a = 2, .b = 5}, {.a = 5, .b = 9}, {.a = 9, .b = 14}};
    const NetworkProgram program(network, ports);
    REQUIRE(std::vector<Node>(program.terminals().begin(), program.terminals().end()) ==
            std::vector<Node>{2, 5, 9, 14});
    const std::vector<double> values = random_values(draw, 40, 4.0, false);
    std::vector<double> between(6);
    program.reduce(values, between);
    Network reduced;
    std::vector<Node> at;
    for (int k = 0; k < 4; ++k) at.push_back(reduced.add_node());
    std::size_t pair = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = i + 1; j < 4; ++j) {
        reduced.add_resistor("g" + std::to_string(pair), at[i], at[j], Ohm{1.0 / between[pair]});
        ++pair;
      }
    }
    std::vector<double> expected(3);
    program.run(values, expected);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(same(effective_resistance(reduced, {.a = at[k], .b = at[k + 1]}).value, expected[k], 1e-13));
    }
  }
}

TEST_CASE("a bridge, its shorts and its opens") {
  Network bridge;
  const Node a = bridge.node("a");
  const Node b = bridge.node("b");
  bridge.add_resistor("r1", 0, a, Ohm{1.0});
  bridge.add_resistor("r2", 0, b, Ohm{1.0});
  bridge.add_resistor("r3", a, b, Ohm{1.0});
  const std::vector<Port> ports{{.a = 0, .b = a}, {.a = a, .b = b}, {.a = b, .b = b}};
  const std::vector<double> values{1.0, 2.0,      3.0,   //
                                   0.0, 2.0,      3.0,   //
                                   1.0, infinity, 3.0,   //
                                   1.0, 2.0,      0.0,   //
                                   0.0, 0.0,      -0.0,  //
                                   1.0, infinity, infinity};
  std::vector<double> out(6 * 3);
  NetworkProgram(bridge, ports).run(values, out);
  const std::vector<double> expected{5.0 / 6.0, 1.5,      0.0,  //
                                     0.0,       1.2,      0.0,  //
                                     1.0,       3.0,      0.0,  //
                                     2.0 / 3.0, 0.0,      0.0,  //
                                     0.0,       0.0,      0.0,  //
                                     1.0,       infinity, 0.0};
  for (std::size_t k = 0; k < out.size(); ++k) {
    CAPTURE(k);
    CHECK(same(out[k], expected[k], 1e-15));
  }
}

TEST_CASE("sources are zeroed: a voltage source joins its nodes, a current source is not there") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  network.add_resistor("r1", 0, a, Ohm{1.0});
  network.add_resistor("r2", b, 0, Ohm{1.0});
  network.add_voltage_source("v", a, b, Volt{5.0});
  network.add_current_source("i", a, 0, Ampere{1.0});
  const std::vector<Port> ports{{.a = 0, .b = a}, {.a = a, .b = b}};
  std::vector<double> out(2);
  NetworkProgram(network, ports).run(std::vector{3.0, 6.0}, out);
  CHECK(out == std::vector{2.0, 0.0});
}

TEST_CASE("a network program refuses what it cannot answer") {
  Network network;
  const Node a = network.node("a");
  network.add_resistor("r", 0, a, Ohm{1.0});
  const Port port{.a = 0, .b = a};
  const NetworkProgram program(network, std::span(&port, 1));
  std::vector<double> out(1);
  for (const double bad : {-1.0, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(program.run(std::vector{bad}, out), std::invalid_argument);
  }
  CHECK_THROWS_AS(program.run(std::vector{1.0, 2.0}, out), std::invalid_argument);
  const Port beyond{.a = 0, .b = 9};
  CHECK_THROWS_AS(NetworkProgram(network, std::span(&beyond, 1)), std::invalid_argument);
  for (std::size_t k = 0; k < NetworkProgram::most_nodes; ++k) network.add_node();
  CHECK_THROWS_AS(NetworkProgram(network, std::span(&port, 1)), std::invalid_argument);
  std::vector<double> none;
  program.run(none, none);
}
