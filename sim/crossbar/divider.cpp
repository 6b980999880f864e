// A bit line at v = sum g V / (sum g + g_sense); without a sense resistance v = 0 and I = G' V.
// Shorts on such a line pull it to the mean of their sources (the limit of equal small resistances); when those
// disagree, or when the line is ground, nothing limits their currents.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/divider.h"

#include <cmath>
#include <limits>

#include "sim/crossbar/currents.h"
#include "sim/crossbar/layout.h"

namespace ohmset::crossbar {

namespace {

using Eigen::Index;

constexpr double epsilon = std::numeric_limits<double>::epsilon();

bool has_short(const Crossbar& crossbar, Index column) {
  return (crossbar.conductances.col(column).array() == infinity).any();
}

double shorts(const Crossbar& crossbar, Index column) {
  return static_cast<double>((crossbar.conductances.col(column).array() == infinity).count());
}

// From a bit line to ground, through whichever ends are sensed.
Twofold sense_conductance(const Crossbar& crossbar, Index column) {
  const Segments segments(crossbar);
  const auto j = static_cast<std::size_t>(column);
  const Twofold top = segments.bit_top(j);
  const Twofold bottom = segments.bit(static_cast<std::size_t>(crossbar.conductances.rows()) - 1, j);
  return is_infinite(top) || is_infinite(bottom) ? Twofold(infinity) : top + bottom;
}

bool ideal_sinks(const Crossbar& crossbar) {
  for (Index j = 0; j < crossbar.conductances.cols(); ++j) {
    if (!is_infinite(sense_conductance(crossbar, j))) return false;
  }
  return true;
}

Twofold bit_voltage(const Crossbar& crossbar, const Eigen::VectorXd& input, Index column) {
  const Twofold sense = sense_conductance(crossbar, column);
  if (is_infinite(sense)) return {};
  const bool shorted = has_short(crossbar, column);
  Twofold weighted;
  Twofold total = shorted ? Twofold{} : sense;
  for (Index i = 0; i < crossbar.conductances.rows(); ++i) {
    double g = crossbar.conductances(i, column);
    if (shorted) g = g == infinity ? 1.0 : 0.0;
    weighted += Twofold(g) * Twofold(input[i]);
    total += Twofold(g);
  }
  return weighted / total;
}

// Currents of one column's devices for a bit line at v.
Eigen::VectorXd device_currents(const Crossbar& crossbar, const Eigen::VectorXd& input, Index column, Twofold v) {
  const Index rows = crossbar.conductances.rows();
  Eigen::VectorXd currents = Eigen::VectorXd::Zero(rows);
  const bool shorted = has_short(crossbar, column);
  bool equal = shorted && !is_infinite(sense_conductance(crossbar, column));
  Twofold finite;
  for (Index i = 0; i < rows; ++i) {
    const double g = crossbar.conductances(i, column);
    const Twofold difference = Twofold(input[i]) - v;
    if (g == infinity) {
      currents[i] = difference.high == 0.0 ? 0.0 : std::copysign(infinity, difference.high);
      equal = equal && difference.high == 0.0;
    } else {
      const Twofold current = Twofold(g) * difference;
      currents[i] = current.value();
      finite += current;
    }
  }
  if (!equal) return currents;
  const Twofold leaving = sense_conductance(crossbar, column) * v;
  const double each = ((leaving - finite) / Twofold(shorts(crossbar, column))).value();
  for (Index i = 0; i < rows; ++i) {
    if (crossbar.conductances(i, column) == infinity) currents[i] = each;
  }
  return currents;
}

}  // namespace

// Every word node without resistance to its source, from either side, and every bit line in one piece and tied to
// ground somewhere.
bool is_divider(const Crossbar& crossbar) {
  const auto words = static_cast<std::size_t>(crossbar.conductances.rows());
  const auto bits = static_cast<std::size_t>(crossbar.conductances.cols());
  if (words == 0 || bits == 0) return true;
  const Wires& wires = crossbar.wires;
  const auto joins = [](double resistance) { return std::isinf(1.0 / resistance); };
  if (wires.uniform() && ((bits > 1 && !joins(wires.word.value)) || (words > 1 && !joins(wires.bit.value))))
    return false;
  const Segments segments(crossbar);
  for (std::size_t i = 0; i < words; ++i) {
    std::size_t left = 0;  // nodes joined to the source from there
    while (left < bits && (left == 0 ? is_infinite(segments.word(i, 0)) : joins(wires.word_segment(i, left)))) ++left;
    if (left == bits) continue;
    std::size_t right = bits;  // the first of those joined from the other end
    while (right > left && (right == bits ? is_infinite(segments.word_end(i)) : joins(wires.word_segment(i, right)))) {
      --right;
    }
    if (right > left) return false;
  }
  for (std::size_t j = 0; j < bits; ++j) {
    for (std::size_t i = 0; i + 1 < words; ++i) {
      if (!joins(wires.bit_segment(i, j))) return false;
    }
    if (sense_conductance(crossbar, static_cast<Index>(j)).high == 0.0) return false;
  }
  return true;
}

Matrix divider_transfer(const Crossbar& crossbar) {
  Matrix transfer = crossbar.conductances.transpose();
  if (transfer.size() == 0) return transfer;
  for (Index j = 0; j < transfer.rows(); ++j) {
    const Twofold sense = sense_conductance(crossbar, j);
    if (is_infinite(sense)) continue;
    const bool shorted = has_short(crossbar, j);
    Twofold total = shorted ? Twofold{} : sense;
    for (Index i = 0; i < transfer.cols(); ++i) {
      double& g = transfer(j, i);
      if (shorted) g = g == infinity ? 1.0 : 0.0;
      total += Twofold(g);
    }
    for (Index i = 0; i < transfer.cols(); ++i) {
      transfer(j, i) = (sense * Twofold(transfer(j, i)) / total).value();
    }
  }
  return transfer;
}

CrossbarOutputs divider_outputs(const Crossbar& crossbar, const Matrix& inputs) {
  const Index batch = inputs.rows();
  if (crossbar.conductances.size() == 0) {
    return {.currents = Matrix::Zero(batch, crossbar.conductances.cols()), .method = "ideal"};
  }
  const bool ideal = ideal_sinks(crossbar);
  const Matrix transfer = divider_transfer(crossbar);
  CrossbarOutputs result{.currents = Matrix::Zero(batch, transfer.rows()), .method = ideal ? "ideal" : "direct"};
  const bool finite = crossbar.conductances.allFinite();
  if (transfer.allFinite()) {
    result.currents.noalias() = inputs * transfer.transpose();
  } else {
    // 0 V across nothing carries nothing, which inf * 0 would not say.
    for (Index b = 0; b < batch; ++b) {
      for (Index j = 0; j < transfer.rows(); ++j) {
        for (Index i = 0; i < transfer.cols(); ++i) {
          if (inputs(b, i) != 0.0) result.currents(b, j) += transfer(j, i) * inputs(b, i);
        }
      }
    }
  }
  for (Index b = 0; b < batch; ++b) {
    const Eigen::VectorXd input = inputs.row(b).transpose();
    const Eigen::VectorXd gross =
        transfer.array().isFinite().select(transfer, 0.0).matrix().cwiseAbs() * input.cwiseAbs();
    if (gross.size() > 0) {
      const auto terms = static_cast<double>(input.size() + 4);
      result.error_bound = std::max(result.error_bound, terms * epsilon * gross.maxCoeff());
    }
    if (finite && ideal) {
      result.power += input.cwiseAbs2().dot(crossbar.conductances.rowwise().sum());
      continue;
    }
    for (Index j = 0; j < transfer.rows(); ++j) {
      const Eigen::VectorXd currents = device_currents(crossbar, input, j, bit_voltage(crossbar, input, j));
      for (Index i = 0; i < input.size(); ++i) {
        if (input[i] != 0.0) result.power += input[i] * currents[i];
      }
    }
  }
  if (batch > 0) result.power /= static_cast<double>(batch);
  return result;
}

CrossbarFields divider_fields(const Crossbar& crossbar, const Eigen::VectorXd& input) {
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  CrossbarFields fields;
  fields.word_voltages = input.replicate(1, bits);
  fields.bit_voltages = Matrix::Zero(words, bits);
  fields.device_currents = Matrix::Zero(words, bits);
  for (Index j = 0; j < bits && words > 0; ++j) {
    const Twofold v = bit_voltage(crossbar, input, j);
    fields.bit_voltages.col(j).setConstant(v.value());
    fields.device_currents.col(j) = device_currents(crossbar, input, j, v);
  }
  double largest = 0.0;
  for (const double current : fields.device_currents.reshaped()) {
    if (std::isfinite(current)) largest = std::max(largest, std::abs(current));
  }
  fields.error_bound = 2.0 * epsilon * largest;
  fields.method = crossbar.conductances.size() == 0 || ideal_sinks(crossbar) ? "ideal" : "direct";
  complete(fields, crossbar, input);
  return fields;
}

}  // namespace ohmset::crossbar
