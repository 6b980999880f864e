// Merging and reducing on Boost.Graph: every step removes an edge or a node, so the work is linear but for look-ups.
// SPDX-License-Identifier: Apache-2.0
#include "sim/reduce.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "sim/joints.h"
#include "sim/network_graph.h"

namespace ohmset {

namespace {

bool is_short(const Branch& branch) { return std::isinf(1.0 / branch.resistance.value); }
bool is_open(const Branch& branch) { return 1.0 / branch.resistance.value == 0.0; }

void require_nodes(const Network& network, std::span<const Node> terminals) {
  for (const Node node : terminals) {
    if (node >= network.node_count()) throw std::invalid_argument("a terminal needs to be a node of the network");
  }
}

// The nodes of `kept` (ground is always one) in a new network, under their own names; node_of maps to it.
Network copy_nodes(const Network& network, const std::vector<bool>& kept, std::vector<std::size_t>& node_of) {
  Network copy;
  node_of.assign(network.node_count(), no_node);
  node_of[0] = 0;
  for (Node node = 1; node < network.node_count(); ++node) {
    if (kept[node]) node_of[node] = copy.add_node(network.node_name(node));
  }
  return copy;
}

void copy_sources(const Network& from, Network& to, const std::vector<std::size_t>& node_of) {
  for (const VoltageSource& source : from.voltage_sources()) {
    const auto [plus, minus] = std::pair(node_of[source.plus], node_of[source.minus]);
    if (plus != no_node && minus != no_node) to.add_voltage_source(source.name, plus, minus, source.voltage);
  }
  for (const CurrentSource& source : from.current_sources()) {
    const auto [plus, minus] = std::pair(node_of[source.from], node_of[source.to]);
    if (plus != no_node && minus != no_node) to.add_current_source(source.name, plus, minus, source.current);
  }
}

// `second` applied to the nodes that `first` left.
Reduction compose(const Reduction& first, Reduction second) {
  std::vector<std::size_t> node_of(first.node_of.size(), no_node);
  for (std::size_t node = 0; node < node_of.size(); ++node) {
    if (first.node_of[node] != no_node) node_of[node] = second.node_of[first.node_of[node]];
  }
  return {.network = std::move(second.network), .node_of = std::move(node_of)};
}

std::vector<Node> terminals_in(const Reduction& reduction, std::span<const Node> terminals) {
  std::vector<Node> mapped;
  for (const Node node : terminals) {
    if (reduction.node_of[node] != no_node) mapped.push_back(reduction.node_of[node]);
  }
  return mapped;
}

Twofold in_parallel(Twofold r, Twofold s) { return Twofold(1.0) / (Twofold(1.0) / r + Twofold(1.0) / s); }

// The worklist of the series/parallel reduction.
class SeriesParallel {
 public:
  SeriesParallel(const Network& network, std::span<const Node> terminals)
      : graph_(network.node_count()), keeps_(network.node_count(), false) {
    for (const Node node : terminals) keeps_[node] = true;
    for (const VoltageSource& source : network.voltage_sources()) keep(source.plus, source.minus);
    for (const CurrentSource& source : network.current_sources()) keep(source.from, source.to);
    const auto branches = network.branches();
    for (std::size_t k = 0; k < branches.size(); ++k) {
      connect(branches[k].a, branches[k].b, {.resistance = Twofold(branches[k].resistance.value), .branch = k});
    }
  }

  void run() {
    std::vector<Node> work;
    for (Node node = boost::num_vertices(graph_); node-- > 0;) work.push_back(node);
    while (!work.empty()) {
      const Node node = work.back();
      work.pop_back();
      if (keeps_[node]) continue;
      const auto degree = boost::out_degree(node, graph_);
      if (degree != 1 && degree != 2) continue;
      auto edge = boost::out_edges(node, graph_).first;
      const Node before = boost::target(*edge, graph_);
      const NetworkEdge first = graph_[*edge];
      if (degree == 2) {
        ++edge;
        const Node after = boost::target(*edge, graph_);
        const NetworkEdge second = graph_[*edge];
        boost::clear_vertex(node, graph_);
        connect(before, after,
                {.resistance = first.resistance + second.resistance, .branch = std::min(first.branch, second.branch)});
        work.push_back(after);
      } else {
        boost::clear_vertex(node, graph_);
      }
      work.push_back(before);
    }
  }

  [[nodiscard]] const NetworkGraph& graph() const { return graph_; }
  [[nodiscard]] bool keeps(Node node) const { return keeps_[node]; }

 private:
  void keep(Node a, Node b) { keeps_[a] = keeps_[b] = true; }

  void connect(Node a, Node b, const NetworkEdge& property) {
    const auto [edge, added] = boost::add_edge(a, b, property, graph_);
    if (added) return;
    NetworkEdge& merged = graph_[edge];
    merged.resistance = in_parallel(merged.resistance, property.resistance);
    merged.branch = std::min(merged.branch, property.branch);
  }

  NetworkGraph graph_;
  std::vector<bool> keeps_;
};

}  // namespace

Reduction merge_shorts(const Network& network) {
  const std::size_t nodes = network.node_count();
  Joints joints(nodes);
  const auto branches = network.branches();
  for (std::size_t k = 0; k < branches.size(); ++k) {
    if (is_short(branches[k])) joints.join(branches[k].a, branches[k].b, k);
  }
  // A merged node goes by the name of its first node, so that ground stays ground.
  std::vector<std::size_t> representative(nodes, no_node);
  std::vector<bool> kept(nodes, false);
  for (Node node = 0; node < nodes; ++node) {
    std::size_t& first = representative[joints.place(node).group];
    if (first == no_node) first = node;
    kept[node] = first == node;
  }
  Reduction reduction;
  reduction.network = copy_nodes(network, kept, reduction.node_of);
  for (Node node = 0; node < nodes; ++node) {
    reduction.node_of[node] = reduction.node_of[representative[joints.place(node).group]];
  }
  for (const Branch& branch : branches) {
    const auto [a, b] = std::pair(reduction.node_of[branch.a], reduction.node_of[branch.b]);
    if (a != b && !is_open(branch)) reduction.network.add_resistor(branch.name, a, b, branch.resistance);
  }
  copy_sources(network, reduction.network, reduction.node_of);
  return reduction;
}

Reduction drop_islands(const Network& network, std::span<const Node> terminals) {
  require_nodes(network, terminals);
  NetworkGraph graph(network.node_count());
  for (const Branch& branch : network.branches()) {
    if (!is_open(branch)) boost::add_edge(branch.a, branch.b, graph);
  }
  for (const VoltageSource& source : network.voltage_sources()) boost::add_edge(source.plus, source.minus, graph);
  std::vector<std::size_t> component(network.node_count());
  const std::size_t count = boost::connected_components(graph, component.data());
  std::vector<bool> reached(count, false);
  for (const Node node : terminals) reached[component[node]] = true;
  std::vector<bool> kept(network.node_count());
  for (Node node = 0; node < kept.size(); ++node) kept[node] = reached[component[node]];

  Reduction reduction;
  reduction.network = copy_nodes(network, kept, reduction.node_of);
  if (!kept[0]) reduction.node_of[0] = no_node;
  for (const Branch& branch : network.branches()) {
    const auto [a, b] = std::pair(reduction.node_of[branch.a], reduction.node_of[branch.b]);
    if (a != no_node && b != no_node && !is_open(branch)) {
      reduction.network.add_resistor(branch.name, a, b, branch.resistance);
    }
  }
  copy_sources(network, reduction.network, reduction.node_of);
  return reduction;
}

Reduction reduce_series_parallel(const Network& network, std::span<const Node> terminals) {
  require_nodes(network, terminals);
  const Reduction merged = merge_shorts(network);
  Reduction connected = drop_islands(merged.network, terminals_in(merged, terminals));
  connected = compose(merged, std::move(connected));
  SeriesParallel reducing(connected.network, terminals_in(connected, terminals));
  reducing.run();

  const NetworkGraph& graph = reducing.graph();
  std::vector<bool> kept(connected.network.node_count());
  for (Node node = 0; node < kept.size(); ++node) {
    kept[node] = reducing.keeps(node) || boost::out_degree(node, graph) > 0;
  }
  Reduction reduced;
  reduced.network = copy_nodes(connected.network, kept, reduced.node_of);
  if (!kept[0]) reduced.node_of[0] = no_node;
  struct Left {
    std::size_t branch;
    Node a;
    Node b;
    double resistance;
  };
  std::vector<Left> left;
  const auto [first, last] = boost::edges(graph);
  for (auto edge = first; edge != last; ++edge) {
    left.push_back({.branch = graph[*edge].branch,
                    .a = reduced.node_of[boost::source(*edge, graph)],
                    .b = reduced.node_of[boost::target(*edge, graph)],
                    .resistance = graph[*edge].resistance.value()});
  }
  std::sort(left.begin(), left.end(), [](const Left& x, const Left& y) { return x.branch < y.branch; });
  for (const Left& edge : left) {
    reduced.network.add_resistor(connected.network.branches()[edge.branch].name, edge.a, edge.b, Ohm{edge.resistance});
  }
  copy_sources(connected.network, reduced.network, reduced.node_of);
  return compose(connected, std::move(reduced));
}

}  // namespace ohmset
