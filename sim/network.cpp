// The network's bookkeeping: unique names, checked elements.
// SPDX-License-Identifier: Apache-2.0
#include "sim/network.h"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace ohmset {

namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument(what);
}

}  // namespace

Network::Network() { add_node("0"); }

Node Network::add_node(std::string name) {
  const Node index = names_.size();
  if (name.empty()) {
    name.assign(1, 'n').append(std::to_string(index));
    while (nodes_.contains(name)) name += '_';
  }
  require(nodes_.try_emplace(name, index).second, "a node named '" + name + "' exists already");
  names_.push_back(std::move(name));
  return index;
}

Node Network::node(std::string_view name) {
  const auto known = nodes_.find(name);
  return known == nodes_.end() ? add_node(std::string(name)) : known->second;
}

std::optional<Node> Network::find(std::string_view name) const {
  const auto known = nodes_.find(name);
  return known == nodes_.end() ? std::nullopt : std::optional<Node>(known->second);
}

std::size_t Network::add_resistor(std::string name, Node a, Node b, Ohm resistance) {
  require(a < node_count() && b < node_count(), "resistor '" + name + "' needs existing nodes");
  require(resistance.value >= 0.0, "resistor '" + name + "' needs a resistance >= 0");
  branches_.push_back({.name = std::move(name), .a = a, .b = b, .resistance = resistance});
  return branches_.size() - 1;
}

std::size_t Network::add_voltage_source(std::string name, Node plus, Node minus, Volt voltage) {
  require(plus < node_count() && minus < node_count(), "voltage source '" + name + "' needs existing nodes");
  require(std::isfinite(voltage.value), "voltage source '" + name + "' needs a finite voltage");
  voltage_sources_.push_back({.name = std::move(name), .plus = plus, .minus = minus, .voltage = voltage});
  return voltage_sources_.size() - 1;
}

std::size_t Network::add_current_source(std::string name, Node from, Node to, Ampere current) {
  require(from < node_count() && to < node_count(), "current source '" + name + "' needs existing nodes");
  require(std::isfinite(current.value), "current source '" + name + "' needs a finite current");
  current_sources_.push_back({.name = std::move(name), .from = from, .to = to, .current = current});
  return current_sources_.size() - 1;
}

void Network::set_resistance(std::size_t branch, Ohm resistance) {
  require(branch < branches_.size(), "no branch has the index " + std::to_string(branch));
  require(resistance.value >= 0.0, "resistor '" + branches_[branch].name + "' needs a resistance >= 0");
  branches_[branch].resistance = resistance;
}

std::size_t Network::node_count() const { return names_.size(); }

const std::string& Network::node_name(Node node) const {
  require(node < names_.size(), "no node has the index " + std::to_string(node));
  return names_[node];
}

std::span<const Branch> Network::branches() const { return branches_; }
std::span<const VoltageSource> Network::voltage_sources() const { return voltage_sources_; }
std::span<const CurrentSource> Network::current_sources() const { return current_sources_; }

Network Network::without_sources() const {
  Network quiet = *this;
  quiet.voltage_sources_.clear();
  quiet.current_sources_.clear();
  for (const VoltageSource& source : voltage_sources_) {
    quiet.add_resistor(source.name, source.plus, source.minus, Ohm{0.0});
  }
  return quiet;
}

}  // namespace ohmset
