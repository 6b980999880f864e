// One device changed, against the changed array solved anew.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar_change.h"

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "tests/sim/wired_oracle.h"

using namespace crossbars;

namespace {

constexpr CrossbarOptions direct{.method = CrossbarMethod::direct};

VectorXd anew(Crossbar crossbar, const VectorXd& input, Index i, Index j, double conductance) {
  crossbar.conductances(i, j) = conductance;
  return crossbar_outputs(crossbar, input.transpose(), direct).currents.row(0).transpose();
}

}  // namespace

TEST_CASE("outputs after a change are those of the changed array: open, shorted and everything between") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const auto lines = [&] { return static_cast<Index>(draw.uniform(1.0, 8.0)); };
    const Index words = lines();
    const Index bits = lines();
    Crossbar crossbar{.conductances = draw.conductances(words, bits, 10.0, 1e6)};
    for (double& g : crossbar.conductances.reshaped()) {
      const double u = draw.uniform(0.0, 1.0);
      if (seed % 3 == 0) g = u < 0.2 ? 0.0 : (u > 0.97 ? infinity : g);
    }
    crossbar.wires = random_wires(draw, words, bits,
                                  {.segments = seed % 2 == 0,
                                   .ends = seed % 4 < 3,
                                   .both_driven = seed % 5 < 2,
                                   .both_sensed = seed % 5 > 2,
                                   .zero = seed % 6 == 0 ? 0.2 : 0.0,
                                   .broken = seed % 6 == 1 ? 0.15 : 0.0,
                                   .lost = seed % 7 == 0 ? 0.2 : 0.0});
    for (double& r : crossbar.wires.drivers) r = r == 0.0 ? 4.0 : r;
    const VectorXd input = draw.inputs(1, words).row(0).transpose();
    const auto i = static_cast<Index>(draw.uniform(0.0, static_cast<double>(words)));
    const auto j = static_cast<Index>(draw.uniform(0.0, static_cast<double>(bits)));
    const DeviceChange change(crossbar, input, static_cast<std::size_t>(i), static_cast<std::size_t>(j));
    for (const double g : {0.0, 1e-12, 1e-4, 0.1, 30.0, 1e8, infinity}) {
      CAPTURE(g);
      const VectorXd truth = anew(crossbar, input, i, j, g);
      REQUIRE(largest(change.outputs(g) - truth) <= 1e-13 * (largest(truth) + 1e-3));
    }
  }
}

TEST_CASE("a device that this input hardly drives hardly changes anything, whatever it becomes") {
  // Both word lines and both bit lines are alike, and the voltages opposite: no voltage at all across a bridge.
  Crossbar crossbar{.conductances = Draw(2).conductances(6, 6, 1e3, 1e5), .wires = wires(1.0, 1.0, 10.0, 10.0)};
  VectorXd input = VectorXd::Zero(6);
  const DeviceChange dark(crossbar, input, 2, 3);
  CHECK(largest(dark.outputs(infinity)) == 0.0);
  input[5] = 1e-12;
  const DeviceChange faint(crossbar, input, 0, 5);
  for (const double g : {0.0, 1.0, infinity}) {
    const VectorXd truth = anew(crossbar, input, 0, 5, g);
    CHECK(largest(faint.outputs(g) - truth) <= 1e-12 * largest(truth));
  }
}

TEST_CASE("iterated arrays: the same change by conjugate gradients") {
  const Crossbar crossbar{.conductances = Draw(5).conductances(64, 48, 1e3, 1e6), .wires = wires(1.0, 2.0, 10.0, 5.0)};
  const VectorXd input = Draw(6).inputs(1, 64).row(0).transpose().cwiseAbs();
  const DeviceChange change(crossbar, input, 20, 30, {.method = CrossbarMethod::spcg});
  for (const double g : {0.0, 1e-6, 1e-3, 10.0, infinity}) {
    CAPTURE(g);
    const VectorXd truth = anew(crossbar, input, 20, 30, g);
    CHECK(largest(change.outputs(g) - truth) <= 1e-11 * largest(truth));
  }
}

TEST_CASE("without wires a change is the voltage times the conductance, and a short has no limit") {
  const Crossbar crossbar{.conductances = Draw(7).conductances(3, 2, 1e2, 1e3)};
  const VectorXd input = VectorXd::Constant(3, 2.0);
  const DeviceChange change(crossbar, input, 1, 0);
  const VectorXd truth = anew(crossbar, input, 1, 0, 0.25);
  CHECK(largest(change.outputs(0.25) - truth) <= 1e-15 * largest(truth));
  CHECK(std::isinf(change.outputs(infinity)[0]));
  CHECK(change.outputs(infinity)[1] == doctest::Approx(truth[1]).epsilon(1e-15));
  CHECK_THROWS_AS((void)change.outputs(-1.0), std::invalid_argument);
  CHECK_THROWS_AS((void)change.outputs(std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(DeviceChange(crossbar, input, 3, 0), std::invalid_argument);
  CHECK_THROWS_AS(DeviceChange(crossbar, input, 0, 2), std::invalid_argument);
}
