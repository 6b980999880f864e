// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar_sensitivity.h"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace ohmset {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// Rows become columns and both are reversed.
Matrix turned(const Matrix& matrix) { return matrix.reverse().transpose(); }

// Volt across a device: its current says it more precisely than the difference of two potentials, if there is one.
double across(double conductance, double current, double potential, double other) {
  constexpr double least = 1e-200;  // below, currents lose digits to underflow
  if (std::isinf(conductance)) return 0.0;
  const double volts = conductance > least ? current / conductance : potential - other;
  return std::isnan(volts) ? 0.0 : volts;  // without a potential, a device carries nothing whatever it is
}

}  // namespace

Crossbar turned(const Crossbar& crossbar) {
  const Wires& wires = crossbar.wires;
  return {.conductances = turned(crossbar.conductances),
          .wires = {.word = wires.bit,
                    .bit = wires.word,
                    .driver = wires.sense,
                    .sense = wires.driver,
                    .driven = wires.sensed == SensedEnds::both ? DrivenEnds::both : DrivenEnds::left,
                    .sensed = wires.driven == DrivenEnds::both ? SensedEnds::both : SensedEnds::bottom,
                    .word_segments = turned(wires.bit_segments),
                    .bit_segments = turned(wires.word_segments),
                    .drivers = wires.senses.reverse(),
                    .senses = wires.drivers.reverse()}};
}

struct CrossbarSensitivities::Impl {
  Crossbar crossbar;
  CrossbarFields forward;
  CrossbarSolver adjoint;
};

CrossbarSensitivities::CrossbarSensitivities(const Crossbar& crossbar, const VectorXd& input,
                                             const CrossbarOptions& options)
    : impl_(new Impl{.crossbar = crossbar,
                     .forward = crossbar_fields(crossbar, input, options),
                     .adjoint = CrossbarSolver(turned(crossbar), options)}) {}
CrossbarSensitivities::~CrossbarSensitivities() = default;
CrossbarSensitivities::CrossbarSensitivities(CrossbarSensitivities&&) noexcept = default;
CrossbarSensitivities& CrossbarSensitivities::operator=(CrossbarSensitivities&&) noexcept = default;

CrossbarSensitivity CrossbarSensitivities::of(std::size_t bit_line) const {
  const Index bits = impl_->crossbar.conductances.cols();
  if (bit_line >= static_cast<std::size_t>(bits)) throw std::invalid_argument("a crossbar has no such bit line");
  return of(VectorXd::Unit(bits, static_cast<Index>(bit_line)));
}

CrossbarSensitivity CrossbarSensitivities::of(const VectorXd& weights) const {
  const Matrix& conductances = impl_->crossbar.conductances;
  const Wires& wires = impl_->crossbar.wires;
  const Index words = conductances.rows();
  const Index bits = conductances.cols();
  if (weights.size() != bits || !weights.allFinite()) {
    throw std::invalid_argument("a crossbar's sensitivities need one finite weight for each bit line");
  }
  const CrossbarFields& x = impl_->forward;
  const CrossbarFields y = impl_->adjoint.fields(weights.reverse());
  const Index right = wires.driven == DrivenEnds::both ? 1 : 0;
  const Index above = wires.sensed == SensedEnds::both ? 1 : 0;
  CrossbarSensitivity result{.devices = Matrix(words, bits),
                             .word_segments = Matrix(words, bits + right),
                             .bit_segments = Matrix(words + above, bits)};
  for (Index i = 0; i < words; ++i) {
    for (Index j = 0; j < bits; ++j) {
      const Index row = bits - 1 - j;  // in the turned array, where bit lines run like words
      const Index column = words - 1 - i;
      const double g = conductances(i, j);
      const double volts = across(g, x.device_currents(i, j), x.word_voltages(i, j), x.bit_voltages(i, j));
      const double back =
          across(g, y.device_currents(row, column), y.word_voltages(row, column), y.bit_voltages(row, column));
      result.devices(i, j) = volts * back;
      result.word_segments(i, j) = -(x.word_currents(i, j) * y.bit_currents(row, column));
      result.bit_segments(i + above, j) = -(x.bit_currents(i, j) * y.word_currents(row, column));
    }
  }
  for (Index i = 0; i < words && right > 0; ++i) {
    result.word_segments(i, bits) = -(x.word_end_currents[i] * y.bit_top_currents[words - 1 - i]);
  }
  for (Index j = 0; j < bits && above > 0; ++j) {
    result.bit_segments(0, j) = -(x.bit_top_currents[j] * y.word_end_currents[bits - 1 - j]);
  }
  result.drivers = VectorXd::Zero(words);
  result.senses = VectorXd::Zero(bits);
  if (conductances.size() == 0) return result;
  result.drivers = result.word_segments.col(0);
  result.senses = result.bit_segments.row(words - 1 + above).transpose();
  if (right > 0) result.drivers += result.word_segments.col(bits);
  if (above > 0) result.senses += result.bit_segments.row(0).transpose();
  result.word = result.word_segments.sum();
  result.bit = result.bit_segments.sum();
  result.driver = result.drivers.sum();
  result.sense = result.senses.sum();
  return result;
}

}  // namespace ohmset
