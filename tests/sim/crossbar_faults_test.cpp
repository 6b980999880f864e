// Open and shorted devices of crossbars.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "sim/crossbar.h"
#include "tests/sim/crossbar_arrays.h"

using namespace crossbars;

TEST_CASE("an open device is as good as absent") {
  Draw draw(17);
  Crossbar crossbar{.conductances = draw.conductances(7, 7, 1e3, 1e5), .wires = wires(1.0, 1.0, 1.0, 1.0)};
  crossbar.conductances(3, 4) = 0.0;
  crossbar.conductances.row(5).setZero();
  crossbar.conductances.col(2).setZero();
  const VectorXd input = draw.inputs(1, 7).row(0).transpose();
  const CrossbarFields fields = crossbar_fields(crossbar, input);
  CHECK(fields.device_currents(3, 4) == 0.0);
  for (Index j = 0; j < 7; ++j) CHECK(std::abs(fields.word_voltages(5, j) - input[5]) <= 1e-15);
  CHECK(largest(fields.bit_voltages.col(2)) == 0.0);
  crossbar.conductances(3, 4) = 1e-30;
  CHECK(difference(crossbar_fields(crossbar, input).device_currents, fields.device_currents) < 1e-17);
  crossbar.conductances.setZero();
  const CrossbarOutputs dark = crossbar_outputs(crossbar, input.transpose());
  CHECK(largest(dark.currents) == 0.0);
  CHECK(dark.power == 0.0);
}

TEST_CASE("a shorted device is the limit of a small one, whatever the wires") {
  for (unsigned which = 1; which < 16; ++which) {
    const Wires w = all_wires(which);
    const bool drives = w.driver.value == 0.0 && w.word.value == 0.0;
    if (drives && w.bit.value == 0.0) continue;  // dividers: below
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(which);
      CAPTURE(seed);
      Draw draw(seed);
      Crossbar crossbar{.conductances = draw.conductances(5, 6, 1e3, 1e5), .wires = w};
      const std::vector<Index> shorts{7, 13, 24, 28};  // no loop of lines: (1, 1), (2, 1), (4, 0), (4, 4)
      for (const Index k : shorts) crossbar.conductances.data()[k] = infinity;
      const VectorXd input = draw.inputs(1, 5).row(0).transpose();
      const CrossbarFields fields = crossbar_fields(crossbar, input);
      const CrossbarOutputs outputs = crossbar_outputs(crossbar, input.transpose());
      for (const Index k : shorts) crossbar.conductances.data()[k] = 1e9;
      const CrossbarFields limit = crossbar_fields(crossbar, input);
      CHECK(fields.device_currents.allFinite());
      CHECK(largest(fields.device_currents) > 1e-3);
      const double scale = largest(limit.device_currents);
      CHECK(difference(fields.word_voltages, limit.word_voltages) <= 1e-8);
      CHECK(difference(fields.bit_voltages, limit.bit_voltages) <= 1e-8);
      CHECK(difference(fields.bit_currents.row(4), outputs.currents) <= 1e-13 * scale);
      CHECK(difference(fields.device_currents, limit.device_currents) <= 1e-6 * scale);
      for (const Index k : shorts) crossbar.conductances.data()[k] = infinity;
      CHECK(difference(input.transpose() * CrossbarSolver(crossbar).transfer().transpose(), outputs.currents) <=
            1e-13 * scale);
    }
  }
}

TEST_CASE("shorted devices in a loop of zero wires still carry what Kirchhoff leaves") {
  Crossbar crossbar{.conductances = Matrix::Constant(3, 3, 1e-3), .wires = wires(0.0, 0.0, 10.0, 10.0)};
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 2; ++j) crossbar.conductances(i, j) = infinity;
  }
  VectorXd input(3);
  input << 1.0, 0.5, -0.25;
  const CrossbarFields fields = crossbar_fields(crossbar, input);
  for (Index i = 0; i < 3; ++i) {
    CHECK(fields.word_currents(i, 0) == doctest::Approx((input[i] - fields.word_voltages(i, 0)) / 10.0).epsilon(1e-13));
    CHECK(fields.bit_currents(2, i) == doctest::Approx(fields.bit_voltages(2, i) / 10.0).epsilon(1e-13));
  }
}

TEST_CASE("lines without resistance and a short: infinite currents, or what the sense resistance lets through") {
  Crossbar crossbar{.conductances = Matrix::Constant(2, 3, 1e-3)};
  crossbar.conductances(0, 1) = infinity;
  VectorXd input(2);
  input << -0.5, 1.0;
  const CrossbarOutputs ideal = crossbar_outputs(crossbar, input.transpose());
  CHECK(ideal.currents(0, 0) == doctest::Approx(0.5e-3).epsilon(1e-15));
  CHECK(ideal.currents(0, 1) == -infinity);
  CHECK(ideal.currents(0, 2) == doctest::Approx(0.5e-3).epsilon(1e-15));
  CHECK(ideal.power == infinity);
  const CrossbarFields fields = crossbar_fields(crossbar, input);
  CHECK(fields.device_currents(0, 1) == -infinity);
  CHECK(fields.word_currents(0, 0) == -infinity);
  CHECK(fields.word_currents(0, 2) == -0.5e-3);
  CHECK(fields.bit_currents(1, 1) == -infinity);
  input[0] = 0.0;
  CHECK(crossbar_outputs(crossbar, input.transpose()).currents(0, 1) == 1e-3);

  crossbar.wires.sense = Ohm{10.0};
  input[0] = -0.5;
  const CrossbarOutputs held = crossbar_outputs(crossbar, input.transpose());
  CHECK(held.method == "direct");
  CHECK(held.currents(0, 1) == doctest::Approx(-0.05).epsilon(1e-15));
  CHECK(held.currents(0, 0) == doctest::Approx(0.5e-3 / (1.0 + 10.0 * 2e-3)).epsilon(1e-15));
  CHECK(crossbar_fields(crossbar, input).device_currents(0, 1) == doctest::Approx(-0.05 - 1.5e-3).epsilon(1e-14));
}
