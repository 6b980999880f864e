// Crossbars against networks built element by element.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <vector>

#include "sim/crossbar.h"
#include "sim/nodal.h"
#include "tests/sim/crossbar_arrays.h"
#include "tests/sim/dense_oracle.h"

using namespace crossbars;

namespace {

using Real = boost::multiprecision::cpp_bin_float_100;

// The same array as a plain network of resistors and voltage sources: the independent path.
struct Built {
  Network network{};
  std::vector<Node> word{};
  std::vector<Node> bit{};
  std::vector<std::size_t> device{};  // branch, or no_device
  std::vector<std::size_t> exit{};    // branch of each bit line into ground
};
constexpr std::size_t no_device = static_cast<std::size_t>(-1);

Built build(const Crossbar& crossbar, const VectorXd& input) {
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  const Wires& w = crossbar.wires;
  Built built;
  const auto cells = static_cast<std::size_t>(words * bits);
  for (std::size_t k = 0; k < cells; ++k) built.word.push_back(built.network.add_node());
  for (std::size_t k = 0; k < cells; ++k) built.bit.push_back(built.network.add_node());
  const auto cell = [&](Index i, Index j) { return static_cast<std::size_t>(i * bits + j); };
  for (Index i = 0; i < words; ++i) {
    const Node source = built.network.add_node();
    const Node driven = built.network.add_node();
    built.network.add_voltage_source("v", source, 0, Volt{input[i]});
    built.network.add_resistor("driver", source, driven, w.driver);
    built.network.add_resistor("entry", driven, built.word[cell(i, 0)], w.word);
    for (Index j = 1; j < bits; ++j) {
      built.network.add_resistor("w", built.word[cell(i, j - 1)], built.word[cell(i, j)], w.word);
    }
  }
  for (Index j = 0; j < bits; ++j) {
    for (Index i = 1; i < words; ++i) {
      built.network.add_resistor("b", built.bit[cell(i - 1, j)], built.bit[cell(i, j)], w.bit);
    }
    const Node end = built.network.add_node();
    built.network.add_resistor("exit", built.bit[cell(words - 1, j)], end, w.bit);
    built.exit.push_back(built.network.add_resistor("sense", end, 0, w.sense));
  }
  for (std::size_t k = 0; k < cells; ++k) {
    const double g = crossbar.conductances.data()[k];
    built.device.push_back(g == 0.0 ? no_device
                                    : built.network.add_resistor("d", built.word[k], built.bit[k], to_ohm(Siemens{g})));
  }
  return built;
}

// Exact device currents of an array without zero wires.
std::vector<Real> exact_device_currents(const Crossbar& crossbar, const VectorXd& input) {
  const Index words = crossbar.conductances.rows();
  const Index bits = crossbar.conductances.cols();
  const auto cells = static_cast<std::size_t>(words * bits);
  const auto W = [&](Index i, Index j) { return static_cast<std::size_t>(i * bits + j); };
  const auto B = [&](Index i, Index j) { return cells + W(i, j); };
  oracle::Circuit<Real> circuit(2 * cells);
  const auto to_fixed = [&](std::size_t node, const Real& g, double potential) {
    circuit.G[node][node] += g;
    circuit.injection[node] += g * Real(potential);
  };
  const Wires& w = crossbar.wires;
  const Real word = 1 / Real(w.word.value);
  const Real bit = 1 / Real(w.bit.value);
  for (Index i = 0; i < words; ++i) {
    to_fixed(W(i, 0), 1 / (Real(w.word.value) + Real(w.driver.value)), input[i]);
    for (Index j = 1; j < bits; ++j) circuit.connect(W(i, j - 1), W(i, j), word);
  }
  for (Index j = 0; j < bits; ++j) {
    to_fixed(B(words - 1, j), 1 / (Real(w.bit.value) + Real(w.sense.value)), 0.0);
    for (Index i = 1; i < words; ++i) circuit.connect(B(i - 1, j), B(i, j), bit);
  }
  for (std::size_t k = 0; k < cells; ++k) {
    if (crossbar.conductances.data()[k] > 0.0) circuit.connect(k, cells + k, Real(crossbar.conductances.data()[k]));
  }
  const std::vector<Real> v = circuit.potentials();
  std::vector<Real> currents(cells);
  for (std::size_t k = 0; k < cells; ++k) currents[k] = Real(crossbar.conductances.data()[k]) * (v[k] - v[cells + k]);
  return currents;
}

}  // namespace

TEST_CASE("every combination of zero and other wires agrees with the network built element by element") {
  for (unsigned which = 0; which < 16; ++which) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(which);
      CAPTURE(seed);
      Draw draw(seed);
      const auto words = static_cast<Index>(1 + (seed * 3) % 5);
      const auto bits = static_cast<Index>(2 + seed % 4);
      Crossbar crossbar{.conductances = draw.conductances(words, bits, 1e2, 1e5), .wires = all_wires(which)};
      crossbar.conductances(0, bits - 1) = 0.0;
      const VectorXd input = draw.inputs(1, words).row(0).transpose();
      const CrossbarSolver solver(crossbar);
      const CrossbarFields fields = solver.fields(input);
      const CrossbarOutputs outputs = solver.outputs(input.transpose());
      const Built built = build(crossbar, input);
      const OperatingPoint point = operating_point(built.network);
      double power = 0.0;
      for (Index i = 0; i < words; ++i) power -= input[i] * point.voltage_source_currents[static_cast<std::size_t>(i)];
      CHECK(outputs.power == doctest::Approx(power).epsilon(1e-12));
      const double scale = largest(fields.device_currents);
      for (Index i = 0; i < words; ++i) {
        for (Index j = 0; j < bits; ++j) {
          const auto k = static_cast<std::size_t>(i * bits + j);
          CHECK(std::abs(fields.word_voltages(i, j) - point.node_voltages[built.word[k]]) <= 1e-14);
          CHECK(std::abs(fields.bit_voltages(i, j) - point.node_voltages[built.bit[k]]) <= 1e-14);
          const double current = built.device[k] == no_device ? 0.0 : point.branch_currents[built.device[k]];
          CHECK(std::abs(fields.device_currents(i, j) - current) <= 1e-13 * scale);
        }
      }
      for (Index j = 0; j < bits; ++j) {
        const double out = point.branch_currents[built.exit[static_cast<std::size_t>(j)]];
        CHECK(std::abs(outputs.currents(0, j) - out) <= 1e-12 * scale);
        CHECK(std::abs(fields.bit_currents(words - 1, j) - out) <= 1e-12 * scale);
      }
    }
  }
}

TEST_CASE("the error bound holds against a hundred digits, and is small, also for hard values") {
  struct Case {
    double low, high;
    Wires wires;
  };
  for (const Case& c : {Case{1e3, 1e6, wires(1.0, 1.0, 10.0, 10.0)}, Case{0.9e3, 1.1e3, wires(10.0, 10.0, 1.0, 1.0)},
                        Case{1e-3, 1e9, wires(1.0, 2.0, 5.0, 3.0)}, Case{1e3, 1e6, wires(1e-3, 1e-3, 1e-3, 1e-3)},
                        Case{1e-3, 1e9, wires(1e-3, 1e-3, 0.0, 0.0)}, Case{1e6, 1e12, wires(1e-9, 1e-9, 0.0, 0.0)}}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(seed);
      CAPTURE(c.low);
      CAPTURE(c.wires.word.value);
      Draw draw(seed);
      const Crossbar crossbar{.conductances = draw.conductances(5, 6, c.low, c.high), .wires = c.wires};
      const VectorXd input = draw.inputs(1, 5).row(0).transpose();
      const CrossbarFields fields = crossbar_fields(crossbar, input);
      const CrossbarOutputs outputs = crossbar_outputs(crossbar, input.transpose());
      const std::vector<Real> exact = exact_device_currents(crossbar, input);
      std::vector<Real> sums(6, Real(0));
      for (std::size_t k = 0; k < exact.size(); ++k) {
        CHECK(abs(Real(fields.device_currents.data()[k]) - exact[k]) <= Real(fields.error_bound));
        sums[k % 6] += exact[k];
      }
      for (std::size_t j = 0; j < 6; ++j) {
        CHECK(abs(Real(outputs.currents(0, static_cast<Index>(j))) - sums[j]) <= Real(outputs.error_bound));
      }
      CHECK(fields.error_bound <= 1e-12 * largest(fields.device_currents));
      CHECK(outputs.error_bound <= 1e-12 * largest(outputs.currents));
    }
  }
}
