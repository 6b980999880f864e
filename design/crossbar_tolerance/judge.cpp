// SPDX-License-Identifier: Apache-2.0
#include "design/crossbar_tolerance/judge.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ohmset::crossbar_tolerance {

Judge::Judge(const CrossbarQuestion& question) : question_(question) {
  const Matrix& targets = question.design.targets;
  ideal_.resize(question.inputs.rows(), targets.rows());
  for (Eigen::Index input = 0; input < ideal_.rows(); ++input) {
    for (Eigen::Index output = 0; output < ideal_.cols(); ++output) {
      ideal_(input, output) = question.inputs.row(input).dot(targets.row(output));
      largest_ = std::max(largest_, std::abs(ideal_(input, output)));
    }
  }
}

Matrix Judge::outputs(Matrix conductances) const {
  const Crossbar crossbar{.conductances = std::move(conductances), .wires = question_.design.spec.wires};
  const CrossbarOutputs solved = crossbar_outputs(crossbar, question_.inputs, solve_options(question_.inputs.rows()));
  return output_differences(question_.design.spec.mapping.scheme, solved.currents);
}

double Judge::error(const Matrix& outputs) const {
  double worst = 0.0;
  double squares = 0.0;
  for (Eigen::Index k = 0; k < outputs.size(); ++k) {
    const double error = std::abs(outputs.data()[k] - ideal_.data()[k]) / largest_;
    if (!std::isfinite(error)) return infinity;
    worst = std::max(worst, error);
    squares += error * error;
  }
  return question_.error == OutputError::largest ? worst : std::sqrt(squares / static_cast<double>(outputs.size()));
}

}  // namespace ohmset::crossbar_tolerance
