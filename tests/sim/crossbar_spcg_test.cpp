// Crossbars by iteration: certified against dense elimination in 80 bits, and against the factorisation.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <vector>

#include "sim/crossbar.h"
#include "sim/crossbar/spcg.h"
#include "sim/simd.h"
#include "tests/sim/crossbar_arrays.h"

using namespace crossbars;
using ohmset::crossbar::Spcg;

namespace {

using Real = long double;
constexpr CrossbarOptions direct{.method = CrossbarMethod::direct};
constexpr CrossbarOptions iterated{.method = CrossbarMethod::spcg};

// Node voltages by star-mesh elimination on a dense matrix: nothing is subtracted, so that extreme ratios do no harm.
struct Exact {
  std::vector<Real> voltages{};  // word nodes, then bit nodes
  std::vector<Real> outputs{};
  Real power = 0.0L;
};

Exact exact(const Crossbar& crossbar, const VectorXd& input) {
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

double logarithmic(Draw& draw, double low, double high) {
  return std::exp(draw.uniform(std::log(low), std::log(high)));
}

// Any size to 12 x 12, any range of resistances, wires from nearly nothing to more than the devices, opens.
Crossbar any_crossbar(Draw& draw) {
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
void vary_wires(Draw& draw, Crossbar& crossbar) {
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

double largest_error(const Exact& truth, const VectorXd& currents) {
  Real error = 0.0L;
  for (std::size_t j = 0; j < truth.outputs.size(); ++j) {
    error = std::max(error, std::abs(truth.outputs[j] - static_cast<Real>(currents[static_cast<Index>(j)])));
  }
  return static_cast<double>(error);
}

// Regimes of real arrays. E: devices over three decades; H: heavy wires.
Crossbar regime(char which, Index words, Index bits) {
  Draw draw(static_cast<std::uint64_t>(words * 1000 + bits));
  if (which == 'E') return {draw.conductances(words, bits, 1e3, 1e6), wires(1.0, 1.0, 10.0, 10.0)};
  if (which == 'H') return {draw.conductances(words, bits, 0.9e3, 1.1e3), wires(10.0, 10.0, 10.0, 10.0)};
  return {draw.conductances(words, bits, 1e4, 1e6), wires(0.1, 0.3, 0.2, 0.1)};
}

}  // namespace

TEST_CASE("the bound is never below the error over thousands of arrays, extreme ratios included") {
  constexpr std::uint64_t arrays = 3000;
  int answered = 0;
  for (std::uint64_t seed = 1; seed <= arrays; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const Crossbar crossbar = any_crossbar(draw);
    VectorXd input = draw.inputs(1, crossbar.conductances.rows()).row(0).transpose();
    if (seed % 2 == 0) input = input.cwiseAbs();
    const double tolerance = std::pow(10.0, draw.uniform(-13.0, -4.0));
    const auto outputs = Spcg(crossbar).outputs(input, tolerance);
    if (!outputs) continue;
    ++answered;
    const Exact truth = exact(crossbar, input);
    REQUIRE(largest_error(truth, outputs->currents) <= outputs->error_bound);
    REQUIRE(outputs->error_bound <= tolerance * largest(outputs->currents));
  }
  CHECK(answered > arrays * 9 / 10);
}

TEST_CASE("voltages and device currents are within their bound of dense elimination") {
  int answered = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const Crossbar crossbar = any_crossbar(draw);
    const VectorXd input = draw.inputs(1, crossbar.conductances.rows()).row(0).transpose();
    const auto fields = Spcg(crossbar).fields(input, 1e-10);
    if (!fields) continue;
    ++answered;
    const Exact truth = exact(crossbar, input);
    const auto cells = static_cast<std::size_t>(crossbar.conductances.size());
    for (std::size_t k = 0; k < cells; ++k) {
      const Real current =
          static_cast<Real>(crossbar.conductances.data()[k]) * (truth.voltages[k] - truth.voltages[cells + k]);
      REQUIRE(std::abs(fields->device_currents.data()[k] - current) <= fields->error_bound);
    }
    REQUIRE(fields->error_bound <= 1e-10 * largest(fields->device_currents));
  }
  CHECK(answered > 450);
}

TEST_CASE("any ends, any segments: the bounds of outputs and device currents are never below the error") {
  constexpr std::uint64_t arrays = 2500;
  int applied = 0;
  int answered = 0;
  int all_fields = 0;
  for (std::uint64_t seed = 1; seed <= arrays; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    Crossbar crossbar = any_crossbar(draw);
    vary_wires(draw, crossbar);
    VectorXd input = draw.inputs(1, crossbar.conductances.rows()).row(0).transpose();
    if (seed % 2 == 0) input = input.cwiseAbs();
    if (!Spcg::applies(crossbar)) continue;
    ++applied;
    const double tolerance = std::pow(10.0, draw.uniform(-13.0, -4.0));
    const Spcg solver(crossbar);
    const auto outputs = solver.outputs(input, tolerance);
    if (!outputs) continue;
    ++answered;
    const Exact truth = exact(crossbar, input);
    REQUIRE(largest_error(truth, outputs->currents) <= outputs->error_bound);
    REQUIRE(outputs->error_bound <= tolerance * largest(outputs->currents));
    if (tolerance < 1e-9) REQUIRE(std::abs(truth.power - outputs->power) <= 1e-4L * truth.power);
    const auto fields = solver.fields(input, 1e-10);
    if (!fields) continue;
    ++all_fields;
    const auto cells = static_cast<std::size_t>(crossbar.conductances.size());
    for (std::size_t k = 0; k < cells; ++k) {
      const Real g = crossbar.conductances.data()[k];
      const Real current = g * (truth.voltages[k] - truth.voltages[cells + k]);
      REQUIRE(std::abs(fields->device_currents.data()[k] - current) <= fields->error_bound);
    }
    REQUIRE(fields->error_bound <= 1e-10 * largest(fields->device_currents));
  }
  CHECK(applied > 2000);
  CHECK(answered > applied * 9 / 10);
  CHECK(all_fields > applied / 2);
}

TEST_CASE("segments that are all alike are the uniform wires, and both ends that are alike a mirror image") {
  const Crossbar uniform = regime('H', 90, 70);
  Crossbar own = uniform;
  own.wires.word_segments = Matrix::Constant(90, 70, own.wires.word.value);
  own.wires.drivers = VectorXd::Constant(90, own.wires.driver.value);
  own.wires.bit_segments = Matrix::Constant(90, 70, own.wires.bit.value);
  own.wires.senses = VectorXd::Constant(70, own.wires.sense.value);
  own.wires.word = own.wires.bit = own.wires.driver = own.wires.sense = Ohm{0.0};
  const VectorXd input = Draw(21).inputs(1, 90).row(0).transpose();
  const auto alike = Spcg(uniform).outputs(input, 1e-12);
  const auto each = Spcg(own).outputs(input, 1e-12);
  REQUIRE(alike);
  REQUIRE(each);
  CHECK(each->iterations == alike->iterations);
  CHECK(difference(each->currents, alike->currents) <= each->error_bound + alike->error_bound);
  CHECK(each->power == doctest::Approx(alike->power).epsilon(1e-12));

  Crossbar both = uniform;
  both.wires.driven = DrivenEnds::both;
  both.wires.sensed = SensedEnds::both;
  const auto here = Spcg(both).outputs(input, 1e-12);
  both.conductances = both.conductances.reverse().eval();
  const auto mirrored = Spcg(both).outputs(input.reverse(), 1e-12);
  REQUIRE(here);
  REQUIRE(mirrored);
  CHECK(difference(here->currents, mirrored->currents.reverse()) <= here->error_bound + mirrored->error_bound);
  CHECK(here->currents.cwiseAbs().sum() > alike->currents.cwiseAbs().sum());
}

TEST_CASE("what wires cannot be iterated: cut-off bit nodes and shorts") {
  Crossbar crossbar = regime('E', 12, 10);
  Wires& w = crossbar.wires;
  w.bit_segments = Matrix::Constant(12, 10, 1.0);
  w.word_segments = Matrix::Constant(12, 10, 1.0);
  CHECK(Spcg::applies(crossbar));
  w.word_segments(3, 0) = w.word_segments(3, 4) = infinity;
  CHECK(Spcg::applies(crossbar));
  w.bit_segments(5, 5) = infinity;
  CHECK_FALSE(Spcg::applies(crossbar));
  w.sensed = SensedEnds::both;
  w.bit_segments = Matrix::Constant(13, 10, 1.0);
  w.bit_segments(5, 5) = infinity;
  CHECK(Spcg::applies(crossbar));
  w.bit_segments(6, 5) = infinity;
  CHECK_FALSE(Spcg::applies(crossbar));
  w.bit_segments(6, 5) = 0.0;
  CHECK_FALSE(Spcg::applies(crossbar));
  w.bit_segments(6, 5) = 1.0;
  w.senses = VectorXd::Constant(10, 5.0);
  CHECK(Spcg::applies(crossbar));
  w.senses[2] = infinity;
  CHECK_FALSE(Spcg::applies(crossbar));
  w.senses[2] = 0.0;
  w.word_segments(1, 1) = 0.0;
  CHECK_FALSE(Spcg::applies(crossbar));
}

TEST_CASE("the regimes of real arrays agree with the factorisation to 1e-10, within their bound") {
  for (const char which : {'E', 'H', 'W'}) {
    for (const auto& [words, bits] :
         {std::pair<Index, Index>{64, 64}, {128, 128}, {40, 150}, {150, 40}, {33, 1}, {1, 57}, {7, 200}, {200, 7}}) {
      CAPTURE(which);
      CAPTURE(words);
      CAPTURE(bits);
      const Crossbar crossbar = regime(which, words, bits);
      Draw draw(77);
      const Matrix inputs = draw.inputs(2, words);
      const CrossbarOutputs outputs = crossbar_outputs(crossbar, inputs, iterated);
      const CrossbarOutputs truth = crossbar_outputs(crossbar, inputs, direct);
      CHECK(outputs.method == "spcg");
      CHECK(outputs.iterations > 0);
      CHECK(outputs.iterations < 30);
      CHECK(truth.method == "direct");
      const double error = difference(outputs.currents, truth.currents);
      CHECK(error <= outputs.error_bound + truth.error_bound);
      CHECK(error <= 1e-10 * largest(truth.currents));
      CHECK(outputs.error_bound <= 1e-12 * largest(outputs.currents));
      CHECK(outputs.power == doctest::Approx(truth.power).epsilon(1e-11));
    }
  }
}

TEST_CASE("256 lines: the bound holds, and iterations do not grow with heavy wires") {
  for (const char which : {'E', 'H'}) {
    const Crossbar crossbar = regime(which, 256, 256);
    const Matrix inputs = Draw(5).inputs(1, 256).cwiseAbs();
    const CrossbarOutputs outputs = crossbar_outputs(crossbar, inputs);
    CHECK(outputs.method == "spcg");
    CHECK(outputs.iterations <= 16);
    const CrossbarOutputs truth = crossbar_outputs(crossbar, inputs, direct);
    const double error = difference(outputs.currents, truth.currents);
    CHECK(error <= outputs.error_bound + truth.error_bound);
    CHECK(error <= 1e-12 * largest(truth.currents));
  }
}

TEST_CASE("random segments from 0.1 to 10 ohm agree with the factorisation in every regime") {
  struct Kind {
    double low;
    double high;
    double open;
    double short_circuits;
    bool answered;
  };
  for (const Kind& kind : {Kind{1e3, 1e6, 0.0, 0.0, true}, Kind{0.9e3, 1.1e3, 0.0, 0.0, true},
                           Kind{1e3, 1e6, 0.1, 0.005, false}, Kind{1e-3, 1e9, 0.0, 0.0, false}}) {
    for (const Index lines : {64, 128, 256}) {
      if (!kind.answered && lines > 64) continue;  // hundreds of steps
      Draw draw(static_cast<std::uint64_t>(lines));
      Crossbar crossbar{.conductances = draw.conductances(lines, lines + 3, kind.low, kind.high)};
      for (double& g : crossbar.conductances.reshaped()) {
        const double u = draw.uniform(0.0, 1.0);
        if (u < kind.open) g = 0.0;
        if (u > 1.0 - kind.short_circuits) g = 1e3;
      }
      crossbar.wires = {.driven = DrivenEnds::both, .sensed = SensedEnds::both};
      const auto segments = [&](Index rows, Index columns) {
        Matrix r(rows, columns);
        for (double& value : r.reshaped()) value = logarithmic(draw, 0.1, 10.0);
        return r;
      };
      crossbar.wires.word_segments = segments(lines, lines + 4);
      crossbar.wires.bit_segments = segments(lines + 1, lines + 3);
      crossbar.wires.drivers = segments(lines, 1);
      crossbar.wires.senses = segments(lines + 3, 1);
      CAPTURE(lines);
      CAPTURE(kind.high);
      const VectorXd input = draw.inputs(1, lines).row(0).transpose();
      const auto outputs = Spcg(crossbar).outputs(input, 1e-9);
      if (kind.answered) REQUIRE(outputs);
      if (!outputs) continue;
      const CrossbarOutputs truth = crossbar_outputs(crossbar, input.transpose(), direct);
      CHECK(truth.method == "direct");
      CHECK(difference(outputs->currents.transpose(), truth.currents) <= outputs->error_bound + truth.error_bound);
      CHECK(outputs->error_bound <= 1e-9 * largest(truth.currents));
      CHECK(outputs->power == doctest::Approx(truth.power).epsilon(1e-7));
      if (lines == 256) continue;
      const auto fields = Spcg(crossbar).fields(input, 1e-9);
      if (kind.answered) REQUIRE(fields);
      if (!fields) continue;
      const CrossbarFields all = crossbar_fields(crossbar, input, direct);
      CHECK(difference(fields->device_currents, all.device_currents) <= fields->error_bound + all.error_bound);
      CHECK(difference(fields->bit_voltages, all.bit_voltages) <= 1e-7);
    }
  }
}

TEST_CASE("a looser tolerance takes fewer iterations and says so in its bound") {
  const Crossbar crossbar = regime('H', 96, 96);
  const Matrix inputs = Draw(6).inputs(1, 96);
  const CrossbarOutputs fine = crossbar_outputs(crossbar, inputs, iterated);
  const CrossbarOutputs rough = crossbar_outputs(crossbar, inputs, {.method = CrossbarMethod::spcg, .tolerance = 1e-4});
  CHECK(rough.iterations < fine.iterations);
  CHECK(rough.error_bound > 10.0 * fine.error_bound);
  CHECK(rough.error_bound <= 1e-4 * largest(rough.currents));
  CHECK(difference(rough.currents, fine.currents) <= rough.error_bound + fine.error_bound);
  CHECK_THROWS_AS(CrossbarSolver(crossbar, {.tolerance = 0.0}), std::invalid_argument);
}

TEST_CASE("all fields of an iterated array: Kirchhoff's current law, Ohm's law, power in is power out") {
  const Crossbar crossbar{.conductances = Draw(12).conductances(60, 75, 1e3, 1e6), .wires = wires(1.0, 2.0, 5.0, 3.0)};
  const VectorXd input = Draw(13).inputs(1, 60).row(0).transpose();
  const CrossbarFields f = crossbar_fields(crossbar, input, iterated);
  const CrossbarFields truth = crossbar_fields(crossbar, input, direct);
  CHECK(f.method == "spcg");
  CHECK(truth.method == "direct");
  CHECK(difference(f.device_currents, truth.device_currents) <= f.error_bound + truth.error_bound);
  CHECK(difference(f.word_voltages, truth.word_voltages) <= 1e-11);
  CHECK(difference(f.bit_voltages, truth.bit_voltages) <= 1e-11);
  CHECK(difference(f.word_currents, truth.word_currents) <= 1e-11 * largest(truth.word_currents));
  CHECK(difference(f.bit_currents, truth.bit_currents) <= 1e-11 * largest(truth.bit_currents));
  for (Index i = 0; i < 60; ++i) {
    for (Index j = 0; j < 75; ++j) {
      const double left = j > 0 ? f.word_voltages(i, j - 1) : input[i] - 5.0 * f.word_currents(i, 0);
      CHECK(std::abs(left - f.word_voltages(i, j) - f.word_currents(i, j)) <= 1e-12);
      const double below = i + 1 < 60 ? f.bit_voltages(i + 1, j) : 3.0 * f.bit_currents(i, j);
      CHECK(std::abs(f.bit_voltages(i, j) - below - 2.0 * f.bit_currents(i, j)) <= 1e-12);
    }
  }
  double heat = f.word_currents.cwiseAbs2().sum() + 2.0 * f.bit_currents.cwiseAbs2().sum() +
                5.0 * f.word_currents.col(0).cwiseAbs2().sum() + 3.0 * f.bit_currents.row(59).cwiseAbs2().sum();
  heat += (f.device_currents.array() * (f.word_voltages - f.bit_voltages).array()).sum();
  CHECK(crossbar_outputs(crossbar, input.transpose(), iterated).power == doctest::Approx(heat).epsilon(1e-11));
}

TEST_CASE("reciprocity: one input's outputs are the turned array's transfer, by iteration") {
  const Matrix g = Draw(15).conductances(24, 35, 1e2, 1e5);
  const Crossbar crossbar{g, wires(1.0, 2.0, 5.0, 3.0)};
  const Matrix turned = g.colwise().reverse().transpose().colwise().reverse();
  const Crossbar other{turned, wires(2.0, 1.0, 3.0, 5.0)};
  const auto unit = [](Index lines, Index line) {
    Matrix input = Matrix::Zero(1, lines);
    input(0, line) = 1.0;
    return input;
  };
  const CrossbarSolver here(crossbar, iterated);
  const CrossbarSolver there(other, iterated);
  for (const auto& [i, j] : {std::pair<Index, Index>{0, 0}, {23, 34}, {5, 30}, {20, 3}}) {
    const CrossbarOutputs forward = here.outputs(unit(24, i));
    const CrossbarOutputs back = there.outputs(unit(35, 34 - j));
    CHECK(forward.method == "spcg");
    CHECK(std::abs(forward.currents(0, j) - back.currents(0, 23 - i)) <= forward.error_bound + back.error_bound);
  }
}

TEST_CASE("a single line is a ladder in closed form, by iteration") {
  // One word line; each bit line is its device, one wire and the sense resistance in series.
  constexpr Index bits = 300;
  const Matrix g = Draw(8).conductances(1, bits, 1e2, 1e5);
  const CrossbarOutputs outputs = crossbar_outputs({g, wires(3.0, 2.0, 7.0, 5.0)}, Matrix::Ones(1, 1), iterated);
  CHECK(outputs.method == "spcg");
  const auto branch = [&](Index j) { return 1.0L / (1.0L / g(0, j) + 7.0L); };
  std::vector<Real> looking(bits + 1, 0.0L);
  for (Index j = bits; j-- > 0;) {
    const Real rest = j + 1 < bits ? 1.0L / (3.0L + 1.0L / looking[static_cast<std::size_t>(j) + 1]) : 0.0L;
    looking[static_cast<std::size_t>(j)] = branch(j) + rest;
  }
  Real current = 1.0L / (10.0L + 1.0L / looking[0]);
  for (Index j = 0; j < bits; ++j) {
    const Real out = current / looking[static_cast<std::size_t>(j)] * branch(j);
    CHECK(std::abs(outputs.currents(0, j) - out) <= outputs.error_bound);
    current -= out;
  }
}

TEST_CASE("open devices and whole open lines carry nothing and disturb nothing") {
  Crossbar crossbar = regime('E', 50, 45);
  Draw draw(17);
  for (double& g : crossbar.conductances.reshaped()) g = draw.uniform(0.0, 1.0) < 0.1 ? 0.0 : g;
  crossbar.conductances.row(20).setZero();
  crossbar.conductances.row(49).setZero();
  crossbar.conductances.col(0).setZero();
  crossbar.conductances.col(44).setZero();
  const Matrix inputs = draw.inputs(1, 50);
  const CrossbarOutputs outputs = crossbar_outputs(crossbar, inputs, iterated);
  CHECK(outputs.method == "spcg");
  CHECK(outputs.currents(0, 0) == 0.0);
  CHECK(outputs.currents(0, 44) == 0.0);
  const CrossbarOutputs truth = crossbar_outputs(crossbar, inputs, direct);
  CHECK(difference(outputs.currents, truth.currents) <= outputs.error_bound + truth.error_bound);
  const CrossbarFields fields = crossbar_fields(crossbar, inputs.row(0).transpose(), iterated);
  for (Index j = 0; j < 45; ++j) CHECK(std::abs(fields.word_voltages(20, j) - inputs(0, 20)) <= 1e-14);
  crossbar.conductances.setZero();
  const CrossbarOutputs dark = crossbar_outputs(crossbar, inputs, iterated);
  CHECK(dark.method == "spcg");
  CHECK(largest(dark.currents) == 0.0);
  CHECK(dark.power == 0.0);
}

TEST_CASE("what cannot be iterated is merged or factored, and the method says so") {
  const Matrix inputs = Draw(3).inputs(1, 40);
  Crossbar shorts = regime('E', 40, 40);
  for (Index k = 0; k < 40; k += 7) shorts.conductances(k, (3 * k) % 40) = 1e7;
  const CrossbarOutputs hard = crossbar_outputs(shorts, inputs, iterated);
  CHECK(hard.method == "hps");
  CHECK(hard.error_bound <= 1e-10 * largest(hard.currents));
  shorts.conductances(3, 3) = infinity;
  CHECK(crossbar_outputs(shorts, inputs, iterated).method == "hps");
  Crossbar bare = regime('E', 40, 40);
  bare.wires.word = Ohm{0.0};
  CHECK(crossbar_outputs(bare, inputs, iterated).method == "hps");
  CHECK(crossbar_fields(bare, inputs.row(0).transpose(), iterated).method == "direct");
  CHECK(crossbar_outputs(regime('E', 40, 40), inputs, {.tolerance = 1e-17}).method == "direct");
  CHECK(crossbar_outputs({regime('E', 40, 40).conductances, {}}, inputs, iterated).method == "ideal");
}

TEST_CASE("few inputs of a large array are iterated, others merged, unless told otherwise") {
  const Crossbar large = regime('E', 32, 32);
  const Crossbar small = regime('E', 31, 32);
  CHECK(crossbar_outputs(large, Draw(1).inputs(16, 32)).method == "spcg");
  CHECK(crossbar_outputs(large, Draw(1).inputs(17, 32)).method == "hps");
  CHECK(crossbar_outputs(small, Draw(1).inputs(1, 31)).method == "hps");
  CHECK(crossbar_outputs(small, Draw(1).inputs(1, 31), iterated).method == "spcg");
  CHECK(crossbar_outputs(large, Draw(1).inputs(1, 32), direct).method == "direct");
}

TEST_CASE("every instruction set and any number of threads give the same bits") {
  const Crossbar crossbar = regime('H', 203, 197);
  const VectorXd input = Draw(4).inputs(1, 203).row(0).transpose();
  const auto expected = Spcg(crossbar, Simd::portable).outputs(input, 1e-12);
  REQUIRE(expected);
  for (const Simd simd : available_simd()) {
    const auto outputs = Spcg(crossbar, simd).outputs(input, 1e-12);
    REQUIRE(outputs);
    CHECK(outputs->currents == expected->currents);
    CHECK(outputs->error_bound == expected->error_bound);
    CHECK(outputs->power == expected->power);
  }
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const auto single = Spcg(crossbar).outputs(input, 1e-12);
  REQUIRE(single);
  CHECK(single->currents == expected->currents);
  CHECK(single->error_bound == expected->error_bound);
}

TEST_CASE("inputs of any size, and none") {
  const Crossbar crossbar = regime('E', 40, 36);
  const Matrix inputs = Draw(9).inputs(1, 40);
  const CrossbarSolver solver(crossbar, iterated);
  const CrossbarOutputs one = solver.outputs(inputs);
  for (const double scale : {0x1p-900, 0x1p600}) {
    const CrossbarOutputs scaled = solver.outputs(inputs * scale);
    CHECK(scaled.method == "spcg");
    CHECK(difference(scaled.currents / scale, one.currents) == 0.0);
  }
  const CrossbarOutputs none = solver.outputs(Matrix::Zero(2, 40));
  CHECK(largest(none.currents) == 0.0);
  CHECK(none.error_bound == 0.0);
  CHECK(solver.outputs(Matrix(0, 40)).currents.rows() == 0);
}
