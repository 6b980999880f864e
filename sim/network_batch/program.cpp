// SPDX-License-Identifier: Apache-2.0
#include "sim/network_batch/program.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "sim/joints.h"

namespace ohmset::network_batch {

namespace {

constexpr std::uint32_t none = Program::unused;

// The slots between the nodes that are left.
class Mesh {
 public:
  explicit Mesh(std::size_t nodes) : nodes_(nodes), slot_(nodes * nodes, none) {}

  [[nodiscard]] std::uint32_t slot(std::size_t a, std::size_t b) const { return slot_[a * nodes_ + b]; }
  void set(std::size_t a, std::size_t b, std::uint32_t slot) { slot_[a * nodes_ + b] = slot_[b * nodes_ + a] = slot; }
  [[nodiscard]] std::vector<std::size_t> neighbours(std::size_t node) const {
    std::vector<std::size_t> found;
    for (std::size_t other = 0; other < nodes_; ++other) {
      if (slot(node, other) != none) found.push_back(other);
    }
    return found;
  }
  // Conductances that eliminating the node would add.
  [[nodiscard]] std::size_t fill(const std::vector<std::size_t>& neighbours) const {
    std::size_t missing = 0;
    for (std::size_t i = 1; i < neighbours.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) missing += slot(neighbours[i], neighbours[j]) == none ? 1U : 0U;
    }
    return missing;
  }
  void eliminate(std::size_t node, Steps& steps, std::size_t& slots);

 private:
  std::size_t nodes_;
  std::vector<std::uint32_t> slot_;
};

void Mesh::eliminate(std::size_t node, Steps& steps, std::size_t& slots) {
  const std::vector<std::size_t> around = neighbours(node);
  if (around.size() > 1) {
    steps.push_back(static_cast<std::uint32_t>(around.size()));
    for (const std::size_t other : around) steps.push_back(slot(node, other));
    for (std::size_t i = 1; i < around.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        std::uint32_t between = slot(around[i], around[j]);
        const bool fresh = between == none;
        if (fresh) set(around[i], around[j], between = static_cast<std::uint32_t>(slots++));
        steps.push_back(2 * between + (fresh ? 1U : 0U));
      }
    }
  }
  for (const std::size_t other : around) set(node, other, none);
}

// Least fill first, then fewest neighbours, then the first.
void eliminate_all(Mesh& mesh, std::vector<std::size_t> nodes, Steps& steps, std::size_t& slots) {
  while (!nodes.empty()) {
    std::size_t best = 0;
    auto least = std::pair(static_cast<std::size_t>(-1), std::size_t{0});
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const std::vector<std::size_t> around = mesh.neighbours(nodes[k]);
      const auto cost = std::pair(mesh.fill(around), around.size());
      if (cost < least) std::tie(best, least) = std::pair(k, cost);
    }
    mesh.eliminate(nodes[best], steps, slots);
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(best));
  }
}

PortSteps::Kind kind_of(const Mesh& mesh, std::size_t a, std::size_t b) {
  if (a == b) return PortSteps::Kind::joined;
  return mesh.slot(a, b) == none ? PortSteps::Kind::open : PortSteps::Kind::between;
}

// The steps for one port among the terminals that are left; from `first` on slots are free.
PortSteps port_steps(Mesh mesh, std::size_t a, std::size_t b, const std::vector<std::size_t>& terminals,
                     std::size_t first, std::size_t& slots) {
  PortSteps port;
  std::vector<std::size_t> others;
  for (const std::size_t terminal : terminals) {
    if (terminal != a && terminal != b) others.push_back(terminal);
  }
  std::size_t next = first;
  if (a != b && !others.empty()) {
    for (std::size_t i = 0; i < terminals.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const std::uint32_t from = mesh.slot(terminals[i], terminals[j]);
        if (from == none) continue;
        const auto to = static_cast<std::uint32_t>(next++);
        port.copies.push_back({.to = to, .from = from});
        mesh.set(terminals[i], terminals[j], to);
      }
    }
    eliminate_all(mesh, others, port.steps, next);
  }
  slots = std::max(slots, next);
  port.kind = kind_of(mesh, a, b);
  if (port.kind == PortSteps::Kind::between) port.slot = mesh.slot(a, b);
  return port;
}

}  // namespace

Program compile(const Network& network, std::span<const Port> ports) {
  const std::size_t nodes = network.node_count();
  Joints joints(nodes);
  for (const VoltageSource& source : network.voltage_sources()) joints.join(source.plus, source.minus, 0);
  const auto group = [&](Node node) { return joints.place(node).group; };

  Program program;
  Mesh mesh(nodes);
  for (const Branch& branch : network.branches()) {
    const std::size_t a = group(branch.a);
    const std::size_t b = group(branch.b);
    if (a == b) {
      program.slot_of.push_back(Program::unused);
      continue;
    }
    const bool fresh = mesh.slot(a, b) == none;
    if (fresh) mesh.set(a, b, static_cast<std::uint32_t>(program.slots++));
    program.slot_of.push_back(2 * mesh.slot(a, b) + (fresh ? 1U : 0U));
  }

  std::vector<bool> kept(nodes, false);
  std::vector<std::size_t> terminals;  // as groups, each once
  for (const Port& port : ports) {
    for (const Node node : {port.a, port.b}) {
      if (std::find(program.terminals.begin(), program.terminals.end(), node) == program.terminals.end()) {
        program.terminals.push_back(node);
      }
      if (!kept[group(node)]) terminals.push_back(group(node));
      kept[group(node)] = true;
    }
  }
  std::vector<std::size_t> inner;
  for (Node node = 0; node < nodes; ++node) {
    if (!kept[node]) inner.push_back(node);
  }
  eliminate_all(mesh, std::move(inner), program.steps, program.slots);

  for (std::size_t i = 0; i < program.terminals.size(); ++i) {
    for (std::size_t j = i + 1; j < program.terminals.size(); ++j) {
      const std::size_t a = group(program.terminals[i]);
      const std::size_t b = group(program.terminals[j]);
      PortSteps pair{.kind = kind_of(mesh, a, b)};
      if (pair.kind == PortSteps::Kind::between) pair.slot = mesh.slot(a, b);
      program.pairs.push_back(std::move(pair));
    }
  }
  const std::size_t first = program.slots;
  for (const Port& port : ports) {
    program.ports.push_back(port_steps(mesh, group(port.a), group(port.b), terminals, first, program.slots));
  }
  return program;
}

}  // namespace ohmset::network_batch
