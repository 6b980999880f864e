// The point farthest from any attainable value, against all values in order, and against what is known of them.
// SPDX-License-Identifier: Apache-2.0
#include "design/coverage.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "design/coverage/sums.h"
#include "sim/error.h"

using ohmset::Bank;
using ohmset::Contribution;
using ohmset::Coverage;
using ohmset::coverage;
using ohmset::Ohm;
using ohmset::Stuck;
using ohmset::TargetUnit;
using ohmset::Topology;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// By the definition: the distance to the nearest value is greatest at an end of the interval or halfway between
// neighbours.
Coverage by_definition(std::vector<double> values, double low, double high) {
  std::ranges::sort(values);
  std::vector<double> places{low, high};
  for (std::size_t k = 0; k + 1 < values.size(); ++k) {
    const double middle = std::midpoint(values[k], values[k + 1]);
    if (middle > low && middle < high) places.push_back(middle);
  }
  Coverage found{.at = low, .distance = -1.0, .below = 0.0, .above = 0.0};
  std::ranges::sort(places);
  for (const double at : places) {
    const auto above = std::ranges::lower_bound(values, at);
    const double to_above = above == values.end() ? infinity : *above - at;
    const double to_below = above == values.begin() ? infinity : at - *(above - 1);
    const double distance = std::min(to_above, to_below);
    if (distance <= found.distance) continue;
    found = {.at = at, .distance = distance, .below = -infinity, .above = infinity};
    if (above != values.begin()) found.below = *(above - 1);
    if (above != values.end()) found.above = *above;
  }
  return found;
}

std::vector<double> all_sums(const std::vector<double>& items) {
  std::vector<double> sums{0.0};
  for (const double item : items) {
    const std::size_t count = sums.size();
    for (std::size_t k = 0; k < count; ++k) sums.push_back(sums[k] + item);
  }
  return sums;
}

void check_same(const Coverage& found, const Coverage& wanted) {
  CHECK(found.at == wanted.at);
  CHECK(found.distance == wanted.distance);
  CHECK(found.below == wanted.below);
  CHECK(found.above == wanted.above);
}

std::vector<Contribution> pairs_of(const std::vector<double>& items) {
  std::vector<Contribution> pairs;
  pairs.reserve(items.size());
  for (const double item : items) pairs.push_back({.inserted = item, .removed = 0.0});
  return pairs;
}

std::vector<double> all_values(const Bank& bank, TargetUnit unit) {
  std::vector<double> values;
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << bank.devices.size(); ++mask) {
    const auto configuration = ohmset::Configuration::from_mask(mask, bank.devices.size());
    values.push_back(unit == TargetUnit::ohm ? resistance(bank, configuration).value
                                             : conductance(bank, configuration).value);
  }
  return values;
}

Bank random_bank(const std::string& topology, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> resistance(7.0, 0.5);
  Bank bank{.topology = Topology::parse(topology)};
  for (std::size_t k = 0; k < bank.topology.device_count(); ++k) {
    bank.devices.push_back(
        {.resistance = Ohm{resistance(random)}, .contact = {.on = Ohm{1.0 + 0.1 * static_cast<double>(k)}}});
  }
  return bank;
}

void check_near(const Coverage& found, const Coverage& wanted, double scale) {
  // Which of two equals is the first may depend on rounding: then the place is another.
  CHECK(found.distance == doctest::Approx(wanted.distance).epsilon(1e-12 + 1e-13 * scale / wanted.distance));
  if (std::abs(found.at - wanted.at) > 1e-11 * scale) return;
  if (std::isfinite(wanted.below)) CHECK(std::abs(found.below - wanted.below) <= 1e-12 * scale);
  if (std::isfinite(wanted.above)) CHECK(std::abs(found.above - wanted.above) <= 1e-12 * scale);
}

}  // namespace

TEST_CASE("The farthest point of an interval is that of all sums in order, to the bit") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    const std::size_t count = random() % 13;
    // Small integers: equal items, zeros and ties abound. All numbers below are exact.
    const int most = std::array{3, 20, 1000, 1'000'000}.at(static_cast<std::size_t>(round) % 4);
    std::uniform_int_distribution<int> item(round % 3 == 0 ? 0 : -most, most);
    std::vector<double> items;
    for (std::size_t k = 0; k < count; ++k) items.push_back(item(random) * 0x1p-7);
    std::uniform_int_distribution<int> end(-5 * most, 5 * most);
    const int a = end(random);
    const int b = end(random);
    if (a == b) continue;
    const double low = std::min(a, b) * 0x1p-8;
    const double high = std::max(a, b) * 0x1p-8;
    check_same(coverage(items, low, high), by_definition(all_sums(items), low, high));
  }
}

TEST_CASE("One word, two words and one sum after another find the same") {
  std::mt19937_64 random(2);
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    const std::size_t count = 3 + random() % 13;
    const bool all_positive = round % 2 == 0;
    // Spread over few or many powers of two: sums of one, two or more words.
    std::lognormal_distribution<double> magnitude(0.0,
                                                  std::array{0.3, 3.0, 30.0}.at(static_cast<std::size_t>(round) % 3));
    std::vector<double> items;
    double total = 0.0;
    for (std::size_t k = 0; k < count; ++k) {
      items.push_back(magnitude(random) * (all_positive || random() % 2 == 0 ? 1.0 : -1.0));
      total += std::abs(items.back());
    }
    // Symmetric intervals have each part twice.
    const double low = all_positive ? 0.25 * total : -0.3 * total;
    const double high = all_positive ? 0.75 * total : 0.2 * total;
    const Coverage found = coverage(items, low, high);
    check_same(found, ohmset::covering::cover_sums_in_order(pairs_of(items), low, high));
    CHECK(found.distance > 0.0);
  }
}

TEST_CASE("Parts that one word takes for equal are told apart by two") {
  std::mt19937_64 random(4);
  for (int round = 0; round < 60; ++round) {
    CAPTURE(round);
    // Sums 0, x, y, x + y in units of 2^-62, with y - x two more or less than x; 8 makes a word of 62 bits count in
    // units of 2^-56 or so.
    const auto x = static_cast<double>((std::int64_t{1} << 52) + static_cast<std::int64_t>(random() % 1'000'000));
    const double y = 2.0 * x + (round % 2 == 0 ? 2.0 : -2.0);
    const std::vector<double> items{x * 0x1p-62, y * 0x1p-62, 8.0, -8.0};
    const Coverage found = coverage(items, 0.0, 3.0 * x * 0x1p-62);
    check_same(found, ohmset::covering::cover_sums_in_order(pairs_of(items), 0.0, 3.0 * x * 0x1p-62));
    CHECK(found.below == (round % 2 == 0 ? items[0] : 0.0));
  }
}

TEST_CASE("Magnitudes that leave two words are compared exactly too") {
  const std::vector<double> items{1e300, 1.0, 1e-300, -1e300, 3.0, 1.0 + 0x1p-52};
  const Coverage found = coverage(items, -2.0, 6.0);
  // Sums within reach: 0, 1, 1 + u, 2 + u, 3, 4, 4 + u, 5 + u, each also with 1e-300. Between 5 + u and 1e300 there is
  // none.
  CHECK(found.at == -2.0);
  CHECK(found.distance == 2.0);
  CHECK(found.above == 0.0);
  CHECK(found.below == -1e300);
  // The two parts of about 1: (1 + u + 1e-300, 2 + u) falls short of it by 1e-300, (0 + 1e-300, 1) likewise.
  const Coverage inner = coverage(items, 0.0, 3.0);
  CHECK(inner.at == 0.5);
  CHECK(inner.distance == 0.5);
  CHECK(inner.below == 1e-300);
  CHECK(inner.above == 1.0);
}

TEST_CASE("Powers of two leave gaps of the least, however many there are") {
  std::vector<double> items(26);
  for (int k = 0; k < 26; ++k) items[static_cast<std::size_t>(k)] = std::ldexp(1.0, k);
  const Coverage all = coverage(items, 0.0, std::ldexp(1.0, 26) - 1.0);
  check_same(all, {.at = 0.5, .distance = 0.5, .below = 0.0, .above = 1.0});
  // Without 2^9 no sum lies between 2^9 - 1 and 2^10; then 25 items and one of 0.
  items[9] = 0.0;
  check_same(coverage(items, 100.0, 1e6), {.at = 767.5, .distance = 256.5, .below = 511.0, .above = 1024.0});
  // Times a number of 53 bits sums take two words, and every part is as wide as the others but for nothing.
  items[9] = std::ldexp(1.0, 9);
  for (double& item : items) item *= 0.1;
  const Coverage tenths = coverage(items, 0.1 * 5000, 0.1 * 5e6);
  CHECK(tenths.distance == 0.05);
}

TEST_CASE("Equal items, zeros and no items have the values that they have") {
  check_same(coverage(std::vector<double>(26, 0.3), 0.1, 0.2),
             {.at = 0.15, .distance = 0.15, .below = 0.0, .above = 0.3});
  check_same(coverage(std::vector<double>(26, 0.0), -1.0, 2.0),
             {.at = 2.0, .distance = 2.0, .below = 0.0, .above = infinity});
  check_same(coverage(std::vector<double>{}, 1.0, 2.0), {.at = 2.0, .distance = 2.0, .below = 0.0, .above = infinity});
  // As far from -1 as from 1: the smaller place.
  check_same(coverage(std::vector<double>{}, -1.0, 1.0),
             {.at = -1.0, .distance = 1.0, .below = -infinity, .above = 0.0});
}

TEST_CASE("Beyond all sums the end of the interval is the farthest point") {
  const std::vector<double> items{1.0, -2.0, 0.5};
  check_same(coverage(items, 3.0, 4.0), {.at = 4.0, .distance = 2.5, .below = 1.5, .above = infinity});
  check_same(coverage(items, -10.0, -9.0), {.at = -10.0, .distance = 8.0, .below = -infinity, .above = -2.0});
  // Within one part, both ends off its middle.
  check_same(coverage(std::vector<double>{8.0}, 1.0, 2.0), {.at = 2.0, .distance = 2.0, .below = 0.0, .above = 8.0});
  check_same(coverage(std::vector<double>{8.0}, 6.0, 7.0), {.at = 6.0, .distance = 2.0, .below = 0.0, .above = 8.0});
}

TEST_CASE("Banks of every topology are covered as their values in both units say") {
  const std::vector<std::string> topologies{"parallel(9)",
                                            "series(9)",
                                            "parallel(series(4), series(5))",
                                            "series(parallel(3), parallel(4), 2)",
                                            "parallel(series(8))",
                                            "series(series(2), parallel(series(3), 1), parallel(2))",
                                            "parallel(parallel(3), 4)",
                                            "parallel(series(2), parallel(series(2), 2), 1)"};
  std::uint64_t seed = 0;
  for (const std::string& topology : topologies) {
    for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
      for (int round = 0; round < 12; ++round) {
        CAPTURE(topology);
        CAPTURE(seed);
        const Bank bank = random_bank(topology, ++seed);
        std::vector<double> values = all_values(bank, unit);
        std::vector<double> finite;
        std::ranges::copy_if(values, std::back_inserter(finite), [](double value) { return value < infinity; });
        const double greatest = std::ranges::max(finite);
        // Beyond all values, around the least ones, and in their midst.
        const double low = std::array{0.0, 0.1, 0.4, -0.5}.at(seed % 4) * greatest;
        const double high = low + std::array{0.02, 0.3, 0.8, 1.7}.at(seed / 4 % 4) * greatest;
        check_near(coverage(bank, unit, low, high), by_definition(values, low, high), greatest);
      }
    }
  }
}

TEST_CASE("Stuck switches, opens, shorts and leaking switches have the values that they have") {
  for (const std::string topology : {"parallel(8)", "series(8)", "parallel(series(4), series(3), 1)"}) {
    for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
      for (std::uint64_t seed = 0; seed < 30; ++seed) {
        CAPTURE(topology);
        CAPTURE(seed);
        Bank bank = random_bank(topology, 100 + seed);
        std::mt19937_64 random(seed);
        for (ohmset::Device& device : bank.devices) {
          const std::uint64_t fate = random() % 8;
          if (fate == 0) device.stuck = Stuck::open;
          if (fate == 1) device.stuck = Stuck::closed;
          if (fate == 2) device.resistance = Ohm{infinity};
          if (fate == 3) device.resistance = Ohm{0.0};
          if (fate == 4 || seed % 2 == 0) device.contact.off = Ohm{1e6};
          if (seed % 3 == 0) device.contact.on = Ohm{0.0};
        }
        const std::vector<double> values = all_values(bank, unit);
        const double scale = unit == TargetUnit::ohm ? 3e3 : 3e-3;
        const double low = std::array{-0.1, 0.0, 0.2}.at(seed % 3) * scale;
        const double high = low + scale;
        const Coverage wanted = by_definition(values, low, high);
        const Coverage found = coverage(bank, unit, low, high);
        if (wanted.distance == infinity) {
          CHECK(found.distance == infinity);
        } else {
          check_near(found, wanted, scale);
        }
      }
    }
  }
}

TEST_CASE("Twenty-six switches of a tree are covered as its sums of groups say") {
  // Two groups of 13 equal devices each in series with their bypasses: the values of one are multiples of its device.
  Bank bank{.topology = Topology::parse("series(parallel(13), parallel(13))")};
  for (std::size_t k = 0; k < 26; ++k) bank.devices.push_back({.resistance = Ohm{k < 13 ? 1000.0 : 1200.0}});
  std::vector<double> values;
  for (int a = 0; a <= 13; ++a) {
    for (int b = 0; b <= 13; ++b) {
      values.push_back(a == 0 || b == 0 ? infinity : 1000.0 / a + 1200.0 / b);
    }
  }
  check_near(coverage(bank, TargetUnit::ohm, 200.0, 2200.0), by_definition(values, 200.0, 2200.0), 2200.0);
}

TEST_CASE("What no coverage can be found for is refused") {
  CHECK_THROWS_AS(static_cast<void>(coverage(std::vector<double>(27, 1.0), 0.0, 1.0)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(coverage(std::vector<double>{1.0}, 1.0, 1.0)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(coverage(std::vector<double>{infinity}, 0.0, 1.0)), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(coverage(std::vector<double>{1.0}, 0.0, infinity)), std::invalid_argument);
  Bank bank = random_bank("parallel(27)", 1);
  CHECK_THROWS_AS(static_cast<void>(coverage(bank, TargetUnit::siemens, 0.0, 1.0)), ohmset::Error);
  bank.devices[3].stuck = Stuck::open;
  CHECK(coverage(bank, TargetUnit::siemens, 0.005, 0.01).distance < 1e-6);
}
