// Large systems whose factor would not fit: conjugate gradients behind an approximate factor, with a proven bound.
//
// Each round solves for the correction of what the last one left, the residual taken edge by edge in twice the
// precision, until the bound of ShortestPaths is small enough. Of i' G^-1 i, and with it of effective resistances,
// i' x + x' r is a lower bound for r = i - G x, and what r' G^-1 r can be at most is all that is missing: the error is
// quadratic in that of the potentials.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/laplacian.h"
#include "sim/laplacian/approximate_cholesky.h"
#include "sim/laplacian/shortest_paths.h"
#include "sim/laplacian/weighted_graph.h"

namespace ohmset::laplacian {

class ConjugateGradients {
 public:
  ConjugateGradients(std::size_t nodes, std::span<const Conductor> conductors);

  // What has to be precise: injection' G^-1 injection, or every potential.
  enum class Goal { energy, potentials };
  struct Column {
    std::vector<Twofold> potentials{};  // by node
    double error_energy = 0.0;          // e' G e <= this for the error e of the potentials
    Bounded energy{};                   // injection' G^-1 injection
    std::size_t iterations = 0;
    bool met = false;  // whether the goal's tolerance was
  };
  // injection: by node.
  [[nodiscard]] Column solve(std::span<const Twofold> injection, Goal goal) const;

  // Of a node's potential in a column.
  [[nodiscard]] double potential_bound(std::size_t node, double error_energy) const;

  static constexpr double energy_tolerance = 1e-12;
  // Of the answer's norm sqrt(x' G x); and, where doubles allow it, at every node of the largest potential and in every
  // edge of the largest injection.
  static constexpr double potential_tolerance = 1e-12;

 private:
  [[nodiscard]] std::size_t correct(std::span<Twofold> potentials, std::vector<double> residual,
                                    double reduction) const;

  ApproximateCholesky factor_;
  std::vector<Index32> place_{};  // node -> place in the factor's order
  WeightedGraph graph_{};         // by place
  ShortestPaths paths_;
  double most_conducting_ = 0.0;
};

}  // namespace ohmset::laplacian
