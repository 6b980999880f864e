// What is asked of the reduced array.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps.h"

#include <tbb/parallel_for.h>

#include <algorithm>
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

// Of that many roundings, one after the other.
double accumulated(double roundings) { return rounding * std::min(roundings, 12.0 + 2.0 * std::sqrt(roundings)); }

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
    bool within = true;
  };
  [[nodiscard]] Answer answer(const Matrix& inputs, Index first, Index count, double tolerance, Matrix& currents) const;
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
  // Each elimination: the pivot's sum, its root, two quotients, product and sum; before, three for a wire.
  relative = accumulated(6.0 * static_cast<double>(terminals.eliminations) + 3.0);
}

Hps::Impl::Answer Hps::Impl::answer(const Matrix& inputs, Index first, Index count, double tolerance,
                                    Matrix& currents) const {
  const auto inputs_here = static_cast<std::size_t>(count);
  const Panels volts(inputs_here, words);
  // Couplings only see differences: sources that follow each other, whatever their level, are not to cancel.
  const Panels levelled(inputs_here, words);
  for (std::size_t b = 0; b < inputs_here; ++b) {
    const auto row = inputs.row(first + static_cast<Index>(b));
    const double level = 0.5 * (row.maxCoeff() + row.minCoeff());
    for (std::size_t i = 0; i < words; ++i) {
      const double v = row[static_cast<Index>(i)];
      volts.at(b, i) = v;
      levelled.at(b, i) = v - level;
    }
  }
  const std::size_t height = transfer.count * panel_rows;
  const std::size_t source_height = coupling.count * panel_rows;
  const std::size_t width = volts.count * panel_rows;
  const Storage memory(2, std::max(height, source_height) * width);
  double* const outputs = memory.array(0);
  double* const drawn = memory.array(1);
  std::fill(outputs, outputs + height * width, 0.0);
  std::fill(drawn, drawn + source_height * width, 0.0);
  for (std::size_t start = 0; start < words; start += chunk) {
    const std::size_t depth = std::min(chunk, words - start);
    hps::Product product{.left = transfer.data.array(0) + start * panel_rows,
                         .right = volts.data.array(0) + start * panel_rows,
                         .stride = transfer.stride,
                         .depth = depth,
                         .last = transfer.count,
                         .right_last = volts.count,
                         .to = outputs,
                         .height = height};
    loops.multiply(product);
    product.left = coupling.data.array(0) + start * panel_rows;
    product.right = levelled.data.array(0) + start * panel_rows;
    product.first = start / panel_rows;
    product.last = coupling.count;
    product.to = drawn;
    product.height = source_height;
    loops.multiply(product);
  }
  Answer result;
  for (std::size_t b = 0; b < inputs_here; ++b) {
    double grounded = 0.0;
    double between = 0.0;
    double gross = 0.0;
    for (std::size_t i = 0; i < words; ++i) {
      const double u = levelled.at(b, i);
      grounded += to_sinks[i] * volts.at(b, i) * volts.at(b, i);
      between += to_sources[i] * u * u - 2.0 * u * drawn[b * source_height + i];
      gross += to_sources[i] * u * u;
    }
    double most = 0.0;
    for (std::size_t j = 0; j < bits; ++j) {
      const double current = outputs[b * height + j];
      currents(first + static_cast<Index>(b), static_cast<Index>(j)) = unit * current;
      most = std::max(most, std::abs(current));
    }
    const auto lines = static_cast<double>(words);
    const double power = grounded + std::max(between, 0.0);
    const double at_most = power + 8.0 * lines * rounding * (grounded + gross);
    const double error = (relative + accumulated(lines + 2.0)) * std::sqrt(at_most * sink_sees);
    result.power += unit * power;
    result.error_bound = std::max(result.error_bound, unit * error);
    result.within = result.within && error <= tolerance * most;
  }
  return result;
}

bool Hps::applies(const Crossbar& crossbar) {
  return crossbar.conductances.size() > 0 && !hps::joins_terminals(Cells(crossbar));
}

Hps::Hps(const Crossbar& crossbar, Simd simd) : impl_(new Impl(Cells(crossbar), hps::loops(simd))) {}
Hps::~Hps() = default;
Hps::Hps(Hps&&) noexcept = default;
Hps& Hps::operator=(Hps&&) noexcept = default;

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
        impl_->answer(inputs, first, std::min(together, inputs.rows() - first), tolerance, result.currents);
  });
  for (const Impl::Answer& answer : answers) {
    if (!answer.within) return std::nullopt;
    result.power += answer.power / static_cast<double>(inputs.rows());
    result.error_bound = std::max(result.error_bound, answer.error_bound);
  }
  return result;
}

}  // namespace ohmset::crossbar
