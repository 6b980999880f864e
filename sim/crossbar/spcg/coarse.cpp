// Restriction, solution and prolongation of the coarse part.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/spcg/coarse.h"

#include <Eigen/Eigenvalues>

namespace ohmset::crossbar::spcg {

namespace {

using Eigen::Index;

struct Modes {
  Matrix vectors{};
  Eigen::VectorXd values{};
};

// Of a line of `wire` segments whose first and last places lead to what stands at 0.
Modes modes(const Hats& hats, double wire, double at_first, double at_last) {
  const auto knots = static_cast<Index>(hats.knots);
  Eigen::MatrixXd stiffness = Eigen::MatrixXd::Zero(knots, knots);
  Eigen::MatrixXd mass = Eigen::MatrixXd::Zero(knots, knots);
  const std::size_t count = hats.first.size();
  Eigen::VectorXd before = Eigen::VectorXd::Zero(knots);
  for (std::size_t k = 0; k < count; ++k) {
    Eigen::VectorXd here = Eigen::VectorXd::Zero(knots);
    const auto first = static_cast<Index>(hats.first[k]);
    here[first] = 1.0 - hats.fraction[k];
    here[first + 1] = hats.fraction[k];
    // Nothing but the three knots around this place can differ from zero.
    const Index low = first > 0 ? first - 1 : 0;
    const Index width = first + 2 - low;
    const auto mine = here.segment(low, width);
    mass.block(low, low, width, width) += mine * mine.transpose();
    if (k > 0) {
      const Eigen::VectorXd step = mine - before.segment(low, width);
      stiffness.block(low, low, width, width) += wire * step * step.transpose();
    }
    const double end = (k == 0 ? at_first : 0.0) + (k == count - 1 ? at_last : 0.0);
    if (end > 0.0) stiffness.block(low, low, width, width) += end * mine * mine.transpose();
    before = here;
  }
  const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXd> solver(stiffness, mass);
  // A line that hardly anything ties to ground has an eigenvalue lost in rounding: any positive one will do.
  const double least = 1e-14 * solver.eigenvalues().maxCoeff();
  return {.vectors = solver.eigenvectors(), .values = solver.eigenvalues().cwiseMax(least)};
}

}  // namespace

Hats::Hats(std::size_t count, std::size_t given) : knots(given) {
  const auto place = [&](std::size_t knot) { return knot * (count - 1) / (knots - 1); };
  std::size_t knot = 0;
  for (std::size_t k = 0; k < count; ++k) {
    while (knot + 2 < knots && k >= place(knot + 1)) ++knot;
    first.push_back(knot);
    fraction.push_back(static_cast<double>(k - place(knot)) / static_cast<double>(place(knot + 1) - place(knot)));
  }
}

Coarse::Coarse(const Lines& lines, double g, std::size_t rows, std::size_t columns)
    : padded_bits_(lines.padded_bits), down_(lines.words, rows), along_(lines.bits, columns) {
  const Modes down = modes(down_, lines.bit, lines.top, lines.exit);
  const Modes along = modes(along_, lines.word, lines.entry, lines.tail);
  down_modes_ = down.vectors;
  along_modes_ = along.vectors;
  inverse_.resize(down.values.size(), along.values.size());
  for (Index y = 0; y < inverse_.rows(); ++y) {
    for (Index x = 0; x < inverse_.cols(); ++x) {
      const double bit = down.values[y] / g;
      const double word = along.values[x] / g;
      inverse_(y, x) = 1.0 / (g * (1.0 + bit) * (bit + word + bit * word));
    }
  }
}

double Coarse::correct(double* values) const {
  Matrix sums = Matrix::Zero(down_modes_.rows(), along_modes_.rows());
  for (Index y = 0; y < sums.rows(); ++y) {
    const double* const row = values + static_cast<std::size_t>(y) * padded_bits_;
    for (std::size_t j = 0; j < along_.first.size(); ++j) {
      const auto x = static_cast<Index>(along_.first[j]);
      const double part = along_.fraction[j] * row[j];
      sums(y, x) += row[j] - part;
      sums(y, x + 1) += part;
    }
  }
  const Matrix amplitudes = down_modes_.transpose() * sums * along_modes_;
  const Matrix solved = down_modes_ * amplitudes.cwiseProduct(inverse_) * along_modes_.transpose();
  for (Index y = 0; y < sums.rows(); ++y) {
    double* const row = values + static_cast<std::size_t>(y) * padded_bits_;
    for (std::size_t j = 0; j < along_.first.size(); ++j) {
      const auto x = static_cast<Index>(along_.first[j]);
      row[j] = solved(y, x) + along_.fraction[j] * (solved(y, x + 1) - solved(y, x));
    }
  }
  return amplitudes.cwiseAbs2().cwiseProduct(inverse_).sum();
}

}  // namespace ohmset::crossbar::spcg
