// Crossbars by hierarchical merging: the whole transfer matrix at once, whatever the wires and devices.
//
// The array is cut in halves down to small blocks, each a network between the places where lines cross its borders.
// Merged pairwise, the nodes where two blocks meet are eliminated star by mesh, g_ij += g_ki g_kj / sum of g_k, up to
// the array's own sources and sinks: the conductance left between a source and a sink is an entry of T, and those
// between sources say what these draw [George73]. Conductances are only ever added, so that none loses a digit, however
// far apart devices and wires are.
//
// The bound: a network whose conductances are each off by at most d of themselves answers with an energy off by at most
// d, for all inputs at once: hence |dT_ji| <= d sqrt(G_ii G_jj) with G_ii what terminal i sees when all others are held
// at 0, and |dI_j| <= d sqrt(x'Gx G_jj) with x'Gx the power that the input x draws. d grows with the square root of the
// roundings that a conductance goes through, taken as independent.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "sim/crossbar.h"
#include "sim/simd.h"

namespace ohmset::crossbar {

class Hps {
 public:
  // Whether no two sources and sinks are joined through no resistance at all, and there is at least one cell.
  [[nodiscard]] static bool applies(const Crossbar& crossbar);

  // Reduces the array to its terminals. requires applies(crossbar), valid wires and conductances
  explicit Hps(const Crossbar& crossbar, Simd simd = chosen_simd());
  ~Hps();

  // bit lines x word lines, siemens
  [[nodiscard]] Matrix transfer() const;
  // Largest absolute error of an entry, siemens.
  [[nodiscard]] double transfer_error_bound() const;
  // inputs: batch x word lines, volt. Nothing when the bound is above tolerance x the largest output of the batch.
  [[nodiscard]] std::optional<CrossbarOutputs> outputs(const Matrix& inputs, double tolerance) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset::crossbar
