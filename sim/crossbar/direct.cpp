// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/direct.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "sim/crossbar/currents.h"
#include "sim/crossbar/layout.h"

namespace ohmset::crossbar {

namespace {

using Eigen::Index;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t block_entries = 2'000'000;  // potentials held at a time by each thread
constexpr std::size_t widest_block = 32;

}  // namespace

struct Direct::Impl {
  const Crossbar& crossbar;
  Nodes nodes;
  bool shorted = false;   // some device joins its lines
  bool grounded = false;  // word lines are single nodes and bit lines are ground
  Joints joints;
  std::vector<std::size_t> unknown{};   // by node, or none
  std::vector<std::size_t> terminal{};  // by node: the source or sink that it is joined to, or none
  std::optional<Laplacian> laplacian{};

  explicit Impl(const Crossbar& given);

  // Potentials of the ideal sources and sinks, by column.
  struct Drive {
    Matrix sources{};  // word lines x columns
    Matrix sinks{};    // bit lines x columns
  };
  // A column of the solution.
  struct View {
    const Drive& drive;
    const Potentials& potentials;
    std::size_t column;
  };

  [[nodiscard]] double terminal_voltage(std::size_t node, const Drive& drive, std::size_t column) const;
  [[nodiscard]] Potentials solve(const Drive& drive) const;
  [[nodiscard]] Twofold voltage(std::size_t node, const View& view) const;
  [[nodiscard]] double bound(std::size_t node, const Potentials& potentials) const;
  [[nodiscard]] Twofold current(const Element& element, const View& view) const;
  [[nodiscard]] std::vector<Twofold> device_currents(const View& view) const;
  [[nodiscard]] double device_bound(const Potentials& potentials) const;
  void share_shorts(std::vector<Twofold>& devices, const View& view) const;
  [[nodiscard]] double short_bound(const Potentials& potentials) const;

  // Out of the sources and into the sinks, for one column.
  struct TerminalCurrents {
    Eigen::VectorXd sources{};
    Eigen::VectorXd sinks{};
  };
  [[nodiscard]] TerminalCurrents terminal_currents(const View& view) const;
  [[nodiscard]] double terminal_bound(const Potentials& potentials) const;

  struct Response {
    Matrix sources{};  // columns x word lines
    Matrix sinks{};    // columns x bit lines
    double bound = 0.0;
  };
  [[nodiscard]] Response respond(const Matrix& sources, const Matrix& sinks) const;
};

Direct::Impl::Impl(const Crossbar& given)
    : crossbar(given),
      nodes{.words = static_cast<std::size_t>(given.conductances.rows()),
            .bits = static_cast<std::size_t>(given.conductances.cols())},
      grounded(is_infinite(conductance_of(given.wires.word)) &&
               is_infinite(conductance_of(given.wires.bit, given.wires.sense))),
      joints(nodes.count()) {
  if (nodes.cells() == 0) return;
  for_each_element(nodes, crossbar, [&](const Element& element) {
    // Wires first: a loop is then closed by a shorted device.
    if (is_infinite(element.conductance) && !element.device) joints.join(element.a, element.b, none);
  });
  for (std::size_t cell = 0; cell < nodes.cells(); ++cell) {
    const double g = crossbar.conductances.data()[cell];
    if (std::isinf(g) && joints.join(cell, nodes.cells() + cell, cell)) shorted = true;
  }
  std::vector<std::size_t> group(nodes.count());
  for (std::size_t node = 0; node < nodes.count(); ++node) group[node] = joints.place(node).group;
  std::vector<std::size_t> terminal_of(nodes.count(), none);
  for (std::size_t node = nodes.source(0); node < nodes.count(); ++node) terminal_of[group[node]] = node;
  // Joined nodes go with the last of them: they stay in every separator that one of them is in.
  const std::vector<std::size_t> rank = dissection_ranks(nodes);
  std::vector<std::size_t> latest(nodes.count(), 0);
  for (std::size_t node = 0; node < rank.size(); ++node) {
    latest[group[node]] = std::max(latest[group[node]], rank[node] + 1);
  }
  std::vector<std::size_t> by_rank(rank.size(), none);
  std::vector<std::size_t> index(nodes.count(), none);
  std::size_t count = 0;
  for (std::size_t node = 0; node < rank.size(); ++node) {
    if (terminal_of[group[node]] != none || index[group[node]] != none) continue;
    index[group[node]] = count;
    by_rank[latest[group[node]] - 1] = count++;
  }
  std::vector<std::size_t> order;
  order.reserve(count);
  for (const std::size_t unknown_at : by_rank) {
    if (unknown_at != none) order.push_back(unknown_at);
  }
  unknown.resize(nodes.count());
  terminal.resize(nodes.count());
  for (std::size_t node = 0; node < nodes.count(); ++node) {
    unknown[node] = index[group[node]];
    terminal[node] = terminal_of[group[node]];
  }
  std::vector<Conductor> conductors;
  for_each_element(nodes, crossbar, [&](const Element& element) {
    std::size_t a = unknown[element.a];
    std::size_t b = unknown[element.b];
    if (is_infinite(element.conductance) || a == b) return;
    if (a == none) std::swap(a, b);
    conductors.push_back({.a = a, .b = b == none ? Laplacian::ground : b, .conductance = element.conductance});
  });
  laplacian.emplace(count, std::move(conductors), order);
}

double Direct::Impl::terminal_voltage(std::size_t node, const Drive& drive, std::size_t column) const {
  const std::size_t line = terminal[node] - nodes.source(0);
  const auto c = static_cast<Index>(column);
  return line < nodes.words ? drive.sources(static_cast<Index>(line), c)
                            : drive.sinks(static_cast<Index>(line - nodes.words), c);
}

Potentials Direct::Impl::solve(const Drive& drive) const {
  const auto rows = static_cast<Index>(laplacian->size());
  const Index columns = drive.sources.cols();
  Matrix high = Matrix::Zero(rows, columns);
  Matrix low = Matrix::Zero(rows, columns);
  for_each_element(nodes, crossbar, [&](const Element& element) {
    if (is_infinite(element.conductance)) return;
    std::size_t inside = element.a;
    std::size_t outside = element.b;
    if (unknown[inside] == none) std::swap(inside, outside);
    if (unknown[inside] == none || unknown[outside] != none) return;
    const auto i = static_cast<Index>(unknown[inside]);
    for (Index c = 0; c < columns; ++c) {
      const Twofold driven =
          element.conductance * Twofold(terminal_voltage(outside, drive, static_cast<std::size_t>(c)));
      const Twofold sum = Twofold(high(i, c), low(i, c)) + driven;
      high(i, c) = sum.high;
      low(i, c) = sum.low;
    }
  });
  return laplacian->solve(high, low);
}

Twofold Direct::Impl::voltage(std::size_t node, const View& view) const {
  if (unknown[node] != none) return view.potentials.at(unknown[node], view.column);
  return {terminal_voltage(node, view.drive, view.column)};
}

// Twice the potential's own, for what current_through takes for 0.
double Direct::Impl::bound(std::size_t node, const Potentials& potentials) const {
  return unknown[node] == none ? 0.0 : 2.0 * potentials.bound[unknown[node]];
}

Twofold Direct::Impl::current(const Element& element, const View& view) const {
  return current_through(element.conductance, voltage(element.a, view), voltage(element.b, view));
}

std::vector<Twofold> Direct::Impl::device_currents(const View& view) const {
  std::vector<Twofold> devices(nodes.cells());
  for (std::size_t cell = 0; cell < nodes.cells(); ++cell) {
    const double g = crossbar.conductances.data()[cell];
    if (g == 0.0 || std::isinf(g)) continue;
    devices[cell] = current({.a = cell, .b = nodes.cells() + cell, .conductance = Twofold(g)}, view);
  }
  if (!shorted) return devices;
  if (grounded) {
    share_shorts(devices, view);
    return devices;
  }
  std::vector<Twofold> outflow(nodes.count());
  for_each_element(nodes, crossbar, [&](const Element& element) {
    if (is_infinite(element.conductance)) return;
    const Twofold flow = current(element, view);
    outflow[element.a] += flow;
    outflow[element.b] -= flow;
  });
  std::vector<std::size_t> absorbs(nodes.words + nodes.bits);
  std::iota(absorbs.begin(), absorbs.end(), nodes.source(0));
  for (const Joints::Flow& flow : joints.flows(std::move(outflow), absorbs)) {
    if (flow.element != none) devices[flow.element] = flow.current;
  }
  return devices;
}

// A word line shorted to ground sends all that its driver lets through, in equal parts through its shorts.
void Direct::Impl::share_shorts(std::vector<Twofold>& devices, const View& view) const {
  const Twofold entry = conductance_of(crossbar.wires.driver, crossbar.wires.word);
  for (std::size_t i = 0; i < nodes.words; ++i) {
    const auto row = crossbar.conductances.row(static_cast<Index>(i)).array();
    const auto shorts = static_cast<double>((row == infinity).count());
    if (shorts == 0.0) continue;
    const Twofold total = current({.a = nodes.source(i), .b = nodes.word(i, 0), .conductance = entry}, view);
    for (std::size_t j = 0; j < nodes.bits; ++j) {
      devices[nodes.word(i, j)] = row[static_cast<Index>(j)] == infinity ? total / Twofold(shorts) : Twofold{};
    }
  }
}

// A short's current is a sum of others: the sum of all their errors is more than enough.
double Direct::Impl::short_bound(const Potentials& potentials) const {
  if (!shorted) return 0.0;
  double sum = 0.0;
  for_each_element(nodes, crossbar, [&](const Element& element) {
    if (is_infinite(element.conductance)) return;
    sum += element.conductance.high * (bound(element.a, potentials) + bound(element.b, potentials));
  });
  return sum;
}

double Direct::Impl::device_bound(const Potentials& potentials) const {
  double largest = short_bound(potentials);
  for (std::size_t cell = 0; cell < nodes.cells(); ++cell) {
    const double g = crossbar.conductances.data()[cell];
    if (std::isinf(g)) continue;
    largest = std::max(largest, g * (bound(cell, potentials) + bound(nodes.cells() + cell, potentials)));
  }
  return largest;
}

// As sums over the devices: a difference over the end of a line would lose digits where wires are nearly nothing.
Direct::Impl::TerminalCurrents Direct::Impl::terminal_currents(const View& view) const {
  TerminalCurrents result{.sources = Eigen::VectorXd(static_cast<Index>(nodes.words)),
                          .sinks = Eigen::VectorXd(static_cast<Index>(nodes.bits))};
  const std::vector<Twofold> devices = device_currents(view);
  std::vector<Twofold> sinks(nodes.bits);
  for (std::size_t i = 0; i < nodes.words; ++i) {
    Twofold source;
    for (std::size_t j = 0; j < nodes.bits; ++j) {
      source += devices[nodes.word(i, j)];
      sinks[j] += devices[nodes.word(i, j)];
    }
    result.sources[static_cast<Index>(i)] = source.value();
  }
  for (std::size_t j = 0; j < nodes.bits; ++j) result.sinks[static_cast<Index>(j)] = sinks[j].value();
  return result;
}

double Direct::Impl::terminal_bound(const Potentials& potentials) const {
  const double short_error = short_bound(potentials);
  std::vector<double> sources(nodes.words, 0.0);
  std::vector<double> sinks(nodes.bits, 0.0);
  for (std::size_t i = 0; i < nodes.words; ++i) {
    for (std::size_t j = 0; j < nodes.bits; ++j) {
      const std::size_t cell = nodes.word(i, j);
      const double g = crossbar.conductances.data()[cell];
      const double error =
          std::isinf(g) ? short_error : g * (bound(cell, potentials) + bound(nodes.cells() + cell, potentials));
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
    Drive drive{.sources = Matrix::Zero(words, count), .sinks = Matrix::Zero(bits, count)};
    if (sources.size() > 0) drive.sources = sources.middleRows(first, count).transpose();
    if (sinks.size() > 0) drive.sinks = sinks.middleRows(first, count).transpose();
    const Potentials potentials = solve(drive);
    double largest = 0.0;
    for (Index c = 0; c < count; ++c) {
      const TerminalCurrents currents =
          terminal_currents({.drive = drive, .potentials = potentials, .column = static_cast<std::size_t>(c)});
      response.sources.row(first + c) = currents.sources.transpose();
      response.sinks.row(first + c) = currents.sinks.transpose();
      largest = std::max({largest, currents.sources.cwiseAbs().maxCoeff(), currents.sinks.cwiseAbs().maxCoeff()});
    }
    bounds[static_cast<std::size_t>(block)] = terminal_bound(potentials) + epsilon * largest;
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
  if (inputs.rows() <= inputs.cols()) {
    auto response = impl_->respond(inputs, {});
    result.error_bound = response.bound;
    if (inputs.rows() > 0) {
      result.power = response.sources.cwiseProduct(inputs).sum() / static_cast<double>(inputs.rows());
    }
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
  result.power = (inputs * response.sources).cwiseProduct(inputs).sum() / static_cast<double>(inputs.rows());
  return result;
}

CrossbarFields Direct::fields(const Eigen::VectorXd& input) const {
  const auto words = static_cast<Index>(impl_->nodes.words);
  const auto bits = static_cast<Index>(impl_->nodes.bits);
  CrossbarFields fields;
  fields.word_voltages = Matrix::Zero(words, bits);
  fields.bit_voltages = Matrix::Zero(words, bits);
  fields.device_currents = Matrix::Zero(words, bits);
  std::vector<Twofold> devices;
  if (impl_->nodes.cells() > 0) {
    const Impl::Drive drive{.sources = input, .sinks = Matrix::Zero(bits, 1)};
    const Potentials potentials = impl_->solve(drive);
    const Impl::View view{.drive = drive, .potentials = potentials, .column = 0};
    devices = impl_->device_currents(view);
    for (std::size_t cell = 0; cell < impl_->nodes.cells(); ++cell) {
      fields.word_voltages.data()[cell] = impl_->voltage(cell, view).value();
      fields.bit_voltages.data()[cell] = impl_->voltage(impl_->nodes.cells() + cell, view).value();
      fields.device_currents.data()[cell] = devices[cell].value();
    }
    fields.error_bound = impl_->device_bound(potentials) + epsilon * fields.device_currents.cwiseAbs().maxCoeff();
  }
  fields.method = "direct";
  add_wire_currents(fields, devices);
  return fields;
}

Matrix Direct::transfer() const {
  const auto words = static_cast<Index>(impl_->nodes.words);
  const auto bits = static_cast<Index>(impl_->nodes.bits);
  // Shorts join the sinks of grounded bit lines, so that these cannot be driven one by one.
  if (words < bits || impl_->grounded) return impl_->respond(Matrix::Identity(words, words), {}).sinks.transpose();
  // Reciprocity: what a bit line's sink at 1 V drives into the sources is what they would draw through it.
  return -impl_->respond({}, Matrix::Identity(bits, bits)).sources;
}

}  // namespace ohmset::crossbar
