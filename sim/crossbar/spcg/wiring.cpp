// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/spcg/wiring.h"

#include <algorithm>
#include <cmath>

#include "sim/crossbar/layout.h"

namespace ohmset::crossbar::spcg {

namespace {

using Eigen::Index;

// Where a conductance has no end.
constexpr double shortest = 1e-300;

double series(double first, double second) { return conductance_of(Ohm{first}, Ohm{second}).value(); }

// Mean of the first `count`.
double mean(const std::vector<double>& values, std::size_t count) {
  double sum = 0.0;
  for (std::size_t k = 0; k < count; ++k) sum += values[k];
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

// 1/mean of resistances that are not broken.
double likely(const Matrix& segments, double alike) {
  double sum = 0.0;
  double count = 0.0;
  for (Index i = 0; i < segments.rows(); ++i) {
    const double* const row = segments.row(i).data();
    for (Index j = 0; j < segments.cols(); ++j) {
      sum += row[j] < infinity ? row[j] : 0.0;
      count += row[j] < infinity ? 1.0 : 0.0;
    }
  }
  const double resistance = count > 0.0 ? sum / count : alike;
  return resistance > 0.0 ? 1.0 / resistance : 1.0;
}

bool no_word_is_short(const Crossbar& crossbar) {
  const Wires& wires = crossbar.wires;
  const auto words = static_cast<std::size_t>(crossbar.conductances.rows());
  const auto bits = static_cast<std::size_t>(crossbar.conductances.cols());
  const Matrix& word = wires.word_segments;
  if (bits > 1 && word.size() == 0 && wires.word.value < shortest) return false;
  std::size_t shorts = 0;
  for (std::size_t i = 0; i < words; ++i) {
    shorts += wires.driver_of(i) + wires.word_segment(i, 0) < shortest ? 1 : 0;
    if (wires.driven == DrivenEnds::both) shorts += wires.driver_of(i) + wires.word_end(i) < shortest ? 1 : 0;
    if (word.size() == 0) continue;
    const double* const row = word.row(static_cast<Index>(i)).data();
    for (std::size_t j = 1; j < bits; ++j) shorts += row[j] < shortest ? 1 : 0;
  }
  return shorts == 0;
}

// No short either; and a line that is cut twice has a piece that ground does not hold.
bool every_bit_is_held(const Crossbar& crossbar) {
  const Wires& wires = crossbar.wires;
  const auto words = static_cast<std::size_t>(crossbar.conductances.rows());
  const auto bits = static_cast<std::size_t>(crossbar.conductances.cols());
  const Matrix& bit = wires.bit_segments;
  if (words > 1 && bit.size() == 0 && wires.bit.value < shortest) return false;
  std::size_t shorts = 0;
  std::vector<double> cuts(bits);
  for (std::size_t j = 0; j < bits; ++j) {
    const double below = wires.sense_of(j) + wires.bit_segment(words - 1, j);
    const double above = wires.sensed == SensedEnds::both ? wires.sense_of(j) + wires.bit_top(j) : infinity;
    shorts += std::min(above, below) < shortest ? 1 : 0;
    cuts[j] = (std::isinf(above) ? 1.0 : 0.0) + (std::isinf(below) ? 1.0 : 0.0);
  }
  const std::size_t first = wires.sensed == SensedEnds::both ? 1 : 0;
  for (std::size_t i = 0; i + 1 < words && bit.size() > 0; ++i) {
    const double* const row = bit.row(static_cast<Index>(i + first)).data();
    for (std::size_t j = 0; j < bits; ++j) {
      shorts += row[j] < shortest ? 1 : 0;
      cuts[j] += row[j] == infinity ? 1.0 : 0.0;
    }
  }
  return shorts == 0 && std::all_of(cuts.begin(), cuts.end(), [](double count) { return count <= 1.0; });
}

}  // namespace

bool segments_of_their_own(const Wires& wires) { return !wires.uniform() || !wires.single_ended(); }

bool wires_apply(const Crossbar& crossbar) { return no_word_is_short(crossbar) && every_bit_is_held(crossbar); }

Ends::Ends(const Crossbar& crossbar, const Lines& lines)
    : entry(lines.padded_words), tail(lines.padded_words), exit(lines.padded_bits), top(lines.padded_bits) {
  const Wires& wires = crossbar.wires;
  for (std::size_t i = 0; i < lines.words; ++i) {
    entry[i] = series(wires.driver_of(i), wires.word_segment(i, 0));
    if (wires.driven == DrivenEnds::both) tail[i] = series(wires.driver_of(i), wires.word_end(i));
  }
  for (std::size_t j = 0; j < lines.bits; ++j) {
    exit[j] = series(wires.sense_of(j), wires.bit_segment(lines.words - 1, j));
    if (wires.sensed == SensedEnds::both) top[j] = series(wires.sense_of(j), wires.bit_top(j));
  }
}

void word_row(const Crossbar& crossbar, const Ends& ends, std::size_t i, double* row) {
  const Matrix& segments = crossbar.wires.word_segments;
  const auto bits = static_cast<std::size_t>(crossbar.conductances.cols());
  if (segments.size() == 0) {
    std::fill(row, row + bits, 1.0 / crossbar.wires.word.value);
  } else {
    const double* const resistances = segments.row(static_cast<Index>(i)).data();
    for (std::size_t j = 0; j < bits; ++j) row[j] = 1.0 / resistances[j];
  }
  row[0] = ends.entry[i];
}

void bit_row(const Crossbar& crossbar, const Ends& ends, const Lines& lines, std::size_t i) {
  const Wires& wires = crossbar.wires;
  const bool last = i + 1 == lines.words;
  const std::size_t above = wires.sensed == SensedEnds::both ? 1 : 0;
  const double alike = 1.0 / wires.bit.value;
  const double* const resistances = wires.bit_segments.data();
  for (std::size_t panel = 0; panel < lines.panels(); ++panel) {
    double* const row = lines.bit_wire + lines.at(panel, i);
    const std::size_t first = panel * panel_columns;
    const std::size_t count = std::min(panel_columns, lines.bits - first);
    if (last) {
      std::copy_n(ends.exit.data() + first, count, row);
    } else if (wires.bit_segments.size() == 0) {
      std::fill_n(row, count, alike);
    } else {
      const double* const from = resistances + (i + above) * lines.bits + first;
      for (std::size_t k = 0; k < count; ++k) row[k] = 1.0 / from[k];
    }
    std::fill(row + count, row + panel_columns, 1.0);
  }
}

void set_uniform(Lines& lines, const Crossbar& crossbar) {
  lines.word = conductance_of(crossbar.wires.word).value();
  lines.bit = conductance_of(crossbar.wires.bit).value();
  lines.entry = conductance_of(crossbar.wires.driver, crossbar.wires.word).value();
  lines.exit = conductance_of(crossbar.wires.sense, crossbar.wires.bit).value();
}

void set_means(Lines& lines, const Crossbar& crossbar, const Ends& ends) {
  const Wires& wires = crossbar.wires;
  lines.word = likely(wires.word_segments, wires.word.value);
  lines.bit = likely(wires.bit_segments, wires.bit.value);
  lines.entry = mean(ends.entry, lines.words);
  lines.exit = mean(ends.exit, lines.bits);
  lines.tail = mean(ends.tail, lines.words);
  lines.top = mean(ends.top, lines.bits);
}

}  // namespace ohmset::crossbar::spcg
