// Crossbars by hierarchical merging: certified against dense elimination in 80 bits, and against the factorisation.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/crossbar.h"
#include "sim/crossbar/hps.h"
#include "sim/simd.h"
#include "tests/sim/crossbar_arrays.h"

using namespace crossbars;
using ohmset::crossbar::Hps;

namespace {

using Real = long double;
constexpr double anything = 1e300;

// The network among sources and sinks, by star-mesh elimination of a dense matrix one node after the other: nothing is
// subtracted, so that extreme ratios do no harm. A short is 2^300 siemens.
struct Exact {
  Index words = 0;
  Index bits = 0;
  std::vector<std::vector<Real>> between{};  // sources, then sinks

  [[nodiscard]] Real transfer(Index j, Index i) const {
    return between[static_cast<std::size_t>(words + j)][static_cast<std::size_t>(i)];
  }
  [[nodiscard]] Real output(Index j, const VectorXd& input) const {
    Real sum = 0.0L;
    for (Index i = 0; i < words; ++i) sum += transfer(j, i) * input[i];
    return sum;
  }
  [[nodiscard]] Real power(const VectorXd& input) const {
    Real sum = 0.0L;
    for (Index i = 0; i < words; ++i) {
      for (Index j = 0; j < bits; ++j) sum += transfer(j, i) * input[i] * input[i];
      for (Index k = 0; k < i; ++k) {
        const Real difference = static_cast<Real>(input[i]) - input[k];
        sum += between[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)] * difference * difference;
      }
    }
    return sum;
  }
};

Exact exact(const Crossbar& crossbar) {
  const Wires& w = crossbar.wires;
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  const auto terminals = static_cast<std::size_t>(words + bits);
  const auto cells = static_cast<std::size_t>(words * bits);
  const std::size_t count = terminals + 2 * cells;
  Exact result{.words = words, .bits = bits, .between{count, std::vector<Real>(count, 0.0L)}};
  auto& between = result.between;
  const auto place = [](Index k) { return static_cast<std::size_t>(k); };
  const auto word = [&](Index i, Index j) { return terminals + place(i * bits + j); };
  const auto bit = [&](Index i, Index j) { return word(i, j) + cells; };
  const auto sink = [&](Index j) { return place(words + j); };
  const auto join = [&](std::size_t a, std::size_t b, Real g) {
    if (std::isinf(g)) g = std::ldexp(1.0L, 300);
    between[a][b] += g;
    between[b][a] += g;
  };
  const auto wire = [&](std::size_t a, std::size_t b, Real ohm) { join(a, b, 1.0L / ohm); };
  for (Index i = 0; i < words; ++i) {
    for (Index j = 0; j < bits; ++j) {
      join(word(i, j), bit(i, j), crossbar.conductances(i, j));
      const Real before = w.word_segment(place(i), place(j));
      if (j == 0) {
        wire(place(i), word(i, 0), before + w.driver_of(place(i)));
      } else {
        wire(word(i, j - 1), word(i, j), before);
      }
      const Real after = w.bit_segment(place(i), place(j));
      if (i + 1 == words) {
        wire(bit(i, j), sink(j), after + w.sense_of(place(j)));
      } else {
        wire(bit(i, j), bit(i + 1, j), after);
      }
    }
    if (w.driven == DrivenEnds::both) {
      wire(word(i, bits - 1), place(i), static_cast<Real>(w.word_end(place(i))) + w.driver_of(place(i)));
    }
  }
  for (Index j = 0; j < bits && w.sensed == SensedEnds::both; ++j) {
    wire(bit(0, j), sink(j), static_cast<Real>(w.bit_top(place(j))) + w.sense_of(place(j)));
  }
  for (std::size_t k = count; k-- > terminals;) {
    Real pivot = 0.0L;
    for (std::size_t a = 0; a < k; ++a) pivot += between[k][a];
    for (std::size_t a = 0; a < k && pivot > 0.0L; ++a) {
      if (between[k][a] == 0.0L) continue;
      const Real share = between[k][a] / pivot;
      for (std::size_t b = 0; b < a; ++b) between[b][a] = between[a][b] += share * between[k][b];
    }
  }
  return result;
}

double logarithmic(Draw& draw, double low, double high) {
  return std::exp(draw.uniform(std::log(low), std::log(high)));
}

// Any ratio of resistances and any wires; opens and shorts, broken segments and some without resistance.
Crossbar any_crossbar(Draw& draw, double most_lines) {
  const auto happens = [&](double probability) { return draw.uniform(0.0, 1.0) < probability; };
  const auto lines = [&] { return static_cast<Index>(logarithmic(draw, 1.0, most_lines + 1.0)); };
  const Index words = lines();
  const Index bits = lines();
  const double low = logarithmic(draw, 1e-3, 1e6);
  const double high = low * logarithmic(draw, 1.0, 1e9);
  Crossbar crossbar{.conductances = draw.conductances(words, bits, low, high)};
  if (happens(0.3)) {
    for (double& g : crossbar.conductances.reshaped()) g = happens(0.2) ? 0.0 : g;
  }
  if (happens(0.2)) {
    for (double& g : crossbar.conductances.reshaped()) g = happens(0.05) ? infinity : g;
  }
  const bool extreme = happens(0.4);
  const auto wire = [&] { return extreme ? logarithmic(draw, 1e-9, 1e6) : logarithmic(draw, 1e-2, 1e2); };
  const auto sometimes = [&](double probability) { return Ohm{happens(probability) ? 0.0 : wire()}; };
  Wires& w = crossbar.wires;
  w = {.word = sometimes(0.1), .bit = sometimes(0.1), .driver = sometimes(0.3), .sense = sometimes(0.3)};
  if (happens(0.3)) w.driven = DrivenEnds::both;
  if (happens(0.3)) w.sensed = SensedEnds::both;
  const double broken = happens(0.3) ? 0.1 : 0.0;
  const double none = happens(0.3) ? 0.1 : 0.0;
  const auto segment = [&] { return happens(broken) ? infinity : happens(none) ? 0.0 : wire(); };
  if (happens(0.3)) {
    w.word_segments = Matrix(words, w.driven == DrivenEnds::both ? bits + 1 : bits);
    for (double& r : w.word_segments.reshaped()) r = segment();
  }
  if (happens(0.3)) {
    w.bit_segments = Matrix(w.sensed == SensedEnds::both ? words + 1 : words, bits);
    for (double& r : w.bit_segments.reshaped()) r = segment();
  }
  if (happens(0.2)) {
    w.drivers = VectorXd(words);
    for (double& r : w.drivers) r = segment();
  }
  if (happens(0.2)) {
    w.senses = VectorXd(bits);
    for (double& r : w.senses) r = segment();
  }
  return crossbar;
}

// How far the answers are from exact ones, in terms of their bounds and of the largest.
struct Errors {
  double transfer = 0.0;
  double outputs = 0.0;
  double power = 0.0;
};

Errors check(const Crossbar& crossbar, const VectorXd& input, Simd simd = chosen_simd()) {
  const Hps hps(crossbar, simd);
  const Exact truth = exact(crossbar);
  const Matrix T = hps.transfer();
  Errors errors;
  double error = 0.0;
  for (Index j = 0; j < T.rows(); ++j) {
    for (Index i = 0; i < T.cols(); ++i) {
      error = std::max(error, static_cast<double>(std::abs(T(j, i) - truth.transfer(j, i))));
    }
  }
  REQUIRE(error <= hps.transfer_error_bound());
  if (largest(T) > 0.0) errors.transfer = error / largest(T);
  const auto outputs = hps.outputs(input.transpose(), anything);
  REQUIRE(outputs);
  error = 0.0;
  for (Index j = 0; j < T.rows(); ++j) {
    error = std::max(error, static_cast<double>(std::abs(outputs->currents(0, j) - truth.output(j, input))));
  }
  REQUIRE(error <= outputs->error_bound);
  const double most = largest(input) * T.rowwise().sum().maxCoeff();
  if (most > 0.0) errors.outputs = error / most;
  const auto power = static_cast<double>(truth.power(input));
  if (power > 0.0) errors.power = std::abs(outputs->power - power) / power;
  return errors;
}

}  // namespace

TEST_CASE("the bound is never below the error over thousands of arrays, whatever wires and devices") {
  int answered = 0;
  Errors worst;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const Crossbar crossbar = any_crossbar(draw, 9.0);
    if (!Hps::applies(crossbar)) continue;
    ++answered;
    const Errors errors = check(crossbar, draw.inputs(1, crossbar.conductances.rows()).row(0).transpose());
    worst.transfer = std::max(worst.transfer, errors.transfer);
    worst.outputs = std::max(worst.outputs, errors.outputs);
    worst.power = std::max(worst.power, errors.power);
  }
  MESSAGE("answered " << answered << " transfer " << worst.transfer << " outputs " << worst.outputs << " power "
                      << worst.power);
  CHECK(answered > 2500);
  CHECK(worst.transfer < 3e-15);
  CHECK(worst.outputs < 3e-15);
}
