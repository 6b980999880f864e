// Kirchhoff's laws: what must hold in every circuit.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>

#include "sim/nodal.h"
#include "tests/sim/nodal_networks.h"

using namespace ohmset;
using namespace ohmset::test;

TEST_CASE("twelve decades in one network keep 1e-10 in every effective resistance, against a hundred digits") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    const std::size_t nodes = 4 + 4 * seed;
    const Network network = random_network(seed, nodes, 2 * nodes, 12.0);
    const PortSolver solver(network);
    Draw draw(seed);
    for (int k = 0; k < 4; ++k) {
      const Port port{draw.below(nodes), draw.below(nodes)};
      if (port.a == port.b) continue;
      const Real exact = exact_resistance(network, port);
      for (const double r : {effective_resistance(network, port).value, solver.effective_resistance(port).value}) {
        CHECK(abs(Real(r) - exact) <= Real(1e-14) * exact);
      }
      const PortSolution solution = solver.solve(port);
      CHECK(abs(Real(solution.resistance.value) - exact) <= Real(solution.error_bound));
      CHECK(solution.error_bound <= 1e-12 * solution.resistance.value);
    }
  }
}

TEST_CASE("a micro-ohm port far from the solver's ground keeps its digits") {
  Network network;
  const Node a = network.add_node();
  const Node b = network.add_node();
  const Node c = network.add_node();
  network.add_resistor("far", 0, a, Ohm{1e9});
  network.add_resistor("farther", 0, b, Ohm{3e9});
  network.add_resistor("near", a, b, Ohm{2e-6});
  network.add_resistor("beside", a, c, Ohm{1e-6});
  network.add_resistor("below", c, b, Ohm{1e-6});
  const double expected = 1.0 / (1.0 / 2e-6 + 1.0 / (1e-6 + 1e-6) + 1.0 / 4e9);
  const PortSolver solver(network);
  CHECK(relative(solver.effective_resistance({a, b}).value, expected) < 1e-14);
  const PortSolution solution = solver.solve({a, b});
  CHECK(relative(solution.resistance.value, expected) < 1e-14);
  CHECK(solution.error_bound <= 1e-12 * expected);
  CHECK(relative(solution.branch_currents[2], 0.5) < 1e-12);
  CHECK(relative(solution.branch_currents[0], -2e-6 / 2.0 / 4e9) < 1e-9);
}

TEST_CASE("Foster's theorem: the sum of R_eff/r over the branches is the number of nodes less one") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const std::size_t nodes = 10 * seed;
    const Network network = random_network(seed, nodes, 3 * nodes, 8.0);
    std::vector<Port> ports;
    for (const Branch& branch : network.branches()) ports.push_back({branch.a, branch.b});
    const std::vector<Ohm> resistances = PortSolver(network).effective_resistances(ports);
    double sum = 0.0;
    for (std::size_t k = 0; k < ports.size(); ++k) {
      sum += resistances[k].value / network.branches()[k].resistance.value;
    }
    CHECK(relative(sum, static_cast<double>(nodes - 1)) < 1e-12);
  }
}

TEST_CASE("Rayleigh: raising a resistance lowers no effective resistance, and R_eff is a metric") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Network network = random_network(seed, 12, 20, 6.0);
    Draw draw(seed);
    const Node a = draw.below(12);
    const Node b = draw.below(12);
    const Node c = draw.below(12);
    const double ab = effective_resistance(network, {a, b}).value;
    const double bc = effective_resistance(network, {b, c}).value;
    const double ac = effective_resistance(network, {a, c}).value;
    CHECK(ac <= (ab + bc) * (1.0 + 1e-14));
    CHECK(relative(effective_resistance(network, {b, a}).value + 1.0, ab + 1.0) < 1e-14);
    const std::size_t branch = draw.below(network.branches().size());
    network.set_resistance(branch, Ohm{network.branches()[branch].resistance.value * 3.0});
    CHECK(effective_resistance(network, {a, b}).value >= ab * (1.0 - 1e-14));
    network.set_resistance(branch, Ohm{infinity});
    CHECK(effective_resistance(network, {a, b}).value >= ab * (1.0 - 1e-14));
    network.set_resistance(branch, Ohm{0.0});
    CHECK(effective_resistance(network, {a, b}).value <= ab * (1.0 + 1e-14));
  }
}

TEST_CASE("sensitivities are central differences, and the effective resistance is the sum of r dR/dr") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Network network = random_network(seed, 10, 15, 4.0);
    const Port port{1, 7};
    const PortSolution solution = PortSolver(network).solve(port);
    double sum = 0.0;
    for (std::size_t k = 0; k < network.branches().size(); ++k) {
      const double r = network.branches()[k].resistance.value;
      sum += r * solution.sensitivities[k];
      const double step = 1e-5 * r;
      network.set_resistance(k, Ohm{r + step});
      const double above = effective_resistance(network, port).value;
      network.set_resistance(k, Ohm{r - step});
      const double below = effective_resistance(network, port).value;
      network.set_resistance(k, Ohm{r});
      const double difference = (above - below) / (2.0 * step);
      CHECK(std::abs(difference - solution.sensitivities[k]) <=
            1e-8 * solution.sensitivities[k] + 1e-10 * solution.resistance.value / r);
    }
    CHECK(relative(sum, solution.resistance.value) < 1e-13);
  }
}

TEST_CASE("a short's sensitivity is the limit of a vanishing resistance") {
  Network network;
  for (int k = 0; k < 3; ++k) network.add_node();
  network.add_resistor("a", 0, 1, Ohm{2.0});
  network.add_resistor("b", 0, 2, Ohm{5.0});
  network.add_resistor("bridge", 1, 2, Ohm{0.0});
  network.add_resistor("c", 1, 3, Ohm{4.0});
  network.add_resistor("d", 2, 3, Ohm{1.0});
  const PortSolution merged = PortSolver(network).solve({0, 3});
  network.set_resistance(2, Ohm{1e-9});
  const PortSolution limit = PortSolver(network).solve({0, 3});
  CHECK(merged.sensitivities[2] > 1e-3);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(std::abs(merged.sensitivities[k] - limit.sensitivities[k]) < 1e-8);
    CHECK(std::abs(merged.branch_currents[k] - limit.branch_currents[k]) < 1e-8);
  }
}

TEST_CASE("Kirchhoff's current law holds at every node, and Tellegen: the powers sum to nothing") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const Network network = driven_network(seed, 6 + 2 * seed, 9.0);
    const OperatingPoint point = operating_point(network);
    const auto [worst, largest] = kirchhoff(network, point);
    CHECK(worst <= 1e-13 * largest);
    double absorbed = 0.0;
    double delivered = 0.0;
    for (const double power : point.branch_powers) absorbed += power;
    for (std::size_t k = 0; k < network.voltage_sources().size(); ++k) {
      delivered -= network.voltage_sources()[k].voltage.value * point.voltage_source_currents[k];
    }
    for (const CurrentSource& source : network.current_sources()) {
      delivered += source.current.value * (point.node_voltages[source.to] - point.node_voltages[source.from]);
    }
    CHECK(absorbed > 0.0);
    CHECK(relative(absorbed, delivered) < 1e-11);
    for (std::size_t k = 0; k < network.branches().size(); ++k) {
      const Branch& branch = network.branches()[k];
      const double drop = point.node_voltages[branch.a] - point.node_voltages[branch.b];
      CHECK(std::abs(drop - branch.resistance.value * point.branch_currents[k]) <=
            2.0 * point.error_bound + 1e-15 * std::abs(drop));
    }
  }
}

TEST_CASE("superposition: the sources together do what they do one by one") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    const Network network = driven_network(seed, 12, 6.0);
    const OperatingPoint whole = operating_point(network);
    std::vector<double> sum(network.node_count(), 0.0);
    double largest = 0.0;
    const std::size_t sources = network.voltage_sources().size() + network.current_sources().size();
    for (std::size_t active = 0; active < sources; ++active) {
      Network one;
      for (Node node = 1; node < network.node_count(); ++node) one.add_node(network.node_name(node));
      for (const Branch& branch : network.branches()) one.add_resistor("", branch.a, branch.b, branch.resistance);
      std::size_t k = 0;
      for (const VoltageSource& s : network.voltage_sources()) {
        one.add_voltage_source("", s.plus, s.minus, k++ == active ? s.voltage : Volt{0.0});
      }
      for (const CurrentSource& s : network.current_sources()) {
        one.add_current_source("", s.from, s.to, k++ == active ? s.current : Ampere{0.0});
      }
      const OperatingPoint part = operating_point(one);
      for (Node node = 0; node < sum.size(); ++node) {
        sum[node] += part.node_voltages[node];
        largest = std::max(largest, std::abs(part.node_voltages[node]));
      }
    }
    for (Node node = 0; node < sum.size(); ++node) {
      CHECK(std::abs(sum[node] - whole.node_voltages[node]) <= 1e-13 * largest);
    }
  }
}

TEST_CASE("reciprocity: what 1 A into a does to b, 1 A into b does to a") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    const Network passive = random_network(seed, 15, 25, 8.0);
    const auto transfer = [&](Node into, Node at) {
      Network network = passive;
      network.add_current_source("i", 0, into, Ampere{1.0});
      return operating_point(network).node_voltages[at];
    };
    CHECK(relative(transfer(3, 11), transfer(11, 3)) < 1e-12);
  }
}
