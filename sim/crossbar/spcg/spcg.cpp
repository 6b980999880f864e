// What is asked of the iteration.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/spcg.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/crossbar/layout.h"
#include "sim/crossbar/spcg/array.h"
#include "sim/crossbar/spcg/iteration.h"

namespace ohmset::crossbar {

namespace {

using Eigen::Index;
using spcg::Array;
using spcg::group_rows;
using spcg::Iteration;
using spcg::Lines;
using spcg::panel_columns;

// Potentials and device currents in volt and ampere. Returns the largest g (|w| + |b|), for inputs of 1.
double fill(CrossbarFields& fields, const Array& array, const Iteration& iteration, double scale) {
  const Lines& lines = iteration.lines();
  std::vector<double> gross(lines.groups());
  array.for_all(lines.groups(), [&](std::size_t group) {
    double* const voltages = array.scratch();
    array.loops().word_voltages(lines, group, iteration.inputs().data() + group * group_rows, iteration.solution(),
                                voltages);
    for (std::size_t k = 0; k < group_rows && group * group_rows + k < lines.words; ++k) {
      const std::size_t i = group * group_rows + k;
      for (std::size_t j = 0; j < lines.bits; ++j) {
        const auto row = static_cast<Index>(i);
        const auto column = static_cast<Index>(j);
        const double w = voltages[j * group_rows + k];
        const double b = iteration.solution()[lines.at(j / panel_columns, i) + j % panel_columns];
        const double g = array.crossbar().conductances(row, column);
        fields.word_voltages(row, column) = scale * w;
        fields.bit_voltages(row, column) = scale * b;
        fields.device_currents(row, column) = scale * (g * (w - b));
        gross[group] = std::max(gross[group], g * (std::abs(w) + std::abs(b)));
      }
    }
  });
  return *std::max_element(gross.begin(), gross.end());
}

}  // namespace

struct Spcg::Impl {
  Array array;
};

bool Spcg::applies(const Crossbar& crossbar) {
  std::size_t shorts = 0;
  const double* const conductances = crossbar.conductances.data();
  for (Index k = 0; k < crossbar.conductances.size(); ++k) shorts += std::isinf(conductances[k]) ? 1 : 0;
  if (shorts > 0 || crossbar.conductances.size() == 0) return false;
  if (spcg::segments_of_their_own(crossbar.wires)) return spcg::wires_apply(crossbar);
  const Lines lines = spcg::geometry(crossbar);
  return std::isfinite(lines.word) && std::isfinite(lines.bit);
}

Spcg::Spcg(const Crossbar& crossbar, Simd simd) : impl_(new Impl{.array = Array(crossbar, simd)}) {}
Spcg::~Spcg() = default;

std::optional<Spcg::Outputs> Spcg::outputs(const Eigen::VectorXd& input, double tolerance) const {
  const auto bits = impl_->array.crossbar().conductances.cols();
  Outputs result{.currents = Eigen::VectorXd::Zero(bits)};
  const double scale = input.cwiseAbs().maxCoeff();
  if (scale == 0.0) return result;
  Iteration iteration(impl_->array, input, scale, false);
  if (!iteration.run(tolerance)) return std::nullopt;
  for (Index j = 0; j < bits; ++j) result.currents[j] = scale * iteration.output(static_cast<std::size_t>(j));
  result.error_bound = scale * iteration.output_bound();
  result.power = scale * scale * iteration.power();
  result.iterations = iteration.iterations();
  return result;
}

std::optional<CrossbarFields> Spcg::fields(const Eigen::VectorXd& input, double tolerance) const {
  const Array& array = impl_->array;
  if (!array.reaches_all()) return std::nullopt;
  const Index words = array.crossbar().conductances.rows();
  const Index bits = array.crossbar().conductances.cols();
  CrossbarFields fields{.word_voltages = Matrix::Zero(words, bits),
                        .bit_voltages = Matrix::Zero(words, bits),
                        .device_currents = Matrix::Zero(words, bits),
                        .method = "spcg"};
  const double scale = input.cwiseAbs().maxCoeff();
  if (scale == 0.0) return fields;
  double entries = 0.0;
  for (std::size_t i = 0; i < array.ends().entry.size(); ++i) {
    entries = std::max(entries, array.ends().entry[i] + array.ends().tail[i]);
  }
  Iteration iteration(array, input, scale, true);
  for (double goal = tolerance;;) {
    if (!iteration.run(goal)) return std::nullopt;
    const double gross = fill(fields, array, iteration, scale);
    const double norm = iteration.norm_bound();
    const double rounding =
        iteration.rounding_bound() + static_cast<double>(iteration.iterations() + 8) * epsilon * gross;
    const double device_error = std::sqrt(array.largest_device()) * norm + rounding;
    const double driver_error = std::sqrt(entries) * norm + rounding;
    const double device = fields.device_currents.cwiseAbs().maxCoeff() / scale;
    const double driver = fields.device_currents.rowwise().sum().cwiseAbs().maxCoeff() / scale;
    fields.error_bound = scale * device_error;
    if (device_error <= tolerance * device && driver_error <= tolerance * driver) return fields;
    if (rounding > 0.5 * tolerance * std::min(device, driver)) return std::nullopt;
    const double ratio = std::min(device / device_error, driver / driver_error) * tolerance;
    goal = 0.5 * ratio * iteration.output_bound() / iteration.largest_output();
  }
}

}  // namespace ohmset::crossbar
