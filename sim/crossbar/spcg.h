// Crossbars by conjugate gradients on the bit lines: for a few inputs of a large array.
//
// With the potentials w of the word nodes and b of the bit nodes, Kirchhoff's current law reads W w - G b = f and
// B b - G w = 0: G holds the devices, W and B one tridiagonal matrix for each line. Without w, S b = G W^-1 f with the
// Schur complement S = B - G W^-1 G. The preconditioner is B^-1, which knows each bit line behind grounded word lines,
// plus a coarse part for the smooth potentials that word and bit lines follow together.
//
// The iteration ends on a bound of the outputs' error. With exit the conductances from a bit line to ground, one end or
// the sum of both, |dI_j| <= sqrt(exit) ||db||_S, and ||db||_S is bounded by the Gauss-Radau quadrature that the
// iteration's own coefficients give [MeurantTichy13], with a lower bound of the preconditioned operator's spectrum:
// S >= L_b, the wires of the bit lines alone, hence mu = 1/(1 + max L_b^-1 G 1). Rounding adds to it what errors of a
// few units in the last place of every current would, taken as independent.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "sim/crossbar.h"
#include "sim/simd.h"

namespace ohmset::crossbar {

class Spcg {
 public:
  // Whether all wires have some resistance, no device is shorted and every bit node leads to ground along its line.
  // False for an array without cells.
  [[nodiscard]] static bool applies(const Crossbar& crossbar);

  // requires applies(crossbar) and at least one cell; keeps the array's address
  explicit Spcg(const Crossbar& crossbar, Simd simd = chosen_simd());
  ~Spcg();
  Spcg(const Spcg&) = delete;
  Spcg& operator=(const Spcg&) = delete;
  Spcg(Spcg&&) = delete;
  Spcg& operator=(Spcg&&) = delete;

  struct Outputs {
    Eigen::VectorXd currents{};  // by bit line, ampere
    double error_bound = 0.0;    // ampere
    double power = 0.0;          // watt, drawn from the sources
    std::size_t iterations = 0;
  };
  // Nothing when the bound stays above tolerance x the largest current.
  [[nodiscard]] std::optional<Outputs> outputs(const Eigen::VectorXd& input, double tolerance) const;
  // All but the wires' currents. Nothing where nodes are cut off from everything, and when device currents, outputs or
  // drawn currents stay above tolerance x the largest of each.
  [[nodiscard]] std::optional<CrossbarFields> fields(const Eigen::VectorXd& input, double tolerance) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset::crossbar
