// SPDX-License-Identifier: Apache-2.0
#include "design/combine.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>

#include "design/series.h"
#include "sim/nodal.h"

using namespace ohmset;

namespace {

__extension__ using Wide = __int128;

// An oracle that knows no canonical form, no lists and no rounding: whole ohms, every way to join two smaller
// circuits, values as fractions. A circuit's identity is the sorted text of its flattened tree.
struct Made {
  Wide numerator = 0;
  Wide denominator = 1;
  bool series = false;
  std::multiset<std::string> members{};  // of the outermost group
  std::string text{};
  std::multiset<std::size_t> parts{};
  std::size_t groups = 0;
};

Wide gcd(Wide a, Wide b) { return b == 0 ? a : gcd(b, a % b); }

Made join(const Made& a, const Made& b, bool series) {
  Made made{.series = series};
  const Wide cross = a.numerator * b.denominator + b.numerator * a.denominator;
  made.numerator = series ? cross : a.numerator * b.numerator;
  made.denominator = series ? a.denominator * b.denominator : cross;
  const Wide common = gcd(made.numerator, made.denominator);
  made.numerator /= common;
  made.denominator /= common;
  made.groups = 1;
  for (const Made* side : {&a, &b}) {
    const bool dissolves = side->parts.size() > 1 && side->series == series;
    if (dissolves) {
      made.members.insert(side->members.begin(), side->members.end());
      made.groups += side->groups - 1;
    } else {
      made.members.insert(side->text);
      made.groups += side->groups;
    }
    made.parts.insert(side->parts.begin(), side->parts.end());
  }
  made.text = series ? "S(" : "P(";
  for (const std::string& member : made.members) made.text += member + " ";
  made.text += ")";
  return made;
}

// All circuits of exactly 1, 2, ... parts.
std::vector<std::map<std::string, Made>> all_circuits(const std::vector<StockValue>& stock, std::size_t parts) {
  std::vector<std::map<std::string, Made>> sizes(parts + 1);
  for (std::size_t k = 0; k < stock.size(); ++k) {
    Made made{.numerator = std::llround(stock[k].resistance.value), .text = std::to_string(k), .parts = {k}};
    sizes[1].emplace(made.text, made);
  }
  for (std::size_t size = 2; size <= parts; ++size) {
    for (std::size_t left = 1; left <= size / 2; ++left) {
      for (const auto& [a_text, a] : sizes[left]) {
        for (const auto& [b_text, b] : sizes[size - left]) {
          for (const bool series : {true, false}) {
            Made made = join(a, b, series);
            bool available = true;
            for (const std::size_t part : made.parts) {
              available = available && made.parts.count(part) <= stock[part].quantity;
            }
            if (available) sizes[size].emplace(made.text, std::move(made));
          }
        }
      }
    }
  }
  return sizes;
}

using Key = std::tuple<Wide, Wide, std::size_t, std::size_t, std::size_t>;  // |error| as a fraction, parts, groups, ...

bool less(const Key& a, const Key& b) {
  const Wide left = std::get<0>(a) * std::get<1>(b);
  const Wide right = std::get<0>(b) * std::get<1>(a);
  if (left != right) return left < right;
  return std::tie(std::get<2>(a), std::get<3>(a), std::get<4>(a)) <
         std::tie(std::get<2>(b), std::get<3>(b), std::get<4>(b));
}

Key key_of(const Made& made, Wide target) {
  const Wide difference = made.numerator - target * made.denominator;
  const std::set<std::size_t> different(made.parts.begin(), made.parts.end());
  return {difference < 0 ? -difference : difference, made.denominator, made.parts.size(), made.groups,
          different.size()};
}

// The same identity for an answer.
std::string identity(const Wiring& circuit) {
  if (circuit.join == Join::part) return std::to_string(circuit.part);
  std::multiset<std::string> members;
  for (const Wiring& member : circuit.members) members.insert(identity(member));
  std::string text = circuit.join == Join::series ? "S(" : "P(";
  for (const std::string& member : members) text += member + " ";
  return text + ")";
}

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

std::vector<StockValue> catalogue(Series series, double from = 1.0, double to = 10e6) {
  std::vector<StockValue> stock;
  for (const double value : series_values(series, Ohm{from}, Ohm{to})) stock.push_back({Ohm{value}});
  return stock;
}

double log_uniform(std::mt19937_64& random, double low, double high) {
  return std::exp(std::uniform_real_distribution(std::log(low), std::log(high))(random));
}

void check_against_oracle(const std::vector<StockValue>& stock, std::size_t parts, std::size_t best, int target) {
  CAPTURE(parts);
  CAPTURE(best);
  CAPTURE(target);
  std::vector<Key> keys;
  std::map<std::string, Key> known;
  for (const auto& circuits : all_circuits(stock, parts)) {
    for (const auto& [text, made] : circuits) {
      keys.push_back(key_of(made, target));
      known.emplace(text, keys.back());
    }
  }
  std::sort(keys.begin(), keys.end(), less);
  const CombineResult result = combine(stock, Ohm{static_cast<double>(target)}, {.parts = parts, .best = best});
  CHECK(result.exact);
  REQUIRE(result.combinations.size() == std::min(best, keys.size()));
  std::set<std::string> seen;
  for (std::size_t k = 0; k < result.combinations.size(); ++k) {
    const Combination& found = result.combinations[k];
    CAPTURE(found.expression);
    const auto made = known.find(identity(found.circuit));
    REQUIRE(made != known.end());
    CHECK(seen.insert(made->first).second);
    CHECK_FALSE(less(made->second, keys[k]));
    CHECK_FALSE(less(keys[k], made->second));
    const double error = static_cast<double>(std::get<0>(keys[k])) / static_cast<double>(std::get<1>(keys[k]));
    CHECK(std::abs(found.relative_error) * target == doctest::Approx(error).epsilon(1e-14));
  }
}

}  // namespace

TEST_CASE("the ranking is that of every circuit there is, ties included: catalogue values") {
  std::mt19937_64 random(1);
  const auto uniform = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  for (int instance = 0; instance < 60; ++instance) {
    CAPTURE(instance);
    const auto parts = static_cast<std::size_t>(uniform(1, 5));
    std::set<int> values;
    const int different = uniform(1, parts == 5 ? 3 : parts == 4 ? 5 : 8);
    while (values.size() < static_cast<std::size_t>(different)) values.insert(uniform(1, 40));
    std::vector<StockValue> stock;
    for (const int value : values) stock.push_back({Ohm{static_cast<double>(value)}});
    std::shuffle(stock.begin(), stock.end(), random);
    check_against_oracle(stock, parts, static_cast<std::size_t>(uniform(1, 40)), uniform(1, 90));
  }
}

TEST_CASE(
    "the ranking is that of every circuit there is, ties included: a lot where each part is there once or twice") {
  std::mt19937_64 random(2);
  const auto uniform = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  for (int instance = 0; instance < 60; ++instance) {
    CAPTURE(instance);
    const auto parts = static_cast<std::size_t>(uniform(1, 5));
    std::set<int> values;
    const int different = uniform(1, 5);
    while (values.size() < static_cast<std::size_t>(different)) values.insert(uniform(1, 40));
    std::vector<StockValue> stock;
    for (const int value : values) {
      stock.push_back({Ohm{static_cast<double>(value)}, static_cast<std::size_t>(uniform(1, 2))});
    }
    std::shuffle(stock.begin(), stock.end(), random);
    check_against_oracle(stock, parts, static_cast<std::size_t>(uniform(1, 20)), uniform(1, 150));
  }
}

TEST_CASE(
    "targets beyond everything attainable get the nearest circuits too, from as much of the stock as that takes") {
  std::vector<StockValue> stock;
  for (int value = 10; value < 34; value += 2) stock.push_back({Ohm{static_cast<double>(value)}, 1});
  for (const int target : {1, 2, 500, 10'000}) {
    check_against_oracle(stock, 3, 7, target);
    check_against_oracle(stock, 2, 3, target);
  }
  const CombineResult result = combine(stock, Ohm{500.0}, {.parts = 3});
  CHECK(result.most == 32.0 + 30.0 + 28.0);
  CHECK(result.least == doctest::Approx(1.0 / (1.0 / 10 + 1.0 / 12 + 1.0 / 14)).epsilon(1e-15));
  CHECK(result.combinations.front().value == result.most);
}

TEST_CASE("the best circuit of at most three parts is that of all of them: E24 over seven decades") {
  const std::vector<StockValue> stock = catalogue(Series::e24);
  std::vector<double> r;
  for (const StockValue& value : stock) r.push_back(value.resistance.value);
  const std::size_t n = r.size();
  std::vector<double> values;  // of all circuits of three parts
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a; b < n; ++b) {
      const double series = r[a] + r[b];
      const double parallel = r[a] * r[b] / series;
      values.insert(values.end(), {series, parallel});
      for (std::size_t c = 0; c < n; ++c) {
        values.insert(values.end(), {series + r[c], parallel + r[c], series * r[c] / (series + r[c]),
                                     parallel * r[c] / (parallel + r[c])});
      }
    }
  }
  values.insert(values.end(), r.begin(), r.end());
  std::mt19937_64 random(3);
  for (int instance = 0; instance < 20; ++instance) {
    const double target = log_uniform(random, 0.4, 2.5e7);
    CAPTURE(target);
    double least = infinity;
    for (const double value : values) least = std::min(least, std::abs(value - target));
    const CombineResult result = combine(stock, Ohm{target}, {.parts = 3, .best = 1});
    CHECK(std::abs(std::abs(result.combinations.front().relative_error) * target - least) <= 1e-14 * target);
  }
}

TEST_CASE("the best circuit of at most three parts is that of all of them: E96 over seven decades") {
  const std::vector<StockValue> stock = catalogue(Series::e96);
  const std::size_t n = stock.size();
  std::vector<double> r;
  for (const StockValue& value : stock) r.push_back(value.resistance.value);
  std::mt19937_64 random(4);
  const double target = log_uniform(random, 1e3, 1e5);
  CAPTURE(target);
  double least = infinity;
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a; b < n; ++b) {
      const double series = r[a] + r[b];
      const double parallel = r[a] * r[b] / series;
      for (std::size_t c = 0; c < n; ++c) {
        // Against products, so that the compiler may take several at a time.
        least = std::min({least, std::abs(series + r[c] - target), std::abs(parallel + r[c] - target),
                          std::abs(series * r[c] / (series + r[c]) - target),
                          std::abs(parallel * r[c] / (parallel + r[c]) - target)});
      }
    }
  }
  const CombineResult result = combine(stock, Ohm{target}, {.parts = 3, .best = 1});
  CHECK(result.exact);
  CHECK(std::abs(std::abs(result.combinations.front().relative_error) * target - least) <= 1e-14 * target);
}

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

TEST_CASE("the best circuits of four and five parts are those of all: E6 over more than three decades") {
  const std::vector<StockValue> stock = catalogue(Series::e6, 1.0, 3300.0);
  using Values = std::vector<double>;
  std::vector<Values> sizes(5);  // every value that 1 to 4 parts can take
  for (const StockValue& value : stock) sizes[1].push_back(value.resistance.value);
  const auto for_each = [&](std::size_t left, std::size_t right, const auto& take) {
    for (const double a : sizes[left]) {
      for (const double b : sizes[right]) {
        take(a + b);
        take(a * b / (a + b));
      }
    }
  };
  const auto add_to = [&](std::size_t size) { return [&sizes, size](double value) { sizes[size].push_back(value); }; };
  for_each(1, 1, add_to(2));
  for_each(1, 2, add_to(3));
  for_each(1, 3, add_to(4));
  for_each(2, 2, add_to(4));
  std::mt19937_64 random(7);
  for (int instance = 0; instance < 2; ++instance) {
    const double target = log_uniform(random, 0.3, 12e3);
    CAPTURE(target);
    double least = infinity;
    const auto compare = [&](double value) { least = std::min(least, std::abs(value - target)); };
    for (std::size_t size = 1; size <= 4; ++size) {
      for (const double value : sizes[size]) compare(value);
      if (size < 4) continue;
      const Combination best = combine(stock, Ohm{target}, {.parts = 4, .best = 1}).combinations[0];
      CHECK(std::abs(std::abs(best.relative_error) * target - least) <= 1e-14 * target);
    }
    for_each(1, 4, compare);
    for_each(2, 3, compare);
    const Combination best = combine(stock, Ohm{target}, {.parts = 5, .best = 1}).combinations[0];
    CHECK(std::abs(std::abs(best.relative_error) * target - least) <= 1e-14 * target);
  }
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
