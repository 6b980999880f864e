// Clusters are grown breadth first from nodes in their order; what is left alone joins the cluster beside it.
// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian/separator.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "sim/laplacian/cholmod.h"

namespace ohmset::laplacian {

namespace {

constexpr std::size_t wanted_clusters = 40'000;

struct Adjacency {
  std::vector<std::size_t> start{};
  std::vector<std::size_t> node{};
};

Adjacency adjacency(std::size_t nodes, std::span<const Edge> edges) {
  Adjacency graph{.start = std::vector<std::size_t>(nodes + 1, 0), .node = std::vector<std::size_t>(2 * edges.size())};
  for (const Edge& edge : edges) {
    ++graph.start[edge.a + 1];
    ++graph.start[edge.b + 1];
  }
  for (std::size_t node = 0; node < nodes; ++node) graph.start[node + 1] += graph.start[node];
  std::vector<std::size_t> at(graph.start.begin(), graph.start.end() - 1);
  for (const Edge& edge : edges) {
    graph.node[at[edge.a]++] = edge.b;
    graph.node[at[edge.b]++] = edge.a;
  }
  return graph;
}

// The cluster of each node, and their number.
std::pair<std::vector<std::size_t>, std::size_t> clusters_of(const Adjacency& graph, std::size_t size) {
  const std::size_t nodes = graph.start.size() - 1;
  std::vector<std::size_t> cluster(nodes, none);
  std::size_t count = 0;
  std::vector<std::size_t> members;
  for (std::size_t seed = 0; seed < nodes; ++seed) {
    if (cluster[seed] != none) continue;
    members.assign(1, seed);
    cluster[seed] = count;
    for (std::size_t k = 0; k < members.size() && members.size() < size; ++k) {
      for (std::size_t e = graph.start[members[k]]; e < graph.start[members[k] + 1] && members.size() < size; ++e) {
        const std::size_t next = graph.node[e];
        if (cluster[next] != none) continue;
        cluster[next] = count;
        members.push_back(next);
      }
    }
    const std::size_t first = graph.start[seed];
    if (size > 1 && members.size() == 1 && first < graph.start[seed + 1]) {
      cluster[seed] = cluster[graph.node[first]];
    } else {
      ++count;
    }
  }
  return {std::move(cluster), count};
}

}  // namespace

double separator_estimate(std::size_t nodes, std::span<const Edge> edges) {
  const std::size_t size = std::max<std::size_t>(nodes / wanted_clusters, 1);
  const auto [cluster, count] = clusters_of(adjacency(nodes, edges), size);
  std::vector<Edge> between;
  for (const Edge& edge : edges) {
    if (cluster[edge.a] != cluster[edge.b]) between.push_back({.a = cluster[edge.a], .b = cluster[edge.b]});
  }
  Cholmod cholmod;
  const auto pattern = cholmod.pattern(count, between, false);
  const Cholmod::Sparse both(cholmod_l_copy(pattern.get(), 0, CHOLMOD_PATTERN, cholmod.get()), cholmod.get());
  std::vector<SuiteSparse_long> part(count);
  const auto cut = cholmod_l_metis_bisector(both.get(), nullptr, nullptr, part.data(), cholmod.get());
  if (cut < 0) return 0.0;
  return static_cast<double>(cut) * std::cbrt(static_cast<double>(size * size));
}

}  // namespace ohmset::laplacian
