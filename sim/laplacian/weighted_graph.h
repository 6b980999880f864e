// A grounded Laplacian's graph by rows: what conjugate gradients walk through. Nodes are numbered by 32 bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/twofold.h"

namespace ohmset::laplacian {

using Index32 = std::uint32_t;

struct Link {
  Index32 a = 0;
  Index32 b = 0;
  Twofold conductance{};
};

// The last node is ground, at potential 0.
class WeightedGraph {
 public:
  WeightedGraph() = default;
  WeightedGraph(std::size_t nodes, std::span<const Link> links);

  [[nodiscard]] std::size_t size() const { return start_.size() - 1; }
  [[nodiscard]] std::size_t ground() const { return size() - 1; }

  // Of one node.
  [[nodiscard]] std::span<const Index32> neighbours(std::size_t node) const {
    return std::span(neighbour_).subspan(start_[node], start_[node + 1] - start_[node]);
  }
  [[nodiscard]] std::span<const double> conductances(std::size_t node) const {
    return std::span(conductance_).subspan(start_[node], start_[node + 1] - start_[node]);
  }

  // currents = G potentials, edge by edge: never from an assembled diagonal. Returns potentials' G potentials.
  double currents(std::span<const double> potentials, std::span<double> currents) const;

  // injected - G (high + low) in twice the precision, rounded, and how far off it may be.
  struct Residual {
    std::vector<double> value{};
    std::vector<double> uncertainty{};
  };
  [[nodiscard]] Residual residual(std::span<const Twofold> injected, std::span<const Twofold> potentials) const;

 private:
  std::vector<std::size_t> start_{0, 0};
  std::vector<Index32> neighbour_{};
  std::vector<double> conductance_{};
  std::vector<double> rest_{};  // conductance = conductance_ + rest_
};

}  // namespace ohmset::laplacian
