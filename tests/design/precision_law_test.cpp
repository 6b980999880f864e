// The law of precision: against quadrature, against simulation, and the tables that it stands on.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

#include "design/precision.h"

namespace {

using namespace ohmset;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The order statistic of rank ceil(p count).
double quantile_of(std::vector<double> values, double p) {
  std::ranges::sort(values);
  const double rank = std::ceil(p * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

// E[-log2 e] where P(error > e) = exp(-rate e), by the trapezoidal rule in u = ln(rate e), density exp(u - exp(u)).
double mean_bits(double rate) {
  double sum = 0.0;
  constexpr double step = 1.0 / 64.0;
  for (int k = -60 * 64; k < 6 * 64; ++k) {
    const double u = k * step;
    sum += -(u - std::log(rate)) / std::numbers::ln2 * std::exp(u - std::exp(u)) * step;
  }
  return sum;
}

double bits_by_quadrature(const std::vector<double>& items, double target) {
  double mean = 0.0;
  double variance = 0.0;
  for (const double item : items) {
    mean += item / 2.0;
    variance += item * item / 4.0;
  }
  const double away = target - mean;
  const double density = std::exp(-away * away / (2.0 * variance)) / std::sqrt(2.0 * std::numbers::pi * variance);
  return mean_bits(2.0 * std::exp2(static_cast<double>(items.size())) * density);
}

TEST_CASE("the law is the mean of -log2 of an exponential error whose rate the normal density of subset sums gives") {
  const std::vector<double> items{0.3, -0.9, 0.05, 0.71, -0.44, 0.2, 0.98, -0.6, 0.5, 0.11, -0.23};
  for (const double target : {-0.8, 0.0, 0.31, 1.7}) {
    CHECK(law(items, target) == doctest::Approx(bits_by_quadrature(items, target)).epsilon(1e-10));
  }
}

TEST_CASE("in other units the law's error is scaled like the items") {
  std::vector<double> items{0.3, -0.9, 0.05, 0.71, -0.44};
  const double bits = law(items, 0.31);
  for (double& item : items) item *= 1e-200;
  CHECK(law(items, 0.31e-200) == doctest::Approx(bits + 200.0 * std::log2(10.0)).epsilon(1e-12));
  CHECK(law({}, 0.5) == -infinity);
  CHECK(law(std::vector<double>{0.0, 0.0}, 0.5) == -infinity);
}

// Averaged over items, and targets if none is given, by a generator of its own.
double mean_law(std::size_t devices, std::optional<double> target) {
  std::mt19937_64 random(devices);
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  double sum = 0.0;
  constexpr int draws = 40000;
  for (int draw = 0; draw < draws; ++draw) {
    std::vector<double> items(devices);
    for (double& item : items) item = unit(random);
    sum += law(items, target ? *target : unit(random)) / draws;
  }
  return sum;
}

TEST_CASE("the closed form for signed items is the mean of the law over them") {
  for (const std::size_t devices : {10, 20, 30}) {
    CAPTURE(devices);
    // The mean of log(sum x^2) is below the log of its mean by about 0.4 / n: 0.03 at 10 devices.
    CHECK(mean_law(devices, std::nullopt) == doctest::Approx(law_of_signed_items(devices)).epsilon(0.004));
    CHECK(mean_law(devices, 0.5) == doctest::Approx(law_of_signed_items(devices, 0.25)).epsilon(0.004));
  }
}

TEST_CASE("the closed form has the figures of the theory's table") {
  CHECK(law_of_signed_items(10) == doctest::Approx(9.63).epsilon(0.0005));
  CHECK(law_of_signed_items(20) == doctest::Approx(19.27).epsilon(0.0005));
  CHECK(law_of_signed_items(30) == doctest::Approx(29.03).epsilon(0.0005));
}

TEST_CASE("signed items give the law's mean bits from 10 to 30 devices, 0.976 bits each") {
  std::vector<double> means;
  double slope = 0.0;
  for (const std::size_t devices : {10, 15, 20, 25, 30}) {
    const PrecisionSample sample = sample_precision({.banks = devices < 25 ? 8000UL : 2500UL}, devices);
    CAPTURE(devices);
    means.push_back(mean_of(sample.bits));
    CHECK(std::abs(means.back() - law_of_signed_items(devices)) < 0.15);
    CHECK(std::abs(means.back() - mean_of(sample.law)) < 0.15);
    slope += (static_cast<double>(devices) - 20.0) * means.back() / 250.0;
  }
  CHECK(std::abs(slope - 0.976) < 0.03);
}

TEST_CASE("the errors of one bank and target are exponential with the law's rate") {
  // The law claims a distribution, not only a mean: quartiles of |error| 2 2^n rho(z), over fresh instances.
  const PrecisionSample sample = sample_precision({.banks = 6000, .seed = 3}, 18);
  std::vector<double> scaled;
  for (std::size_t k = 0; k < sample.error.size(); ++k) {
    const double rate = std::exp2(sample.law[k]) * std::exp(-std::numbers::egamma);
    scaled.push_back(std::abs(sample.error[k]) * rate);
  }
  for (const double p : {0.25, 0.5, 0.75}) {
    CAPTURE(p);
    CHECK(quantile_of(scaled, p) == doctest::Approx(-std::log1p(-p)).epsilon(0.08));
  }
}

double excess_over_law(const std::string& topology, const std::vector<double>& targets = {},
                       std::optional<TargetUnit> unit = std::nullopt) {
  PrecisionQuestion question{.unit = unit, .banks = 3000, .targets = targets};
  question.family = BankFamily{.topology = topology};
  question.family->fabrication = {
      .process = {.nominals = {10e3}, .distribution = Distribution::lognormal, .sigma = 0.4},
      .switches = {.nominal = {.on = Ohm{2e3}, .off = Ohm{3e4}}}};
  const PrecisionSample sample = sample_precision(question, 16);
  return mean_of(sample.bits) - mean_of(sample.law);
}

TEST_CASE("parallel, series and differential banks follow the law of their items") {
  CHECK(std::abs(excess_over_law("parallel")) < 0.15);
  CHECK(std::abs(excess_over_law("series")) < 0.15);
  CHECK(std::abs(excess_over_law("differential")) < 0.15);
  // In the reciprocal of what adds up, where sums are dense.
  CHECK(std::abs(excess_over_law("parallel", {950.0, 1050.0}, TargetUnit::ohm)) < 0.15);
  CHECK(std::abs(excess_over_law("series", {13e-6, 14e-6}, TargetUnit::siemens)) < 0.15);
}

bool has_law(const std::function<void(PrecisionQuestion&)>& change, std::size_t devices = 8) {
  PrecisionQuestion question{.banks = 4};
  question.family = BankFamily{};
  question.family->fabrication.process = {
      .nominals = {10e3}, .distribution = Distribution::lognormal, .sigma = 0.3, .tc1 = {.sigma = 1e-4}};
  question.family->fabrication.switches = {.nominal = {.on = Ohm{100.0}}, .on_sigma = 0.1};
  change(question);
  const PrecisionSample sample = sample_precision(question, devices);
  const bool row_has = summarize(question, sample).bits_law.has_value();
  return !sample.law.empty() && row_has;
}

Process& process_of(PrecisionQuestion& question) { return question.family->fabrication.process; }

TEST_CASE("there is a law where the search sees what is judged, and nowhere else") {
  using Change = std::function<void(PrecisionQuestion&)>;
  const std::vector<Change> harmless{[](auto&) {}, [](auto& q) { q.even = 5; },
                                     [](auto& q) { q.condition = Condition{}; }};
  const std::vector<Change> harmful{[](auto& q) { q.condition = Condition{.celsius = 60.0}; },
                                    [](auto& q) { q.contacts_anew = true; },
                                    [](auto& q) { q.family->fabrication.measurement.sigma = 1e-3; },
                                    [](auto& q) { q.family->fabrication.measurement.bits = 12; },
                                    [](auto& q) { q.choosing = Choosing::code; },
                                    [](auto& q) { q.choosing = Choosing::everything; },
                                    [](auto& q) { q.family->topology = "parallel(series(n/2), series(n/2))"; }};
  for (const Change& change : harmless) CHECK(has_law(change));
  for (const Change& change : harmful) CHECK(!has_law(change));
}

TEST_CASE("there is a law where devices differ by chance, and nowhere else") {
  CHECK(!has_law([](auto& q) { process_of(q).sigma = 0.0; }));
  CHECK(!has_law([](auto& q) { process_of(q) = {.nominals = {1e3, 1.1e3, 1.3e3, 1.7e3}}; }, 4));
  // All devices of a die have the lot in common.
  CHECK(!has_law([](auto& q) {
    process_of(q).sigma = 0.0;
    process_of(q).lot_sigma = 0.3;
  }));
  const auto values = [](const std::vector<double>& list) {
    return [list](auto& q) { process_of(q) = {.values = list}; };
  };
  CHECK(has_law(values({1e3, 1.13e3, 0.71e3, 1.94e3}), 4));
  CHECK(!has_law(values({1e3, 1.13e3, 0.71e3, 1e3}), 4));
}

TEST_CASE("there is a law where few devices have the same of the ratios that are drawn") {
  // 64 of them differ.
  const auto ratios = [](std::size_t count) {
    return [count](auto& q) {
      process_of(q).sigma = 0.0;
      process_of(q).distribution = Distribution::empirical;
      for (std::size_t k = 0; k < count; ++k) {
        process_of(q).ratios.push_back(0.7 + 0.6 * static_cast<double>(k % 64) / 64);
      }
    };
  };
  CHECK(!has_law(ratios(7)));
  CHECK(has_law(ratios(64)));
  CHECK(!has_law(ratios(64), 9));
  CHECK(!has_law(ratios(1000), 9));
}

TEST_CASE("the law says nothing of targets farther out than sums reach") {
  PrecisionQuestion question{.banks = 4, .targets = {1.0}};
  question.family = BankFamily{};
  question.family->fabrication.process = {.nominals = {10e3}, .distribution = Distribution::lognormal, .sigma = 0.3};
  CHECK(!summarize(question, sample_precision(question, 8)).bits_law);
  question.targets = {4e-4};
  CHECK(summarize(question, sample_precision(question, 8)).bits_law);
  CHECK(!summarize({.targets = {40.0}}, sample_precision({.banks = 4, .targets = {40.0}}, 8)).bits_law);
}

// The first percentile of bits, median over seeds, of 1,000 instances of 20 equal nominals each.
double first_percentile(Distribution distribution, double sigma) {
  std::vector<double> percentiles;
  for (std::uint64_t seed = 1; seed <= 9; ++seed) {
    PrecisionQuestion question{.seed = seed};
    question.family = BankFamily{};
    question.family->fabrication.process = {.nominals = {10e3}, .distribution = distribution, .sigma = sigma};
    percentiles.push_back(quantile_of(sample_precision(question, 20).bits, 0.01));
  }
  return quantile_of(percentiles, 0.5);
}

TEST_CASE("noise helps, then hurts: the first percentile of 20 equal nominals against their spread") {
  const auto check = [](Distribution distribution, double sigma, double expected, double band) {
    CAPTURE(sigma);
    CHECK(std::abs(first_percentile(distribution, sigma) - expected) < band);
  };
  check(Distribution::uniform, 0.01, 3.7, 0.7);
  check(Distribution::uniform, 0.05, 4.4, 0.7);
  check(Distribution::uniform, 0.1, 5.9, 0.7);
  check(Distribution::uniform, 0.2, 16.0, 0.7);
  check(Distribution::uniform, 0.5, 16.8, 0.7);
  check(Distribution::lognormal, 0.05, 5.2, 0.7);
  check(Distribution::lognormal, 0.1, 13.3, 1.5);
  check(Distribution::lognormal, 0.2, 16.7, 0.7);
  check(Distribution::lognormal, 0.7, 17.5, 0.7);
  check(Distribution::lognormal, 1.0, 17.1, 1.5);
  check(Distribution::lognormal, 1.5, 1.3, 0.7);
}

TEST_CASE("the worst of 2,572 weights, each with items of its own, is where exact search leaves it") {
  // Spread as trained kernels are: normal, relative to the largest.
  std::mt19937_64 random(1);
  std::vector<double> targets(2572);
  std::normal_distribution<double> normal;
  for (double& target : targets) target = normal(random);
  const double largest = std::abs(*std::ranges::max_element(targets, {}, [](double t) { return std::abs(t); }));
  for (double& target : targets) target /= largest;

  struct Row {
    std::size_t devices;
    double worst;
    double band;
    double median_error;
  };
  // The mean of so many seeds' worst is known to about 0.3 bits at 20 devices.
  for (const Row& row : {Row{5, 0.33, 0.2, 2.5e-2}, Row{10, 1.07, 0.4, 1.18e-3}, Row{20, 9.74, 1.3, 1.62e-6}}) {
    std::vector<double> worst;
    std::vector<double> errors;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const PrecisionSample sample = sample_precision(
          {.banks = targets.size(), .targets = targets, .each_its_own = true, .seed = seed}, row.devices);
      worst.push_back(*std::ranges::min_element(sample.bits));
      for (const double error : sample.error) errors.push_back(std::abs(error));
    }
    CAPTURE(row.devices);
    CHECK(std::abs(mean_of(worst) - row.worst) < row.band);
    CHECK(quantile_of(errors, 0.5) == doctest::Approx(row.median_error).epsilon(0.1));
  }
}

}  // namespace
