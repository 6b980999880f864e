// What is asked of the reduced array.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "sim/crossbar/hps/cells.h"
#include "sim/crossbar/hps/loops.h"
#include "sim/crossbar/hps/tree.h"

namespace ohmset::crossbar {

namespace {

using Eigen::Index;
using hps::Cells;
using hps::panel_rows;
using hps::Storage;
using hps::Terminals;

constexpr double rounding = 0.5 * std::numeric_limits<double>::epsilon();
constexpr std::size_t chunk = 128;  // inputs multiplied before the next ones

std::size_t panels_of(std::size_t lines) { return (lines + panel_rows - 1) / panel_rows; }

// Of that many roundings, as if they were independent: their expected sum and a dozen.
double accumulated(double roundings) { return rounding * (12.0 + std::sqrt(roundings)); }

// Rows of 8 lines over all word lines, [panel][word line][8], in units of the array.
struct Panels {
  std::size_t count;
  std::size_t stride;
  Storage data;
  Panels(std::size_t lines, std::size_t words)
      : count(panels_of(lines)), stride(words * panel_rows), data(1, count * stride) {
    std::fill(data.array(0), data.array(0) + count * stride, 0.0);
  }
  [[nodiscard]] double& at(std::size_t line, std::size_t word) const {
    return data.array(0)[line / panel_rows * stride + word * panel_rows + line % panel_rows];
  }
};

double largest(const std::vector<double>& values, std::size_t first, std::size_t count) {
  double most = 0.0;
  for (std::size_t k = first; k < first + count; ++k) most = std::max(most, values[k]);
  return most;
}

// Eight inputs at a time, each over a power of two that brings it to about 1: squares are neither to overflow nor
// vanish.
struct Eight {
  std::array<double, panel_rows> scale{};
  std::array<double, panel_rows> level{};
  Eight(const Matrix& inputs, Index first, Index last) {
    for (Index b = first; b < last; ++b) {
      const auto row = inputs.row(b);
      const double most = row.maxCoeff();
      const double least = row.minCoeff();
      const double magnitude = std::max(most, -least);
      const auto k = static_cast<std::size_t>(b - first);
      scale.at(k) = magnitude > 0.0 ? std::ldexp(1.0, std::clamp(std::ilogb(magnitude), -1000, 1000)) : 0.0;
      level.at(k) = magnitude > 0.0 ? 0.5 * (most / scale.at(k) + least / scale.at(k)) : 0.0;
    }
  }
};

}  // namespace

struct Hps::Impl {
  const hps::Loops& loops;
  std::size_t words;
  std::size_t bits;
  double unit;                     // siemens
  Panels transfer;                 // from sources to sinks
  Panels coupling;                 // between sources: what stands left of the diagonal
  std::vector<double> to_sinks;    // by source: the sum of its transfer conductances
  std::vector<double> to_sources;  // by source: the sum of its couplings
  double source_sees = 0.0;        // the largest conductance that a source sees, all others at 0, or more
  double sink_sees = 0.0;
  double relative = 0.0;  // d: error of the network's energies

  Impl(const Cells& cells, const hps::Loops& chosen);

  // Of one block of inputs: the outputs, the drawn power and a bound of what rounding leaves in its largest.
  struct Answer {
    double power = 0.0;
    double error_bound = 0.0;
    double largest = 0.0;  // output
  };
  [[nodiscard]] Answer answer(const Matrix& inputs, Index first, Index count, Matrix& currents) const;
};

Hps::Impl::Impl(const Cells& cells, const hps::Loops& chosen)
    : loops(chosen),
      words(cells.words()),
      bits(cells.bits()),
      unit(cells.unit()),
      transfer(bits, words),
      coupling(words, words),
      to_sinks(words),
      to_sources(words) {
  hps::Pool pool;
  const Terminals terminals = hps::reduce(cells, loops, pool);
  for (std::size_t i = 0; i < words; ++i) {
    const double* const column = terminals.network.at(0, terminals.sources + i);
    for (std::size_t j = 0; j < bits; ++j) {
      const double g = column[terminals.sinks + j];
      transfer.at(j, i) = g;
      to_sinks[i] += g;
    }
    for (std::size_t k = i + 1; k < words; ++k) {
      const double g = column[terminals.sources + k];
      coupling.at(k, i) = g;
      to_sources[i] += g;
      to_sources[k] += g;
    }
  }
  source_sees = largest(terminals.sees, terminals.sources, words);
  sink_sees = largest(terminals.sees, terminals.sinks, bits);
  relative = accumulated(terminals.roundings);
}

Hps::Impl::Answer Hps::Impl::answer(const Matrix& inputs, Index first, Index count, Matrix& currents) const {
  const Panels volts(static_cast<std::size_t>(count), words);
  // Couplings only see differences: sources that follow each other, whatever their level, are not to cancel.
  const Panels levelled(static_cast<std::size_t>(count), words);
  const std::size_t height = transfer.count * panel_rows;
  const std::size_t width = volts.count * panel_rows;
  const Storage outputs(1, height * width);                     // by inputs
  const Storage drawn(1, coupling.count * panel_rows * width);  // by sources
  std::fill_n(outputs.array(0), height * width, 0.0);
  std::fill_n(drawn.array(0), coupling.count * panel_rows * width, 0.0);
  std::vector<Eight> eights;
  for (std::size_t panel = 0; panel < volts.count; ++panel) {
    const Index start = first + static_cast<Index>(panel * panel_rows);
    const Index end = std::min(start + static_cast<Index>(panel_rows), first + count);
    const Eight& eight = eights.emplace_back(inputs, start, end);
    double* const v = volts.data.array(0) + panel * volts.stride;
    double* const u = levelled.data.array(0) + panel * volts.stride;
    for (std::size_t b = 0; start + static_cast<Index>(b) < end; ++b) {
      if (eight.scale.at(b) == 0.0) continue;
      const double* const row = inputs.data() + (start + static_cast<Index>(b)) * inputs.cols();
      const double inverse = 1.0 / eight.scale.at(b);
      const double level = eight.level.at(b);
      for (std::size_t i = 0; i < words; ++i) {
        v[i * panel_rows + b] = row[i] * inverse;
        u[i * panel_rows + b] = row[i] * inverse - level;
      }
    }
  }
  for (std::size_t start = 0; start < words; start += chunk) {
    const hps::Product whole{.left = transfer.data.array(0) + start * panel_rows,
                             .right = volts.data.array(0) + start * panel_rows,
                             .stride = transfer.stride,
                             .depth = std::min(chunk, words - start),
                             .last = transfer.count,
                             .right_last = volts.count,
                             .to = outputs.array(0),
                             .height = height};
    loops.multiply(whole);
    hps::Product half = whole;
    half.left = levelled.data.array(0) + start * panel_rows;
    half.last = volts.count;
    half.right = coupling.data.array(0) + start * panel_rows;
    half.right_first = start / panel_rows;
    half.right_last = coupling.count;
    half.to = drawn.array(0);
    half.height = width;
    loops.multiply(half);
  }
  Answer result;
  for (std::size_t panel = 0; panel < volts.count; ++panel) {
    std::array<double, panel_rows> grounded{};
    std::array<double, panel_rows> between{};
    std::array<double, panel_rows> gross{};
    for (std::size_t i = 0; i < words; ++i) {
      const double* const v = volts.data.array(0) + panel * volts.stride + i * panel_rows;
      const double* const u = levelled.data.array(0) + panel * volts.stride + i * panel_rows;
      const double* const w = drawn.array(0) + i * width + panel * panel_rows;
      for (std::size_t b = 0; b < panel_rows; ++b) {
        grounded[b] += to_sinks[i] * v[b] * v[b];
        gross[b] += to_sources[i] * u[b] * u[b];
        between[b] += (to_sources[i] * u[b] - 2.0 * w[b]) * u[b];
      }
    }
    for (std::size_t b = 0; b < panel_rows && panel * panel_rows + b < static_cast<std::size_t>(count); ++b) {
      const double* const column = outputs.array(0) + (panel * panel_rows + b) * height;
      double* const to = currents.data() + (first + static_cast<Index>(panel * panel_rows + b)) * currents.cols();
      const double scale = eights[panel].scale.at(b);
      double most = 0.0;
      for (std::size_t j = 0; j < bits; ++j) {
        to[j] = unit * column[j] * scale;
        most = std::max(most, std::abs(column[j]));
      }
      const auto lines = static_cast<double>(words);
      const double power = grounded.at(b) + std::max(between.at(b), 0.0);
      const double at_most = power + 8.0 * lines * rounding * (grounded.at(b) + gross.at(b));
      const double error = (relative + accumulated(lines + 2.0)) * std::sqrt(at_most * sink_sees);
      result.power += unit * power * scale * scale;
      result.error_bound = std::max(result.error_bound, unit * error * scale);
      result.largest = std::max(result.largest, unit * most * scale);
    }
  }
  return result;
}

bool Hps::applies(const Crossbar& crossbar) {
  return crossbar.conductances.size() > 0 && !hps::joins_terminals(crossbar);
}

Hps::Hps(const Crossbar& crossbar, Simd simd) : impl_(new Impl(Cells(crossbar), hps::loops(simd))) {}
Hps::~Hps() = default;

Matrix Hps::transfer() const {
  Matrix T(static_cast<Index>(impl_->bits), static_cast<Index>(impl_->words));
  for (std::size_t j = 0; j < impl_->bits; ++j) {
    for (std::size_t i = 0; i < impl_->words; ++i) {
      T(static_cast<Index>(j), static_cast<Index>(i)) = impl_->unit * impl_->transfer.at(j, i);
    }
  }
  return T;
}

double Hps::transfer_error_bound() const {
  return impl_->unit * impl_->relative * std::sqrt(impl_->source_sees * impl_->sink_sees);
}

std::optional<CrossbarOutputs> Hps::outputs(const Matrix& inputs, double tolerance) const {
  constexpr Index together = 64;
  CrossbarOutputs result{.currents = Matrix(inputs.rows(), static_cast<Index>(impl_->bits)), .method = "hps"};
  const Index blocks = (inputs.rows() + together - 1) / together;
  std::vector<Impl::Answer> answers(static_cast<std::size_t>(blocks));
  tbb::parallel_for(Index{0}, blocks, [&](Index block) {
    const Index first = block * together;
    answers[static_cast<std::size_t>(block)] =
        impl_->answer(inputs, first, std::min(together, inputs.rows() - first), result.currents);
  });
  double largest = 0.0;
  for (const Impl::Answer& answer : answers) {
    largest = std::max(largest, answer.largest);
    result.power += answer.power / static_cast<double>(inputs.rows());
    result.error_bound = std::max(result.error_bound, answer.error_bound);
  }
  if (!(result.error_bound <= tolerance * largest)) return std::nullopt;
  return result;
}

}  // namespace ohmset::crossbar
