// A flattened deck as a Network: switches become the resistors they are in their state.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <unordered_map>

#include "netlists/spice_reader.h"
#include "sim/error.h"

namespace ohmset {
namespace {

using Potentials = std::unordered_map<std::string_view, double>;

// Nodes whose potential voltage sources alone decide, from ground outwards.
Potentials tied_potentials(const SpiceDeck& deck) {
  std::unordered_multimap<std::string_view, const SpiceElement*> sources;
  for (const SpiceElement& element : deck.elements) {
    if (element.kind != 'v') continue;
    sources.emplace(element.nodes[0], &element);
    sources.emplace(element.nodes[1], &element);
  }
  Potentials potentials{{"0", 0.0}};
  std::vector<std::string_view> front{"0"};
  while (!front.empty()) {
    const std::string_view node = front.back();
    front.pop_back();
    const double here = potentials.at(node);
    const auto [first, last] = sources.equal_range(node);
    for (auto at = first; at != last; ++at) {
      const SpiceElement& source = *at->second;
      const bool from_plus = source.nodes[0] == node;
      const std::string_view other = from_plus ? source.nodes[1] : source.nodes[0];
      const double there = from_plus ? here - source.value : here + source.value;
      if (potentials.emplace(other, there).second) front.push_back(other);
    }
  }
  return potentials;
}

double parameter(const SpiceModel& model, const std::string& name, double otherwise) {
  const auto found = model.parameters.find(name);
  return found == model.parameters.end() ? otherwise : found->second;
}

double switch_resistance(const SpiceElement& element, const SpiceDeck& deck, const Potentials& potentials,
                         const std::string& file) {
  const Where where{file, element.line};
  const auto plus = potentials.find(element.nodes[2]);
  const auto minus = potentials.find(element.nodes[3]);
  if (plus == potentials.end() || minus == potentials.end()) {
    throw input_error(where, element.name + " is controlled by the circuit", "expected control nodes tied to sources");
  }
  const SpiceModel& model = deck.models.at(element.model);
  const double threshold = parameter(model, "vt", 0.0);
  const double hysteresis = std::abs(parameter(model, "vh", 0.0));
  const double control = plus->second - minus->second;
  if (std::abs(control - threshold) <= hysteresis) {
    throw input_error(where, element.name + " is at its threshold", "expected a control voltage beyond it");
  }
  const double resistance = control > threshold ? parameter(model, "ron", 1.0) : parameter(model, "roff", 1e12);
  if (!(resistance > 0.0)) throw input_error(where, element.name + " has a model that is not above 0 ohm");
  return resistance;
}

SwitchBranch contact_of(const SpiceElement& element, const SpiceDeck& deck, const std::string& file) {
  const SpiceModel& model = deck.models.at(element.model);
  const SwitchBranch contact{.on = Ohm{parameter(model, "ron", 1.0)}, .off = Ohm{parameter(model, "roff", 1e12)}};
  if (!(contact.on.value > 0.0 && contact.off.value > 0.0)) {
    throw input_error(Where{file, element.line}, element.name + " has a model that is not above 0 ohm");
  }
  return contact;
}

void add_plain(Network& network, const SpiceElement& element) {
  const Node a = network.node(element.nodes[0]);
  const Node b = network.node(element.nodes[1]);
  if (element.kind == 'v') {
    network.add_voltage_source(element.name, a, b, Volt{element.value});
  } else if (element.kind == 'i') {
    network.add_current_source(element.name, a, b, Ampere{element.value});
  } else {
    network.add_resistor(element.name, a, b, Ohm{element.value});
  }
}

}  // namespace

Network to_network(const SpiceDeck& deck, const std::string& file) {
  Potentials potentials;
  for (const SpiceElement& element : deck.elements) {
    if (element.kind == 's') {
      potentials = tied_potentials(deck);
      break;
    }
  }
  Network network;
  for (const SpiceElement& element : deck.elements) {
    if (element.kind != 's') {
      add_plain(network, element);
      continue;
    }
    const Node a = network.node(element.nodes[0]);
    const Node b = network.node(element.nodes[1]);
    network.add_resistor(element.name, a, b, Ohm{switch_resistance(element, deck, potentials, file)});
  }
  return network;
}

SwitchedNetwork to_switched_network(const SpiceDeck& deck, const std::string& file) {
  SwitchedNetwork result;
  for (const SpiceElement& element : deck.elements) {
    if (element.kind == 's') {
      SwitchBranch contact = contact_of(element, deck, file);
      const Node a = result.network.node(element.nodes[0]);
      const Node b = result.network.node(element.nodes[1]);
      contact.branch = result.network.add_resistor(element.name, a, b, contact.on);
      result.switches.push_back(contact);
      continue;
    }
    const std::size_t next = result.network.branches().size();
    add_plain(result.network, element);
    if (element.switched) {
      result.switches.push_back({.branch = next, .on = Ohm{element.value}, .off = Ohm{element.off}});
    }
  }
  return result;
}

}  // namespace ohmset
