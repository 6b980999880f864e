// Dijkstra's algorithm, and currents summed from the leaves of its tree to the root.
// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian/shortest_paths.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <stdexcept>
#include <utility>

namespace ohmset::laplacian {

ShortestPaths::ShortestPaths(const WeightedGraph& graph)
    : parent_(graph.size(), 0),
      resistance_(graph.size(), 0.0),
      distance_(graph.size(), std::numeric_limits<double>::infinity()) {
  using Reached = std::pair<double, Index32>;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> front;
  const auto ground = static_cast<Index32>(graph.ground());
  distance_[ground] = 0.0;
  front.emplace(0.0, ground);
  outwards_.reserve(graph.size());
  while (!front.empty()) {
    const auto [distance, node] = front.top();
    front.pop();
    if (distance > distance_[node]) continue;
    outwards_.push_back(node);
    const auto neighbours = graph.neighbours(node);
    const auto conductances = graph.conductances(node);
    for (std::size_t k = 0; k < neighbours.size(); ++k) {
      const double resistance = 1.0 / conductances[k];
      const double there = distance + resistance;
      if (!(there < distance_[neighbours[k]])) continue;
      distance_[neighbours[k]] = there;
      parent_[neighbours[k]] = node;
      resistance_[neighbours[k]] = resistance;
      front.emplace(there, neighbours[k]);
    }
  }
  if (outwards_.size() != graph.size()) {
    throw std::invalid_argument("a Laplacian needs finite conductances and a path to ground from every node");
  }
  // A path has fewer than 2^32 edges, each sum and quotient one rounding.
  constexpr double roundings = 1.0 + 0x1p-18;
  for (double& distance : distance_) longest_ = std::max(longest_, distance *= roundings);
}

double ShortestPaths::energy(std::span<const double> injected, std::span<const double> uncertainty) const {
  std::vector<Twofold> current(injected.begin(), injected.end());
  std::vector<double> doubt(uncertainty.begin(), uncertainty.end());
  double energy = 0.0;
  // The sums below are of less than 2^32 terms in 104 bits.
  constexpr double rounding = 0x1p-70;
  for (std::size_t k = outwards_.size(); k-- > 1;) {
    const Index32 node = outwards_[k];
    const double size = std::abs(current[node].high) + doubt[node];
    if (size > 0.0) energy += size * size * resistance_[node];
    current[parent_[node]] += current[node];
    doubt[parent_[node]] += doubt[node] + rounding * std::abs(injected[node]);
  }
  return energy * (1.0 + 0x1p-18);
}

}  // namespace ohmset::laplacian
