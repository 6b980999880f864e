// Exported arrays with wires of every kind: our solver and ngspice agree.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "netlists/crosscheck.h"
#include "netlists/spice_reader.h"
#include "tests/sim/wired_oracle.h"

namespace {

using namespace ohmset;
using Random = crossbars::Draw;
using crossbars::random_wires;
using crossbars::Variety;

BankArray draw_array(Random& draw, std::size_t words, std::size_t bits, double open) {
  BankArray array{.word_lines = words, .bit_lines = bits, .topology = Topology::parse("parallel(2)")};
  array.resistances.resize(words * bits * 2);
  for (double& r : array.resistances) r = std::exp(draw.uniform(7.0, 11.0));
  array.switches.resize(words * bits);
  for (std::uint64_t& mask : array.switches) mask = draw.uniform(0.0, 1.0) < open ? 0 : 3;
  return array;
}

RecordedDifferences nothing_recorded(const BankArray& array) {
  return {.achieved = Matrix(0, static_cast<Eigen::Index>(array.word_lines))};
}

CrosscheckReport check(const BankArray& array, const Wires& wires, Random& draw, CrosscheckOptions options = {}) {
  std::vector<double> inputs;
  for (std::size_t i = 0; i < array.word_lines; ++i) inputs.push_back(draw.uniform(-1.0, 1.0));
  return crosscheck_array(array, wires, nothing_recorded(array), inputs, options);
}

void check_agrees(const CrosscheckReport& report) {
  for (const Disagreement& d : report.disagreements) {
    FAIL_CHECK(d.where << ": " << d.quantity << " " << d.expected << " " << d.found);
  }
  CHECK(report.agree);
  CHECK(report.max_relative_difference < 1e-9);
  CHECK(report.scope.back().find("left out") == std::string::npos);
}

}  // namespace

TEST_CASE("wires of every kind agree with ngspice, on small arrays of every shape") {
  std::uint64_t seed = 0;
  for (unsigned which = 0; which < 16; ++which) {
    for (const double fault : {0.0, 0.15, 0.4}) {
      ++seed;
      CAPTURE(seed);
      Random draw(seed);
      const Variety variety{.segments = (which & 1U) != 0,
                            .ends = (which & 2U) != 0,
                            .both_driven = (which & 4U) != 0,
                            .both_sensed = (which & 8U) != 0,
                            .zero = fault,
                            .broken = fault,
                            .lost = fault};
      const auto words = static_cast<std::size_t>(draw.uniform(1.0, 7.0));
      const auto bits = static_cast<std::size_t>(draw.uniform(1.0, 7.0));
      const BankArray array = draw_array(draw, words, bits, fault);
      const Wires wires =
          random_wires(draw, static_cast<Eigen::Index>(words), static_cast<Eigen::Index>(bits), variety);
      CrosscheckOptions options{.ngspice = {.workers = 1}};
      options.netlist.flat = seed % 2 == 0;
      check_agrees(check(array, wires, draw, options));
    }
  }
}

TEST_CASE("an array whose switches are all open carries nothing, and ngspice's roundings are not taken for currents") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    Random draw(seed);
    const BankArray array = draw_array(draw, 4, 6, 2.0);
    check_agrees(check(array, {}, draw, {.ngspice = {.workers = 1}}));
    check_agrees(check(array, {.word = Ohm{1.0}, .sense = Ohm{5.0}}, draw, {.ngspice = {.workers = 1}}));
  }
}

TEST_CASE("open tiles of many devices on a line carry nothing: roundings grow with what meets at a node") {
  for (const double ohms : {1.0, 1e3, 1e5, 1e9}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(ohms);
      CAPTURE(seed);
      Random draw(seed);
      BankArray array{.word_lines = 6, .bit_lines = 80, .topology = Topology::parallel(8)};
      array.resistances.resize(array.word_lines * array.bit_lines * 8);
      for (double& r : array.resistances) r = ohms / draw.uniform(1e-3, 1.0);
      array.switches.assign(array.word_lines * array.bit_lines, 0);
      for (std::size_t i = 0; i < array.word_lines; ++i) array.switches[array.index(i, 79)] = 0xa5;  // one tile is not
      const CrosscheckReport report = check(array, {}, draw, {.ngspice = {.workers = 1}});
      CHECK(report.checked >= 480);
      check_agrees(report);
      const Wires wires{.word = Ohm{ohms * 1e-4}, .bit = Ohm{ohms * 1e-4}};
      check_agrees(check(array, wires, draw, {.ngspice = {.workers = 1}}));
      std::ranges::fill(array.resistances, infinity);  // no device at all
      check_agrees(check(array, {}, draw, {.ngspice = {.workers = 1}}));
    }
  }
}

TEST_CASE("lines without any resistance, both ends connected") {
  Random draw(70);
  Wires wires;
  wires.driven = DrivenEnds::both;
  wires.sensed = SensedEnds::both;
  check_agrees(check(draw_array(draw, 3, 4, 0.0), wires, draw));
  wires.driver = wires.sense = Ohm{5.0};
  check_agrees(check(draw_array(draw, 3, 4, 0.0), wires, draw));
  wires.word_segments = Matrix::Zero(3, 5);
  wires.word_segments(1, 2) = infinity;  // two halves, each without resistance but for its driver
  wires.drivers = Eigen::VectorXd::Zero(3);
  check_agrees(check(draw_array(draw, 3, 4, 0.0), wires, draw));
}

TEST_CASE("48 x 48 with wires of every kind agree with ngspice to 1e-9") {
  for (const Variety& variety :
       {Variety{.segments = true}, Variety{.ends = true}, Variety{.both_driven = true, .both_sensed = true},
        Variety{.segments = true, .ends = true, .both_driven = true, .both_sensed = true, .zero = 0.1},
        Variety{.segments = true, .ends = true, .both_sensed = true, .broken = 0.05, .lost = 0.1}}) {
    Random draw(80);
    const BankArray array = draw_array(draw, 48, 48, 0.05);
    check_agrees(check(array, random_wires(draw, 48, 48, variety), draw));
  }
}

TEST_CASE("tiles take their own wires with them") {
  Random draw(90);
  const Variety variety{.segments = true, .ends = true, .both_driven = true, .both_sensed = true, .broken = 0.05};
  const BankArray array = draw_array(draw, 9, 11, 0.1);
  CrosscheckOptions options;
  options.tile_word_lines = 4;
  options.tile_bit_lines = 5;
  check_agrees(check(array, random_wires(draw, 9, 11, variety), draw, options));
}

TEST_CASE("a text with another segment, another end or a broken wire mended does not pass for the array's") {
  Random draw(91);
  const BankArray array = draw_array(draw, 4, 5, 0.0);
  const Variety variety{.segments = true, .ends = true, .both_driven = true, .both_sensed = true};
  Wires wires = random_wires(draw, 4, 5, variety);
  wires.word_segments(1, 3) = infinity;
  const auto refused = [&](const Wires& other) {
    CrosscheckOptions options;
    options.text = write_array(array, other).text;
    return !crosscheck_array(array, wires, nothing_recorded(array), {}, options).agree;
  };
  CHECK_FALSE(refused(wires));
  Wires other = wires;
  other.word_segments(2, 5) *= 1.001;
  CHECK(refused(other));
  other = wires;
  other.bit_segments(0, 1) *= 1.001;
  CHECK(refused(other));
  other = wires;
  other.drivers[3] *= 1.001;
  CHECK(refused(other));
  other = wires;
  other.word_segments(1, 3) = 1.0;
  CHECK(refused(other));
  other = wires;
  other.sensed = SensedEnds::bottom;
  other.bit_segments = wires.bit_segments.bottomRows(4).eval();
  CHECK(refused(other));
}

TEST_CASE("nodes that some resistances part carry the name of the first of their piece, and every wire its value") {
  Random draw(92);
  const BankArray array = draw_array(draw, 2, 4, 0.0);
  Wires wires{.driven = DrivenEnds::both, .sensed = SensedEnds::both};
  wires.word_segments = Matrix(2, 5);
  wires.word_segments << 1.5, 0.0, 2.5, 0.0, 3.5, 0.0, infinity, 0.0, 0.0, 0.0;
  wires.bit_segments = Matrix::Constant(3, 4, 4.5);
  wires.drivers = Eigen::Vector2d(7.0, 0.0);
  const Netlist netlist = write_array(array, wires);
  const auto word = [&](std::size_t bank) { return netlist.banks[bank].word_node; };
  CHECK(word(0) == "w0_0");
  CHECK(word(1) == "w0_0");
  CHECK(word(2) == "w0_2");
  CHECK(word(3) == "w0_2");
  CHECK(word(4) == "w1_0");
  CHECK(word(5) == "w1_1");  // behind the broken segment, joined to the second end
  CHECK(word(7) == "w1_1");
  const auto has = [&](const std::string& line) { return netlist.text.find("\n" + line + "\n") != std::string::npos; };
  CHECK(has("rdrv0 in0 line0 7"));
  CHECK(has("rw0_0 line0 w0_0 1.5"));
  CHECK(has("rw0_2 w0_0 w0_2 2.5"));
  CHECK(has("rw0_4 w0_2 lineend0 3.5"));
  CHECK(has("rdrvend0 lineend0 inend0 7"));
  CHECK(has("vend_0 in0 inend0 0"));
  CHECK(has("vin_1 w1_0 0 1"));
  CHECK(has("vend_1 w1_0 w1_1 0"));
  CHECK(has("rbtop0 outtop0 b0_0 4.5"));
  CHECK(has("vsensetop_0 outtop0 0 0"));
  CHECK(netlist.text.find("rw1_") == std::string::npos);
  CHECK(read_spice(netlist.text).elements.size() == netlist.elements);
}
