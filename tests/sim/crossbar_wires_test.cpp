// Crossbars with wires of every kind: per segment and line, zero and broken, driven and sensed at both ends.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/crossbar.h"
#include "sim/wires.h"
#include "tests/sim/wired_oracle.h"

using namespace crossbars;

namespace {

// Every option alone and with the others.
std::vector<Variety> varieties() {
  std::vector<Variety> all;
  for (unsigned which = 0; which < 16; ++which) {
    const Variety plain{.segments = (which & 1U) != 0,
                        .ends = (which & 2U) != 0,
                        .both_driven = (which & 4U) != 0,
                        .both_sensed = (which & 8U) != 0};
    all.push_back(plain);
    if (!plain.segments && !plain.ends) continue;
    Variety faulty = plain;
    faulty.zero = 0.3;
    all.push_back(faulty);
    faulty.broken = 0.1;
    faulty.lost = 0.2;
    all.push_back(faulty);
    faulty.zero = 0.0;
    faulty.broken = 0.3;
    all.push_back(faulty);
  }
  return all;
}

Crossbar random_array(Draw& draw, Index most, const Variety& variety, double open, double shorted) {
  const auto words = static_cast<Index>(draw.uniform(1.0, static_cast<double>(most) + 1.0));
  const auto bits = static_cast<Index>(draw.uniform(1.0, static_cast<double>(most) + 1.0));
  Crossbar crossbar{.conductances = draw.conductances(words, bits, 1e2, 1e5),
                    .wires = random_wires(draw, words, bits, variety)};
  for (double& g : crossbar.conductances.reshaped()) {
    const double dice = draw.uniform(0.0, 1.0);
    if (dice < open) g = 0.0;
    if (dice > 1.0 - shorted) g = infinity;
  }
  return crossbar;
}

// The same array seen from its right side: a line's ends change places.
Crossbar mirrored(const Crossbar& crossbar) {
  Crossbar other = crossbar;
  other.conductances = crossbar.conductances.rowwise().reverse().eval();
  Wires& w = other.wires;
  if (w.word_segments.size() > 0) w.word_segments = w.word_segments.rowwise().reverse().eval();
  if (w.bit_segments.size() > 0) w.bit_segments = w.bit_segments.rowwise().reverse().eval();
  if (w.senses.size() > 0) w.senses = w.senses.reverse().eval();
  return other;
}

// Drive and sense exchanged: word lines become bit lines, turned so that first ends become last ones.
Crossbar exchanged(const Crossbar& crossbar) {
  const auto turned = [](const Matrix& m) { return Matrix(m.colwise().reverse().transpose().colwise().reverse()); };
  const Wires& w = crossbar.wires;
  Crossbar other{.conductances = turned(crossbar.conductances)};
  other.wires = wires(w.bit.value, w.word.value, w.sense.value, w.driver.value);
  other.wires.driven = w.sensed == SensedEnds::both ? DrivenEnds::both : DrivenEnds::left;
  other.wires.sensed = w.driven == DrivenEnds::both ? SensedEnds::both : SensedEnds::bottom;
  if (w.bit_segments.size() > 0) other.wires.word_segments = turned(w.bit_segments);
  if (w.word_segments.size() > 0) other.wires.bit_segments = turned(w.word_segments);
  if (w.senses.size() > 0) other.wires.drivers = w.senses.reverse();
  if (w.drivers.size() > 0) other.wires.senses = w.drivers.reverse();
  return other;
}

bool tied(const Crossbar& crossbar) {
  return exact_potentials(crossbar, VectorXd::Ones(crossbar.conductances.rows())).empty();
}

}  // namespace

TEST_CASE("wires of every kind obey Ohm and Kirchhoff at every node and agree with textbook elimination") {
  std::size_t unreachable = 0;
  std::size_t shorted = 0;
  std::size_t checked = 0;
  std::uint64_t seed = 0;
  for (const Variety& variety : varieties()) {
    for (int repeat = 0; repeat < 12; ++repeat) {
      ++seed;
      CAPTURE(seed);
      Draw draw(seed);
      const Crossbar crossbar = random_array(draw, repeat == 0 ? 12 : 6, variety, 0.3, repeat % 2 == 0 ? 0.0 : 0.1);
      const Index words = crossbar.conductances.rows();
      const VectorXd input = draw.inputs(1, words).row(0).transpose();
      if (tied(crossbar)) continue;
      ++checked;
      const CrossbarSolver solver(crossbar, {.method = CrossbarMethod::direct});
      const CrossbarFields fields = solver.fields(input);
      check_laws(crossbar, input, fields);
      check_potentials(crossbar, input, fields);
      const CrossbarOutputs outputs = solver.outputs(input.transpose());
      const double scale = std::max(largest(fields.device_currents), 1e-18);
      CHECK(difference(outputs.currents.transpose(), sensed(fields)) <= 1e-13 * scale);
      CHECK(std::abs(outputs.power - fields.power) <= 1e-12 * (std::abs(fields.power) + scale));
      CHECK(unreachable_nodes(crossbar) == fields.unreachable);
      unreachable += fields.unreachable;
      shorted += (crossbar.conductances.array() == infinity).any() ? 1U : 0U;
    }
  }
  CHECK(checked > 500);
  CHECK(unreachable > 300);
  CHECK(shorted > 50);
}

TEST_CASE("superposition, reciprocity and mirror images hold for wires of every kind") {
  std::uint64_t seed = 1000;
  for (const Variety& variety : varieties()) {
    for (int repeat = 0; repeat < 4; ++repeat) {
      ++seed;
      CAPTURE(seed);
      Draw draw(seed);
      const Crossbar crossbar = random_array(draw, 8, variety, 0.1, repeat % 2 == 0 ? 0.0 : 0.03);
      if (tied(crossbar)) continue;
      const Index words = crossbar.conductances.rows();
      const CrossbarSolver solver(crossbar);
      const Matrix transfer = solver.transfer();
      const double scale = std::max(largest(transfer), 1e-18);
      const Matrix inputs = draw.inputs(words + 3, words);
      const CrossbarOutputs batch = solver.outputs(inputs);
      CHECK(difference(inputs * transfer.transpose(), batch.currents) <= 1e-13 * scale);
      for (const Index b : {Index{0}, words + 2}) {
        CHECK(difference(solver.outputs(inputs.row(b)).currents, batch.currents.row(b)) <= 1e-13 * scale);
      }
      CHECK(transfer.minCoeff() >= 0.0);
      const Matrix back = CrossbarSolver(exchanged(crossbar)).transfer();
      CHECK(difference(back.colwise().reverse().transpose().colwise().reverse(), transfer) <= 1e-13 * scale);
      if (crossbar.wires.driven == DrivenEnds::both) {
        const Matrix seen = CrossbarSolver(mirrored(crossbar)).transfer();
        CHECK(difference(seen.colwise().reverse(), transfer) <= 1e-13 * scale);
      }
    }
  }
}

TEST_CASE("the ends of a symmetric array carry the same") {
  // A palindrome from left to right and from top to bottom.
  Draw draw(31);
  Matrix g = draw.conductances(6, 8, 1e2, 1e4);
  g = (g + g.rowwise().reverse().eval()).eval();
  g = (g + g.colwise().reverse().eval()).eval();
  Wires w = wires(2.0, 3.0, 5.0, 7.0);
  w.driven = DrivenEnds::both;
  w.sensed = SensedEnds::both;
  VectorXd input(6);
  input << 0.3, -0.2, 1.0, 1.0, -0.2, 0.3;
  const CrossbarFields fields = crossbar_fields({g, w}, input);
  const double scale = largest(fields.device_currents);
  CHECK(difference(fields.word_currents.col(0), -fields.word_end_currents) <= 1e-14 * scale);
  CHECK(difference(fields.bit_currents.row(5).transpose(), -fields.bit_top_currents) <= 1e-14 * scale);
  CHECK(difference(fields.device_currents, fields.device_currents.rowwise().reverse()) <= 1e-14 * scale);
  CHECK(difference(fields.device_currents, fields.device_currents.colwise().reverse()) <= 1e-14 * scale);
}

TEST_CASE("uniform wires said segment by segment give the same answer") {
  for (unsigned which = 0; which < 64; ++which) {
    CAPTURE(which);
    Draw draw(which + 1);
    Wires w = all_wires(which & 15U);
    if ((which & 16U) != 0) w.driven = DrivenEnds::both;
    if ((which & 32U) != 0) w.sensed = SensedEnds::both;
    const Matrix g = draw.conductances(5, 4, 1e2, 1e5);
    Wires said = w;
    said.word_segments = Matrix::Constant(5, (which & 16U) != 0 ? 5 : 4, w.word.value);
    said.bit_segments = Matrix::Constant((which & 32U) != 0 ? 6 : 5, 4, w.bit.value);
    said.drivers = VectorXd::Constant(5, w.driver.value);
    said.senses = VectorXd::Constant(4, w.sense.value);
    said.word = said.bit = said.driver = said.sense = Ohm{1e6};  // of no account
    const VectorXd input = draw.inputs(1, 5).row(0).transpose();
    const CrossbarFields one = crossbar_fields({g, w}, input);
    const CrossbarFields other = crossbar_fields({g, said}, input);
    CHECK(one.word_voltages == other.word_voltages);
    CHECK(one.device_currents == other.device_currents);
    CHECK(one.word_currents == other.word_currents);
    CHECK(one.bit_currents == other.bit_currents);
    CHECK(one.word_end_currents == other.word_end_currents);
    CHECK(one.bit_top_currents == other.bit_top_currents);
    CHECK(one.method == other.method);
    check_laws({g, w}, input, one);
  }
}

TEST_CASE("vanishing wires of any kind tend to the ideal product in proportion") {
  for (const Variety& variety : varieties()) {
    if (variety.broken > 0.0 || variety.lost > 0.0) continue;
    Draw draw(41);
    Crossbar crossbar{.conductances = draw.conductances(7, 5, 1e3, 1e5), .wires = random_wires(draw, 7, 5, variety)};
    const Wires full = crossbar.wires;
    const Matrix inputs = draw.inputs(3, 7);
    const Matrix ideal = inputs * crossbar.conductances;
    std::vector<double> errors;
    for (const double factor : {1e-2, 1e-4, 1e-6}) {
      Wires& w = crossbar.wires;
      w = full;
      for (Ohm* r : {&w.word, &w.bit, &w.driver, &w.sense}) r->value *= factor;
      w.word_segments *= factor;
      w.bit_segments *= factor;
      w.drivers *= factor;
      w.senses *= factor;
      errors.push_back(difference(crossbar_outputs(crossbar, inputs).currents, ideal));
    }
    CHECK(errors[1] / errors[0] == doctest::Approx(1e-2).epsilon(0.05));
    CHECK(errors[2] / errors[1] == doctest::Approx(1e-2).epsilon(0.05));
  }
}

TEST_CASE("one device on a line driven and sensed at both ends is a bridge in closed form") {
  // Both sides of the node in parallel, on either line.
  Wires w = wires(0.0, 0.0, 4.0, 6.0);
  w.driven = DrivenEnds::both;
  w.sensed = SensedEnds::both;
  w.word_segments = Matrix(1, 2);
  w.word_segments << 1.0, 11.0;
  w.bit_segments = Matrix(2, 1);
  w.bit_segments << 9.0, 24.0;
  const CrossbarFields fields = crossbar_fields({Matrix::Constant(1, 1, 0.01), w}, VectorXd::Constant(1, 2.0));
  const double word = 5.0 * 15.0 / 20.0;
  const double bit = 15.0 * 30.0 / 45.0;
  const double current = 2.0 / (word + 100.0 + bit);
  CHECK(fields.device_currents(0, 0) == doctest::Approx(current).epsilon(1e-15));
  CHECK(fields.word_currents(0, 0) == doctest::Approx(current * 15.0 / 20.0).epsilon(1e-15));
  CHECK(fields.word_end_currents[0] == doctest::Approx(-current * 5.0 / 20.0).epsilon(1e-15));
  CHECK(fields.bit_currents(0, 0) == doctest::Approx(current * 15.0 / 45.0).epsilon(1e-15));
  CHECK(fields.bit_top_currents[0] == doctest::Approx(-current * 30.0 / 45.0).epsilon(1e-15));
  CHECK(fields.power == doctest::Approx(2.0 * current).epsilon(1e-15));
}

TEST_CASE("a ladder driven from both ends is two ladders that share their current, by continued fractions") {
  // With equal segments and devices the line's middle has no current: each half is the single-ended ladder.
  constexpr Index half = 40;
  Draw draw(51);
  Matrix g(1, 2 * half);
  g.leftCols(half) = draw.conductances(1, half, 1e2, 1e4);
  g.rightCols(half) = g.leftCols(half).rowwise().reverse().eval();
  Wires w = wires(3.0, 0.0, 7.0, 0.0);
  w.driven = DrivenEnds::both;
  const CrossbarFields fields = crossbar_fields({g, w}, VectorXd::Ones(1));
  long double looking = 0.0L;
  for (Index j = half; j-- > 0;) {
    looking = g(0, j) + (looking == 0.0L ? 0.0L : 1.0L / (3.0L + 1.0L / looking));
  }
  const long double current = 1.0L / (10.0L + 1.0L / looking);
  CHECK(std::abs(fields.word_currents(0, 0) - current) <= 1e-14L * current);
  CHECK(std::abs(fields.word_end_currents[0] + current) <= 1e-14L * current);
  CHECK(std::abs(fields.word_currents(0, half)) <= 1e-14L * current);
}

TEST_CASE("a line without any resistance is fed half from each end") {
  Wires w;
  w.driven = DrivenEnds::both;
  w.sensed = SensedEnds::both;
  const Matrix g = Matrix::Constant(2, 3, 1e-3);
  const CrossbarFields fields = crossbar_fields({g, w}, VectorXd::Constant(2, 0.5));
  CHECK(fields.method == "ideal");
  for (Index i = 0; i < 2; ++i) {
    CHECK(fields.word_currents(i, 0) == doctest::Approx(0.75e-3).epsilon(1e-15));
    CHECK(fields.word_end_currents[i] == doctest::Approx(-0.75e-3).epsilon(1e-15));
  }
  for (Index j = 0; j < 3; ++j) {
    CHECK(fields.bit_currents(1, j) == doctest::Approx(0.5e-3).epsilon(1e-15));
    CHECK(fields.bit_top_currents[j] == doctest::Approx(-0.5e-3).epsilon(1e-15));
  }
}

TEST_CASE("a bit line that is not connected carries nothing out, exactly, and its nodes float with the word lines") {
  Draw draw(61);
  Wires w = wires(1.0, 2.0, 5.0, 3.0);
  w.senses = VectorXd::Constant(4, 3.0);
  w.senses[2] = infinity;
  const Crossbar crossbar{.conductances = draw.conductances(5, 4, 1e3, 1e5), .wires = w};
  const VectorXd input = draw.inputs(1, 5).row(0).transpose();
  const CrossbarFields fields = crossbar_fields(crossbar, input);
  CHECK(crossbar_outputs(crossbar, input.transpose()).currents(0, 2) == 0.0);
  CHECK(CrossbarSolver(crossbar).transfer().row(2) == Matrix::Zero(1, 5));
  CHECK(fields.bit_currents(4, 2) == 0.0);
  CHECK(fields.unreachable == 0);
  CHECK(fields.bit_voltages.allFinite());
  check_laws(crossbar, input, fields);
}

TEST_CASE("an island of word and bit nodes has no potential and no current") {
  Wires w = wires(1.0, 1.0, 1.0, 1.0);
  w.word_segments = Matrix::Constant(3, 3, 1.0);
  w.bit_segments = Matrix::Constant(3, 3, 1.0);
  // Nodes (0, 2) and (1, 2) of both kinds, joined among themselves only.
  w.word_segments(0, 2) = w.word_segments(1, 2) = infinity;
  w.bit_segments(1, 2) = infinity;
  Matrix g = Matrix::Constant(3, 3, 1e-3);
  for (const double device : {1e-3, infinity}) {
    g(0, 2) = device;
    const Crossbar crossbar{.conductances = g, .wires = w};
    const CrossbarFields fields = crossbar_fields(crossbar, VectorXd::Ones(3));
    CHECK(fields.unreachable == 4);
    CHECK(unreachable_nodes(crossbar) == 4);
    for (const Index i : {Index{0}, Index{1}}) {
      CHECK(std::isnan(fields.word_voltages(i, 2)));
      CHECK(std::isnan(fields.bit_voltages(i, 2)));
      CHECK(fields.device_currents(i, 2) == 0.0);
      CHECK(fields.device_powers(i, 2) == 0.0);
      CHECK(fields.bit_currents(i, 2) == 0.0);
    }
    check_laws(crossbar, VectorXd::Ones(3), fields);
  }
  // All of the array, when nothing is connected.
  Wires none = wires(1.0, 1.0, 0.0, 0.0);
  none.drivers = VectorXd::Constant(3, infinity);
  none.senses = VectorXd::Constant(3, infinity);
  const CrossbarSolver dead({g, none});
  CHECK(dead.fields(VectorXd::Ones(3)).unreachable == 18);
  CHECK(dead.outputs(Matrix::Ones(2, 3)).currents == Matrix::Zero(2, 3));
  CHECK(dead.outputs(Matrix::Ones(2, 3)).power == 0.0);
  CHECK(dead.transfer() == Matrix::Zero(3, 3));
}

TEST_CASE("shorts that tie a bit line's piece to two sources hold it at their mean, and carry infinite currents") {
  // Bit nodes (0, 0) and (1, 0) are joined; word lines 0 and 1 reach them through no resistance.
  Wires w = wires(0.0, 2.0, 0.0, 3.0);
  w.bit_segments = Matrix::Constant(3, 2, 2.0);
  w.bit_segments(0, 0) = 0.0;
  Matrix g = Matrix::Constant(3, 2, 1e-3);
  g(0, 0) = g(1, 0) = infinity;
  VectorXd input(3);
  input << 1.0, 0.5, 0.25;
  const CrossbarSolver solver({g, w});
  const CrossbarFields fields = solver.fields(input);
  CHECK(fields.bit_voltages(0, 0) == doctest::Approx(0.75).epsilon(1e-15));
  CHECK(fields.bit_voltages(1, 0) == doctest::Approx(0.75).epsilon(1e-15));
  CHECK(fields.device_currents(0, 0) == infinity);
  CHECK(fields.device_currents(1, 0) == -infinity);
  CHECK(fields.word_currents(0, 0) == infinity);
  CHECK(fields.word_voltages(1, 1) == 0.5);
  // At the same voltage they share what the line takes.
  input[1] = 1.0;
  const CrossbarFields equal = solver.fields(input);
  CHECK(equal.bit_voltages(0, 0) == doctest::Approx(1.0).epsilon(1e-15));
  CHECK(equal.device_currents(0, 0) == doctest::Approx(equal.device_currents(1, 0)).epsilon(1e-14));
  CHECK(equal.device_currents.allFinite());
  check_laws({g, w}, input, equal);
  // To ground through nothing: infinite, but not where the source is at 0 V.
  Wires grounded = wires(1.0, 1.0, 1.0, 0.0);
  grounded.drivers = VectorXd::Zero(3);
  grounded.word_segments = Matrix::Constant(3, 2, 1.0);
  grounded.word_segments(2, 0) = 0.0;
  grounded.bit_segments = Matrix::Constant(3, 2, 1.0);
  grounded.bit_segments(2, 0) = 0.0;
  g = Matrix::Constant(3, 2, 1e-3);
  g(2, 0) = infinity;
  const CrossbarSolver tie({g, grounded});
  const CrossbarOutputs outputs = tie.outputs(Matrix::Ones(1, 3));
  CHECK(outputs.currents(0, 0) == infinity);
  CHECK(std::isfinite(outputs.currents(0, 1)));
  CHECK(outputs.power == infinity);
  CHECK(tie.transfer()(0, 2) == infinity);
  CHECK(std::isfinite(tie.transfer()(0, 0)));
  Matrix silent = Matrix::Ones(5, 3);
  silent.col(2).setZero();
  CHECK(tie.outputs(silent).currents.allFinite());
}

TEST_CASE("the error bound holds for wires of every kind") {
  std::uint64_t seed = 3000;
  for (const Variety& variety : varieties()) {
    ++seed;
    CAPTURE(seed);
    Draw draw(seed);
    const Crossbar crossbar = random_array(draw, 7, variety, 0.1, 0.0);
    const VectorXd input = draw.inputs(1, crossbar.conductances.rows()).row(0).transpose();
    if (tied(crossbar)) continue;
    const CrossbarFields fields = crossbar_fields(crossbar, input);
    const std::vector<long double> exact = exact_potentials(crossbar, input);
    const auto cells = static_cast<std::size_t>(crossbar.conductances.size());
    for (std::size_t k = 0; k < cells; ++k) {
      const double g = crossbar.conductances.data()[k];
      if (g == 0.0 || std::isnan(exact[k])) continue;
      const long double current = g * (exact[k] - exact[cells + k]);
      // The elimination has errors of its own.
      CHECK(std::abs(fields.device_currents.data()[k] - current) <= fields.error_bound + 1e-16L * g * largest(input));
    }
    CHECK(fields.error_bound <= 1e-12 * largest(fields.device_currents));
  }
}

TEST_CASE("wires that do not fit are refused") {
  const Matrix g = Matrix::Ones(2, 3);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto refused = [&](const Wires& w) { CHECK_THROWS_AS(CrossbarSolver({g, w}), std::invalid_argument); };
  for (const Index columns : {2, 4}) refused({.word_segments = Matrix::Ones(2, columns)});
  refused({.driven = DrivenEnds::both, .word_segments = Matrix::Ones(2, 3)});
  refused({.bit_segments = Matrix::Ones(3, 3)});
  refused({.sensed = SensedEnds::both, .bit_segments = Matrix::Ones(2, 3)});
  refused({.drivers = VectorXd::Ones(3)});
  refused({.senses = VectorXd::Ones(2)});
  for (const double r : {-1.0, nan}) {
    refused({.word_segments = Matrix::Constant(2, 3, r)});
    refused({.bit_segments = Matrix::Constant(2, 3, r)});
    refused({.drivers = VectorXd::Constant(2, r)});
    refused({.senses = VectorXd::Constant(3, r)});
  }
}
