// Networks that the tests of Kirchhoff's laws share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <random>
#include <string>

#include "sim/nodal.h"
#include "tests/sim/dense_oracle.h"

namespace ohmset::test {

using Real = boost::multiprecision::cpp_bin_float_100;

inline double relative(double x, double y) { return std::abs(x - y) / std::max(std::abs(x), std::abs(y)); }

struct Draw {
  std::mt19937_64 engine;
  explicit Draw(std::uint64_t seed) : engine(seed) {}
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); }
  Ohm ohm(double decades) { return Ohm{std::pow(10.0, uniform(-decades / 2, decades / 2))}; }
};

// Connected, of resistors alone.
inline Network random_network(std::uint64_t seed, std::size_t nodes, std::size_t extra, double decades) {
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

inline Real exact_resistance(const Network& network, Port port) {
  oracle::Circuit<Real> circuit(network.node_count());
  for (const Branch& branch : network.branches()) {
    if (branch.a != branch.b) circuit.connect(branch.a, branch.b, Real(1) / Real(branch.resistance.value));
  }
  circuit.injection[port.a] += 1;
  circuit.fix(port.b, 0);
  return circuit.potentials()[port.a];
}

// Sources of both kinds over a random network: voltage sources from a fresh node each, so that none closes a loop.
inline Network driven_network(std::uint64_t seed, std::size_t nodes, double decades) {
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
inline std::array<double, 2> kirchhoff(const Network& network, const OperatingPoint& point) {
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

inline Network cube() {
  Network network;
  for (int k = 1; k < 8; ++k) network.add_node();
  for (Node node = 0; node < 8; ++node) {
    for (const Node bit : {1U, 2U, 4U}) {
      if ((node & bit) == 0) network.add_resistor("r", node, node | bit, Ohm{1.0});
    }
  }
  return network;
}

}  // namespace ohmset::test
