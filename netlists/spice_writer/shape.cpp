// What a bank looks like in SPICE.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_writer/shape.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace ohmset::spice {
namespace {

bool ideal_closed(const Leaf& leaf) { return leaf.on == 0.0; }
bool ideal_open(const Leaf& leaf) { return leaf.off == infinity; }
bool is_open(const Leaf& leaf) { return leaf.resistance == infinity; }
bool is_shorted(const Leaf& leaf) { return leaf.resistance == 0.0; }

class Builder {
 public:
  Builder(const std::vector<bool>& bypassed, std::span<const Leaf> leaves, SwitchModel switches)
      : bypassed_(bypassed), leaves_(leaves), switches_(switches) {
    // Nodes inside may stay inside when nothing ties or cuts them.
    for (const Leaf& leaf : leaves) {
      const bool valued = switches == SwitchModel::sw || (!ideal_closed(leaf) && !ideal_open(leaf));
      chains_are_pins_ = chains_are_pins_ || !valued || is_open(leaf) || is_shorted(leaf);
    }
    shape_.nodes = {{{"p", 0}, true}, {{"n", 0}, true}};
  }

  Shape build(const Group& root) {
    group(root, node_p, node_n);
    shape_.may_float = chains_ > 0 && chains_are_pins_;
    return std::move(shape_);
  }

 private:
  std::size_t add_node(std::string_view stem, std::size_t index, bool pin) {
    shape_.nodes.push_back({{stem, index}, pin});
    return shape_.nodes.size() - 1;
  }

  void group(const Group& tree, std::size_t a, std::size_t b) {
    if (tree.arrangement == Arrangement::device) {
      bypassed_[tree.device] ? bypassed_device(tree.device, a, b) : switched_device(tree.device, a, b);
    } else if (tree.arrangement == Arrangement::parallel) {
      for (const Group& member : tree.members) group(member, a, b);
    } else {
      if (tree.members.empty()) shape_.ties.push_back({.a = a, .b = b, .always = true});
      std::size_t from = a;
      for (std::size_t i = 0; i < tree.members.size(); ++i) {
        const bool last = i + 1 == tree.members.size();
        const std::size_t to = last ? b : add_node("x", chains_++, chains_are_pins_);
        group(tree.members[i], from, to);
        from = to;
      }
    }
  }

  // The switch from a to b; a is the node behind its device where that is not shorted.
  void contact(std::size_t k, std::size_t a, std::size_t b) {
    const Leaf& leaf = leaves_[k];
    if (switches_ == SwitchModel::sw) {
      const std::size_t control = add_node("c", k, true);
      shape_.parts.push_back({.kind = PartKind::controlled, .device = k, .a = a, .b = b, .control = control});
      return;
    }
    std::size_t end = b;
    if (ideal_open(leaf) && !ideal_closed(leaf)) {
      end = add_node("u", k, true);
      shape_.ties.push_back({.a = end, .b = b, .device = k});
    }
    if (ideal_closed(leaf)) shape_.ties.push_back({.a = a, .b = b, .device = k});
    if (!ideal_open(leaf) || !ideal_closed(leaf)) {
      shape_.parts.push_back({.kind = PartKind::contact, .device = k, .a = a, .b = end});
    }
  }

  void switched_device(std::size_t k, std::size_t a, std::size_t b) {
    const Leaf& leaf = leaves_[k];
    if (is_open(leaf)) return;
    std::size_t behind = a;
    if (!is_shorted(leaf)) {
      behind = add_node("t", k, switches_ == SwitchModel::resistor && ideal_closed(leaf));
      shape_.parts.push_back({.kind = PartKind::device, .device = k, .a = a, .b = behind});
    }
    contact(k, behind, b);
  }

  void bypassed_device(std::size_t k, std::size_t a, std::size_t b) {
    const Leaf& leaf = leaves_[k];
    if (is_shorted(leaf)) {
      shape_.ties.push_back({.a = a, .b = b, .always = true});
    } else if (!is_open(leaf)) {
      shape_.parts.push_back({.kind = PartKind::device, .device = k, .a = a, .b = b});
    }
    contact(k, a, b);
  }

  const std::vector<bool>& bypassed_;
  std::span<const Leaf> leaves_;
  SwitchModel switches_;
  Shape shape_{};
  bool chains_are_pins_ = false;
  std::size_t chains_ = 0;
};

std::size_t find(std::vector<std::size_t>& parent, std::size_t node) {
  while (parent[node] != node) node = parent[node] = parent[parent[node]];
  return node;
}

// The smaller index stays the representative: p before n before all others.
void unite(std::vector<std::size_t>& parent, std::size_t a, std::size_t b) {
  a = find(parent, a);
  b = find(parent, b);
  parent[std::max(a, b)] = std::min(a, b);
}

}  // namespace

std::string shape_key(std::span<const Leaf> leaves, SwitchModel switches) {
  std::string key;
  key.reserve(leaves.size());
  for (const Leaf& leaf : leaves) {
    unsigned code = is_open(leaf) ? 1U : is_shorted(leaf) ? 2U : 0U;
    if (switches == SwitchModel::resistor)
      code += 4U * (ideal_closed(leaf) ? 1U : 0U) + 8U * (ideal_open(leaf) ? 1U : 0U);
    if (leaf.tc1 != 0.0 || leaf.tc2 != 0.0) code += 16U;
    key += static_cast<char>('A' + code);
  }
  return key;
}

Shape shape_of(const Topology& topology, const std::vector<bool>& bypassed, std::span<const Leaf> leaves,
               SwitchModel switches) {
  return Builder(bypassed, leaves, switches).build(topology.root());
}

std::vector<std::size_t> representatives(const Shape& shape, std::span<const Leaf> leaves) {
  std::vector<std::size_t> parent(shape.nodes.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (const Tie& tie : shape.ties) {
    if (tie.always || leaves[tie.device].closed) unite(parent, tie.a, tie.b);
  }
  if (shape.may_float) {
    std::vector<std::size_t> reach = parent;
    for (const Part& part : shape.parts) unite(reach, part.a, part.b);
    const std::size_t from_p = find(reach, node_p);
    const std::size_t from_n = find(reach, node_n);
    for (std::size_t node = 2; node < shape.nodes.size(); ++node) {
      const std::size_t island = find(reach, node);
      if (island == from_p || island == from_n || !shape.nodes[node].pin) continue;
      if (shape.nodes[node].name.stem != "x") continue;
      unite(parent, node_p, node);
      unite(reach, node_p, node);
    }
  }
  for (std::size_t node = 0; node < parent.size(); ++node) parent[node] = find(parent, node);
  return parent;
}

std::vector<Leaf> leaves_of(const Bank& bank, const Configuration& configuration, const std::vector<bool>& bypassed) {
  std::vector<Leaf> leaves(bank.devices.size());
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    const Device& device = bank.devices[k];
    const bool asked = configuration.inserted(k) != bypassed[k];
    const bool closed = device.stuck == Stuck::free ? asked : device.stuck == Stuck::closed;
    leaves[k] = {.resistance = device.resistance.value,
                 .on = device.contact.on.value,
                 .off = device.contact.off.value,
                 .closed = closed,
                 .tc1 = device.tc1,
                 .tc2 = device.tc2};
  }
  return leaves;
}

std::vector<Leaf> leaves_of(const BankArray& array, std::size_t word, std::size_t bit,
                            const std::vector<bool>& bypassed) {
  const std::size_t devices = bypassed.size();
  const std::size_t cell = array.index(word, bit);
  std::vector<Leaf> leaves(devices);
  for (std::size_t k = 0; k < devices; ++k) {
    const std::size_t at = cell * devices + k;
    const auto stuck = array.stuck.empty() ? Stuck::free : static_cast<Stuck>(array.stuck[at]);
    const bool asked = (((array.switches[cell] >> k) & 1U) != 0) != bypassed[k];
    leaves[k] = {.resistance = array.resistances[at],
                 .on = array.switch_on.empty() ? array.contact.on.value : array.switch_on[at],
                 .off = array.contact.off.value,
                 .closed = stuck == Stuck::free ? asked : stuck == Stuck::closed};
  }
  return leaves;
}

}  // namespace ohmset::spice
