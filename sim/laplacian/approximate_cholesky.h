// An approximate factor G ~ L D L' of a grounded Laplacian, as sparse as the graph whatever the graph: star-mesh
// elimination that draws a few conductances of each mesh instead of keeping them all, right on average.
//
// Node v with conductances c_1 <= ... <= c_k and sum s leaves a mesh of c_i c_j / s. Of the conductances from i to the
// later ones, one stands for all: to j with probability c_j / (c_i+1 + ... + c_k), with their sum for its size
// [KyngSachdeva16]. Nodes of few neighbours go first. With `copies` each edge is as many parallel ones, which are
// drawn one by one: more work for a closer factor [GaoKyngSpielman23].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/laplacian/weighted_graph.h"

namespace ohmset::laplacian {

class ApproximateCholesky {
 public:
  struct Options {
    std::uint64_t seed = 1;
    unsigned copies = 1;
  };
  // links between nodes 0 .. nodes - 1, of which the last is ground. requires nodes >= 1 and a connected graph
  ApproximateCholesky(std::size_t nodes, std::span<const Link> links, const Options& options);

  // The node at each place in the order of elimination; ground is the last.
  [[nodiscard]] std::span<const Index32> node_at() const { return node_at_; }
  [[nodiscard]] std::size_t entries() const { return row_.size(); }

  // (L D L')^-1 in place. By place in the order; ground's entry is given back as 0.
  void solve_in_place(std::span<double> values) const;

 private:
  std::vector<Index32> node_at_{};
  std::vector<std::size_t> start_{};  // place -> its entries; one more closes the last
  std::vector<Index32> row_{};
  std::vector<double> weight_{};  // c / s
  std::vector<double> inverse_pivot_{};
};

}  // namespace ohmset::laplacian
