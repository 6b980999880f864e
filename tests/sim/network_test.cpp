// The network as a value.
// SPDX-License-Identifier: Apache-2.0
#include "sim/network.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

using namespace ohmset;

TEST_CASE("a new network is ground alone, and names lead to nodes and back") {
  Network network;
  CHECK(network.node_count() == 1);
  CHECK(network.node_name(0) == "0");
  CHECK(network.find("0") == Node{0});
  const Node a = network.add_node("a");
  CHECK(network.node("a") == a);
  const Node b = network.node("b");
  CHECK(network.find("b") == b);
  CHECK_FALSE(network.find("c").has_value());
  CHECK(network.node_count() == 3);
}

TEST_CASE("a name is used once, and unnamed nodes get a name that nobody has") {
  Network network;
  network.add_node("n2");
  CHECK_THROWS_AS(network.add_node("n2"), std::invalid_argument);
  CHECK_THROWS_AS(network.add_node("0"), std::invalid_argument);
  const Node unnamed = network.add_node();
  CHECK(network.node_name(unnamed) == "n2_");
  CHECK(network.node_name(network.add_node()) == "n3");
}

TEST_CASE("elements keep their order, their nodes and their values") {
  Network network;
  const Node a = network.node("a");
  CHECK(network.add_resistor("r1", a, 0, Ohm{5.0}) == 0);
  CHECK(network.add_resistor("r2", 0, a, Ohm{infinity}) == 1);
  CHECK(network.add_voltage_source("v1", a, 0, Volt{-2.0}) == 0);
  CHECK(network.add_current_source("i1", 0, a, Ampere{3.0}) == 0);
  network.set_resistance(1, Ohm{0.0});
  CHECK(network.branches()[0].resistance == Ohm{5.0});
  CHECK(network.branches()[1].resistance == Ohm{0.0});
  CHECK(network.branches()[1].b == a);
  CHECK(network.voltage_sources()[0].voltage == Volt{-2.0});
  CHECK(network.current_sources()[0].to == a);
}

TEST_CASE("what is no resistance, no source and no node is refused, and leaves the network as it was") {
  Network network;
  const Node a = network.node("a");
  network.add_resistor("r", a, 0, Ohm{1.0});
  for (const double r : {-1.0, -infinity, std::nan("")}) {
    CHECK_THROWS_AS(network.add_resistor("x", a, 0, Ohm{r}), std::invalid_argument);
    CHECK_THROWS_AS(network.set_resistance(0, Ohm{r}), std::invalid_argument);
  }
  CHECK_THROWS_AS(network.add_resistor("x", 9, 0, Ohm{1.0}), std::invalid_argument);
  CHECK_THROWS_AS(network.add_voltage_source("x", a, 9, Volt{1.0}), std::invalid_argument);
  CHECK_THROWS_AS(network.add_voltage_source("x", a, 0, Volt{infinity}), std::invalid_argument);
  CHECK_THROWS_AS(network.add_current_source("x", a, 0, Ampere{std::nan("")}), std::invalid_argument);
  CHECK_THROWS_AS(network.set_resistance(1, Ohm{1.0}), std::invalid_argument);
  CHECK_THROWS_AS((void)network.node_name(2), std::invalid_argument);
  CHECK(network.branches().size() == 1);
  CHECK(network.voltage_sources().empty());
  CHECK(network.current_sources().empty());
}

TEST_CASE("a copy is a copy: neither knows what the other adds") {
  Network first;
  first.node("a");
  Network second = first;
  second.node("b");
  first.node("c");
  CHECK_FALSE(first.find("b").has_value());
  CHECK_FALSE(second.find("c").has_value());
  CHECK(second.find("a") == Node{1});
}

TEST_CASE("without sources a voltage source is a short and a current source is nothing") {
  Network network;
  const Node a = network.node("a");
  network.add_resistor("r", a, 0, Ohm{1.0});
  network.add_voltage_source("v", a, 0, Volt{1.0});
  network.add_current_source("i", a, 0, Ampere{1.0});
  const Network quiet = network.without_sources();
  CHECK(quiet.voltage_sources().empty());
  CHECK(quiet.current_sources().empty());
  REQUIRE(quiet.branches().size() == 2);
  CHECK(quiet.branches()[1].name == "v");
  CHECK(quiet.branches()[1].resistance == Ohm{0.0});
  CHECK(network.voltage_sources().size() == 1);
}
