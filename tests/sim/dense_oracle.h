// Kirchhoff's laws by textbook elimination in as many digits as asked for: the independent answer for small networks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace oracle {

// Gaussian elimination with partial pivoting; one right-hand side.
template <class Real>
std::vector<Real> solve(std::vector<std::vector<Real>> A, std::vector<Real> b) {
  const std::size_t n = b.size();
  const auto magnitude = [](const Real& x) { return x < 0 ? Real(-x) : x; };
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (magnitude(A[i][k]) > magnitude(A[pivot][k])) pivot = i;
    }
    std::swap(A[k], A[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      if (A[i][k] == 0) continue;
      const Real factor = A[i][k] / A[k][k];
      for (std::size_t j = k; j < n; ++j) A[i][j] -= factor * A[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= A[k][j] * b[j];
    b[k] /= A[k][k];
  }
  return b;
}

// Conductances between nodes 0 .. n-1, where node `ground` is held at 0: potentials for the given injections.
template <class Real>
struct Circuit {
  explicit Circuit(std::size_t nodes) : G(nodes, std::vector<Real>(nodes, Real(0))), injection(nodes, Real(0)) {}
  std::vector<std::vector<Real>> G;
  std::vector<Real> injection;

  void connect(std::size_t a, std::size_t b, const Real& g) {
    G[a][a] += g;
    G[b][b] += g;
    G[a][b] -= g;
    G[b][a] -= g;
  }
  // Holds a node at a potential.
  void fix(std::size_t node, const Real& potential) {
    for (Real& g : G[node]) g = 0;
    G[node][node] = 1;
    injection[node] = potential;
  }
  [[nodiscard]] std::vector<Real> potentials() const { return solve(G, injection); }
};

}  // namespace oracle
