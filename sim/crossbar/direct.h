// Any crossbar by one sparse factorisation: a Laplacian for all inputs, outputs and their adjoints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "sim/crossbar.h"

namespace ohmset::crossbar {

class Direct {
 public:
  // Factors; keeps the array's address. requires valid wires and conductances
  explicit Direct(const Crossbar& crossbar);
  ~Direct();

  // As CrossbarSolver's.
  [[nodiscard]] CrossbarOutputs outputs(const Matrix& inputs) const;
  [[nodiscard]] CrossbarFields fields(const Eigen::VectorXd& input) const;
  [[nodiscard]] Matrix transfer() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset::crossbar
