// How far the outputs of an array are from what they were meant to be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "design/crossbar_tolerance.h"
#include "sim/crossbar.h"

namespace ohmset::crossbar_tolerance {

// The precision of solves, of the largest current of a bit line: far below what any sample errs by.
inline constexpr double solve_tolerance = 1e-10;
// Iterating a few inputs is the fastest whatever the array's size, where each array is solved once.
[[nodiscard]] inline CrossbarOptions solve_options(Eigen::Index inputs) {
  constexpr Eigen::Index most_iterated = 16;
  return {.method = inputs <= most_iterated ? CrossbarMethod::spcg : CrossbarMethod::automatic,
          .tolerance = solve_tolerance};
}

class Judge {
 public:
  // requires inputs and targets that fit each other
  explicit Judge(const CrossbarQuestion& question);

  [[nodiscard]] const Matrix& ideal() const { return ideal_; }  // batch x outputs, ampere
  [[nodiscard]] double largest() const { return largest_; }     // magnitude of an ideal output

  // Differenced outputs of an array with these conductances, batch x outputs, ampere.
  [[nodiscard]] Matrix outputs(Matrix conductances) const;
  // Infinite where an output is infinite, or the difference of two that are.
  [[nodiscard]] double error(const Matrix& outputs) const;

 private:
  const CrossbarQuestion& question_;
  Matrix ideal_{};
  double largest_ = 0.0;
};

}  // namespace ohmset::crossbar_tolerance
