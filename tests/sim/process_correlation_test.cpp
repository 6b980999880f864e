// Arrays whose neighbouring cells are alike: correlations as asked for, and marginals as before.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <tbb/task_arena.h>

#include <cmath>
#include <vector>

#include "sim/process.h"
#include "sim/process/correlation.h"
#include "tests/support/statistics.h"

namespace {

using namespace ohmset;

constexpr ArrayShape shape{.word_lines = 12, .bit_lines = 9};
constexpr std::size_t devices = 2;

Fabrication correlated(double length, Distribution distribution = Distribution::lognormal) {
  Fabrication fabrication;
  fabrication.process = {.nominals = {1e4}, .distribution = distribution, .sigma = 0.3, .correlation_length = length};
  return fabrication;
}

struct Die {
  std::vector<double> resistances{};
  std::vector<double> switch_on{};
  std::vector<std::uint8_t> stuck{};
  std::vector<double> measured{};
};

Die die_of(const Fabrication& fabrication, const ArrayShape& array, std::uint64_t seed, std::uint64_t number,
           const ArrayShape& told) {
  const Fabricator fabricator(fabrication, devices, seed, number, told);
  std::vector<Site> sites;
  for (std::size_t cell = 0; cell < array.cells(); ++cell) sites.push_back(array.site(cell, seed, number));
  const std::size_t count = array.cells() * devices;
  Die die{std::vector<double>(count), std::vector<double>(count), std::vector<std::uint8_t>(count),
          std::vector<double>(count)};
  fabricator.sample(sites, {die.resistances, die.measured, die.switch_on, die.stuck});
  return die;
}

std::size_t at(std::size_t word, std::size_t bit, std::size_t device) {
  return (word * shape.bit_lines + bit) * devices + device;
}

}  // namespace

TEST_CASE("Scores of cells apart are correlated as exp(-distance / length), devices of a bank not at all") {
  constexpr std::uint64_t dies = 4000;
  for (const double length : {0.7, 4.0}) {
    CAPTURE(length);
    std::vector<std::vector<double>> scores;
    for (std::uint64_t die = 0; die < dies; ++die) {
      scores.push_back(die_of(correlated(length), shape, 3, die, shape).resistances);
      for (double& r : scores.back()) r = std::log(r / 1e4) / 0.3;
    }
    const auto correlation = [&](std::size_t a, std::size_t b) {
      double sum = 0.0;
      for (const auto& die : scores) sum += die[a] * die[b];
      return sum / dies;
    };
    // The standard deviation of an estimate is at most sqrt((1 + rho^2) / dies).
    const double slack = 5.0 * std::sqrt(2.0 / dies);
    for (const auto& [word, bit] : {std::pair{0U, 0U}, {5U, 2U}}) {
      for (std::size_t di = 0; di < 5; ++di) {
        for (std::size_t dj = 0; dj < 5; ++dj) {
          const double expected = std::exp(-static_cast<double>(di + dj) / length);
          CHECK(std::abs(correlation(at(word, bit, 0), at(word + di, bit + dj, 0)) - expected) < slack);
          CHECK(std::abs(correlation(at(word + di, bit, 1), at(word, bit + dj, 1)) - expected) < slack);
          CHECK(std::abs(correlation(at(word, bit, 0), at(word + di, bit + dj, 1))) < slack);
        }
      }
    }
  }
}

TEST_CASE("Every device has the distribution of its process, wherever it sits") {
  constexpr std::uint64_t dies = 3000;
  for (const Distribution distribution :
       {Distribution::lognormal, Distribution::normal, Distribution::uniform, Distribution::triangular}) {
    CAPTURE(name_of(distribution));
    std::vector<std::vector<double>> places(3);
    for (std::uint64_t die = 0; die < dies; ++die) {
      const auto r = die_of(correlated(3.0, distribution), shape, 9, die, shape).resistances;
      places[0].push_back(r[at(0, 0, 0)] / 1e4);
      places[1].push_back(r[at(6, 4, 1)] / 1e4);
      places[2].push_back(r[at(11, 8, 0)] / 1e4);
    }
    const Process process = correlated(3.0, distribution).process;
    for (const auto& ratios : places) {
      // The distribution function by bisection of the quantile.
      CHECK(support::kolmogorov_smirnov(ratios, [&](double ratio) {
              double low = 1e-12;
              double high = 1.0 - 1e-12;
              for (int k = 0; k < 50; ++k) {
                const double middle = 0.5 * (low + high);
                (ratio_quantile(process, middle) < ratio ? low : high) = middle;
              }
              return low;
            }) < 2.2);
    }
  }
}

TEST_CASE("A correlation length changes nothing but the spread of resistances of arrays") {
  Fabrication fabrication = correlated(0.0);
  fabrication.process.lot_sigma = 0.2;
  fabrication.process.gradient = {0.1, 0.3};
  fabrication.process.device_open = 0.1;
  fabrication.switches = {.nominal = {Ohm{10.0}, Ohm{1e9}}, .on_sigma = 0.2, .stuck_open = 0.1};
  Fabrication alike = fabrication;
  alike.process.correlation_length = 5.0;
  const Die plain = die_of(fabrication, shape, 1, 2, shape);
  const Die wavy = die_of(alike, shape, 1, 2, shape);
  CHECK(plain.switch_on == wavy.switch_on);
  CHECK(plain.stuck == wavy.stuck);
  CHECK(plain.resistances != wavy.resistances);
  for (std::size_t k = 0; k < plain.resistances.size(); ++k) {
    CHECK(std::isinf(plain.resistances[k]) == std::isinf(wavy.resistances[k]));
  }
  // Lot and gradient are factors as before: the first cell's score is its own.
  CHECK(wavy.resistances[0] == doctest::Approx(plain.resistances[0]).epsilon(1e-12));
  // Without an array, or told nothing of it, nothing is alike.
  CHECK(die_of(alike, shape, 1, 2, {}).resistances == plain.resistances);
  CHECK(die_of(fabrication, shape, 1, 2, {}).resistances == plain.resistances);
  const ArrayShape one{.word_lines = 1, .bit_lines = 1};
  CHECK(die_of(alike, one, 1, 2, one).resistances == die_of(fabrication, one, 1, 2, one).resistances);
  CHECK_THROWS_AS(die_of(alike, shape, 1, 2, {.word_lines = 2, .bit_lines = 2}), std::invalid_argument);
}

TEST_CASE("Lengths of all sizes: independent at one end, one score for all at the other") {
  const auto plain = die_of(correlated(0.0), shape, 1, 0, shape).resistances;
  const auto short_one = die_of(correlated(1e-3), shape, 1, 0, shape).resistances;
  const auto long_one = die_of(correlated(1e18), shape, 1, 0, shape).resistances;
  for (std::size_t k = 0; k < plain.size(); ++k) {
    CHECK(short_one[k] == doctest::Approx(plain[k]).epsilon(1e-12));
    CHECK(long_one[k] == doctest::Approx(plain[k % devices]).epsilon(1e-12));
  }
}

TEST_CASE("Correlated draws have the same bits on any number of threads, and stay inside (0, 1)") {
  constexpr ArrayShape large{.word_lines = 70, .bit_lines = 300};
  std::vector<std::vector<double>> runs(2);
  for (const int threads : {1, 2}) {
    std::vector<double>& draws = runs[static_cast<std::size_t>(threads) - 1];
    draws.resize(large.cells() * devices);
    for (std::size_t k = 0; k < draws.size(); ++k) {
      // Ends of the interval now and then.
      draws[k] = k % 7 == 0 ? 1.0 - 0x1p-53 : k % 7 == 1 ? 0x1p-53 : uniform({.cell = k}, Draw::choice);
    }
    tbb::task_arena(threads).execute([&] { correlate(draws, large, devices, 6.0); });
    for (const double draw : draws) REQUIRE((draw > 0.0 && draw < 1.0));
  }
  CHECK(runs[0] == runs[1]);
  std::vector<double> few(3);
  CHECK_THROWS_AS(correlate(few, large, devices, 6.0), std::invalid_argument);
}
