// Conjugate gradients on the bit lines, for one input vector: where they stand and how far off they may be.
// Potentials in units of the largest input.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "sim/crossbar/spcg/array.h"

namespace ohmset::crossbar::spcg {

class Iteration {
 public:
  // Starts from 0. `keep`: all potentials of the bit lines are wanted.
  Iteration(const Array& array, const Eigen::VectorXd& voltages, double scale, bool keep);
  ~Iteration();
  Iteration(const Iteration&) = delete;
  Iteration& operator=(const Iteration&) = delete;
  Iteration(Iteration&&) = delete;
  Iteration& operator=(Iteration&&) = delete;

  // Until the outputs are known to tolerance x the largest of them; false when that is out of reach.
  [[nodiscard]] bool run(double tolerance);

  [[nodiscard]] std::size_t iterations() const { return iterations_; }
  [[nodiscard]] const Lines& lines() const { return lines_; }
  [[nodiscard]] const std::vector<double>& inputs() const { return inputs_; }
  // By bit line, ampere.
  [[nodiscard]] double output(std::size_t j) const;
  [[nodiscard]] double largest_output() const;
  // By panels; requires keep
  [[nodiscard]] const double* solution() const { return solution_.data(); }
  // Watt, drawn from the sources.
  [[nodiscard]] double power() const { return drawn_ - energy_; }

  // Of the error in the norm of S, without rounding.
  [[nodiscard]] double norm_bound() const;
  // Of the outputs' error by rounding, ampere.
  [[nodiscard]] double rounding_bound() const;
  [[nodiscard]] double output_bound() const;

 private:
  [[nodiscard]] double bit_sweep(double alpha, bool first);
  [[nodiscard]] Energies word_sweep();
  [[nodiscard]] bool step();
  [[nodiscard]] double largest_end() const;

  const Array& array_;
  std::unique_ptr<Workspace> workspace_;
  Lines lines_;
  CoarseRows coarse_{};
  std::vector<double> solution_{};
  std::vector<double> inputs_;
  std::vector<double> first_;  // potentials of the first row of bit nodes, padded
  std::vector<double> last_;   // and of the last row
  std::size_t iterations_ = 0;
  double size_ = 0.0;  // r' M^-1 r
  double beta_ = 0.0;
  double drawn_ = 0.0;       // from the sources with bit lines at 0, watt
  double energy_ = 0.0;      // x' S x: what the bit lines give back to the word lines, watt
  double exits_ = 0.0;       // the largest conductance from a bit line to ground
  double quadrature_ = 0.0;  // Gauss-Radau: ||error||_S^2 <= quadrature x size
  double rounding_ = 0.0;    // ampere: how many times an error of one unit in the last place of every current counts
};

}  // namespace ohmset::crossbar::spcg
