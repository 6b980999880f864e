// Operating points: sources, shorts, islands, and the ends of the doubles.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "sim/error.h"
#include "sim/nodal.h"
#include "tests/sim/nodal_networks.h"

using namespace ohmset;
using namespace ohmset::test;

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
