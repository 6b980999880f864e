// Grounded Laplacians G v = i of weighted graphs: the linear algebra under Kirchhoff's laws. Knows nothing of circuits.
//
// The factorisation is star-mesh elimination: a node goes, and a mesh of conductances between its neighbours stays.
// Conductances are only ever added, multiplied and divided, the pivot is the sum of what the node conducts, and nothing
// is subtracted, so every potential under injections >= 0 comes out accurate to its own size, whatever the spread of
// the conductances [GrassmannTaksarHeyman85, OCinneide93]. Fill is kept low by CHOLMOD's orderings and symbolic
// analysis [ChenDavisHagerRajamanickam08]; the numeric part is multifrontal. Signed injections are refined with
// residuals taken edge by edge in twice the precision.
//
// Where that factor would be too large (graphs in three dimensions, random graphs) conjugate gradients behind an
// approximate factor take over [KyngSachdeva16], until a proven bound is small enough.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/matrix.h"
#include "sim/solve_method.h"
#include "sim/twofold.h"

namespace ohmset {

// An edge of the graph. requires a finite conductance > 0; b may be Laplacian::ground
struct Conductor {
  std::size_t a = 0;
  std::size_t b = 0;
  Twofold conductance{};
};

// Potentials of nodes x columns as sums high + low. bound[node] >= the error in every column. For the error e of a
// column, e' G e <= error_energy: a difference over a resistance R errs by at most sqrt(R error_energy).
struct Potentials {
  Matrix high{};
  Matrix low{};
  std::vector<double> bound{};
  double error_energy = std::numeric_limits<double>::infinity();

  [[nodiscard]] Twofold at(std::size_t node, std::size_t column) const {
    const auto i = static_cast<Eigen::Index>(node);
    const auto j = static_cast<Eigen::Index>(column);
    return {high(i, j), low(i, j)};
  }
};

// From a to b. What is below the resolution of the two potentials is 0: no current is made up by rounding.
[[nodiscard]] Twofold current_through(Twofold conductance, Twofold a, Twofold b);

struct Bounded {
  double value = 0.0;
  double bound = 0.0;  // >= the absolute error
};

class Laplacian {
 public:
  static constexpr std::size_t ground = static_cast<std::size_t>(-1);

  // Factors. order: the nodes in a good order of elimination, when the caller knows one (empty: CHOLMOD chooses).
  // Throws std::invalid_argument when an edge is malformed or a node has no path to ground.
  Laplacian(std::size_t nodes, std::vector<Conductor> conductors, std::span<const std::size_t> order = {});
  // The same with the method chosen, or named.
  Laplacian(std::size_t nodes, std::vector<Conductor> conductors, const SolveOptions& options);
  ~Laplacian();
  Laplacian(const Laplacian&) = delete;
  Laplacian& operator=(const Laplacian&) = delete;
  Laplacian(Laplacian&&) noexcept;
  Laplacian& operator=(Laplacian&&) noexcept;

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::span<const Conductor> conductors() const;
  // What the next answer comes from. Conjugate gradients that miss their tolerance give way to elimination for good
  // when they were an automatic choice and the factor is not too large even as a last resort.
  [[nodiscard]] SolveMethod method() const;

  // injections: nodes x columns, high + low (low may be empty: zeros).
  [[nodiscard]] Potentials solve(const Matrix& high, const Matrix& low = {}) const;
  // i' G^-1 i for 1 A from a to b, either of which may be ground. requires method() to be conjugate gradients, which
  // reach this long before all potentials; nothing when their bound stays above what they promise.
  [[nodiscard]] std::optional<Bounded> resistance(std::size_t a, std::size_t b) const;

  // Through a conductor from a to b, and the largest error of that.
  [[nodiscard]] Twofold current(std::size_t conductor, const Potentials& potentials, std::size_t column) const;
  [[nodiscard]] double current_bound(std::size_t conductor, const Potentials& potentials) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset
