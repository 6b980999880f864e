// Derivatives of a crossbar's outputs against exact differences in 80 bits, and against laws that they obey.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar_sensitivity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "tests/sim/wired_oracle.h"

using namespace crossbars;

namespace {

using Real = long double;

// Weighted sum of the outputs; requires that every path from a bit line to ground has some resistance.
Real weighted(const Crossbar& crossbar, const VectorXd& input, const VectorXd& weights) {
  const std::vector<Real> potentials = exact_potentials(crossbar, input);
  const Wires& w = crossbar.wires;
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  const auto at = [](Index k) { return static_cast<std::size_t>(k); };
  Real sum = 0.0L;
  for (Index j = 0; j < bits; ++j) {
    const auto flow = [&](Index i, Real resistance) {
      const Real potential = potentials[at((words + i) * bits + j)];
      if (std::isfinite(resistance)) sum += weights[j] * potential / resistance;
    };
    flow(words - 1, static_cast<Real>(w.bit_segment(at(words - 1), at(j))) + w.sense_of(at(j)));
    if (w.sensed == SensedEnds::both) flow(0, static_cast<Real>(w.bit_top(at(j))) + w.sense_of(at(j)));
  }
  return sum;
}

// An output changes with one element by D x/(1 + c x): two steps tell D without an error.
template <class Change>
Real derivative(const Crossbar& crossbar, const VectorXd& input, const VectorXd& weights, double step,
                const Change& change) {
  const Real here = weighted(crossbar, input, weights);
  Crossbar changed = crossbar;
  change(changed) += step;
  const Real one = weighted(changed, input, weights) - here;
  changed = crossbar;
  change(changed) += 2.0 * step;
  const Real two = weighted(changed, input, weights) - here;
  if (std::abs(one) <= 1e-14L) return one / static_cast<Real>(step);  // of outputs around 1 mA: lost in rounding
  return one * two / (2.0L * static_cast<Real>(step) * (two - one));
}

// What both ends of a line share is not one element: differences of fourth order.
template <class Change>
Real difference_quotient(const Crossbar& crossbar, const VectorXd& input, const VectorXd& weights, double step,
                         const Change& change) {
  const auto shifted = [&](double by) {
    Crossbar changed = crossbar;
    change(changed) += by;
    return weighted(changed, input, weights);
  };
  return (8.0L * (shifted(step) - shifted(-step)) - (shifted(2.0 * step) - shifted(-2.0 * step))) / (12.0L * step);
}

Crossbar any(Draw& draw, std::uint64_t seed) {
  const auto lines = [&] { return static_cast<Index>(draw.uniform(1.0, 5.0)); };
  const Index words = lines();
  const Index bits = lines();
  Crossbar crossbar{.conductances = draw.conductances(words, bits, 10.0, 1e4)};
  for (double& g : crossbar.conductances.reshaped()) {
    const double u = draw.uniform(0.0, 1.0);
    if (seed % 3 == 0) g = u < 0.1 ? 0.0 : (u > 0.9 ? infinity : g);
  }
  crossbar.wires = random_wires(draw, words, bits,
                                {.segments = true,
                                 .ends = true,
                                 .both_driven = seed % 2 == 0,
                                 .both_sensed = seed % 4 < 2,
                                 .zero = seed % 5 == 0 ? 0.2 : 0.0,
                                 .broken = seed % 5 == 1 ? 0.1 : 0.0,
                                 .lost = seed % 7 == 0 ? 0.2 : 0.0});
  for (double& r : crossbar.wires.senses) r = r == 0.0 ? 4.0 : r;
  for (double& r : crossbar.wires.drivers) r = r == 0.0 ? 4.0 : r;
  return crossbar;
}

}  // namespace

TEST_CASE("every derivative is the exact one: all wires, devices open and shorted, segments zero and broken") {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const Crossbar crossbar = any(draw, seed);
    const Index words = crossbar.conductances.rows();
    const Index bits = crossbar.conductances.cols();
    const VectorXd input = draw.inputs(1, words).row(0).transpose();
    const VectorXd weights = draw.inputs(1, bits).row(0).transpose();
    const CrossbarSensitivity s = CrossbarSensitivities(crossbar, input).of(weights);
    const auto check = [&](const auto& found, double largest_one, double step, const auto& change) {
      const auto truth = static_cast<double>(derivative(crossbar, input, weights, step, change));
      CHECK(std::abs(found - truth) <= 1e-9 * largest_one + 3e-14 / step);
    };
    for (Index k = 0; k < s.devices.size(); ++k) {
      const double g = crossbar.conductances.data()[k];
      if (std::isinf(g)) {
        CHECK(s.devices.data()[k] == 0.0);
        continue;
      }
      check(s.devices.data()[k], largest(s.devices), std::max(0.25 * g, 1e-5),
            [k](Crossbar& c) -> double& { return c.conductances.data()[k]; });
    }
    Crossbar given = crossbar;
    const auto check_all = [&](const Matrix& found, const auto& resistances) {
      REQUIRE(found.size() == resistances(given).size());
      for (Index k = 0; k < found.size(); ++k) {
        const double r = resistances(given).data()[k];
        if (std::isinf(r)) {
          CHECK(found.data()[k] == 0.0);
          continue;
        }
        check(found.data()[k], largest(found), std::max(0.25 * r, 0.5),
              [&](Crossbar& c) -> double& { return resistances(c).data()[k]; });
      }
    };
    check_all(s.word_segments, [](Crossbar& c) -> Matrix& { return c.wires.word_segments; });
    check_all(s.bit_segments, [](Crossbar& c) -> Matrix& { return c.wires.bit_segments; });
    const auto check_ends = [&](const VectorXd& found, const auto& resistances) {
      for (Index k = 0; k < found.size() && resistances(given).size() > 0; ++k) {
        const double r = resistances(given)[k];
        if (std::isinf(r)) {
          CHECK(found[k] == 0.0);
          continue;
        }
        const auto truth = static_cast<double>(difference_quotient(
            crossbar, input, weights, 1e-3 * r, [&](Crossbar& c) -> double& { return resistances(c)[k]; }));
        CHECK(std::abs(found[k] - truth) <= 1e-9 * largest(found) + 1e-14);
      }
    };
    check_ends(s.drivers, [](Crossbar& c) -> VectorXd& { return c.wires.drivers; });
    check_ends(s.senses, [](Crossbar& c) -> VectorXd& { return c.wires.senses; });
  }
}

TEST_CASE("uniform wires: totals are what all segments change together") {
  for (const bool both : {false, true}) {
    Crossbar crossbar{.conductances = Draw(3).conductances(4, 5, 1e2, 1e4), .wires = wires(2.0, 3.0, 5.0, 7.0)};
    if (both) crossbar.wires.driven = DrivenEnds::both;
    if (both) crossbar.wires.sensed = SensedEnds::both;
    const VectorXd input = Draw(4).inputs(1, 4).row(0).transpose();
    const VectorXd weights = VectorXd::Unit(5, 2);
    const CrossbarSensitivity s = CrossbarSensitivities(crossbar, input).of(2);
    const auto total = [&](Ohm Wires::*kind) {
      const auto shifted = [&](double by) {
        Crossbar changed = crossbar;
        (changed.wires.*kind).value += by;
        return weighted(changed, input, weights);
      };
      constexpr double h = 1.0 / 1024.0;
      return static_cast<double>((8.0L * (shifted(h) - shifted(-h)) - (shifted(2 * h) - shifted(-2 * h))) /
                                 (12.0L * h));
    };
    CHECK(s.word == doctest::Approx(total(&Wires::word)).epsilon(1e-10));
    CHECK(s.bit == doctest::Approx(total(&Wires::bit)).epsilon(1e-10));
    CHECK(s.driver == doctest::Approx(total(&Wires::driver)).epsilon(1e-10));
    CHECK(s.sense == doctest::Approx(total(&Wires::sense)).epsilon(1e-10));
    CHECK(s.word < 0.0);
  }
}

TEST_CASE("an output is proportional to all conductances together: sum of g dI/dg - sum of r dI/dr = I") {
  for (const CrossbarMethod method : {CrossbarMethod::spcg, CrossbarMethod::direct}) {
    Crossbar crossbar{.conductances = Draw(5).conductances(80, 96, 1e3, 1e6), .wires = wires(1.0, 2.0, 10.0, 5.0)};
    crossbar.wires.sensed = SensedEnds::both;
    crossbar.conductances(3, 4) = 0.0;
    const VectorXd input = Draw(6).inputs(1, 80).row(0).transpose().cwiseAbs();
    const CrossbarOptions options{.method = method};
    const CrossbarSensitivities sensitivities(crossbar, input, options);
    const CrossbarOutputs outputs = crossbar_outputs(crossbar, input.transpose(), options);
    for (const std::size_t j : {0U, 40U, 95U}) {
      const CrossbarSensitivity s = sensitivities.of(j);
      const double devices = s.devices.cwiseProduct(crossbar.conductances).sum();
      const double resistances = 1.0 * s.word + 2.0 * s.bit + 10.0 * s.driver + 5.0 * s.sense;
      CHECK(devices - resistances == doctest::Approx(outputs.currents(0, static_cast<Index>(j))).epsilon(1e-10));
      CHECK(s.devices(3, 4) != 0.0);
    }
  }
}

TEST_CASE("a turned array's transfer is transposed and reversed; turned twice it is the same") {
  Draw draw(8);
  const Crossbar crossbar = any(draw, 4);
  const Crossbar other = turned(crossbar);
  const Matrix transfer = CrossbarSolver(crossbar).transfer();
  const Matrix back = CrossbarSolver(other).transfer();
  CHECK(difference(back.reverse().transpose(), transfer) <= 1e-13 * largest(transfer));
  const Crossbar twice = turned(other);
  CHECK(twice.conductances == crossbar.conductances);
  CHECK(twice.wires.word_segments == crossbar.wires.word_segments);
  CHECK(twice.wires.bit_segments == crossbar.wires.bit_segments);
  CHECK(twice.wires.drivers == crossbar.wires.drivers);
  CHECK(twice.wires.senses == crossbar.wires.senses);
}

TEST_CASE("without wires a device moves its own output by its own voltage, and nothing else") {
  const Crossbar crossbar{.conductances = Draw(9).conductances(3, 4, 1e3, 1e4)};
  const VectorXd input = Draw(10).inputs(1, 3).row(0).transpose();
  const CrossbarSensitivity s = CrossbarSensitivities(crossbar, input).of(1);
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 4; ++j) CHECK(s.devices(i, j) == doctest::Approx(j == 1 ? input[i] : 0.0).epsilon(1e-14));
  }
  const CrossbarSensitivities sensitivities(crossbar, input);
  CHECK_THROWS_AS((void)sensitivities.of(4), std::invalid_argument);
  CHECK_THROWS_AS((void)sensitivities.of(VectorXd::Ones(3)), std::invalid_argument);
}
