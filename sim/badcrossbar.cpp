// SPDX-License-Identifier: Apache-2.0
#include "sim/badcrossbar.h"

#include <stdexcept>
#include <utility>

namespace ohmset::badcrossbar {

using Eigen::Index;

Solution compute(const Matrix& applied_voltages, const Matrix& resistances, Ohm r_i_word_line, Ohm r_i_bit_line,
                 const Options& options) {
  if (applied_voltages.rows() != resistances.rows()) {
    throw std::invalid_argument("applied voltages need one row for each word line of the resistances");
  }
  if (!(resistances.array() >= 0.0).all()) throw std::invalid_argument("a device's resistance needs to be >= 0");
  const CrossbarSolver solver(
      {.conductances = resistances.cwiseInverse(), .wires = {.word = r_i_word_line, .bit = r_i_bit_line}});
  Solution solution;
  solution.currents.output = solver.outputs(applied_voltages.transpose()).currents;
  if (!options.node_voltages && !options.all_currents) return solution;
  for (Index example = 0; example < applied_voltages.cols(); ++example) {
    CrossbarFields fields = solver.fields(applied_voltages.col(example));
    if (options.all_currents) {
      solution.currents.device.push_back(std::move(fields.device_currents));
      solution.currents.word_line.push_back(std::move(fields.word_currents));
      solution.currents.bit_line.push_back(std::move(fields.bit_currents));
    }
    if (options.node_voltages) {
      solution.voltages.word_line.push_back(std::move(fields.word_voltages));
      solution.voltages.bit_line.push_back(std::move(fields.bit_voltages));
    }
  }
  return solution;
}

Solution compute(const Matrix& applied_voltages, const Matrix& resistances, Ohm r_i, const Options& options) {
  return compute(applied_voltages, resistances, r_i, r_i, options);
}

}  // namespace ohmset::badcrossbar
