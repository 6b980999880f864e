// The operating point: potentials from the Laplacian, the rest from Ohm's law and Kirchhoff's current law.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/error.h"
#include "sim/nodal.h"
#include "sim/nodal/circuit.h"

namespace ohmset {

namespace {

using nodal::Circuit;
using nodal::none;

// An island keeps its charge: what its current sources drive into it must cancel, up to the rounding of their values.
void require_balanced_islands(const Network& network, const Circuit& circuit) {
  std::vector<Twofold> net(network.node_count());
  std::vector<double> gross(network.node_count(), 0.0);
  for (const CurrentSource& source : network.current_sources()) {
    net[circuit.component(source.to)] += Twofold(source.current.value);
    net[circuit.component(source.from)] -= Twofold(source.current.value);
    gross[circuit.component(source.to)] += std::abs(source.current.value);
    gross[circuit.component(source.from)] += std::abs(source.current.value);
  }
  for (const CurrentSource& source : network.current_sources()) {
    if (circuit.component(source.from) == circuit.component(source.to)) continue;
    for (const Node node : {source.from, source.to}) {
      const std::size_t component = circuit.component(node);
      if (component == circuit.component(0)) continue;
      if (std::abs(net[component].value()) > 4.0 * std::numeric_limits<double>::epsilon() * gross[component]) {
        throw input_error(
            "current source '" + source.name + "' drives into an island at node '" + network.node_name(node) + "'",
            "a path to ground for its current");
      }
    }
  }
}

Potentials solve(const Network& network, const Circuit& circuit) {
  std::vector<Twofold> injection(circuit.unknowns());
  const auto inject = [&](Node node, Twofold current) {
    const std::size_t index = circuit.unknown(node);
    if (index != none) injection[index] += current;
  };
  const auto branches = network.branches();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const Twofold driven = circuit.conductance(k) * (circuit.known(branches[k].a) - circuit.known(branches[k].b));
    inject(branches[k].a, -driven);
    inject(branches[k].b, driven);
  }
  for (const CurrentSource& source : network.current_sources()) {
    inject(source.from, Twofold(-source.current.value));
    inject(source.to, Twofold(source.current.value));
  }
  const auto rows = static_cast<Eigen::Index>(injection.size());
  Matrix high(rows, 1);
  Matrix low(rows, 1);
  for (Eigen::Index i = 0; i < rows; ++i) {
    high(i, 0) = injection[static_cast<std::size_t>(i)].high;
    low(i, 0) = injection[static_cast<std::size_t>(i)].low;
  }
  return circuit.laplacian().solve(high, low);
}

}  // namespace

OperatingPoint operating_point(const Network& network, const SolveOptions& options) {
  const Circuit circuit(network, {}, options);
  require_balanced_islands(network, circuit);
  const Potentials potentials = solve(network, circuit);

  OperatingPoint point{.method = circuit.laplacian().method()};
  point.node_voltages.resize(network.node_count());
  for (Node node = 0; node < network.node_count(); ++node) {
    double& voltage = point.node_voltages[node];
    if (circuit.component(node) != circuit.component(0)) {
      voltage = std::numeric_limits<double>::quiet_NaN();
      point.floating.push_back(node);
      continue;
    }
    voltage = circuit.voltage(node, potentials, 0).value();
    const double rounding = std::abs(voltage) * std::numeric_limits<double>::epsilon();
    point.error_bound = std::max(point.error_bound, circuit.voltage_bound(node, potentials) + rounding);
  }

  std::vector<Twofold> outflow(network.node_count());
  const auto branches = network.branches();
  point.branch_currents.resize(branches.size());
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const Twofold current = circuit.current(k, potentials, 0);
    point.branch_currents[k] = current.value();
    outflow[branches[k].a] += current;
    outflow[branches[k].b] -= current;
  }
  for (const CurrentSource& source : network.current_sources()) {
    outflow[source.from] += Twofold(source.current.value);
    outflow[source.to] -= Twofold(source.current.value);
  }
  point.voltage_source_currents.resize(network.voltage_sources().size());
  const Node ground = 0;
  for (const Joints::Flow& flow : circuit.joints().flows(std::move(outflow), std::span(&ground, 1))) {
    if (flow.element < branches.size()) {
      point.branch_currents[flow.element] = flow.current.value();
    } else {
      point.voltage_source_currents[flow.element - branches.size()] = flow.current.value();
    }
  }
  point.branch_powers.resize(branches.size());
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const double current = point.branch_currents[k];
    point.branch_powers[k] = current == 0.0 ? 0.0 : current * current * branches[k].resistance.value;
  }
  return point;
}

}  // namespace ohmset
