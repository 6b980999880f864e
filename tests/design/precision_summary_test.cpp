// What samples and rows say: order statistics, intervals that hold as often as they promise, lines, knees, proofs.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

#include "design/coverage.h"
#include "design/precision.h"
#include "sim/error.h"

using ohmset::Interval;
using ohmset::needed_devices;
using ohmset::NeededDevices;
using ohmset::PrecisionQuestion;
using ohmset::PrecisionRow;
using ohmset::PrecisionSample;
using ohmset::Slope;
using ohmset::slope_of;
using ohmset::stops_paying;
using ohmset::summarize;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

PrecisionSample sample_of(std::size_t banks, std::size_t targets, const std::vector<double>& bits) {
  PrecisionSample sample{.devices = 10, .banks = banks, .targets = targets, .bits = bits};
  sample.target.resize(bits.size());
  for (const double one : bits) sample.error.push_back((sample.error.size() % 2 == 0 ? 1.0 : -1.0) * std::exp2(-one));
  return sample;
}

bool holds(const Interval& interval, double value) { return interval.low <= value && value <= interval.high; }

// Values of one bank share most of what they have: normal with variance 1 in all.
std::vector<double> clustered(std::size_t banks, std::size_t targets, double shared, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::vector<double> values;
  for (std::size_t bank = 0; bank < banks; ++bank) {
    const double common = std::sqrt(shared) * normal(random);
    for (std::size_t t = 0; t < targets; ++t) values.push_back(common + std::sqrt(1.0 - shared) * normal(random));
  }
  return values;
}

std::vector<PrecisionRow> rows_of(const std::vector<std::size_t>& devices, const std::vector<double>& bits) {
  std::vector<PrecisionRow> rows;
  for (std::size_t k = 0; k < bits.size(); ++k) rows.push_back({.devices = devices[k], .bits_mean = bits[k]});
  return rows;
}

constexpr double first_percentile = -2.3263478740408408;  // of a standard normal variable

}  // namespace

TEST_CASE("A row has the order statistics of its sample") {
  std::mt19937_64 random(3);
  std::vector<double> bits(1000);
  std::normal_distribution<double> normal(12.0, 2.0);
  for (double& one : bits) one = normal(random);
  const PrecisionRow row = summarize({.seed = 1}, sample_of(1000, 1, bits));
  std::vector<double> sorted = bits;
  std::ranges::sort(sorted);
  CHECK(row.devices == 10);
  CHECK(row.bits_worst == sorted[0]);
  CHECK(row.bits_p01 == sorted[9]);
  CHECK(row.bits_median == sorted[499]);
  CHECK(row.band.low == sorted[49]);
  CHECK(row.band.high == sorted[949]);
  CHECK(row.error_median == doctest::Approx(std::exp2(-sorted[500])).epsilon(1e-12));
  long double mean = 0.0L;
  long double variance = 0.0L;
  for (const double one : bits) mean += one / 1000.0L;
  for (const double one : bits) variance += (one - mean) * (one - mean) / 999.0L;
  CHECK(row.bits_mean == doctest::Approx(static_cast<double>(mean)).epsilon(1e-12));
  // Student's t of 999 degrees of freedom at 97.5 %: 1.962341.
  const double half = 1.962341 * std::sqrt(static_cast<double>(variance) / 1000.0);
  CHECK(row.mean.high - row.bits_mean == doctest::Approx(half).epsilon(1e-6));
  CHECK(row.bits_mean - row.mean.low == doctest::Approx(half).epsilon(1e-6));
  // Ranks 469 and 532, a standard textbook table's for a median of 1000.
  CHECK(row.median.low == sorted[468]);
  CHECK(row.median.high == sorted[531]);
  CHECK(!row.bits_law);
}

TEST_CASE("Infinite bits have a rank, and leave no interval of the mean") {
  std::vector<double> bits(20, 5.0);
  bits[3] = infinity;
  bits[7] = 1.0;
  const PrecisionRow lucky = summarize({}, sample_of(20, 1, bits));
  CHECK(lucky.bits_worst == 1.0);
  CHECK(lucky.bits_median == 5.0);
  CHECK(lucky.bits_mean == infinity);
  CHECK(std::isnan(lucky.mean.low));
  CHECK(lucky.p01.low == -infinity);
  bits[3] = -infinity;
  const PrecisionRow broken = summarize({}, sample_of(20, 1, bits));
  CHECK(broken.bits_worst == -infinity);
  CHECK(broken.bits_p01 == -infinity);
  CHECK(broken.bits_mean == -infinity);
  CHECK(broken.band.low == -infinity);
  const PrecisionRow single = summarize({}, sample_of(1, 20, std::vector<double>(20, 5.0)));
  CHECK(single.median.low == -infinity);
  CHECK(single.median.high == infinity);
  CHECK(std::isnan(single.mean.high));
}

TEST_CASE("Intervals hold for fresh banks though the values of a bank are alike") {
  std::mt19937_64 random(17);
  struct Case {
    std::size_t banks = 0;
    std::size_t targets = 0;
    double shared = 0.0;
  };
  for (const Case& each : {Case{6, 20, 0.7}, Case{40, 20, 0.7}, Case{100, 10, 0.1}}) {
    const std::size_t banks = each.banks;
    const std::size_t targets = each.targets;
    const double shared = each.shared;
    CAPTURE(banks);
    int median = 0;
    int p01 = 0;
    int mean = 0;
    int naive = 0;
    int unknown = 0;
    constexpr int rounds = 300;
    for (int round = 0; round < rounds; ++round) {
      const std::vector<double> bits = clustered(banks, targets, shared, random);
      const PrecisionQuestion question{.confidence = 0.9};
      const PrecisionRow row = summarize(question, sample_of(banks, targets, bits));
      median += holds(row.median, 0.0) ? 1 : 0;
      mean += holds(row.mean, 0.0) ? 1 : 0;
      p01 += holds(row.p01, first_percentile) ? 1 : 0;
      unknown += row.p01.low == -infinity ? 1 : 0;
      naive += holds(summarize(question, sample_of(banks * targets, 1, bits)).median, 0.0) ? 1 : 0;
      CHECK(row.median.low <= row.bits_median);
      CHECK(row.bits_median <= row.median.high);
    }
    // At 90 % 270 of 300 hold, with a standard deviation of 5.2.
    CHECK(median >= 255);
    CHECK(p01 >= 250);
    CHECK(mean >= 250);
    CHECK(mean <= 290);
    // What treats all values as independent holds too seldom, the more they share.
    CHECK(naive <= (shared > 0.5 ? 180 : 260));
    // Where a percentile hangs on few banks, one cannot tell how low it may lie.
    if (shared > 0.5 && banks < 10) CHECK(unknown == rounds);
    if (shared < 0.5) CHECK(unknown == 0);
  }
}

TEST_CASE("Values that banks do not share are as good as banks of their own") {
  std::mt19937_64 random(5);
  const std::vector<double> bits = clustered(500, 10, 0.0, random);
  const PrecisionRow together = summarize({}, sample_of(500, 10, bits));
  const PrecisionRow apart = summarize({}, sample_of(5000, 1, bits));
  CHECK(together.bits_median == apart.bits_median);
  CHECK(together.median.high - together.median.low ==
        doctest::Approx(apart.median.high - apart.median.low).epsilon(0.15));
}

TEST_CASE("The law of signed items takes the mean square of the targets asked for") {
  PrecisionSample sample = sample_of(2, 1, {9.0, 10.0});
  sample.law = {9.5, 9.7};
  CHECK(summarize({}, sample).bits_law == ohmset::law_of_signed_items(10));
  CHECK(*summarize({.interval = Interval{-0.5, 0.5}}, sample).bits_law ==
        doctest::Approx(ohmset::law_of_signed_items(10, 1.0 / 12.0)));
  sample.target = {1.0, -2.0};
  CHECK(*summarize({.targets = {1.0, -2.0}}, sample).bits_law == doctest::Approx(ohmset::law_of_signed_items(10, 2.5)));
  CHECK(*summarize({.family = ohmset::BankFamily{}}, sample).bits_law == doctest::Approx(9.6));
}

TEST_CASE("A slope is that of the least squares line") {
  const Slope line = slope_of(rows_of({4, 8, 16}, {5.0, 9.0, 17.0}), 0.95);
  CHECK(line.bits_per_device == doctest::Approx(1.0));
  CHECK(line.at_zero == doctest::Approx(1.0));
  CHECK(std::isnan(line.interval.low));
  CHECK(std::isnan(slope_of(rows_of({4}, {5.0}), 0.95).bits_per_device));
  CHECK(std::isnan(slope_of(rows_of({4, 4}, {5.0, 6.0}), 0.95).bits_per_device));
  CHECK(std::isnan(slope_of(rows_of({4, 6}, {5.0, infinity}), 0.95).bits_per_device));
  CHECK(slope_of(rows_of({4, 6, 8}, {5.0, infinity, 9.0}), 0.95).bits_per_device == doctest::Approx(1.0));
}

TEST_CASE("A slope's interval holds as often as it says, though rows share their banks") {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal;
  const std::vector<std::size_t> devices{6, 10, 14, 18, 24, 30};
  constexpr std::size_t banks = 20;
  constexpr int rounds = 2000;
  int held = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<PrecisionSample> samples(devices.size());
    for (PrecisionSample& sample : samples) sample = sample_of(banks, 1, std::vector<double>(banks));
    for (std::size_t bank = 0; bank < banks; ++bank) {
      const double shared = normal(random);  // what is good at one number of devices is good at all
      for (std::size_t k = 0; k < devices.size(); ++k) {
        samples[k].bits[bank] = 0.976 * static_cast<double>(devices[k]) - 0.3 + shared + 0.2 * normal(random);
      }
    }
    std::vector<PrecisionRow> rows;
    for (std::size_t k = 0; k < devices.size(); ++k) {
      samples[k].devices = devices[k];
      rows.push_back(summarize({.confidence = 0.9}, samples[k]));
    }
    const Slope slope = slope_of(rows, 0.9);
    held += holds(slope.interval, 0.976) ? 1 : 0;
    CHECK(slope.interval.low + slope.interval.high == doctest::Approx(2.0 * slope.bits_per_device));
  }
  CHECK(held > 0.88 * rounds);  // 0.9 +- 0.0067
  CHECK(held < 0.92 * rounds);  // rows taken as independent would hold always
  std::vector<PrecisionRow> others{{.devices = 4, .bits_mean = 5.0, .bank_means = {5.0, 5.0}},
                                   {.devices = 6, .bits_mean = 7.0, .bank_means = {7.0, 7.0, 7.0}}};
  CHECK(std::isnan(slope_of(others, 0.9).interval.low));
}

TEST_CASE("Devices stop paying where curves bend for good, not where two rows stumble") {
  std::vector<std::size_t> devices;
  for (std::size_t n = 4; n <= 40; n += 4) devices.push_back(n);
  const auto at_each = [&devices](const auto& bits_of) {
    std::vector<double> bits;
    for (const std::size_t n : devices) bits.push_back(bits_of(static_cast<double>(n)));
    return bits;
  };
  CHECK(!stops_paying(rows_of(devices, at_each([](double n) { return 0.976 * n; }))));
  const auto ceiling = at_each([](double n) { return std::min(n, 20.0) + 0.5 * std::log2(n); });
  CHECK(stops_paying(rows_of(devices, ceiling)) == 20);
  // Slow, fast, then a ceiling.
  const auto late = at_each([](double n) { return n < 12.0 ? 0.2 * n : std::min(2.4 + 1.2 * (n - 12.0), 21.6); });
  CHECK(stops_paying(rows_of(devices, late)) == 28);
  CHECK(stops_paying(rows_of(devices, at_each([](double) { return 6.0; }))) == 4);
  // Noise of the means that turns single steps over: the steps of 4 devices bring 4 bits, then 0.4.
  std::mt19937_64 random(9);
  std::normal_distribution<double> noise(0.0, 0.3);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(round);
    const auto noisy =
        at_each([&](double n) { return std::min(n, 20.0) + std::max(n - 20.0, 0.0) * 0.1 + noise(random); });
    CHECK(stops_paying(rows_of(devices, noisy)) == 20);
    CHECK(!stops_paying(rows_of(devices, at_each([&](double n) { return n + noise(random); }))));
  }
  CHECK(!stops_paying({}));
  CHECK(!stops_paying(rows_of({4}, {4.0})));
}

TEST_CASE("The devices needed are the first whose share is proven, as counted by hand") {
  const PrecisionQuestion question{.banks = 300, .seed = 8};
  const std::vector<std::size_t> devices{8, 10, 11, 12, 13, 14, 16};
  const NeededDevices needed = needed_devices(question, devices, 9.0, 0.8);
  REQUIRE(needed.devices);
  REQUIRE(!needed.tried.empty());
  CHECK(needed.tried.back().devices == *needed.devices);
  for (std::size_t k = 0; k < needed.tried.size(); ++k) {
    const NeededDevices::Tried& tried = needed.tried[k];
    CAPTURE(tried.devices);
    CHECK(tried.devices == devices[k]);
    const PrecisionSample sample = sample_precision(question, tried.devices);
    std::uint64_t passed = 0;
    for (const double error : sample.error) passed += std::abs(error) <= 0x1p-9 ? 1U : 0U;
    CHECK(tried.passed == passed);
    CHECK(tried.trials == 300);
    CHECK(tried.share == static_cast<double>(passed) / 300.0);
    // P(so many successes or more, were the share the lower end) is what the confidence leaves: 5 %.
    double tail = 0.0;
    for (std::uint64_t s = passed; s <= 300; ++s) {
      tail += std::exp(std::lgamma(301.0) - std::lgamma(static_cast<double>(s) + 1.0) -
                       std::lgamma(301.0 - static_cast<double>(s)) + static_cast<double>(s) * std::log(tried.lower) +
                       static_cast<double>(300 - s) * std::log1p(-tried.lower));
    }
    CHECK(tail == doctest::Approx(0.05).epsilon(1e-6));
    CHECK((tried.lower >= 0.8) == (k + 1 == needed.tried.size()));
  }
  const std::vector<std::size_t> few{4, 5};
  CHECK(!needed_devices(question, few, 9.0, 0.8).devices);
}

TEST_CASE("What cannot be proven is refused") {
  const std::vector<std::size_t> devices{8};
  const auto ask = [&devices](const PrecisionQuestion& question, double bits, double probability) {
    static_cast<void>(needed_devices(question, devices, bits, probability));
  };
  // 0.05 = 0.99^298.07: 299 banks, all of which pass, prove 99 %.
  CHECK_THROWS_AS(ask({.banks = 298}, 3.0, 0.99), ohmset::Error);
  ask({.banks = 299}, 3.0, 0.99);
  CHECK_THROWS_AS(ask({.banks = 300, .even = 3}, 3.0, 0.9), ohmset::Error);
  CHECK_THROWS_AS(ask({.banks = 300, .targets = {0.1, 0.2}}, 3.0, 0.9), ohmset::Error);
  CHECK_THROWS_AS(ask({.banks = 300}, 3.0, 1.0), ohmset::Error);
  CHECK_THROWS_AS(ask({.banks = 300}, infinity, 0.9), ohmset::Error);
  CHECK_THROWS_AS(ask({.banks = 300, .confidence = 0.4}, 3.0, 0.9), ohmset::Error);
  const std::vector<std::size_t> descending{8, 6};
  CHECK_THROWS_AS(static_cast<void>(needed_devices({.banks = 300}, descending, 3.0, 0.9)), std::invalid_argument);
}
