// A fabricated bank, its real configuration and its network.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "sim/bank.h"

namespace ohmset {
namespace {

void mark_bypassed(const Group& group, std::vector<bool>& bypassed) {
  for (const Group& member : group.members) {
    if (member.arrangement != Arrangement::device) {
      mark_bypassed(member, bypassed);
    } else if (group.arrangement == Arrangement::series) {
      bypassed[member.device] = true;
    }
  }
}

class NetworkBuilder {
 public:
  NetworkBuilder(const Bank& bank, const Configuration& configuration)
      : bank_(bank), real_(with_stuck(bank, configuration)) {}

  BankNetwork build() {
    const Port port{.a = network_.add_node("p"), .b = network_.add_node("n")};
    const Group& root = bank_.topology.root();
    // The only group without members that a topology can have is the root.
    if (root.arrangement == Arrangement::series && root.members.empty()) {
      network_.add_resistor("short", port.a, port.b, Ohm{0.0});
    }
    add_group(root, port.a, port.b);
    return {.network = std::move(network_), .port = port};
  }

 private:
  void add_group(const Group& group, Node a, Node b) {
    if (group.arrangement == Arrangement::parallel) {
      for (const Group& member : group.members) add_branch(member, a, b);
      return;
    }
    Node from = a;
    for (std::size_t k = 0; k < group.members.size(); ++k) {
      const bool last = k + 1 == group.members.size();
      const Node to = last ? b : network_.add_node(fmt::format("c{}", chain_nodes_++));
      add_link(group.members[k], from, to);
      from = to;
    }
  }

  // A member of a parallel group: a device behind its switch.
  void add_branch(const Group& member, Node a, Node b) {
    if (member.arrangement != Arrangement::device) return add_group(member, a, b);
    const std::size_t k = member.device;
    const Node middle = network_.add_node(fmt::format("m{}", k));
    add_switch(k, real_.inserted(k), a, middle);
    add_device(k, middle, b);
  }

  // A member of a series group: a device under its bypass.
  void add_link(const Group& member, Node a, Node b) {
    if (member.arrangement != Arrangement::device) return add_group(member, a, b);
    const std::size_t k = member.device;
    add_switch(k, !real_.inserted(k), a, b);
    add_device(k, a, b);
  }

  void add_switch(std::size_t k, bool closed, Node a, Node b) {
    const Switch& contact = bank_.devices[k].contact;
    network_.add_resistor(fmt::format("s{}", k), a, b, closed ? contact.on : contact.off);
  }
  void add_device(std::size_t k, Node a, Node b) {
    network_.add_resistor(fmt::format("r{}", k), a, b, bank_.devices[k].resistance);
  }

  const Bank& bank_;
  Configuration real_;
  Network network_{};
  std::size_t chain_nodes_ = 0;
};

}  // namespace

Bank fabricate(const BankSpec& spec, const Site& site) {
  return {.topology = spec.topology, .devices = sample_devices(spec.fabrication, spec.topology.device_count(), site)};
}

std::vector<bool> bypassed_by_switch(const Topology& topology) {
  std::vector<bool> bypassed(topology.device_count(), false);
  mark_bypassed(topology.root(), bypassed);
  return bypassed;
}

Configuration with_stuck(const Bank& bank, const Configuration& asked) {
  if (bank.devices.size() != bank.topology.device_count() || asked.size() != bank.devices.size()) {
    throw std::invalid_argument("Bank: topology, devices and configuration differ in number of devices");
  }
  const std::vector<bool> bypassed = bypassed_by_switch(bank.topology);
  Configuration real = asked;
  for (std::size_t k = 0; k < bank.devices.size(); ++k) {
    const Stuck stuck = bank.devices[k].stuck;
    if (stuck != Stuck::free) real.set(k, (stuck == Stuck::closed) != bypassed[k]);
  }
  return real;
}

BankNetwork build_network(const Bank& bank, const Configuration& configuration) {
  return NetworkBuilder(bank, configuration).build();
}

}  // namespace ohmset
