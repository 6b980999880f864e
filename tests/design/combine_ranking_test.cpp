// The ranking of combine against every circuit there is, as fractions.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "design/combine.h"

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
