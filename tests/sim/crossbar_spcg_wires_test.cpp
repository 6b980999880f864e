// Crossbars by iteration with wires of every kind: certified against elimination in 80 bits and the factorisation.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "sim/crossbar.h"
#include "sim/crossbar/spcg.h"
#include "sim/simd.h"
#include "tests/sim/crossbar_exact.h"

using namespace crossbars;
using ohmset::crossbar::Spcg;

namespace {

constexpr CrossbarOptions direct{.method = CrossbarMethod::direct};

}  // namespace

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

TEST_CASE("every instruction set and any number of threads give the same bits") {
  Crossbar own = regime('H', 203, 197);
  Draw draw(11);
  own.wires = {.driven = DrivenEnds::both, .sensed = SensedEnds::both, .word_segments = Matrix(203, 198)};
  own.wires.bit_segments = draw.conductances(204, 197, 0.1, 10.0).cwiseInverse();
  for (double& r : own.wires.word_segments.reshaped()) r = logarithmic(draw, 0.1, 10.0);
  own.wires.word_segments(50, 60) = infinity;
  own.wires.bit_segments(70, 80) = infinity;
  const VectorXd input = Draw(4).inputs(1, 203).row(0).transpose();
  for (const Crossbar& crossbar : {regime('H', 203, 197), own}) {
    const auto expected = Spcg(crossbar, Simd::portable).outputs(input, 1e-12);
    const auto fields = Spcg(crossbar, Simd::portable).fields(input, 1e-10);
    REQUIRE(expected);
    REQUIRE(fields);
    const auto compare = [&](const Spcg& solver) {
      const auto outputs = solver.outputs(input, 1e-12);
      REQUIRE(outputs);
      CHECK(outputs->currents == expected->currents);
      CHECK(outputs->error_bound == expected->error_bound);
      CHECK(outputs->power == expected->power);
      const auto same = solver.fields(input, 1e-10);
      REQUIRE(same);
      CHECK(same->device_currents == fields->device_currents);
      CHECK(same->word_voltages == fields->word_voltages);
    };
    for (const Simd simd : available_simd()) compare(Spcg(crossbar, simd));
    const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
    compare(Spcg(crossbar));
  }
}
