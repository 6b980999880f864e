// The best of whole catalogues against every value that so many parts can take.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "design/combine.h"
#include "tests/support/stock.h"

using namespace ohmset;
using ohmset::support::catalogue;
using ohmset::support::log_uniform;

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
  // Where circuits are dense, and where three parts hardly reach.
  const std::array<double, 3> targets = {log_uniform(random, 1e3, 1e5), log_uniform(random, 0.35, 2.0),
                                         log_uniform(random, 5e6, 2.9e7)};
  std::array<double, 3> least{infinity, infinity, infinity};
  const auto compare = [&](const std::vector<double>& values) {
    for (std::size_t t = 0; t < targets.size(); ++t) {
      double nearest = least[t];
      for (const double value : values) {
        const double error = std::abs(value - targets[t]);
        nearest = error < nearest ? error : nearest;
      }
      least[t] = nearest;
    }
  };
  compare(r);
  std::vector<double> values(4 * n + 2);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = a; b < n; ++b) {
      const double series = r[a] + r[b];
      const double parallel = r[a] * r[b] / series;
      for (std::size_t c = 0; c < n; ++c) {
        values[4 * c] = series + r[c];
        values[4 * c + 1] = parallel + r[c];
        values[4 * c + 2] = series * r[c] / (series + r[c]);
        values[4 * c + 3] = parallel * r[c] / (parallel + r[c]);
      }
      values[4 * n] = series;
      values[4 * n + 1] = parallel;
      compare(values);
    }
  }
  for (std::size_t t = 0; t < targets.size(); ++t) {
    CAPTURE(targets[t]);
    const CombineResult result = combine(stock, Ohm{targets[t]}, {.parts = 3, .best = 1});
    CHECK(result.exact);
    CHECK(std::abs(std::abs(result.combinations.front().relative_error) * targets[t] - least[t]) <= 1e-14 * targets[t]);
  }
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
