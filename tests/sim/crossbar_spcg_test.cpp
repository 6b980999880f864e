// Crossbars by iteration: certified against dense elimination in 80 bits, and against the factorisation.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <vector>

#include "sim/crossbar.h"
#include "sim/crossbar/spcg.h"
#include "tests/sim/crossbar_exact.h"

using namespace crossbars;
using ohmset::crossbar::Spcg;

namespace {

constexpr CrossbarOptions direct{.method = CrossbarMethod::direct};
constexpr CrossbarOptions iterated{.method = CrossbarMethod::spcg};

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
