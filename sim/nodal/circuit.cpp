// From elements to unknowns.
// SPDX-License-Identifier: Apache-2.0
#include "sim/nodal/circuit.h"

#include <algorithm>
#include <cmath>

#include "sim/error.h"

namespace ohmset::nodal {

namespace {

enum class Kind { open, resistor, shorted };

// A resistance whose conductance overflows is a short, one whose conductance vanishes is an open.
Kind kind_of(const Branch& branch) {
  const double g = 1.0 / branch.resistance.value;
  if (std::isinf(g)) return Kind::shorted;
  return g > 0.0 ? Kind::resistor : Kind::open;
}

}  // namespace

Circuit::Circuit(const Network& network, Grounding grounding, const SolveOptions& options)
    : joints_(network.node_count()) {
  join(network);
  number(network, grounding, options);
}

void Circuit::join(const Network& network) {
  const auto branches = network.branches();
  conductance_.resize(branches.size());
  branches_.reserve(branches.size());
  for (std::size_t k = 0; k < branches.size(); ++k) {
    branches_.push_back({.a = branches[k].a, .b = branches[k].b});
    const Kind kind = kind_of(branches[k]);
    if (kind == Kind::shorted) joints_.join(branches[k].a, branches[k].b, k);
    if (kind == Kind::resistor) conductance_[k] = Twofold(1.0) / Twofold(branches[k].resistance.value);
  }
  const auto sources = network.voltage_sources();
  for (std::size_t k = 0; k < sources.size(); ++k) {
    const VoltageSource& source = sources[k];
    if (!joints_.join(source.plus, source.minus, branches_.size() + k, Twofold(source.voltage.value))) {
      throw input_error("voltage source '" + source.name + "' closes a loop of voltage sources and 0 ohm branches",
                        "a resistance in every loop");
    }
  }
  place_.resize(network.node_count());
  for (Node node = 0; node < place_.size(); ++node) place_[node] = joints_.place(node);
}

void Circuit::number(const Network& network, Grounding grounding, const SolveOptions& options) {
  const std::size_t nodes = network.node_count();
  Joints reach(nodes);
  for (Node node = 0; node < nodes; ++node) reach.join(node, joints_group(node), none);
  for (std::size_t k = 0; k < branches_.size(); ++k) {
    if (conductance_[k].high > 0.0) reach.join(branches_[k].a, branches_[k].b, none);
  }
  // The node asked for, then node 0, then the first node of its component is the ground.
  component_.assign(nodes, none);
  std::vector<std::size_t> by_root(nodes, none);
  const auto open_component = [&](Node ground) {
    std::size_t& index = by_root[reach.place(ground).group];
    if (index != none) return;
    index = ground_of_.size();
    ground_of_.push_back(ground);
  };
  open_component(grounding.node);
  if (!grounding.alone) {
    for (Node node = 0; node < nodes; ++node) open_component(node);
  }
  unknown_.assign(nodes, none);
  std::size_t count = 0;
  for (Node node = 0; node < nodes; ++node) {
    const std::size_t group = joints_group(node);
    if (component_[group] == none) component_[group] = by_root[reach.place(group).group];
    if (group != node || component_[group] == none) continue;
    if (joints_group(ground_of_[component_[group]]) != group) unknown_[group] = count++;
  }
  std::vector<Conductor> conductors;
  for (std::size_t k = 0; k < branches_.size(); ++k) {
    std::size_t a = unknown(branches_[k].a);
    std::size_t b = unknown(branches_[k].b);
    if (!(conductance_[k].high > 0.0) || a == b) continue;
    if (a == none) std::swap(a, b);
    conductors.push_back({.a = a, .b = b == none ? Laplacian::ground : b, .conductance = conductance_[k]});
  }
  laplacian_.emplace(count, std::move(conductors), options);
}

Twofold Circuit::known(Node node) const {
  const Joints::Place& place = place_[node];
  const std::size_t component = component_[place.group];
  if (component == none) return place.offset;
  const Joints::Place& ground = place_[ground_of_[component]];
  return ground.group == place.group ? place.offset - ground.offset : place.offset;
}

Twofold Circuit::voltage(Node node, const Potentials& potentials, std::size_t column) const {
  const std::size_t index = unknown(node);
  return index == none ? known(node) : potentials.at(index, column) + known(node);
}

double Circuit::voltage_bound(Node node, const Potentials& potentials) const {
  const std::size_t index = unknown(node);
  return index == none ? 0.0 : potentials.bound[index];
}

Twofold Circuit::current(std::size_t branch, const Potentials& potentials, std::size_t column) const {
  if (!(conductance_[branch].high > 0.0)) return {};
  const auto [a, b] = std::pair(branches_[branch].a, branches_[branch].b);
  return current_through(conductance_[branch], voltage(a, potentials, column), voltage(b, potentials, column));
}

}  // namespace ohmset::nodal
