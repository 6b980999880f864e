// Effective resistances that are known.
// SPDX-License-Identifier: Apache-2.0
#include "sim/nodal.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "tests/sim/nodal_networks.h"

using namespace ohmset;
using namespace ohmset::test;

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
