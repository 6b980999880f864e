// A bound on energies without solving: what a current would dissipate if it flowed along shortest paths alone.
//
// Thomson's principle: of all flows that carry the injections i to ground, the true one dissipates least, so any other
// bounds i' G^-1 i from above [DoyleSnell84]. For a residual r = i - G x that is the error of x: with e = G^-1 i - x,
// e' G e = r' G^-1 r. And |e_v|^2 <= R_v e' G e, where R_v, the resistance from v to ground, is at most its distance.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/laplacian/weighted_graph.h"

namespace ohmset::laplacian {

class ShortestPaths {
 public:
  // From ground, the last node of the graph, which must reach all others.
  explicit ShortestPaths(const WeightedGraph& graph);

  // >= i' G^-1 i for every i with |i_v - injected_v| <= uncertainty_v.
  [[nodiscard]] double energy(std::span<const double> injected, std::span<const double> uncertainty) const;
  // Ohm; >= the resistance to ground.
  [[nodiscard]] double distance(std::size_t node) const { return distance_[node]; }
  [[nodiscard]] double longest() const { return longest_; }

 private:
  std::vector<Index32> outwards_{};   // nodes by distance, ground first
  std::vector<Index32> parent_{};     // node -> the next on its path to ground
  std::vector<double> resistance_{};  // of the edge to it
  std::vector<double> distance_{};
  double longest_ = 0.0;
};

}  // namespace ohmset::laplacian
