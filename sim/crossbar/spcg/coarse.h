// The smooth part of a crossbar's potentials, where word and bit lines move together: bilinear between a few knots.
// Depends on the wires alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "sim/crossbar/spcg/loops.h"
#include "sim/matrix.h"

namespace ohmset::crossbar::spcg {

// Piecewise linear functions on 0..count-1, one for each knot, evenly spaced from end to end.
struct Hats {
  std::size_t knots = 0;
  std::vector<std::size_t> first{};  // by place: the knot at or before it, never the last
  std::vector<double> fraction{};    // of the way to the next one

  // requires 2 <= knots <= count
  Hats(std::size_t count, std::size_t knots);
};

class Coarse {
 public:
  // Knots down the bit lines and along the word lines.
  Coarse(const Lines& lines, double conductance, std::size_t rows, std::size_t columns);

  [[nodiscard]] CoarseRows rows(double* values) const {
    return {.values = values, .first = down_.first.data(), .fraction = down_.fraction.data()};
  }
  [[nodiscard]] std::size_t count_of_rows() const { return down_.knots; }

  // values: sums of the residual over coarse rows, by column, replaced by P E^-1 P' r on coarse rows. Returns
  // r' P E^-1 P' r.
  double correct(double* values) const;

 private:
  std::size_t padded_bits_;
  Hats down_;
  Hats along_;
  // Vectors that are orthonormal under the mass and diagonalise the stiffness of either direction: E is a sum of two
  // Kronecker products of these matrices, so its inverse is known in their basis [LynchRiceThomas64].
  Matrix down_modes_;
  Matrix along_modes_;
  Matrix inverse_;  // 1/(eigenvalue down + eigenvalue along)
};

}  // namespace ohmset::crossbar::spcg
