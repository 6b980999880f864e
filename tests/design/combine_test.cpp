// What an answer of combine is: its circuit, its expression, its value and powers, and what is refused.
// SPDX-License-Identifier: Apache-2.0
#include "design/combine.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

#include "sim/nodal.h"
#include "tests/support/stock.h"

using namespace ohmset;
using ohmset::support::log_uniform;

namespace {

void wire(Network& network, const Wiring& circuit, const std::vector<StockValue>& stock, Node a, Node b) {
  if (circuit.join == Join::part) {
    network.add_resistor("R" + std::to_string(network.branches().size()), a, b, stock[circuit.part].resistance);
    return;
  }
  Node from = a;
  for (std::size_t k = 0; k < circuit.members.size(); ++k) {
    const bool last = k + 1 == circuit.members.size();
    const Node to = circuit.join == Join::parallel || last ? b : network.add_node();
    wire(network, circuit.members[k], stock, from, to);
    if (circuit.join == Join::series) from = to;
  }
}

}  // namespace

TEST_CASE("Kirchhoff's laws on the wired circuit give the value and the powers") {
  std::mt19937_64 random(5);
  for (int instance = 0; instance < 30; ++instance) {
    std::vector<StockValue> stock;
    for (int k = 0; k < 12; ++k) stock.push_back({Ohm{log_uniform(random, 10.0, 1e5)}, 1});
    const double target = log_uniform(random, 50.0, 5e4);
    CAPTURE(instance);
    CAPTURE(target);
    for (const Combination& found : combine(stock, Ohm{target}, {.parts = 5, .best = 3}).combinations) {
      CAPTURE(found.expression);
      Network network;
      const Node top = network.add_node("top");
      wire(network, found.circuit, stock, top, 0);
      CHECK(network.branches().size() == found.parts.size());
      CHECK(effective_resistance(network, {.a = top, .b = 0}).value == doctest::Approx(found.value).epsilon(1e-12));
      network.add_voltage_source("V", top, 0, Volt{10.0});
      const OperatingPoint point = operating_point(network);
      const std::vector<double> shares = power_shares(found.circuit, stock);
      REQUIRE(shares.size() == found.parts.size());
      for (std::size_t k = 0; k < shares.size(); ++k) {
        CHECK(point.branch_powers[k] == doctest::Approx(shares[k] * 100.0 / found.value).epsilon(1e-10));
      }
      CHECK(std::set<std::size_t>(found.parts.begin(), found.parts.end()).size() == found.parts.size());
    }
  }
}

TEST_CASE("a part's share of the power is what its tolerance does to the circuit") {
  const std::vector<StockValue> stock = {{Ohm{4.7e3}}, {Ohm{22e3}}, {Ohm{1.2e3}}, {Ohm{330.0}}, {Ohm{68e3}}};
  const CombineResult result = combine(stock, Ohm{5.4321e3}, {.parts = 4, .best = 10});
  for (const Combination& found : result.combinations) {
    CAPTURE(found.expression);
    const std::vector<double> shares = power_shares(found.circuit, stock);
    CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == doctest::Approx(1.0).epsilon(1e-14));
    // Each part by itself, in a stock of one value per part of the circuit.
    const auto value_with = [&](std::size_t changed, double factor) {
      std::vector<StockValue> own;
      for (std::size_t k = 0; k < found.parts.size(); ++k) {
        own.push_back({Ohm{stock[found.parts[k]].resistance.value * (k == changed ? factor : 1.0)}});
      }
      std::size_t next = 0;
      const std::function<Wiring(const Wiring&)> renumbered = [&](const Wiring& circuit) {
        Wiring copy{.join = circuit.join};
        if (circuit.join == Join::part) copy.part = next++;
        for (const Wiring& member : circuit.members) copy.members.push_back(renumbered(member));
        return copy;
      };
      const Wiring circuit = renumbered(found.circuit);
      Network network;
      const Node top = network.add_node("top");
      wire(network, circuit, own, top, 0);
      return effective_resistance(network, {.a = top, .b = 0}).value;
    };
    double squares = 0.0;
    for (std::size_t k = 0; k < shares.size(); ++k) {
      const double slope = (value_with(k, 1.0 + 1e-4) - value_with(k, 1.0 - 1e-4)) / (2e-4 * found.value);
      CHECK(shares[k] == doctest::Approx(slope).epsilon(1e-6));
      squares += slope * slope;
    }
    const Deviation by = deviation(shares, 0.01);
    CHECK(by.worst_case == 0.01);
    CHECK(by.root_sum_square == doctest::Approx(0.01 * std::sqrt(squares)).epsilon(1e-6));
    CHECK(by.root_sum_square <= by.worst_case * (1.0 + 1e-14));
  }
}

TEST_CASE("decimals add up as people add them") {
  const std::vector<StockValue> stock = {{Ohm{1.02e3}}, {Ohm{2.04e3}}, {Ohm{0.1}}, {Ohm{0.2}}, {Ohm{5.0}}};
  const auto best = [&](double target) { return combine(stock, Ohm{target}, {.parts = 3, .best = 1}).combinations[0]; };
  CHECK(best(3.06e3).expression == "2.04k + 1.02k");
  CHECK(best(3.06e3).relative_error == 0.0);
  CHECK(best(0.3).expression == "200m + 100m");  // 0.1 + 0.2 != 0.3 in doubles
  CHECK(best(0.3).relative_error == 0.0);
  CHECK(best(0.3).value == 0.3);
  CHECK(best(2.5).expression == "5 || 5");
  CHECK(best(5.1).expression == "5 + 100m");
}

TEST_CASE("expressions are what a person can wire, and equivalent circuits appear once") {
  const std::vector<StockValue> stock = {{Ohm{22e3}}, {Ohm{1.2e3}}, {Ohm{4.7e3}}};
  const double target = 4.7e3 + 1.0 / (1.0 / 22e3 + 1.0 / 1.2e3);
  const CombineResult result = combine(stock, Ohm{target}, {.parts = 3, .best = 100});
  CHECK(result.combinations.front().expression == "4.7k + (22k || 1.2k)");
  std::set<std::string> expressions;
  for (const Combination& found : result.combinations) CHECK(expressions.insert(found.expression).second);
  // 3 parts; 2 pairs of 6 kinds; of three: 2 of 10 kinds each, and 2 of 3 x 6
  CHECK(expressions.size() == 3 + 2 * 6 + 2 * 10 + 2 * 18);
  const auto written = [](double ohm) {
    const std::vector<StockValue> one = {{Ohm{ohm}}};
    return combine(one, Ohm{ohm}, {.parts = 1}).combinations[0].expression;
  };
  CHECK(written(10e6) == "10meg");
  CHECK(written(1e-12) == "1p");
  CHECK(written(1e15) == "1000t");
  CHECK(written(999.5) == "999.5");
  CHECK(written(0.047) == "47m");
  CHECK(written(123456.789) == "123.456789k");
}

TEST_CASE("equal parts of a lot are told apart and each is taken once") {
  const std::vector<StockValue> lot = {{Ohm{100.0}, 1}, {Ohm{50.0}, 0}, {Ohm{100.0}, 1}, {Ohm{100.0}, 1}};
  const CombineResult result = combine(lot, Ohm{300.0}, {.parts = 5, .best = 1});
  CHECK(result.combinations[0].parts == std::vector<std::size_t>{0, 2, 3});
  CHECK(combine(lot, Ohm{1.0}, {.parts = 5, .best = 100}).combinations.size() == 1 + 2 + 4);
}

TEST_CASE("a stock too large to be tried whole is said to be, and its answer is no worse than that of fewer parts") {
  std::mt19937_64 random(6);
  std::vector<StockValue> lot;  // no two sums alike: equal errors would have to be told apart
  for (int k = 0; k < 8001; ++k) lot.push_back({Ohm{log_uniform(random, 1000.0, 1001.0)}, 1});
  const double target = 3001.00005;
  const CombineResult three = combine(lot, Ohm{target}, {.parts = 3, .best = 1});
  const CombineResult two = combine(lot, Ohm{target}, {.parts = 2, .best = 1});
  CHECK_FALSE(three.exact);
  CHECK(two.exact);
  CHECK(std::abs(three.combinations[0].relative_error) <= std::abs(two.combinations[0].relative_error));
}

TEST_CASE("broken preconditions are refused") {
  const std::vector<StockValue> stock = {{Ohm{100.0}}};
  const auto refused = [](const std::vector<StockValue>& values, double target, CombineOptions options = {}) {
    CHECK_THROWS_AS((void)combine(values, Ohm{target}, options), std::invalid_argument);
  };
  for (const double target : {0.0, -1.0, infinity, -infinity, std::nan(""), 1e-13, 1e16}) refused(stock, target);
  for (const double value : {0.0, -1.0, infinity, std::nan(""), 1e-13, 1e16}) refused({{Ohm{value}}}, 100.0);
  refused({}, 100.0);
  refused({{Ohm{100.0}, 0}}, 100.0);
  refused(stock, 100.0, {.parts = 0});
  refused(stock, 100.0, {.parts = 6});
  refused(stock, 100.0, {.best = 0});
  refused(stock, 100.0, {.best = 101});
}
