// The numeric factorisation: star-mesh elimination without subtraction, front by front.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/laplacian/analysis.h"
#include "sim/matrix.h"

namespace ohmset::laplacian {

struct WeightedEdge {
  std::size_t a = 0;
  std::size_t b = 0;
  double conductance = 0.0;
};

class StarMesh {
 public:
  // edges between nodes, and each node's leak to ground. supernodes: the analysis of these edges
  StarMesh(Supernodes supernodes, std::span<const WeightedEdge> edges, std::span<const double> leaks);

  // G^-1 of nodes x columns, in place. For injections b: |computed - G^-1 b| <= accuracy() * G^-1 |b|, entry by entry.
  void solve_in_place(Matrix& columns) const;

  // The proven relative error of a solve: see star_mesh.cpp.
  [[nodiscard]] double accuracy() const { return accuracy_; }

 private:
  Supernodes tree_{};
  std::vector<std::size_t> weights_at_{};  // supernode -> its block in weights_
  std::vector<double> weights_{};          // L of G = L D L', rows x own columns each, by columns: -c_jp / d_p
  std::vector<double> pivots_{};           // d_p by position
  double accuracy_ = 0.0;
};

}  // namespace ohmset::laplacian
