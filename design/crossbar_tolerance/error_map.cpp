// Where in the array the errors of the outputs come from.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "design/crossbar_tolerance.h"
#include "design/crossbar_tolerance/judge.h"
#include "design/crossbar_tolerance/making.h"
#include "sim/crossbar.h"

namespace ohmset {
namespace crossbar_tolerance {
namespace {

// Sums of the squares of the weights' errors in current over the inputs, word lines x outputs, ampere squared.
Matrix squared_errors(const Making& making, std::span<const double> point) {
  const CrossbarQuestion& question = making.question();
  const CrossbarDesign& design = question.design;
  Matrix squares = Matrix::Zero(design.targets.cols(), design.targets.rows());
  const CrossbarSolver solver(
      {.conductances = making.conductances(making.made(point), 0, point), .wires = design.spec.wires},
      solve_options(1));
  for (Eigen::Index input = 0; input < question.inputs.rows(); ++input) {
    const CrossbarFields fields = solver.fields(question.inputs.row(input).transpose());
    const Matrix currents = output_differences(design.spec.mapping.scheme, fields.device_currents);
    for (Eigen::Index word = 0; word < squares.rows(); ++word) {
      for (Eigen::Index output = 0; output < squares.cols(); ++output) {
        const double error = currents(word, output) - question.inputs(input, word) * design.targets(output, word);
        double& square = squares(word, output);
        square = std::isnan(error) ? infinity : square + error * error;
      }
    }
  }
  return squares;
}

}  // namespace
}  // namespace crossbar_tolerance

Matrix error_map(const CrossbarSamples& samples, const SamplingPlan& plan, std::uint64_t first, std::size_t count) {
  using namespace crossbar_tolerance;
  const CrossbarQuestion& question = samples.question();
  if (count == 0) throw std::invalid_argument("error_map: no samples");
  if (plan.options().dimensions != samples.dimensions()) {
    throw std::invalid_argument("error_map: another sampling plan");
  }
  const Making making(question);
  // Sums are added up in the samples' order, whichever thread makes them.
  constexpr std::size_t together = 16;
  std::vector<Matrix> parts(std::min(together, count));
  Matrix sum = Matrix::Zero(question.design.targets.cols(), question.design.targets.rows());
  for (std::size_t at = 0; at < count; at += together) {
    const std::size_t some = std::min(together, count - at);
    tbb::parallel_for(std::size_t{0}, some, [&](std::size_t k) {
      tbb::this_task_arena::isolate([&] {
        std::vector<double> point(samples.dimensions());
        plan.points(first + at + k, 1, point);
        parts[k] = squared_errors(making, point);
      });
    });
    for (std::size_t k = 0; k < some; ++k) sum += parts[k];
  }
  const double values = static_cast<double>(count) * static_cast<double>(question.inputs.rows());
  return (sum / values).cwiseSqrt() / Judge(question).largest();
}

}  // namespace ohmset
