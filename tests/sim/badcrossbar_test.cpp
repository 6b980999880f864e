// Its names, shapes and signs, on circuits that are solved by hand.
// SPDX-License-Identifier: Apache-2.0
#include "sim/badcrossbar.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/sim/crossbar_arrays.h"

using ohmset::Matrix;
using ohmset::Ohm;
namespace badcrossbar = ohmset::badcrossbar;
using crossbars::difference;

namespace {

Matrix matrix(std::initializer_list<std::initializer_list<double>> rows) { return Matrix(rows); }

}  // namespace

TEST_CASE("one word line, two bit lines, two examples: a ladder of 7/3 ohm") {
  // Bit lines: 1 + 1 and 2 + 1 ohm. Behind the second segment 4 ohm, beside 2 ohm: 4/3, and the first segment.
  const badcrossbar::Solution s = badcrossbar::compute(matrix({{7.0, -14.0}}), matrix({{1.0, 2.0}}), Ohm{1.0});
  CHECK(difference(s.currents.output, matrix({{2.0, 1.0}, {-4.0, -2.0}})) <= 1e-14);
  REQUIRE(s.currents.device.size() == 2);
  CHECK(difference(s.currents.device[0], matrix({{2.0, 1.0}})) <= 1e-14);
  CHECK(difference(s.currents.word_line[0], matrix({{3.0, 1.0}})) <= 1e-14);
  CHECK(difference(s.currents.bit_line[0], matrix({{2.0, 1.0}})) <= 1e-14);
  CHECK(difference(s.voltages.word_line[0], matrix({{4.0, 3.0}})) <= 1e-14);
  CHECK(difference(s.voltages.bit_line[0], matrix({{2.0, 1.0}})) <= 1e-14);
  CHECK(difference(s.voltages.word_line[1], matrix({{-8.0, -6.0}})) <= 1e-14);
}

TEST_CASE("two word lines without resistance, one bit line: the lower device feeds back into its source") {
  // 2 b1 = 8 + b2 and 1 + b1 = 3 b2.
  const badcrossbar::Solution s =
      badcrossbar::compute(matrix({{8.0}, {1.0}}), matrix({{1.0}, {1.0}}), Ohm{0.0}, Ohm{1.0});
  CHECK(difference(s.currents.output, matrix({{2.0}})) <= 1e-14);
  CHECK(difference(s.currents.device[0], matrix({{3.0}, {-1.0}})) <= 1e-14);
  CHECK(difference(s.currents.word_line[0], matrix({{3.0}, {-1.0}})) <= 1e-14);
  CHECK(difference(s.currents.bit_line[0], matrix({{3.0}, {2.0}})) <= 1e-14);
  CHECK(difference(s.voltages.word_line[0], matrix({{8.0}, {1.0}})) <= 1e-14);
  CHECK(difference(s.voltages.bit_line[0], matrix({{5.0}, {2.0}})) <= 1e-14);
}

TEST_CASE("what is not asked for is empty; open and shorted devices are answers; what cannot be is refused") {
  const Matrix volts = matrix({{6.0}});
  const Matrix ohms = matrix({{0.0, ohmset::infinity}});
  const badcrossbar::Solution s =
      badcrossbar::compute(volts, ohms, Ohm{1.0}, Ohm{2.0}, {.node_voltages = false, .all_currents = false});
  CHECK(difference(s.currents.output, matrix({{2.0, 0.0}})) <= 1e-14);
  CHECK(s.currents.device.empty());
  CHECK(s.currents.word_line.empty());
  CHECK(s.voltages.bit_line.empty());
  CHECK(badcrossbar::compute(volts, ohms, Ohm{1.0}, {.all_currents = false}).currents.device.empty());
  CHECK(badcrossbar::compute(volts, ohms, Ohm{1.0}, {.all_currents = false}).voltages.bit_line.size() == 1);
  CHECK_THROWS_AS((void)badcrossbar::compute(matrix({{1.0}, {2.0}}), ohms, Ohm{1.0}), std::invalid_argument);
  CHECK_THROWS_AS((void)badcrossbar::compute(volts, matrix({{-1.0}}), Ohm{1.0}), std::invalid_argument);
  CHECK_THROWS_AS((void)badcrossbar::compute(volts, ohms, Ohm{-1.0}), std::invalid_argument);
}
