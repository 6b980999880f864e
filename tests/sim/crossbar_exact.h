// Crossbars with resistance in all wires and no shorts, their potentials by star-mesh elimination in 80 bits: the
// independent answer for what is iterated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/sim/crossbar_arrays.h"

namespace crossbars {

using Real = long double;

// Node voltages by star-mesh elimination on a dense matrix: nothing is subtracted, so that extreme ratios do no harm.
struct Exact {
  std::vector<Real> voltages{};  // word nodes, then bit nodes
  std::vector<Real> outputs{};
  Real power = 0.0L;
};

inline Exact exact(const Crossbar& crossbar, const VectorXd& input) {
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  const auto cells = static_cast<std::size_t>(words * bits);
  const std::size_t count = 2 * cells;
  std::vector<std::vector<Real>> between(count, std::vector<Real>(count, 0.0L));
  std::vector<Real> to_ground(count, 0.0L);
  std::vector<Real> injected(count, 0.0L);
  const auto word = [&](Index i, Index j) { return static_cast<std::size_t>(i * bits + j); };
  const auto bit = [&](Index i, Index j) { return cells + word(i, j); };
  const auto join = [&](std::size_t a, std::size_t b, Real g) {
    between[a][b] += g;
    between[b][a] += g;
  };
  const Wires& w = crossbar.wires;
  const auto size = [](Index k) { return static_cast<std::size_t>(k); };
  const auto conductance = [](double first, double second) { return 1.0L / (static_cast<Real>(first) + second); };
  struct End {
    std::size_t node;
    Index line;
    Real conductance;
  };
  std::vector<End> sources;
  std::vector<End> sinks;
  for (Index i = 0; i < words; ++i) {
    for (Index j = 0; j < bits; ++j) {
      join(word(i, j), bit(i, j), crossbar.conductances(i, j));
      if (j > 0) join(word(i, j - 1), word(i, j), conductance(w.word_segment(size(i), size(j)), 0.0));
      if (i > 0) join(bit(i - 1, j), bit(i, j), conductance(w.bit_segment(size(i - 1), size(j)), 0.0));
    }
    sources.push_back({word(i, 0), i, conductance(w.driver_of(size(i)), w.word_segment(size(i), 0))});
    if (w.driven == DrivenEnds::both) {
      sources.push_back({word(i, bits - 1), i, conductance(w.driver_of(size(i)), w.word_end(size(i)))});
    }
  }
  for (Index j = 0; j < bits; ++j) {
    sinks.push_back({bit(words - 1, j), j, conductance(w.sense_of(size(j)), w.bit_segment(size(words - 1), size(j)))});
    if (w.sensed == SensedEnds::both) {
      sinks.push_back({bit(0, j), j, conductance(w.sense_of(size(j)), w.bit_top(size(j)))});
    }
  }
  for (const End& end : sources) {
    to_ground[end.node] += end.conductance;
    injected[end.node] += end.conductance * input[end.line];
  }
  for (const End& end : sinks) to_ground[end.node] += end.conductance;
  std::vector<Real> pivots(count);
  for (std::size_t k = count; k-- > 0;) {
    pivots[k] = to_ground[k];
    for (std::size_t a = 0; a < k; ++a) pivots[k] += between[k][a];
    if (pivots[k] == 0.0L) continue;  // cut off from everything
    for (std::size_t a = 0; a < k; ++a) {
      if (between[k][a] == 0.0L) continue;
      const Real share = between[k][a] / pivots[k];
      to_ground[a] += share * to_ground[k];
      injected[a] += share * injected[k];
      for (std::size_t b = 0; b < a; ++b) between[b][a] = between[a][b] += share * between[k][b];
    }
  }
  Exact result{.voltages = std::vector<Real>(count)};
  for (std::size_t k = 0; k < count; ++k) {
    Real sum = injected[k];
    for (std::size_t a = 0; a < k; ++a) sum += between[k][a] * result.voltages[a];
    if (pivots[k] > 0.0L) result.voltages[k] = sum / pivots[k];
  }
  result.outputs.resize(size(bits));
  for (const End& end : sinks) result.outputs[size(end.line)] += end.conductance * result.voltages[end.node];
  for (const End& end : sources) {
    result.power += input[end.line] * end.conductance * (input[end.line] - result.voltages[end.node]);
  }
  return result;
}

inline double logarithmic(Draw& draw, double low, double high) {
  return std::exp(draw.uniform(std::log(low), std::log(high)));
}

// Any size to 12 x 12, any range of resistances, wires from nearly nothing to more than the devices, opens.
inline Crossbar any_crossbar(Draw& draw) {
  const auto lines = [&] { return static_cast<Index>(draw.uniform(1.0, 13.0)); };
  const double low = logarithmic(draw, 1e-3, 1e6);
  const double high = low * logarithmic(draw, 1.0, 1e9);
  const Index words = lines();
  const Index bits = lines();
  Crossbar crossbar{.conductances = draw.conductances(words, bits, low, high)};
  if (draw.uniform(0.0, 1.0) < 0.3) {
    for (double& g : crossbar.conductances.reshaped()) g = draw.uniform(0.0, 1.0) < 0.2 ? 0.0 : g;
  }
  const bool extreme = draw.uniform(0.0, 1.0) < 0.4;
  const auto wire = [&] { return Ohm{extreme ? logarithmic(draw, 1e-9, 1e6) : logarithmic(draw, 1e-2, 1e2)}; };
  const auto end = [&] { return draw.uniform(0.0, 1.0) < 0.3 ? Ohm{0.0} : wire(); };
  crossbar.wires = {.word = wire(), .bit = wire(), .driver = end(), .sense = end()};
  return crossbar;
}

// Any ends, segments and lines of their own, cut ones included.
inline void vary_wires(Draw& draw, Crossbar& crossbar) {
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  Wires& w = crossbar.wires;
  const auto maybe = [&](double chance) { return draw.uniform(0.0, 1.0) < chance; };
  if (maybe(0.5)) w.driven = DrivenEnds::both;
  if (maybe(0.5)) w.sensed = SensedEnds::both;
  const double low = logarithmic(draw, 1e-4, 1e2);
  const double high = low * logarithmic(draw, 1.0, maybe(0.3) ? 1e9 : 1e2);
  const double cut = maybe(0.5) ? 0.0 : 0.05;
  const auto fill = [&](auto& resistances, double chance) {
    for (double& r : resistances.reshaped()) r = maybe(chance) ? infinity : logarithmic(draw, low, high);
  };
  if (maybe(0.7)) {
    w.word_segments.resize(words, w.driven == DrivenEnds::both ? bits + 1 : bits);
    fill(w.word_segments, 4.0 * cut);
  }
  if (maybe(0.7)) {
    w.bit_segments.resize(w.sensed == SensedEnds::both ? words + 1 : words, bits);
    fill(w.bit_segments, w.sensed == SensedEnds::both ? cut / 4.0 : 0.0);
  }
  if (maybe(0.5)) {
    w.drivers.resize(words);
    fill(w.drivers, 2.0 * cut);
  }
  if (maybe(0.5)) {
    w.senses.resize(bits);
    fill(w.senses, 0.0);
  }
}

inline double largest_error(const Exact& truth, const VectorXd& currents) {
  Real error = 0.0L;
  for (std::size_t j = 0; j < truth.outputs.size(); ++j) {
    error = std::max(error, std::abs(truth.outputs[j] - static_cast<Real>(currents[static_cast<Index>(j)])));
  }
  return static_cast<double>(error);
}

// Regimes of real arrays. E: devices over three decades; H: heavy wires.
inline Crossbar regime(char which, Index words, Index bits) {
  Draw draw(static_cast<std::uint64_t>(words * 1000 + bits));
  if (which == 'E') return {draw.conductances(words, bits, 1e3, 1e6), wires(1.0, 1.0, 10.0, 10.0)};
  if (which == 'H') return {draw.conductances(words, bits, 0.9e3, 1.1e3), wires(10.0, 10.0, 10.0, 10.0)};
  return {draw.conductances(words, bits, 1e4, 1e6), wires(0.1, 0.3, 0.2, 0.1)};
}

}  // namespace crossbars
