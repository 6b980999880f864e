// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar_change.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "sim/units.h"

namespace ohmset {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// What leads away from both nodes of a device in parallel, then in series: no less than 1/R, as all current that leaves
// the nodes passes there.
double most_conductance(const Crossbar& crossbar, std::size_t i, std::size_t j) {
  const Wires& wires = crossbar.wires;
  const auto words = static_cast<std::size_t>(crossbar.conductances.rows());
  const auto bits = static_cast<std::size_t>(crossbar.conductances.cols());
  double word = 1.0 / (wires.word_segment(i, j) + (j == 0 ? wires.driver_of(i) : 0.0));
  if (j + 1 < bits) word += 1.0 / wires.word_segment(i, j + 1);
  if (j + 1 == bits && wires.driven == DrivenEnds::both) word += 1.0 / (wires.word_end(i) + wires.driver_of(i));
  double bit = 1.0 / (wires.bit_segment(i, j) + (i + 1 == words ? wires.sense_of(j) : 0.0));
  if (i > 0) bit += 1.0 / wires.bit_segment(i - 1, j);
  if (i == 0 && wires.sensed == SensedEnds::both) bit += 1.0 / (wires.bit_top(j) + wires.sense_of(j));
  return 1.0 / (1.0 / word + 1.0 / bit);
}

VectorXd outputs_of(const CrossbarFields& fields) {
  VectorXd outputs = fields.bit_currents.row(fields.bit_currents.rows() - 1).transpose();
  if (fields.bit_top_currents.size() > 0) outputs -= fields.bit_top_currents;
  return outputs;
}

}  // namespace

DeviceChange::DeviceChange(const Crossbar& crossbar, const VectorXd& input, std::size_t word_line, std::size_t bit_line,
                           const CrossbarOptions& options)
    : bit_line_(static_cast<Index>(bit_line)) {
  if (word_line >= static_cast<std::size_t>(crossbar.conductances.rows()) ||
      bit_line >= static_cast<std::size_t>(crossbar.conductances.cols())) {
    throw std::invalid_argument("a crossbar has no such device");
  }
  const auto row = static_cast<Index>(word_line);
  Crossbar changed = crossbar;
  changed.conductances(row, bit_line_) = 0.0;
  const CrossbarFields open = crossbar_fields(changed, input, options);
  probe_ = most_conductance(crossbar, word_line, bit_line);
  open_ = outputs_of(open);
  open_voltage_ = open.word_voltages(row, bit_line_) - open.bit_voltages(row, bit_line_);
  changed.conductances(row, bit_line_) = probe_;
  const CrossbarFields probed = crossbar_fields(changed, input, options);
  const double current = probed.device_currents(row, bit_line_);
  held_ = std::isinf(current);
  change_ = outputs_of(probed) - open_;
  if (std::isinf(probe_)) {
    resistance_ = open_voltage_ / current;
    if (!(resistance_ > 0.0)) resistance_ = 0.0;
    return;
  }
  // A device that this input hardly drives tells little about R; nor does it matter then, once R is within its bound.
  resistance_ = (open_voltage_ - current / probe_) / current;
  if (!(resistance_ > 1.0 / probe_)) resistance_ = 1.0 / probe_;
}

double DeviceChange::ratio(double conductance) const {
  if (conductance == 0.0 || probe_ == 0.0 || std::isinf(resistance_)) return 0.0;
  const double load = std::isinf(conductance) ? 1.0 / resistance_ : 1.0 / (1.0 / conductance + resistance_);
  return std::isinf(probe_) ? load * resistance_ : load * (1.0 / probe_ + resistance_);
}

VectorXd DeviceChange::outputs(double conductance) const {
  if (!(conductance >= 0.0)) throw std::invalid_argument("a device's conductance needs to be >= 0");
  VectorXd result = open_;
  if (held_) {
    if (conductance > 0.0) result[bit_line_] += conductance * open_voltage_;
    return result;
  }
  const double part = ratio(conductance);
  if (part > 0.0) result += part * change_;
  return result;
}

}  // namespace ohmset
