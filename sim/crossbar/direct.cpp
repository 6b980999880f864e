// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/direct.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "sim/crossbar/currents.h"
#include "sim/crossbar/placement.h"

namespace ohmset::crossbar {

namespace {

using Eigen::Index;

constexpr std::size_t block_entries = 2'000'000;  // potentials held at a time by each thread
constexpr std::size_t widest_block = 32;

double largest_finite(const Matrix& currents) {
  double largest = 0.0;
  for (const double current : currents.reshaped()) {
    if (std::isfinite(current)) largest = std::max(largest, std::abs(current));
  }
  return largest;
}

// Drawn from the sources, mean over the batch; a source of 0 V gives nothing, whatever it carries.
double mean_power(const Matrix& inputs, const Matrix& currents) {
  double sum = 0.0;
  for (Index b = 0; b < inputs.rows(); ++b) {
    for (Index i = 0; i < inputs.cols(); ++i) {
      if (inputs(b, i) != 0.0) sum += inputs(b, i) * currents(b, i);
    }
  }
  return inputs.rows() > 0 ? sum / static_cast<double>(inputs.rows()) : 0.0;
}

}  // namespace

struct Direct::Impl {
  const Crossbar& crossbar;
  Placement place;
  const Nodes& nodes;
  bool all_tied;  // no line is broken
  std::optional<Laplacian> laplacian{};

  explicit Impl(const Crossbar& given);

  // Potentials under columns of source and sink voltages.
  struct Solution {
    Matrix terminals{};  // word lines + bit lines x columns
    Potentials pinned{};
    double pinned_bound = 0.0;  // the largest; by the maximum principle no other potential moves by more
    Potentials unknowns{};
  };
  // A column of it.
  struct View {
    const Solution& solution;
    std::size_t column;
  };

  [[nodiscard]] Solution solve(Matrix terminals) const;
  [[nodiscard]] Twofold fixed_voltage(std::size_t node, const View& view) const;
  [[nodiscard]] Twofold voltage(std::size_t node, const View& view) const;
  [[nodiscard]] double voltage_or_none(std::size_t node, const View& view) const;
  [[nodiscard]] double bound(std::size_t node, const Solution& solution) const;
  [[nodiscard]] double bound(const Element& element, const Solution& solution) const;
  [[nodiscard]] bool open(std::size_t cell) const;

  struct DeviceCurrents {
    std::vector<Twofold> carried{};
    double short_bound = 0.0;  // of each short
  };
  [[nodiscard]] DeviceCurrents device_currents(const View& view) const;
  [[nodiscard]] Element device(std::size_t cell) const;
  [[nodiscard]] double device_bound(const Solution& solution, double short_bound) const;

  // Out of the sources and into the sinks, for one column.
  struct TerminalCurrents {
    std::vector<CurrentSum> sources{};
    std::vector<CurrentSum> sinks{};
    double short_bound = 0.0;
  };
  [[nodiscard]] TerminalCurrents terminal_currents(const View& view) const;
  [[nodiscard]] double terminal_bound(const Solution& solution, double short_bound) const;

  struct Response {
    Matrix sources{};  // columns x word lines
    Matrix sinks{};    // columns x bit lines
    double bound = 0.0;
  };
  [[nodiscard]] Response respond(const Matrix& sources, const Matrix& sinks) const;
};

Direct::Impl::Impl(const Crossbar& given)
    : crossbar(given),
      place(given),
      nodes(place.nodes),
      all_tied(place.pieces.words.all_tied() && place.pieces.bits.all_tied()) {
  if (nodes.cells() == 0) return;
  std::vector<Conductor> conductors;
  for_each_element(nodes, crossbar, [&](const Element& element) {
    std::size_t a = place.unknown[element.a];
    std::size_t b = place.unknown[element.b];
    if (is_infinite(element.conductance) || a == b) return;
    if (a == none) std::swap(a, b);
    conductors.push_back({.a = a, .b = b == none ? Laplacian::ground : b, .conductance = element.conductance});
  });
  laplacian.emplace(place.order.size(), std::move(conductors), place.order);
}

Direct::Impl::Solution Direct::Impl::solve(Matrix terminals) const {
  Solution solution{.terminals = std::move(terminals)};
  const Index columns = solution.terminals.cols();
  if (place.shorts.ties_terminals()) {
    solution.pinned = place.shorts.potentials(solution.terminals);
    for (const double error : solution.pinned.bound) solution.pinned_bound = std::max(solution.pinned_bound, error);
  }
  Matrix high = Matrix::Zero(static_cast<Index>(laplacian->size()), columns);
  Matrix low = high;
  for (const Element& element : place.driven) {
    std::size_t inside = element.a;
    std::size_t outside = element.b;
    if (place.unknown[inside] == none) std::swap(inside, outside);
    const auto i = static_cast<Index>(place.unknown[inside]);
    for (Index c = 0; c < columns; ++c) {
      const Twofold driven =
          element.conductance * fixed_voltage(outside, {.solution = solution, .column = static_cast<std::size_t>(c)});
      const Twofold sum = Twofold(high(i, c), low(i, c)) + driven;
      high(i, c) = sum.high;
      low(i, c) = sum.low;
    }
  }
  solution.unknowns = laplacian->solve(high, low);
  return solution;
}

Twofold Direct::Impl::fixed_voltage(std::size_t node, const View& view) const {
  const std::size_t at = place.fixed[node];
  if (at >= place.terminals()) {
    return view.solution.pinned.at(place.shorts.pinned()[at - place.terminals()].vertex, view.column);
  }
  return {view.solution.terminals(static_cast<Index>(at), static_cast<Index>(view.column))};
}

Twofold Direct::Impl::voltage(std::size_t node, const View& view) const {
  if (place.unknown[node] != none) return view.solution.unknowns.at(place.unknown[node], view.column);
  return fixed_voltage(node, view);
}

double Direct::Impl::voltage_or_none(std::size_t node, const View& view) const {
  const bool nowhere = place.unknown[node] == none && place.fixed[node] == none;
  return nowhere ? std::numeric_limits<double>::quiet_NaN() : voltage(node, view).value();
}

// Twice the potential's own, for what current_through takes for 0.
double Direct::Impl::bound(std::size_t node, const Solution& solution) const {
  const double own = place.unknown[node] == none ? 0.0 : solution.unknowns.bound[place.unknown[node]];
  return 2.0 * (own + solution.pinned_bound);
}

double Direct::Impl::bound(const Element& element, const Solution& solution) const {
  return element.conductance.high * (bound(element.a, solution) + bound(element.b, solution));
}

Element Direct::Impl::device(std::size_t cell) const {
  const double g = crossbar.conductances.data()[cell];
  return {.a = cell, .b = nodes.cells() + cell, .conductance = Twofold(g), .device = true};
}

// Whether nothing flows through the device for certain.
bool Direct::Impl::open(std::size_t cell) const {
  return crossbar.conductances.data()[cell] == 0.0 || (place.unknown[cell] == none && place.fixed[cell] == none);
}

Direct::Impl::DeviceCurrents Direct::Impl::device_currents(const View& view) const {
  DeviceCurrents result{.carried = std::vector<Twofold>(nodes.cells())};
  const auto current = [&](const Element& element) {
    return current_through(element.conductance, voltage(element.a, view), voltage(element.b, view));
  };
  for (std::size_t cell = 0; cell < nodes.cells(); ++cell) {
    if (open(cell) || std::isinf(crossbar.conductances.data()[cell])) continue;
    result.carried[cell] = current(device(cell));
  }
  if (place.shorts.empty()) return result;
  // A short's current is a sum of others: the sum of all their errors is more than enough.
  std::vector<Twofold> outflow(nodes.count());
  for (const Element& element : place.around) {
    const Twofold flow = current(element);
    outflow[place.cluster[element.a]] += flow;
    outflow[place.cluster[element.b]] -= flow;
    result.short_bound += bound(element, view.solution);
  }
  const Shorts::Currents split = place.shorts.currents(outflow, view.solution.pinned, view.column);
  result.short_bound += split.bound;
  for (std::size_t k = 0; k < split.carried.size(); ++k) {
    result.carried[place.shorts.all()[k].cell] = split.carried[k];
  }
  return result;
}

double Direct::Impl::device_bound(const Solution& solution, double short_bound) const {
  double largest = short_bound;
  for (std::size_t cell = 0; cell < nodes.cells(); ++cell) {
    if (open(cell) || std::isinf(crossbar.conductances.data()[cell])) continue;
    largest = std::max(largest, bound(device(cell), solution));
  }
  return largest;
}

// As sums over the devices: a difference over the end of a line would lose digits where wires are nearly nothing. What
// a broken line does not lead to its end stays out.
Direct::Impl::TerminalCurrents Direct::Impl::terminal_currents(const View& view) const {
  TerminalCurrents result{.sources = std::vector<CurrentSum>(nodes.words),
                          .sinks = std::vector<CurrentSum>(nodes.bits)};
  const DeviceCurrents devices = device_currents(view);
  const Pieces& words = place.pieces.words;
  const Pieces& bits = place.pieces.bits;
  for (std::size_t i = 0; i < nodes.words; ++i) {
    for (std::size_t j = 0; j < nodes.bits; ++j) {
      const Twofold current = devices.carried[nodes.word(i, j)];
      if (all_tied || words.tied[words.of(i, j)] != 0) result.sources[i].add(current);
      if (all_tied || bits.tied[bits.of(j, i)] != 0) result.sinks[j].add(current);
    }
  }
  result.short_bound = devices.short_bound;
  return result;
}

double Direct::Impl::terminal_bound(const Solution& solution, double short_bound) const {
  std::vector<double> sources(nodes.words, 0.0);
  std::vector<double> sinks(nodes.bits, 0.0);
  for (std::size_t i = 0; i < nodes.words; ++i) {
    for (std::size_t j = 0; j < nodes.bits; ++j) {
      const std::size_t cell = nodes.word(i, j);
      if (open(cell)) continue;
      const bool is_short = std::isinf(crossbar.conductances.data()[cell]);
      const double error = is_short ? short_bound : bound(device(cell), solution);
      sources[i] += error;
      sinks[j] += error;
    }
  }
  return std::max(*std::max_element(sources.begin(), sources.end()), *std::max_element(sinks.begin(), sinks.end()));
}

// sources: columns x word lines; sinks: columns x bit lines; either may be empty (all at 0 V).
Direct::Impl::Response Direct::Impl::respond(const Matrix& sources, const Matrix& sinks) const {
  const Index columns = std::max(sources.rows(), sinks.rows());
  const auto words = static_cast<Index>(nodes.words);
  const auto bits = static_cast<Index>(nodes.bits);
  Response response{.sources = Matrix::Zero(columns, words), .sinks = Matrix::Zero(columns, bits)};
  if (columns == 0 || nodes.cells() == 0) return response;
  const auto width =
      static_cast<Index>(std::clamp<std::size_t>(block_entries / (laplacian->size() + 1), 1, widest_block));
  const Index blocks = (columns + width - 1) / width;
  std::vector<double> bounds(static_cast<std::size_t>(blocks));
  tbb::parallel_for(Index{0}, blocks, [&](Index block) {
    const Index first = block * width;
    const Index count = std::min(width, columns - first);
    Matrix terminals = Matrix::Zero(words + bits, count);
    if (sources.size() > 0) terminals.topRows(words) = sources.middleRows(first, count).transpose();
    if (sinks.size() > 0) terminals.bottomRows(bits) = sinks.middleRows(first, count).transpose();
    const Solution solution = solve(std::move(terminals));
    double short_bound = 0.0;
    for (Index c = 0; c < count; ++c) {
      const TerminalCurrents currents =
          terminal_currents({.solution = solution, .column = static_cast<std::size_t>(c)});
      for (Index i = 0; i < words; ++i) {
        response.sources(first + c, i) = currents.sources[static_cast<std::size_t>(i)].value();
      }
      for (Index j = 0; j < bits; ++j) {
        response.sinks(first + c, j) = currents.sinks[static_cast<std::size_t>(j)].value();
      }
      short_bound = std::max(short_bound, currents.short_bound);
    }
    const double largest = std::max(largest_finite(response.sources.middleRows(first, count)),
                                    largest_finite(response.sinks.middleRows(first, count)));
    bounds[static_cast<std::size_t>(block)] = terminal_bound(solution, short_bound) + epsilon * largest;
  });
  response.bound = *std::max_element(bounds.begin(), bounds.end());
  return response;
}

Direct::Direct(const Crossbar& crossbar) : impl_(std::make_unique<Impl>(crossbar)) {}
Direct::~Direct() = default;

CrossbarOutputs Direct::outputs(const Matrix& inputs) const {
  CrossbarOutputs result{.currents = Matrix::Zero(inputs.rows(), static_cast<Index>(impl_->nodes.bits)),
                         .method = "direct"};
  if (impl_->nodes.cells() == 0) return result;
  if (inputs.rows() <= inputs.cols() || impl_->place.shorts.ties_terminals()) {
    auto response = impl_->respond(inputs, {});
    result.error_bound = response.bound;
    result.power = mean_power(inputs, response.sources);
    result.currents = std::move(response.sinks);
    return result;
  }
  // More inputs than word lines: by superposition of the word lines.
  const Matrix unit = Matrix::Identity(inputs.cols(), inputs.cols());
  const auto response = impl_->respond(unit, {});
  result.currents.noalias() = inputs * response.sinks;
  const double gross = inputs.cwiseAbs().rowwise().sum().maxCoeff();
  const double rounding = static_cast<double>(inputs.cols() + 1) * epsilon *
                          (inputs.cwiseAbs() * response.sinks.cwiseAbs()).eval().maxCoeff();
  result.error_bound = gross * response.bound + rounding;
  result.power = mean_power(inputs, inputs * response.sources);
  return result;
}

CrossbarFields Direct::fields(const Eigen::VectorXd& input) const {
  const auto words = static_cast<Index>(impl_->nodes.words);
  const auto bits = static_cast<Index>(impl_->nodes.bits);
  CrossbarFields fields{.word_voltages = Matrix::Zero(words, bits),
                        .bit_voltages = Matrix::Zero(words, bits),
                        .device_currents = Matrix::Zero(words, bits),
                        .unreachable = impl_->place.pieces.unreachable,
                        .method = "direct"};
  Impl::DeviceCurrents devices;
  if (impl_->nodes.cells() > 0) {
    Matrix terminals = Matrix::Zero(words + bits, 1);
    terminals.topRows(words) = input;
    const Impl::Solution solution = impl_->solve(std::move(terminals));
    const Impl::View view{.solution = solution, .column = 0};
    devices = impl_->device_currents(view);
    for (std::size_t cell = 0; cell < impl_->nodes.cells(); ++cell) {
      fields.word_voltages.data()[cell] = impl_->voltage_or_none(cell, view);
      fields.bit_voltages.data()[cell] = impl_->voltage_or_none(impl_->nodes.cells() + cell, view);
      fields.device_currents.data()[cell] = devices.carried[cell].value();
    }
    fields.error_bound =
        impl_->device_bound(solution, devices.short_bound) + epsilon * largest_finite(fields.device_currents);
  }
  complete(fields, impl_->crossbar, input, devices.carried);
  return fields;
}

Matrix Direct::transfer() const {
  const auto words = static_cast<Index>(impl_->nodes.words);
  const auto bits = static_cast<Index>(impl_->nodes.bits);
  // Where shorts tie sinks together, these cannot be driven one by one.
  if (words < bits || impl_->place.shorts.ties_terminals()) {
    return impl_->respond(Matrix::Identity(words, words), {}).sinks.transpose();
  }
  // Reciprocity: what a bit line's sink at 1 V drives into the sources is what they would draw through it.
  return Matrix::Zero(bits, words) - impl_->respond({}, Matrix::Identity(bits, bits)).sources;
}

}  // namespace ohmset::crossbar
