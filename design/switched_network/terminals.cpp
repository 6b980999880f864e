// The fixed part of a network gone: what is left between the nodes that the port and the switches touch.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "design/switched_network/mesh.h"

namespace ohmset::switched {
namespace {

// Sums of what is below it stay finite; above it a conductance is a short.
constexpr double most_conductance = 1e250;

double conductance_of(Ohm resistance) {
  const double g = 1.0 / resistance.value;
  return g > most_conductance ? infinity : g;
}

class Groups {
 public:
  explicit Groups(std::size_t nodes) : parent_(nodes) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
  [[nodiscard]] std::size_t of(std::size_t node) {
    while (parent_[node] != node) node = parent_[node] = parent_[parent_[node]];
    return node;
  }
  void join(std::size_t a, std::size_t b) {
    const auto [less, more] = std::minmax({of(a), of(b)});
    parent_[more] = less;
  }

 private:
  std::vector<std::size_t> parent_;
};

// A sparse graph whose nodes go in order of least degree.
class Graph {
 public:
  explicit Graph(std::size_t nodes) : neighbours_(nodes) {}

  void add(std::size_t a, std::size_t b, double g) {
    if (a == b || g == 0.0) return;
    neighbours_[a][b] += g;
    neighbours_[b][a] += g;
  }
  [[nodiscard]] const std::map<std::size_t, double>& neighbours(std::size_t node) const { return neighbours_[node]; }

  void eliminate_all_but(const std::vector<bool>& kept) {
    std::set<std::pair<std::size_t, std::size_t>> queue;
    for (std::size_t node = 0; node < kept.size(); ++node) {
      if (!kept[node] && !neighbours_[node].empty()) queue.emplace(neighbours_[node].size(), node);
    }
    while (!queue.empty()) {
      const std::size_t node = queue.begin()->second;
      queue.erase(queue.begin());
      const auto star = std::move(neighbours_[node]);
      double sum = 0.0;
      for (const auto& [other, g] : star) sum += g;
      for (const auto& [other, g] : star) {
        if (!kept[other]) queue.erase({neighbours_[other].size(), other});
      }
      for (const auto& [other, g] : star) neighbours_[other].erase(node);
      for (auto a = star.begin(); a != star.end(); ++a) {
        for (auto b = star.begin(); b != a; ++b) add(a->first, b->first, a->second / sum * b->second);
      }
      for (const auto& [other, g] : star) {
        if (!kept[other]) queue.emplace(neighbours_[other].size(), other);
      }
    }
  }

 private:
  std::vector<std::map<std::size_t, double>> neighbours_;
};

}  // namespace

Terminals terminals_of(const SwitchedNetwork& switched, Port port) {
  const auto branches = switched.network.branches();
  std::vector<bool> is_switch(branches.size(), false);
  for (const SwitchBranch& contact : switched.switches) is_switch[contact.branch] = true;

  Groups groups(switched.network.node_count());
  const auto is_fixed_short = [](const SwitchBranch& contact) {
    return conductance_of(contact.on) == infinity && conductance_of(contact.off) == infinity;
  };
  for (std::size_t k = 0; k < branches.size(); ++k) {
    if (!is_switch[k] && conductance_of(branches[k].resistance) == infinity) groups.join(branches[k].a, branches[k].b);
  }
  for (const SwitchBranch& contact : switched.switches) {
    if (is_fixed_short(contact)) groups.join(branches[contact.branch].a, branches[contact.branch].b);
  }

  Graph graph(switched.network.node_count());
  for (std::size_t k = 0; k < branches.size(); ++k) {
    const double g = conductance_of(branches[k].resistance);
    if (!is_switch[k] && g != infinity) graph.add(groups.of(branches[k].a), groups.of(branches[k].b), g);
  }

  Terminals result;
  std::vector<bool> kept(switched.network.node_count(), false);
  std::vector<std::size_t> nodes;  // by terminal
  std::vector<std::size_t> number(switched.network.node_count(), 0);
  const auto keep = [&](Node node) {
    const std::size_t group = groups.of(node);
    if (!kept[group]) {
      kept[group] = true;
      number[group] = nodes.size();
      nodes.push_back(group);
    }
    return number[group];
  };
  keep(port.a);
  keep(port.b);
  result.shorted = nodes.size() == 1;
  for (std::size_t k = 0; k < switched.switches.size(); ++k) {
    const SwitchBranch& contact = switched.switches[k];
    const Branch& branch = branches[contact.branch];
    const double on = conductance_of(contact.on);
    const double off = conductance_of(contact.off);
    if (on == off && on != infinity) graph.add(groups.of(branch.a), groups.of(branch.b), on);
    if (on == off || result.shorted || groups.of(branch.a) == groups.of(branch.b)) {
      result.idle.push_back(k);
      continue;
    }
    const std::size_t p = keep(branch.a);
    const std::size_t q = keep(branch.b);
    result.contacts.push_back(
        {.p = p, .q = q, .high = std::max(on, off), .low = std::min(on, off), .index = k, .high_is_closed = on > off});
  }
  if (result.shorted) return result;
  graph.eliminate_all_but(kept);
  result.mesh = Mesh(nodes.size());
  for (std::size_t p = 0; p < nodes.size(); ++p) {
    for (const auto& [other, g] : graph.neighbours(nodes[p])) {
      if (number[other] < p) result.mesh.add(p, number[other], g);
    }
  }
  return result;
}

}  // namespace ohmset::switched
