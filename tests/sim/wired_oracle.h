// Crossbars with any wires, for the tests: random ones, Kirchhoff's laws node by node, and potentials by textbook
// elimination.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "sim/crossbar.h"
#include "tests/sim/crossbar_arrays.h"
#include "tests/sim/dense_oracle.h"

namespace crossbars {

// One conductor of a crossbar, between nodes numbered word by word, then bit by bit, then sources, then ground.
struct Path {
  std::size_t a = 0;
  std::size_t b = 0;
  double resistance = 0.0;
  double current = 0.0;  // from a to b, as the fields say
};

// Every wire (with its driver or sense resistance) and device that an array has, open and broken ones included.
inline std::vector<Path> paths_of(const Crossbar& crossbar, const CrossbarFields* fields = nullptr) {
  const Wires& w = crossbar.wires;
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  const auto at = [](Index k) { return static_cast<std::size_t>(k); };
  const auto word = [&](Index i, Index j) { return at(i * bits + j); };
  const auto bit = [&](Index i, Index j) { return at((words + i) * bits + j); };
  const auto source = [&](Index i) { return at(2 * words * bits + i); };
  const std::size_t ground = at(2 * words * bits + words);
  std::vector<Path> paths;
  const auto add = [&](std::size_t a, std::size_t b, double r, double current) {
    paths.push_back({.a = a, .b = b, .resistance = r, .current = current});
  };
  for (Index i = 0; i < words; ++i) {
    for (Index j = 0; j < bits; ++j) {
      const double along = fields != nullptr ? fields->word_currents(i, j) : 0.0;
      const double entry = j == 0 ? w.driver_of(at(i)) : 0.0;
      add(j == 0 ? source(i) : word(i, j - 1), word(i, j), w.word_segment(at(i), at(j)) + entry, along);
      const double down = fields != nullptr ? fields->bit_currents(i, j) : 0.0;
      const double exit = i + 1 == words ? w.sense_of(at(j)) : 0.0;
      add(bit(i, j), i + 1 == words ? ground : bit(i + 1, j), w.bit_segment(at(i), at(j)) + exit, down);
      add(word(i, j), bit(i, j), 1.0 / crossbar.conductances(i, j),
          fields != nullptr ? fields->device_currents(i, j) : 0.0);
    }
    if (w.driven == DrivenEnds::both) {
      add(word(i, bits - 1), source(i), w.word_end(at(i)) + w.driver_of(at(i)),
          fields != nullptr ? fields->word_end_currents[i] : 0.0);
    }
  }
  for (Index j = 0; j < bits && w.sensed == SensedEnds::both; ++j) {
    add(ground, bit(0, j), w.bit_top(at(j)) + w.sense_of(at(j)), fields != nullptr ? fields->bit_top_currents[j] : 0.0);
  }
  return paths;
}

// Potentials of word nodes, then bit nodes, NaN where no path leads; nothing where shorts tie sources together.
inline std::vector<long double> exact_potentials(const Crossbar& crossbar, const VectorXd& input) {
  const std::vector<Path> paths = paths_of(crossbar);
  const auto words = static_cast<std::size_t>(crossbar.conductances.rows());
  const auto inner = static_cast<std::size_t>(2 * crossbar.conductances.size());
  const std::size_t nodes = inner + words + 1;
  std::vector<std::size_t> joined(nodes);
  std::vector<std::size_t> component(nodes);
  std::iota(joined.begin(), joined.end(), std::size_t{0});
  component = joined;
  // The larger number stands for the rest, so that ground and sources do.
  const auto merge = [](std::vector<std::size_t>& of, std::size_t a, std::size_t b) {
    const std::size_t from = std::min(of[a], of[b]);
    const std::size_t to = std::max(of[a], of[b]);
    for (std::size_t& one : of) one = one == from ? to : one;
  };
  std::size_t ties = 0;
  for (const Path& path : paths) {
    if (path.resistance == 0.0) {
      if (joined[path.a] != joined[path.b] && std::min(joined[path.a], joined[path.b]) >= inner) ++ties;
      merge(joined, path.a, path.b);
    }
    if (std::isfinite(path.resistance)) merge(component, path.a, path.b);
  }
  if (ties > 0) return {};
  oracle::Circuit<long double> circuit(nodes);
  for (const Path& path : paths) {
    if (path.resistance == 0.0 || !std::isfinite(path.resistance)) continue;
    circuit.connect(joined[path.a], joined[path.b], 1.0L / static_cast<long double>(path.resistance));
  }
  for (std::size_t node = 0; node < nodes; ++node) {
    if (node >= inner) {
      circuit.fix(node, node + 1 < nodes ? static_cast<long double>(input[static_cast<Index>(node - inner)]) : 0.0L);
    } else if (joined[node] != node || component[node] < inner) {
      circuit.fix(node, 0.0L);
    }
  }
  std::vector<long double> potentials = circuit.potentials();
  std::vector<long double> result(inner);
  for (std::size_t node = 0; node < inner; ++node) {
    result[node] = component[node] < inner ? std::nanl("") : potentials[joined[node]];
  }
  return result;
}

// Kirchhoff's current law at every node, Ohm's law along every conductor, power in = power out; nothing flows where no
// path leads.
inline void check_laws(const Crossbar& crossbar, const VectorXd& input, const CrossbarFields& fields,
                       double tolerance = 1e-12) {
  const std::vector<Path> paths = paths_of(crossbar, &fields);
  const auto cells = static_cast<std::size_t>(crossbar.conductances.size());
  const auto words = static_cast<std::size_t>(crossbar.conductances.rows());
  std::vector<double> potential(2 * cells + words + 1, 0.0);
  std::size_t unreachable = 0;
  for (std::size_t k = 0; k < cells; ++k) {
    potential[k] = fields.word_voltages.data()[k];
    potential[cells + k] = fields.bit_voltages.data()[k];
    unreachable += (std::isnan(potential[k]) ? 1U : 0U) + (std::isnan(potential[cells + k]) ? 1U : 0U);
  }
  CHECK(fields.unreachable == unreachable);
  for (std::size_t i = 0; i < words; ++i) potential[2 * cells + i] = input[static_cast<Index>(i)];
  double volts = 1e-300;
  double amperes = 1e-18;  // of currents that are 0 but for roundings
  for (const double v : potential) volts = std::isnan(v) ? volts : std::max(volts, std::abs(v));
  for (const Path& path : paths) amperes = std::max(amperes, std::abs(path.current));
  std::vector<double> sum(potential.size(), 0.0);
  double heat = 0.0;
  for (const Path& path : paths) {
    sum[path.a] -= path.current;
    sum[path.b] += path.current;
    const double drop = potential[path.a] - potential[path.b];
    if (!std::isfinite(path.resistance)) {
      CHECK(path.current == 0.0);
    } else if (std::isnan(drop)) {
      CHECK(std::isnan(potential[path.a]));
      CHECK(std::isnan(potential[path.b]));
      CHECK(path.current == 0.0);
    } else {
      // Voltages are rounded to their last digit, currents to theirs.
      CHECK(std::abs(drop - path.resistance * path.current) <= 1e-15 * volts + tolerance * path.resistance * amperes);
    }
    if (std::isfinite(path.resistance)) heat += path.resistance * path.current * path.current;
  }
  for (std::size_t node = 0; node < 2 * cells; ++node) CHECK(std::abs(sum[node]) <= 1e-14 * amperes + 1e-30 * volts);
  CHECK(std::abs(fields.power - heat) <= 1e-12 * (heat + amperes * volts));
  // What the devices take is part of it, and no rounding makes one of them give.
  CHECK(fields.device_powers.size() == crossbar.conductances.size());
  for (std::size_t k = 0; k < cells; ++k) {
    const double current = fields.device_currents.data()[k];
    const double g = crossbar.conductances.data()[k];
    const double expected = g > 0.0 && std::isfinite(g) ? current * current / g : 0.0;
    CHECK(fields.device_powers.data()[k] == doctest::Approx(expected).epsilon(1e-14));
  }
}

// The fields against the elimination, relative to the largest voltage; the tolerance is what that one loses on pieces
// that hang by a device alone.
inline void check_potentials(const Crossbar& crossbar, const VectorXd& input, const CrossbarFields& fields,
                             double tolerance = 1e-12) {
  const std::vector<long double> exact = exact_potentials(crossbar, input);
  REQUIRE(!exact.empty());
  const auto cells = static_cast<std::size_t>(crossbar.conductances.size());
  const double volts = largest(input);
  const auto agree = [&](double ours, long double theirs) {
    CHECK(std::isnan(ours) == std::isnan(theirs));
    if (!std::isnan(ours)) CHECK(static_cast<double>(std::abs(ours - theirs)) <= tolerance * volts);
  };
  for (std::size_t k = 0; k < cells; ++k) {
    agree(fields.word_voltages.data()[k], exact[k]);
    agree(fields.bit_voltages.data()[k], exact[cells + k]);
  }
}

// What each bit line's ends carry together.
inline VectorXd sensed(const CrossbarFields& fields) {
  VectorXd outputs = fields.bit_currents.row(fields.bit_currents.rows() - 1).transpose();
  if (fields.bit_top_currents.size() > 0) outputs -= fields.bit_top_currents;
  return outputs;
}

// What may differ along the lines and at their ends.
struct Variety {
  bool segments = false;  // each its own resistance
  bool ends = false;      // each line its own driver and sense resistance
  bool both_driven = false;
  bool both_sensed = false;
  double zero = 0.0;    // of the segments, joined
  double broken = 0.0;  // of the segments
  double lost = 0.0;    // of the drivers and sense resistances, not connected
};

inline Wires random_wires(Draw& draw, Index words, Index bits, const Variety& variety) {
  Wires w = wires(1.5, 2.5, 10.0, 20.0);
  if (variety.both_driven) w.driven = DrivenEnds::both;
  if (variety.both_sensed) w.sensed = SensedEnds::both;
  const auto one = [&](double low, double high, double zero, double broken) {
    const double dice = draw.uniform(0.0, 1.0);
    if (dice < zero) return 0.0;
    return dice < zero + broken ? infinity : std::exp(draw.uniform(std::log(low), std::log(high)));
  };
  if (variety.segments) {
    w.word_segments = Matrix(words, variety.both_driven ? bits + 1 : bits);
    w.bit_segments = Matrix(variety.both_sensed ? words + 1 : words, bits);
    for (double& r : w.word_segments.reshaped()) r = one(0.1, 10.0, variety.zero, variety.broken);
    for (double& r : w.bit_segments.reshaped()) r = one(0.1, 10.0, variety.zero, variety.broken);
  }
  if (variety.ends) {
    w.drivers = VectorXd(words);
    w.senses = VectorXd(bits);
    for (double& r : w.drivers) r = one(1.0, 100.0, variety.zero, variety.lost);
    for (double& r : w.senses) r = one(1.0, 100.0, variety.zero, variety.lost);
  }
  return w;
}

}  // namespace crossbars
