// Samples of banks: the fast path against the replayed bank, draws against fabrication, laws in closed form.
// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance.h"

#include <doctest/doctest.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "sim/error.h"
#include "sim/random.h"
#include "tests/support/questions.h"

using namespace ohmset;
using support::Random;

namespace {

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

std::vector<double> evaluated(const BankSamples& samples, std::size_t count, const std::vector<double>& points) {
  std::vector<double> values(samples.series() * count);
  samples.evaluate(count, points, values);
  return values;
}

std::vector<double> column(const std::vector<double>& rows, std::size_t count, std::size_t sample) {
  std::vector<double> values;
  for (std::size_t at = sample; at < rows.size(); at += count) values.push_back(rows[at]);
  return values;
}

// Every sample of the block by itself: as many values that differ in a bit.
std::size_t differences(const BankSamples& samples, std::size_t count, const std::vector<double>& points) {
  const std::vector<double> values = evaluated(samples, count, points);
  std::size_t different = 0;
  for (std::size_t s = 0; s < count; ++s) {
    const BankSample alone = samples.replay(column(points, count, s));
    const std::vector<double> expected = column(values, count, s);
    REQUIRE(alone.values.size() == expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) different += bits(expected[k]) != bits(alone.values[k]) ? 1 : 0;
  }
  return different;
}

// Normal devices in series, all inserted, aimed at the sum of their nominals.
BankQuestion chain(Population population, std::size_t devices, double sigma) {
  BankQuestion question;
  question.population = population;
  question.spec.topology = Topology::series(devices);
  Process& process = question.spec.fabrication.process;
  process = {.nominals = {1e3}, .distribution = Distribution::normal, .sigma = sigma};
  Configuration all(devices);
  for (std::size_t k = 0; k < devices; ++k) all.set(k, true);
  question.aims = {{.target = 1e3 * static_cast<double>(devices), .configuration = all}};
  return question;
}

// Errors of samples in which only what `moves` says moves; all, without it.
std::vector<double> errors(const BankSamples& samples, std::size_t count, Random& random,
                           const std::function<bool(Cause)>& moves) {
  std::vector<double> points;
  for (const Variable& variable : samples.variables()) {
    for (std::size_t s = 0; s < count; ++s) {
      points.push_back(!moves || moves(variable.cause) ? support::any_uniform(random) : 0.5);
    }
  }
  return evaluated(samples, count, points);
}

struct SampleSpreads {
  double mean = 0.0;
  double stddev = 0.0;
  double rms = 0.0;
};
SampleSpreads spreads(const std::vector<double>& values) {
  const double n = static_cast<double>(values.size());
  SampleSpreads found;
  for (const double value : values) found.mean += value / n;
  double deviations = 0.0;
  double squares = 0.0;
  for (const double value : values) {
    deviations += (value - found.mean) * (value - found.mean);
    squares += value * value;
  }
  found.stddev = std::sqrt(deviations / (n - 1.0));
  found.rms = std::sqrt(squares / n);
  return found;
}

}  // namespace

TEST_CASE("blocks of samples are the replayed banks, bit for bit") {
  for (const Population population : {Population::die, Population::blind, Population::redesigned}) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
      CAPTURE(seed);
      CAPTURE(static_cast<int>(population));
      Random random(seed);
      const BankSamples samples(support::any_question(random, population));
      const std::size_t count = 1 + random() % 40;
      CHECK(differences(samples, count, support::any_points(random, samples.variables().size() * count)) == 0);
    }
  }
}

TEST_CASE("draws make of a device what fabrication makes of them") {
  const auto draw_of = [](Cause cause) {
    switch (cause) {
      case Cause::lot:
        return Draw::lot;
      case Cause::resistance:
        return Draw::resistance;
      case Cause::device_fault:
        return Draw::device_fault;
      case Cause::switch_on:
        return Draw::switch_on;
      case Cause::switch_fault:
        return Draw::switch_fault;
      case Cause::tc1:
        return Draw::tc1;
      case Cause::tc2:
        return Draw::tc2;
      default:
        return Draw::measurement;
    }
  };
  for (std::uint64_t seed = 1; seed < 200; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    BankQuestion question = support::any_question(random, Population::redesigned);
    question.conditions = {{.celsius = 85.0}};
    question.spec.fabrication.process.drift = {};
    question.spec.fabrication.process.read_noise = 0.0;
    const BankSamples samples(question);
    std::vector<double> point;
    for (const Variable& variable : samples.variables()) {
      point.push_back(uniform({.seed = seed, .die = 3, .cell = 0, .device = variable.device}, draw_of(variable.cause)));
    }
    const Bank ours = samples.replay(point).bank;
    const Bank theirs = fabricate(question.spec, {.seed = seed, .die = 3});
    for (std::size_t k = 0; k < theirs.devices.size(); ++k) {
      const Device& a = ours.devices[k];
      const Device& b = theirs.devices[k];
      CHECK(bits(a.resistance.value) == bits(b.resistance.value));
      CHECK(bits(a.measured.value) == bits(b.measured.value));
      CHECK(bits(a.contact.on.value) == bits(b.contact.on.value));
      CHECK(bits(a.contact.off.value) == bits(b.contact.off.value));
      CHECK(bits(a.tc1) == bits(b.tc1));
      CHECK(bits(a.tc2) == bits(b.tc2));
      CHECK(a.stuck == b.stuck);
    }
  }
}

TEST_CASE("a coordinate moves its own device alone") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const Population population = support::sometimes(random, 2) ? Population::die : Population::blind;
    const BankSamples samples(support::any_question(random, population));
    const std::vector<double> point = support::any_points(random, samples.variables().size());
    const BankSample before = samples.replay(point);
    for (std::size_t d = 0; d < point.size(); ++d) {
      const Variable& variable = samples.variables()[d];
      std::vector<double> moved = point;
      moved[d] = support::any_uniform(random);
      const BankSample after = samples.replay(moved);
      for (std::size_t c = 0; c < before.aged.size(); ++c) {
        for (std::size_t k = 0; k < before.bank.devices.size(); ++k) {
          const bool may = variable.cause == Cause::lot ||
                           (variable.device == k && (variable.cause != Cause::read || variable.condition == c));
          const Device& a = before.aged[c].devices[k];
          const Device& b = after.aged[c].devices[k];
          const bool same = bits(a.resistance.value) == bits(b.resistance.value) && a.stuck == b.stuck &&
                            bits(a.contact.on.value) == bits(b.contact.on.value);
          CHECK((may || same));
        }
      }
    }
  }
}

TEST_CASE("what a die was measured as is what its samples would be measured as") {
  for (std::uint64_t seed = 1; seed < 100; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    BankQuestion question = support::any_question(random, Population::die);
    question.around_measured = true;
    question.spec.fabrication.measurement = {.sigma = 0.0, .bits = static_cast<int>(1 + random() % 10)};
    question.die = fabricate(question.spec, {.seed = seed});
    const BankSamples samples(question);
    std::vector<double> point(samples.variables().size());
    for (double& u : point) u = 0.001 + 0.998 * support::any_uniform(random);
    Bank bank = samples.replay(point).bank;
    measure(question.spec.fabrication.measurement, {}, bank.devices);
    std::size_t moved = 0;
    for (std::size_t k = 0; k < bank.devices.size(); ++k) {
      const Device& known = question.die.devices[k];
      const double again = bank.devices[k].measured.value;
      CHECK((again == known.measured.value || std::abs(again / known.measured.value - 1.0) < 1e-12));
      moved += bank.devices[k].resistance.value != known.measured.value ? 1 : 0;
    }
    // All but the one at full scale.
    std::size_t usable = 0;
    for (const Device& device : question.die.devices) usable += !device.is_open() && !device.is_shorted() ? 1 : 0;
    CHECK(moved + 1 == std::max<std::size_t>(usable, 1));
  }
}

TEST_CASE("around a noisy measurement the resistance times the noise is the reading") {
  BankQuestion question = chain(Population::die, 3, 0.1);
  question.spec.fabrication.measurement.sigma = 0.05;
  question.die = fabricate(question.spec, {.seed = 9});
  question.around_measured = true;
  const BankSamples samples(question);
  REQUIRE(samples.variables().size() == 3);
  const std::vector<double> point{0.5, 0.9, 0.2};
  const Bank bank = samples.replay(point).bank;
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(samples.variables()[k].cause == Cause::resistance);
    const double factor = 1.0 + 0.05 * normal_quantile(point[k]);
    CHECK(bank.devices[k].resistance.value * factor ==
          doctest::Approx(question.die.devices[k].measured.value).epsilon(1e-12));
  }
}

TEST_CASE("a chain of normal devices: mean and standard deviation are those of the sum") {
  constexpr std::size_t devices = 12;
  constexpr double sigma = 0.05;
  const BankSamples samples(chain(Population::blind, devices, sigma));
  constexpr std::size_t count = 20'000;
  const double n = count;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    Random random(seed);
    const SampleSpreads found = spreads(errors(samples, count, random, {}));
    // Relative to the target, which is the sum of the nominals.
    const double expected = sigma / std::sqrt(static_cast<double>(devices));
    CHECK(std::abs(found.mean) < 4.5 * expected / std::sqrt(n));
    CHECK(std::abs(found.stddev / expected - 1.0) < 4.5 / std::sqrt(2.0 * n));
  }
}

TEST_CASE("lot and devices add their parts of the variance") {
  constexpr std::size_t devices = 8;
  constexpr double sigma = 0.08;
  constexpr double lot = 0.04;
  BankQuestion question = chain(Population::blind, devices, sigma);
  question.spec.fabrication.process.lot_sigma = lot;
  const BankSamples samples(question);
  REQUIRE(samples.variables().front().cause == Cause::lot);
  constexpr std::size_t count = 60'000;
  const double n = count;
  Random random(5);
  const auto variance = [](double stddev) { return stddev * stddev; };
  const double by_lot =
      variance(spreads(errors(samples, count, random, [](Cause c) { return c == Cause::lot; })).stddev);
  const double by_devices =
      variance(spreads(errors(samples, count, random, [](Cause c) { return c == Cause::resistance; })).stddev);
  const double both = variance(spreads(errors(samples, count, random, {})).stddev);
  const double square = lot * lot;
  const double lot_variance = std::exp(square) * (std::exp(square) - 1.0);
  const double device_variance = sigma * sigma / static_cast<double>(devices);
  const double slack = 4.5 * std::sqrt(2.0 / n) * 1.05;  // lognormal tails are a little heavier
  CHECK(std::abs(by_lot / lot_variance - 1.0) < slack);
  CHECK(std::abs(by_devices / device_variance - 1.0) < slack);
  // Independent factors: E[lot^2] of the devices' part, and the lot's.
  CHECK(std::abs(both / (lot_variance + std::exp(2.0 * square) * device_variance) - 1.0) < slack);
}

TEST_CASE("a search for each die leaves a thousandth of what a blind configuration does") {
  BankQuestion question;
  question.spec.topology = Topology::parallel(16);
  question.spec.fabrication.process = {.nominals = {1e4}, .distribution = Distribution::lognormal, .sigma = 0.3};
  question.aims = {{.target = 1300.0, .configuration = Configuration::from_mask(0x00ff, 16)}};
  Random random(2);
  question.population = Population::blind;
  const SampleSpreads blind = spreads(errors(BankSamples(question), 4'000, random, {}));
  question.population = Population::redesigned;
  const SampleSpreads redesigned = spreads(errors(BankSamples(question), 4'000, random, {}));
  CHECK(blind.rms > 0.05);
  CHECK(redesigned.rms < 1e-3 * blind.rms);
}

TEST_CASE("what a noisy measurement hides caps the precision: its noise over the root of the devices") {
  for (const std::size_t devices : {8U, 16U}) {
    for (const double eta : {0.01, 0.001}) {
      CAPTURE(devices);
      CAPTURE(eta);
      BankQuestion question;
      question.population = Population::redesigned;
      question.spec.topology = Topology::parallel(devices);
      question.spec.fabrication.process = {.nominals = {1e4}, .distribution = Distribution::lognormal, .sigma = 0.1};
      question.spec.fabrication.measurement.sigma = eta;
      const double half = 0.5 * static_cast<double>(devices);
      question.aims = {{.target = 1e4 / half}};
      Random random(3);
      const std::vector<double> found = errors(BankSamples(question), 2'000, random, {});
      std::vector<double> sizes = found;
      for (double& error : sizes) error = std::abs(error);
      std::ranges::nth_element(sizes, sizes.begin() + 1'000);
      // The median of a normal magnitude is 0.6745 of its standard deviation.
      const double bits_found = -std::log2(sizes[1'000] / 0.6745);
      const double law = std::log2(1.0 / eta) + 0.5 * std::log2(half);
      // Eight devices reach about 2^-8 even when they are known: that adds to 0.001.
      if (devices == 16 || eta == 0.01) CHECK(std::abs(bits_found - law) < 0.35);
      CHECK(bits_found < law + 0.2);
    }
  }
}

TEST_CASE("samples do not depend on the thread or on who is beside them") {
  Random random(11);
  const BankSamples samples(support::any_question(random, Population::redesigned));
  constexpr std::size_t count = 3'000;
  const std::vector<double> points = support::any_points(random, samples.variables().size() * count);
  const std::vector<double> together = evaluated(samples, count, points);
  std::vector<double> apart(together.size());
  tbb::parallel_for(std::size_t{0}, count, [&](std::size_t s) {
    const std::vector<double> values = evaluated(samples, 1, column(points, count, s));
    for (std::size_t k = 0; k < values.size(); ++k) apart[k * count + s] = values[k];
  });
  CHECK(std::ranges::equal(together, apart, {}, bits, bits));
}

TEST_CASE("a question that makes no sense is refused in one line") {
  const BankQuestion good = chain(Population::blind, 3, 0.1);
  const auto refused = [&](auto&& spoil) {
    BankQuestion question = good;
    spoil(question);
    CHECK_THROWS_AS(BankSamples{question}, Error);
  };
  CHECK_NOTHROW(BankSamples{good});
  refused([](BankQuestion& q) { q.aims.clear(); });
  refused([](BankQuestion& q) { q.conditions.clear(); });
  refused([](BankQuestion& q) { q.aims[0].target = 0.0; });
  refused([](BankQuestion& q) { q.aims[0].target = infinity; });
  refused([](BankQuestion& q) { q.aims[0].configuration = Configuration(2); });
  refused([](BankQuestion& q) { q.population = Population::die; });
  refused([](BankQuestion& q) { q.conditions[0].celsius = -300.0; });
  refused([](BankQuestion& q) { q.spec.fabrication.process.sigma = -1.0; });
  refused([](BankQuestion& q) {
    q.population = Population::redesigned;
    q.spec.topology = Topology::parallel(65);
  });
}
