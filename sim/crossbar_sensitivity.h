// How the outputs of a crossbar answer to each of its devices and wires: all derivatives from one more solve.
//
// Let x be the potentials for an input, and y those with the sources at 0 and the end of every bit line at its weight.
// The weighted sum I of the outputs then has dI/dg = (x_w - x_b)(y_b - y_w) for a device between w and b, and
// dI/dr = -(current of x)(current of y, against its direction) for a wire [DirectorRohrer69]. By reciprocity y belongs
// to the same array turned around: bit lines driven from where they were sensed, word lines sensed where they were
// driven.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "sim/crossbar.h"

namespace ohmset {

// Of one output, or of a weighted sum of outputs. Segments are laid out as in Wires.
struct CrossbarSensitivity {
  Matrix devices{};           // by conductance, volt; 0 for a short, not for an open device
  Matrix word_segments{};     // by resistance, ampere per ohm; one column more where both ends are driven
  Matrix bit_segments{};      // one row more, the first, where both ends are sensed
  Eigen::VectorXd drivers{};  // by word line; of both ends together
  Eigen::VectorXd senses{};   // by bit line; of both ends together
  // When all segments, drivers or sense resistances change alike.
  double word = 0.0;
  double bit = 0.0;
  double driver = 0.0;
  double sense = 0.0;
};

// Bit lines become word lines and the other way round: what was at the bottom is at the left now, what was at the left
// is at the bottom. Its transfer matrix is that of the array, transposed and reversed both ways.
[[nodiscard]] Crossbar turned(const Crossbar& crossbar);

// Solves once for the input and once for each question; keeps what the array's factors need in between.
class CrossbarSensitivities {
 public:
  // Throws as CrossbarSolver and its fields() do.
  CrossbarSensitivities(const Crossbar& crossbar, const Eigen::VectorXd& input, const CrossbarOptions& options = {});
  ~CrossbarSensitivities();
  CrossbarSensitivities(const CrossbarSensitivities& other) = delete;
  CrossbarSensitivities& operator=(const CrossbarSensitivities& other) = delete;
  CrossbarSensitivities(CrossbarSensitivities&& other) noexcept;
  CrossbarSensitivities& operator=(CrossbarSensitivities&& other) noexcept;

  // Throws std::invalid_argument when there is no such bit line.
  [[nodiscard]] CrossbarSensitivity of(std::size_t bit_line) const;
  // Of sum_j weights[j] I_j: what trains a layer is weights = dloss/dI. Throws std::invalid_argument unless there is
  // one finite weight for each bit line.
  [[nodiscard]] CrossbarSensitivity of(const Eigen::VectorXd& weights) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset
