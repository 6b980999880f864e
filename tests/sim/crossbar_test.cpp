// Crossbars against closed forms and Kirchhoff's laws.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar.h"

#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "tests/sim/crossbar_arrays.h"

using namespace crossbars;

TEST_CASE("without wires the outputs are the ideal product, to 1e-13") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const Crossbar crossbar{.conductances = draw.conductances(37, 23, 1e3, 1e6)};
    const Matrix inputs = draw.inputs(9, 37);
    const CrossbarOutputs outputs = crossbar_outputs(crossbar, inputs);
    CHECK(outputs.method == "ideal");
    double power = 0.0;
    for (Index b = 0; b < 9; ++b) {
      for (Index j = 0; j < 23; ++j) {
        long double sum = 0.0L;
        for (Index i = 0; i < 37; ++i) {
          sum += static_cast<long double>(crossbar.conductances(i, j)) * inputs(b, i);
          power += crossbar.conductances(i, j) * inputs(b, i) * inputs(b, i) / 9.0;
        }
        const double error = static_cast<double>(std::abs(outputs.currents(b, j) - sum));
        CHECK(error <= outputs.error_bound);
        CHECK(error <= 1e-13 * largest(outputs.currents));
      }
    }
    CHECK(outputs.power == doctest::Approx(power).epsilon(1e-13));
    CHECK(CrossbarSolver(crossbar).transfer() == Matrix(crossbar.conductances.transpose()));
  }
}

TEST_CASE("vanishing wires tend to the ideal product in proportion") {
  Draw draw(3);
  const Matrix g = draw.conductances(12, 9, 1e3, 1e5);
  const Matrix inputs = draw.inputs(4, 12);
  const Matrix ideal = inputs * g;
  double last = 0.0;
  for (const double r : {1e-1, 1e-3, 1e-5}) {
    const CrossbarOutputs outputs = crossbar_outputs({g, wires(r, r, r, r)}, inputs);
    CHECK(outputs.method != "ideal");
    const double error = difference(outputs.currents, ideal) / largest(ideal);
    CHECK(error > 0.0);
    if (last > 0.0) CHECK(error / last == doctest::Approx(1e-2).epsilon(0.05));
    last = error;
  }
}

TEST_CASE("one cell is three resistances in series") {
  const CrossbarSolver solver({Matrix::Constant(1, 1, 1e-3), wires(1.0, 2.0, 10.0, 20.0)});
  const double current = 0.5 / (10.0 + 1.0 + 1000.0 + 2.0 + 20.0);
  const CrossbarFields fields = solver.fields(VectorXd::Constant(1, 0.5));
  for (const Matrix& m : {fields.device_currents, fields.word_currents, fields.bit_currents}) {
    CHECK(m(0, 0) == doctest::Approx(current).epsilon(1e-15));
  }
  CHECK(fields.word_voltages(0, 0) == doctest::Approx(0.5 - 11.0 * current).epsilon(1e-15));
  CHECK(fields.bit_voltages(0, 0) == doctest::Approx(22.0 * current).epsilon(1e-15));
  const CrossbarOutputs outputs = solver.outputs(Matrix::Constant(1, 1, 0.5));
  CHECK(outputs.currents(0, 0) == doctest::Approx(current).epsilon(1e-15));
  CHECK(outputs.power == doctest::Approx(0.5 * current).epsilon(1e-15));
}

TEST_CASE("a single word line into grounded bit lines is a ladder, by continued fraction") {
  // Seen from cell j: the device beside one segment and the rest of the line.
  constexpr Index bits = 200;
  Draw draw(8);
  const Matrix g = draw.conductances(1, bits, 1e2, 1e5);
  const CrossbarFields fields = crossbar_fields({g, wires(3.0, 0.0, 7.0, 0.0)}, VectorXd::Constant(1, 1.0));
  std::vector<long double> looking(bits + 1, 0.0L);  // conductance from node j on
  for (Index j = bits; j-- > 0;) {
    const long double rest = j + 1 < bits ? 1.0L / (3.0L + 1.0L / looking[static_cast<std::size_t>(j) + 1]) : 0.0L;
    looking[static_cast<std::size_t>(j)] = g(0, j) + rest;
  }
  long double current = 1.0L / (10.0L + 1.0L / looking[0]);
  for (Index j = 0; j < bits; ++j) {
    const long double voltage = current / looking[static_cast<std::size_t>(j)];
    CHECK(std::abs(fields.word_currents(0, j) - current) <= 1e-14L * current);
    CHECK(std::abs(fields.word_voltages(0, j) - voltage) <= 1e-14L * voltage);
    CHECK(std::abs(fields.device_currents(0, j) - voltage * g(0, j)) <= 1e-14L * voltage * g(0, j));
    current -= voltage * g(0, j);
  }
}

TEST_CASE("a single bit line behind ideal word lines is a ladder too") {
  constexpr Index words = 150;
  Draw draw(9);
  const Matrix g = draw.conductances(words, 1, 1e2, 1e5);
  const VectorXd input = draw.inputs(1, words).row(0).transpose();
  const CrossbarFields fields = crossbar_fields({g, wires(0.0, 3.0, 0.0, 7.0)}, input);
  // From the far end down: what the line above a node amounts to, a source behind a conductance [Thevenin].
  long double source = 0.0L;
  long double behind = 0.0L;
  for (Index i = 0; i < words; ++i) {
    const long double before = i == 0 ? 0.0L : 1.0L / (3.0L + 1.0L / behind);
    const long double sum = before * source + static_cast<long double>(g(i, 0)) * input[i];
    behind = before + g(i, 0);
    source = sum / behind;
  }
  const long double expected = source / (10.0L + 1.0L / behind);
  CHECK(std::abs(fields.bit_currents(words - 1, 0) - expected) <= 1e-12L * largest(fields.bit_currents));
}

TEST_CASE("currents are conserved at every node and Ohm's law holds along every wire") {
  Draw draw(12);
  const Crossbar crossbar{.conductances = draw.conductances(40, 31, 1e3, 1e6), .wires = wires(1.0, 2.0, 5.0, 3.0)};
  const VectorXd input = draw.inputs(1, 40).row(0).transpose();
  const CrossbarFields f = crossbar_fields(crossbar, input);
  const double scale = largest(f.word_currents);
  for (Index i = 0; i < 40; ++i) {
    for (Index j = 0; j < 31; ++j) {
      const double right = j + 1 < 31 ? f.word_currents(i, j + 1) : 0.0;
      CHECK(std::abs(f.word_currents(i, j) - right - f.device_currents(i, j)) <= 1e-15 * scale);
      const double above = i > 0 ? f.bit_currents(i - 1, j) : 0.0;
      CHECK(std::abs(above + f.device_currents(i, j) - f.bit_currents(i, j)) <= 1e-15 * largest(f.bit_currents));
      const double left = j > 0 ? f.word_voltages(i, j - 1) : input[i] - 5.0 * f.word_currents(i, 0);
      CHECK(std::abs(left - f.word_voltages(i, j) - 1.0 * f.word_currents(i, j)) <= 1e-14);
      const double below = i + 1 < 40 ? f.bit_voltages(i + 1, j) : 3.0 * f.bit_currents(i, j);
      CHECK(std::abs(f.bit_voltages(i, j) - below - 2.0 * f.bit_currents(i, j)) <= 1e-14);
      const double drop = f.word_voltages(i, j) - f.bit_voltages(i, j);
      CHECK(std::abs(drop * crossbar.conductances(i, j) - f.device_currents(i, j)) <=
            1e-14 * largest(f.device_currents));
    }
  }
}

TEST_CASE("power in is power out") {
  Draw draw(13);
  const Crossbar crossbar{.conductances = draw.conductances(20, 30, 1e3, 1e5), .wires = wires(1.0, 2.0, 5.0, 3.0)};
  const VectorXd input = draw.inputs(1, 20).row(0).transpose();
  const CrossbarFields f = crossbar_fields(crossbar, input);
  double heat = f.word_currents.cwiseAbs2().sum() + 2.0 * f.bit_currents.cwiseAbs2().sum() +
                5.0 * f.word_currents.col(0).cwiseAbs2().sum() + 3.0 * f.bit_currents.row(19).cwiseAbs2().sum();
  heat += (f.device_currents.array() * (f.word_voltages - f.bit_voltages).array()).sum();
  CHECK(crossbar_outputs(crossbar, input.transpose()).power == doctest::Approx(heat).epsilon(1e-13));
}

TEST_CASE("superposition: a batch, its inputs one by one and the transfer matrix say the same") {
  for (const auto& [words, bits] : {std::pair<Index, Index>{17, 29}, {29, 17}, {1, 5}, {5, 1}}) {
    Draw draw(14);
    const CrossbarSolver solver({draw.conductances(words, bits, 1e3, 1e6), wires(1.0, 1.0, 10.0, 10.0)});
    const Matrix inputs = draw.inputs(70, words);  // more than word lines: by superposition
    const CrossbarOutputs batch = solver.outputs(inputs);
    const Matrix transfer = solver.transfer();
    REQUIRE(transfer.rows() == bits);
    REQUIRE(transfer.cols() == words);
    CHECK(transfer.minCoeff() > 0.0);
    CHECK(difference(inputs * transfer.transpose(), batch.currents) <= 1e-14 * largest(batch.currents));
    double power = 0.0;
    for (Index b = 0; b < inputs.rows(); ++b) {
      const CrossbarOutputs one = solver.outputs(inputs.row(b));
      CHECK(difference(one.currents, batch.currents.row(b)) <= one.error_bound + batch.error_bound);
      power += one.power / static_cast<double>(inputs.rows());
    }
    CHECK(batch.power == doctest::Approx(power).epsilon(1e-12));
    CHECK(batch.error_bound <= 1e-12 * largest(batch.currents));
  }
}

TEST_CASE("reciprocity: swapping drive and sense transposes the transfer matrix") {
  // Word lines become bit lines: the array is transposed and turned, so that drivers stand where the sinks were.
  for (const auto& [words, bits] : {std::pair<Index, Index>{9, 14}, {14, 9}}) {
    Draw draw(15);
    const Matrix g = draw.conductances(words, bits, 1e2, 1e5);
    const Matrix transfer = CrossbarSolver({g, wires(1.0, 2.0, 5.0, 3.0)}).transfer();
    const Matrix turned = g.colwise().reverse().transpose().colwise().reverse();
    const Matrix other = CrossbarSolver({turned, wires(2.0, 1.0, 3.0, 5.0)}).transfer();
    const Matrix expected = transfer.colwise().reverse().transpose().colwise().reverse();
    CHECK(difference(other, expected) <= 1e-14 * largest(transfer));
  }
}

TEST_CASE("mirroring an array changes it, unless the far ends are told apart by nothing") {
  Draw draw(16);
  const Matrix g = draw.conductances(6, 8, 1e2, 1e4);
  const Matrix inputs = draw.inputs(1, 6);
  const Matrix mirrored = g.rowwise().reverse();
  const auto run = [&](const Matrix& conductances, const Wires& w) {
    return crossbar_outputs({conductances, w}, inputs).currents;
  };
  // Without word wires the order of the bit lines is a matter of names.
  const Wires bit_only = wires(0.0, 2.0, 5.0, 3.0);
  CHECK(difference(run(mirrored, bit_only).rowwise().reverse(), run(g, bit_only)) <= 1e-15);
  const Wires both = wires(2.0, 2.0, 5.0, 3.0);
  CHECK(difference(run(mirrored, both).rowwise().reverse(), run(g, both)) > 1e-6);
}

TEST_CASE("word and bit wires are told apart") {
  const Matrix g = Matrix::Constant(8, 8, 1e-3);
  const Matrix inputs = Matrix::Ones(1, 8);
  const Matrix word = crossbar_outputs({g, wires(5.0, 0.0, 0.0, 0.0)}, inputs).currents;
  const Matrix bit = crossbar_outputs({g, wires(0.0, 5.0, 0.0, 0.0)}, inputs).currents;
  CHECK(word(0, 0) > 1.01 * word(0, 7));  // the far bit lines get less
  CHECK(bit(0, 0) == doctest::Approx(bit(0, 7)).epsilon(1e-15));
}

TEST_CASE("large arrays keep their balance: outputs, fields and transfer agree, power is positive") {
  Draw draw(20);
  Crossbar crossbar{.conductances = draw.conductances(96, 80, 1e3, 1e6), .wires = wires(1.0, 1.0, 10.0, 10.0)};
  for (double& g : crossbar.conductances.reshaped()) {
    const double fault = draw.uniform(0.0, 1.0);
    if (fault < 0.1) g = 0.0;
    if (fault > 0.995) g = 1e3;
  }
  const CrossbarSolver solver(crossbar);
  const Matrix inputs = draw.inputs(2, 96);
  const CrossbarOutputs outputs = solver.outputs(inputs);
  CHECK(difference(inputs * solver.transfer().transpose(), outputs.currents) <= 1e-14 * largest(outputs.currents));
  CHECK(outputs.power > 0.0);
  const CrossbarFields fields = solver.fields(inputs.row(1).transpose());
  CHECK(difference(fields.bit_currents.row(95), outputs.currents.row(1)) <= 1e-15 * largest(fields.bit_currents));
  CHECK(fields.error_bound <= 1e-13 * largest(fields.device_currents));
}

TEST_CASE("any number of threads gives the same bytes") {
  Draw draw(21);
  const Crossbar crossbar{.conductances = draw.conductances(48, 64, 1e3, 1e6), .wires = wires(1.0, 1.0, 1.0, 1.0)};
  const Matrix inputs = draw.inputs(40, 48);
  const CrossbarOutputs many = crossbar_outputs(crossbar, inputs);
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const CrossbarOutputs single = crossbar_outputs(crossbar, inputs);
  CHECK(many.currents == single.currents);
  CHECK(many.error_bound == single.error_bound);
  CHECK(many.power == single.power);
}

TEST_CASE("what is no crossbar and no input is refused; an empty one has nothing to say") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double g : {-1.0, nan, -infinity}) {
    CHECK_THROWS_AS(CrossbarSolver({Matrix::Constant(2, 2, g), {}}), std::invalid_argument);
  }
  for (const double r : {-1.0, nan, infinity}) {
    const Matrix g = Matrix::Ones(2, 2);
    CHECK_THROWS_AS(CrossbarSolver({g, wires(r, 0.0, 0.0, 0.0)}), std::invalid_argument);
    CHECK_THROWS_AS(CrossbarSolver({g, wires(0.0, r, 0.0, 0.0)}), std::invalid_argument);
    CHECK_THROWS_AS(CrossbarSolver({g, wires(0.0, 0.0, r, 0.0)}), std::invalid_argument);
    CHECK_THROWS_AS(CrossbarSolver({g, wires(0.0, 0.0, 0.0, r)}), std::invalid_argument);
  }
  for (const Wires& w : {wires(0.0, 0.0, 0.0, 0.0), wires(1.0, 1.0, 1.0, 1.0)}) {
    const CrossbarSolver solver({Matrix::Ones(2, 3), w});
    CHECK_THROWS_AS((void)solver.outputs(Matrix::Ones(1, 3)), std::invalid_argument);
    CHECK_THROWS_AS((void)solver.outputs(Matrix::Constant(1, 2, nan)), std::invalid_argument);
    CHECK_THROWS_AS((void)solver.fields(VectorXd::Ones(3)), std::invalid_argument);
    CHECK_THROWS_AS((void)solver.fields(VectorXd::Constant(2, infinity)), std::invalid_argument);
    CHECK(solver.outputs(Matrix(0, 2)).currents.rows() == 0);
    const CrossbarSolver wordless({Matrix(0, 3), w});
    CHECK(wordless.outputs(Matrix(2, 0)).currents == Matrix::Zero(2, 3));
    CHECK(wordless.transfer().rows() == 3);
    const CrossbarSolver bitless({Matrix(3, 0), w});
    CHECK(bitless.outputs(Matrix::Ones(5, 3)).currents.cols() == 0);
    CHECK(bitless.fields(VectorXd::Ones(3)).word_currents.rows() == 3);
  }
}
