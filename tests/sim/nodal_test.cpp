// Kirchhoff's laws: what must hold in every circuit, and circuits whose answer is known.
// SPDX-License-Identifier: Apache-2.0
#include "sim/nodal.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "sim/error.h"
#include "tests/sim/dense_oracle.h"

namespace {

using namespace ohmset;
using Real = boost::multiprecision::cpp_bin_float_100;

double relative(double x, double y) { return std::abs(x - y) / std::max(std::abs(x), std::abs(y)); }

struct Draw {
  std::mt19937_64 engine;
  explicit Draw(std::uint64_t seed) : engine(seed) {}
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); }
  Ohm ohm(double decades) { return Ohm{std::pow(10.0, uniform(-decades / 2, decades / 2))}; }
};

// Connected, of resistors alone.
Network random_network(std::uint64_t seed, std::size_t nodes, std::size_t extra, double decades) {
  Draw draw(seed);
  Network network;
  for (Node node = 1; node < nodes; ++node) {
    network.add_node();
    network.add_resistor("t" + std::to_string(node), draw.below(node), node, draw.ohm(decades));
  }
  for (std::size_t k = 0; k < extra; ++k) {
    const Node a = draw.below(nodes);
    const Node b = draw.below(nodes);
    network.add_resistor("x" + std::to_string(k), a, b, draw.ohm(decades));
  }
  return network;
}

Real exact_resistance(const Network& network, Port port) {
  oracle::Circuit<Real> circuit(network.node_count());
  for (const Branch& branch : network.branches()) {
    if (branch.a != branch.b) circuit.connect(branch.a, branch.b, Real(1) / Real(branch.resistance.value));
  }
  circuit.injection[port.a] += 1;
  circuit.fix(port.b, 0);
  return circuit.potentials()[port.a];
}

// Sources of both kinds over a random network: voltage sources from a fresh node each, so that none closes a loop.
Network driven_network(std::uint64_t seed, std::size_t nodes, double decades) {
  Draw draw(seed + 1000);
  Network network = random_network(seed, nodes, 2 * nodes, decades);
  for (int k = 0; k < 3; ++k) {
    const Node fresh = network.add_node();
    network.add_voltage_source("v" + std::to_string(k), fresh, draw.below(nodes), Volt{draw.uniform(-5.0, 5.0)});
    network.add_resistor("s" + std::to_string(k), fresh, draw.below(nodes), draw.ohm(decades));
    network.add_current_source("i" + std::to_string(k), draw.below(nodes), draw.below(nodes),
                               Ampere{draw.uniform(-1.0, 1.0)});
  }
  return network;
}

// The largest sum of currents at a node, and the largest current.
std::array<double, 2> kirchhoff(const Network& network, const OperatingPoint& point) {
  std::vector<long double> leaving(network.node_count(), 0.0L);
  long double largest = 0.0L;
  const auto flow = [&](Node from, Node to, double current) {
    leaving[from] += current;
    leaving[to] -= current;
    largest = std::max(largest, std::abs(static_cast<long double>(current)));
  };
  for (std::size_t k = 0; k < network.branches().size(); ++k) {
    flow(network.branches()[k].a, network.branches()[k].b, point.branch_currents[k]);
  }
  for (std::size_t k = 0; k < network.voltage_sources().size(); ++k) {
    const VoltageSource& source = network.voltage_sources()[k];
    flow(source.plus, source.minus, point.voltage_source_currents[k]);
  }
  for (const CurrentSource& source : network.current_sources()) flow(source.from, source.to, source.current.value);
  long double worst = 0.0L;
  for (const long double sum : leaving) worst = std::max(worst, std::abs(sum));
  return {static_cast<double>(worst), static_cast<double>(largest)};
}

Network cube() {
  Network network;
  for (int k = 1; k < 8; ++k) network.add_node();
  for (Node node = 0; node < 8; ++node) {
    for (const Node bit : {1U, 2U, 4U}) {
      if ((node & bit) == 0) network.add_resistor("r", node, node | bit, Ohm{1.0});
    }
  }
  return network;
}

}  // namespace

TEST_CASE("a divider divides") {
  Network network;
  const Node top = network.node("top");
  const Node middle = network.node("middle");
  network.add_voltage_source("v", top, 0, Volt{10.0});
  network.add_resistor("r1", top, middle, Ohm{1e3});
  network.add_resistor("r2", middle, 0, Ohm{3e3});
  const OperatingPoint point = operating_point(network);
  CHECK(point.node_voltages[0] == 0.0);
  CHECK(point.node_voltages[top] == 10.0);
  CHECK(point.node_voltages[middle] == doctest::Approx(7.5).epsilon(1e-15));
  CHECK(point.branch_currents[1] == doctest::Approx(2.5e-3).epsilon(1e-15));
  CHECK(point.voltage_source_currents[0] == doctest::Approx(-2.5e-3).epsilon(1e-15));
  CHECK(point.branch_powers[0] == doctest::Approx(6.25e-3).epsilon(1e-15));
  CHECK(point.floating.empty());
  CHECK(point.error_bound > 0.0);
  CHECK(point.error_bound < 1e-13);
}

TEST_CASE("the cube of unit resistors: 7/12 along an edge, 3/4 across a face, 5/6 across the body") {
  const Network network = cube();
  CHECK(effective_resistance(network, {0, 1}).value == doctest::Approx(7.0 / 12.0).epsilon(1e-15));
  CHECK(effective_resistance(network, {0, 3}).value == doctest::Approx(3.0 / 4.0).epsilon(1e-15));
  CHECK(effective_resistance(network, {0, 7}).value == doctest::Approx(5.0 / 6.0).epsilon(1e-15));
  CHECK(effective_resistance(network, {6, 5}).value == doctest::Approx(3.0 / 4.0).epsilon(1e-15));
}

TEST_CASE("the complete graph on n nodes of unit resistors has 2/n between any two") {
  for (const std::size_t n : {2U, 5U, 40U}) {
    Network network;
    for (Node node = 1; node < n; ++node) network.add_node();
    for (Node a = 0; a < n; ++a) {
      for (Node b = a + 1; b < n; ++b) network.add_resistor("r", a, b, Ohm{1.0});
    }
    CHECK(effective_resistance(network, {0, n - 1}).value ==
          doctest::Approx(2.0 / static_cast<double>(n)).epsilon(1e-14));
  }
}

TEST_CASE("a ladder of unit resistors is a quotient of Fibonacci numbers") {
  for (int sections = 1; sections <= 40; ++sections) {
    Network network;
    const Node input = network.add_node();
    Node at = input;
    double f = 1.0;  // R = F(2n + 1) / F(2n)
    double g = 1.0;
    for (int k = 0; k < sections; ++k) {
      const Node next = network.add_node();
      network.add_resistor("s", at, next, Ohm{1.0});
      network.add_resistor("p", next, 0, Ohm{1.0});
      at = next;
      if (k > 0) {
        f += g;
        g += f;
      }
    }
    CAPTURE(sections);
    CHECK(effective_resistance(network, {input, 0}).value == doctest::Approx((f + g) / g).epsilon(1e-14));
  }
}

TEST_CASE("resistors in series add, resistors in parallel add their conductances") {
  Draw draw(5);
  Network series;
  Network parallel;
  const Node top = parallel.add_node();
  Node at = 0;
  long double sum = 0.0L;
  long double conductance = 0.0L;
  for (int k = 0; k < 2000; ++k) {
    const Ohm r = draw.ohm(12.0);
    const Node next = series.add_node();
    series.add_resistor("r", at, next, r);
    at = next;
    parallel.add_resistor("r", top, 0, r);
    sum += r.value;
    conductance += 1.0L / r.value;
  }
  CHECK(relative(effective_resistance(series, {0, at}).value, static_cast<double>(sum)) < 1e-13);
  CHECK(relative(effective_resistance(parallel, {top, 0}).value, static_cast<double>(1.0L / conductance)) < 1e-13);
}

TEST_CASE("a triangle and its star are the same from outside") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const std::array<double, 3> r{draw.ohm(6.0).value, draw.ohm(6.0).value, draw.ohm(6.0).value};
    Network triangle;
    Network star;
    for (int k = 0; k < 2; ++k) {
      triangle.add_node();
      star.add_node();
    }
    const Node hub = star.add_node();
    const double sum = r[0] + r[1] + r[2];
    for (Node k = 0; k < 3; ++k) {
      triangle.add_resistor("d", (k + 1) % 3, (k + 2) % 3, Ohm{r[k]});  // opposite to node k
      star.add_resistor("y", k, hub, Ohm{r[(k + 1) % 3] * r[(k + 2) % 3] / sum});
    }
    for (Node k = 0; k < 3; ++k) {
      const Port port{k, (k + 1) % 3};
      CHECK(relative(effective_resistance(triangle, port).value, effective_resistance(star, port).value) < 1e-14);
    }
  }
}

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

TEST_CASE("an open port is infinite, a shorted one 0, and a node has no resistance to itself") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  const Node c = network.node("c");
  const Node d = network.node("d");
  network.add_resistor("short", a, b, Ohm{0.0});
  network.add_resistor("beside", a, b, Ohm{5.0});
  network.add_resistor("open", b, c, Ohm{infinity});
  network.add_resistor("island", c, d, Ohm{7.0});
  const PortSolver solver(network);
  for (const auto& [port, expected] :
       {std::pair(Port{a, b}, 0.0), std::pair(Port{a, c}, infinity), std::pair(Port{c, 0}, infinity),
        std::pair(Port{c, d}, 7.0), std::pair(Port{d, d}, 0.0), std::pair(Port{0, 0}, 0.0)}) {
    CHECK(effective_resistance(network, port).value == expected);
    CHECK(solver.effective_resistance(port).value == expected);
  }
  const PortSolution shorted = solver.solve({a, b});
  CHECK(shorted.resistance.value == 0.0);
  CHECK(shorted.branch_currents[0] == 1.0);
  CHECK(shorted.sensitivities[0] == 1.0);
  CHECK(shorted.branch_currents[1] == 0.0);
  const PortSolution open = solver.solve({a, c});
  CHECK(open.resistance.value == infinity);
  CHECK(std::isnan(open.node_voltages[a]));
  CHECK(open.branch_currents == std::vector<double>(4, 0.0));
  const PortSolution island = solver.solve({c, d});
  CHECK(island.node_voltages[c] == 7.0);
  CHECK(island.node_voltages[d] == 0.0);
  CHECK(std::isnan(island.node_voltages[a]));
  CHECK_THROWS_AS((void)effective_resistance(network, {a, 9}), std::invalid_argument);
  CHECK_THROWS_AS((void)solver.solve({9, a}), std::invalid_argument);
}

TEST_CASE("sources are zeroed for a port: a voltage source is a short, a current source an open") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  network.add_resistor("r1", a, b, Ohm{3.0});
  network.add_resistor("r2", a, 0, Ohm{6.0});
  network.add_voltage_source("v", b, 0, Volt{1e6});
  network.add_current_source("i", 0, a, Ampere{1e6});
  CHECK(effective_resistance(network, {a, 0}).value == doctest::Approx(2.0).epsilon(1e-15));
  const PortSolution solution = PortSolver(network).solve({a, 0});
  CHECK(solution.branch_currents.size() == 2);
  CHECK(solution.branch_currents[0] == doctest::Approx(2.0 / 3.0).epsilon(1e-15));
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

TEST_CASE("an island floats: no potential, no current, unless sources drive currents around within it") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  const Node c = network.node("c");
  network.add_resistor("r", a, 0, Ohm{1.0});
  network.add_resistor("island", b, c, Ohm{2.0});
  network.add_resistor("open", a, b, Ohm{infinity});
  network.add_current_source("around", c, b, Ampere{3.0});
  const OperatingPoint point = operating_point(network);
  CHECK(point.floating == std::vector<Node>{b, c});
  CHECK(std::isnan(point.node_voltages[b]));
  CHECK(point.node_voltages[a] == 0.0);
  CHECK(point.branch_currents[1] == doctest::Approx(3.0).epsilon(1e-15));
  CHECK(point.branch_powers[1] == doctest::Approx(18.0).epsilon(1e-15));
  CHECK(point.branch_currents[2] == 0.0);
  CHECK(point.branch_powers[2] == 0.0);

  network.add_current_source("into", 0, b, Ampere{1e-3});
  CHECK_THROWS_WITH_AS((void)operating_point(network), doctest::Contains("'into'"), Error);
}

TEST_CASE("a floating voltage source drives its own loop") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  network.add_voltage_source("v", a, b, Volt{6.0});
  network.add_resistor("r", a, b, Ohm{3.0});
  const OperatingPoint point = operating_point(network);
  CHECK(point.floating == std::vector<Node>{a, b});
  CHECK(point.branch_currents[0] == doctest::Approx(2.0).epsilon(1e-15));
  CHECK(point.voltage_source_currents[0] == doctest::Approx(-2.0).epsilon(1e-15));
}

TEST_CASE("a loop of voltage sources is an error that names one of them") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  network.add_voltage_source("v1", a, 0, Volt{1.0});
  network.add_voltage_source("v2", b, a, Volt{1.0});
  network.add_voltage_source("closing", b, 0, Volt{2.0});
  CHECK_THROWS_WITH_AS((void)operating_point(network), doctest::Contains("'closing'"), Error);
  Network shorted;
  shorted.add_voltage_source("vs", shorted.node("a"), 0, Volt{1.0});
  shorted.add_resistor("short", 1, 0, Ohm{0.0});
  CHECK_THROWS_WITH_AS((void)operating_point(shorted), doctest::Contains("'vs'"), Error);
  // For a port both are shorts, and a loop of shorts is no matter.
  CHECK(effective_resistance(network, {a, b}).value == 0.0);
}

TEST_CASE("shorts carry what Kirchhoff's current law leaves them, in series with a source and in rings") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  const Node c = network.node("c");
  const Node d = network.node("d");
  network.add_voltage_source("v", a, 0, Volt{5.0});
  network.add_resistor("wire", a, b, Ohm{0.0});
  network.add_resistor("load", b, 0, Ohm{10.0});
  network.add_resistor("more", b, c, Ohm{0.0});
  network.add_resistor("load2", c, 0, Ohm{5.0});
  network.add_resistor("ring1", b, d, Ohm{0.0});
  network.add_resistor("ring2", d, c, Ohm{0.0});
  network.add_resistor("self", d, d, Ohm{0.0});
  const OperatingPoint point = operating_point(network);
  CHECK(point.voltage_source_currents[0] == doctest::Approx(-1.5).epsilon(1e-15));
  CHECK(point.branch_currents[0] == doctest::Approx(1.5).epsilon(1e-15));
  CHECK(point.branch_currents[2] + point.branch_currents[4] == doctest::Approx(1.0).epsilon(1e-15));
  CHECK(point.branch_currents[4] == doctest::Approx(point.branch_currents[5]).epsilon(1e-15));
  CHECK(kirchhoff(network, point)[0] < 1e-15);
  for (const Node node : {a, b, c, d}) CHECK(point.node_voltages[node] == 5.0);
}

TEST_CASE("an empty network and one without conductors have an operating point") {
  const OperatingPoint empty = operating_point(Network{});
  CHECK(empty.node_voltages == std::vector<double>{0.0});
  CHECK(empty.floating.empty());
  Network lonely;
  lonely.add_node("a");
  CHECK(operating_point(lonely).floating == std::vector<Node>{1});
  CHECK(effective_resistance(lonely, {0, 1}).value == infinity);
}

TEST_CASE("resistances at the ends of the doubles are answered, not tripped over") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  network.add_resistor("tiny", a, b, Ohm{1e-310});
  network.add_resistor("huge", b, 0, Ohm{1e300});
  CHECK(effective_resistance(network, {a, b}).value == 0.0);
  CHECK(effective_resistance(network, {a, 0}).value == doctest::Approx(1e300).epsilon(1e-14));
}
