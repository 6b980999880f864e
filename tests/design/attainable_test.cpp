// SPDX-License-Identifier: Apache-2.0
#include "design/attainable.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "design/attainable/careful.h"
#include "design/attainable/device_sums.h"
#include "design/attainable/near_rows.h"
#include "design/attainable/quick.h"
#include "sim/error.h"

namespace {

using namespace ohmset;

constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

// A random expression over some devices.
std::string random_tree(std::size_t devices, bool series, std::mt19937_64& random, int depth = 0) {
  std::string text = series ? "series(" : "parallel(";
  bool first = true;
  while (devices > 0) {
    const std::size_t part = std::min<std::size_t>(devices, 1 + random() % 4);
    if (!first) text += ", ";
    first = false;
    const bool nested = depth < 6 && random() % 3 != 0;
    text += nested ? random_tree(part, random() % 4 == 0 ? series : !series, random, depth + 1) : std::to_string(part);
    devices -= part;
  }
  return text + ")";
}

// parallel(1, series(1, parallel(1, series(1 ...
std::string ladder(std::size_t rungs) {
  std::string text = "1";
  for (std::size_t k = 1; k < rungs; ++k)
    text = (k % 2 == 1 ? "parallel(1, series(" : "series(1, parallel(") + text + "))";
  return "parallel(" + text + ")";
}

Bank make_bank(const std::string& tree, std::mt19937_64& random, bool equal, bool real_switch, double faults) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  Bank bank{.topology = Topology::parse(tree)};
  for (std::size_t k = 0; k < bank.topology.device_count(); ++k) {
    Device device;
    device.resistance = Ohm{equal ? 1000.0 : 1000.0 * std::exp(0.5 * std::normal_distribution<double>()(random))};
    if (uniform(random) < faults) device.resistance = Ohm{uniform(random) < 0.5 ? 0.0 : infinity};
    device.measured = Ohm{device.resistance.value * (equal ? 1.0 : 1.0 + 0.01 * uniform(random))};
    if (device.is_open()) device.measured = device.resistance;
    if (real_switch) device.contact = {.on = Ohm{equal ? 10.0 : 20.0 * uniform(random)}, .off = Ohm{1e6}};
    if (uniform(random) < faults) device.stuck = uniform(random) < 0.5 ? Stuck::open : Stuck::closed;
    bank.devices.push_back(device);
  }
  return bank;
}

struct Ranked {
  double error = 0.0;
  Configuration configuration{};
};

std::vector<Ranked> brute_force(const Bank& bank, double target, const AttainableOptions& options) {
  std::vector<Ranked> all;
  const std::size_t n = bank.devices.size();
  for (std::uint64_t mask = 0; mask < (std::uint64_t{1} << n); ++mask) {
    const Configuration configuration = Configuration::from_mask(mask, n);
    if (!(with_stuck(bank, configuration) == configuration)) continue;
    if (options.at_most && configuration.count() > *options.at_most) continue;
    const double value = options.siemens ? conductance(bank, configuration, options.seen).value
                                         : resistance(bank, configuration, options.seen).value;
    const double error = std::abs(value - target);
    if (options.within && error > *options.within) continue;
    all.push_back({error, configuration});
  }
  std::sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) {
    if (a.error != b.error) return a.error < b.error;
    if (a.configuration.count() != b.configuration.count()) return a.configuration.count() < b.configuration.count();
    return a.configuration.mask() < b.configuration.mask();
  });
  if (all.size() > options.best) all.resize(options.best);
  return all;
}

std::vector<std::string> texts(const std::vector<Ranked>& all) {
  std::vector<std::string> lines;
  for (const Ranked& ranked : all) lines.push_back(ranked.configuration.text());
  return lines;
}

std::vector<std::string> texts(const AttainableResult& result) {
  std::vector<std::string> lines;
  for (const Configuration& configuration : result.configurations) lines.push_back(configuration.text());
  return lines;
}

double nearest_error(const Bank& bank, double target, const AttainableResult& result) {
  return std::abs(resistance(bank, result.configurations.at(0)).value - target);
}

}  // namespace

TEST_CASE("Trees of any shape: the order equals brute force over all configurations") {
  for (std::uint64_t seed = 0; seed < 1200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const std::size_t devices = seed % 60 == 0 ? 13 : 1 + random() % 9;
    const std::string tree = seed % 5 == 0 ? ladder(devices) : random_tree(devices, random() % 2 == 0, random);
    const bool equal = random() % 5 == 0;
    const Bank bank = make_bank(tree, random, equal, random() % 2 == 0, random() % 3 == 0 ? 0.2 : 0.0);
    AttainableOptions options{.siemens = random() % 2 == 0, .seen = random() % 2 == 0 ? Seen::actual : Seen::measured};
    const double u = std::uniform_real_distribution<double>(0.0, 1.0)(random);
    double target = options.siemens ? 2e-3 * u : 2000.0 * u;
    if (random() % 8 == 0) target = 0.0;
    if (random() % 8 == 0) target *= 1e9;
    CAPTURE(tree);
    CAPTURE(target);
    CAPTURE(options.siemens);
    for (int variant = 0; variant < 4; ++variant) {
      CAPTURE(variant);
      options.best = variant == 0 ? 1 : 1 + random() % 30;
      options.within.reset();
      options.at_most.reset();
      if (variant == 2) {
        options.within = target * 0.1;
        if (seed % 2 == 0) options.best = everything;
      }
      if (variant == 3) options.at_most = random() % (devices + 1);
      const AttainableResult result = nearest_attainable(bank, target, options);
      CHECK(result.exact);
      CHECK_FALSE(result.capped);
      CHECK(texts(result) == texts(brute_force(bank, target, options)));
    }
  }
}

TEST_CASE("Larger trees: sorted lists rank what the careful search ranks, whatever is asked") {
  std::size_t quick_answers = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed + 77);
    const std::size_t devices = 12 + random() % 9;
    std::string tree = seed % 5 == 0 ? ladder(devices) : random_tree(devices, random() % 2 == 0, random);
    if (seed % 5 == 1) tree = "parallel(series(" + std::to_string(devices / 2) + "), series(9))";
    if (seed % 5 == 2) tree = "series(parallel(7), parallel(series(6), 1), " + std::to_string(devices - 14 + 8) + ")";
    CAPTURE(tree);
    const bool near_equal = random() % 6 == 0;
    Bank bank = make_bank(tree, random, near_equal, random() % 2 == 0, random() % 4 == 0 ? 0.1 : 0.0);
    // Two devices alike, and others that differ by a few roundings.
    if (near_equal) {
      for (std::size_t k = 2; k < bank.devices.size(); ++k) {
        bank.devices[k].resistance.value *= 1.0 + static_cast<double>(random() % 1000) * 1e-15;
      }
    }
    AttainableOptions options{.siemens = random() % 2 == 0};
    const double u = std::uniform_real_distribution<double>(0.0, 1.0)(random);
    // Among the values, at one of them, or beyond all.
    double target = options.siemens ? 4e-3 * u : 4000.0 * u;
    const Configuration some =
        Configuration::from_mask(random() & ((std::uint64_t{1} << bank.devices.size()) - 1), bank.devices.size());
    const double met = options.siemens ? conductance(bank, some).value : resistance(bank, some).value;
    if (seed % 4 == 0 && met > 0.0 && met < infinity) target = met;
    if (seed % 16 == 1) target *= 1e6;
    CAPTURE(target);
    for (const Side side : {Side::either, Side::below, Side::above}) {
      for (int variant = 0; variant < 3; ++variant) {
        CAPTURE(variant);
        options.side = side;
        options.best = variant == 1 ? 1 + random() % 40 : 1;
        options.at_most.reset();
        options.at_least.reset();
        options.within.reset();
        if (variant == 1 && seed % 3 == 0) options.within = 1e-5 * target;
        if (variant == 2) {
          options.at_most = random() % (devices + 1);
          if (seed % 2 == 0) options.at_least = random() % (*options.at_most + 1);
        }
        const std::size_t at_most = options.at_most.value_or(bank.devices.size());
        const auto lists = attainable::quick_lists(bank, options.seen, at_most);
        if (!lists) continue;
        const auto quick = attainable::quick_search(*lists, bank, target, options, options.best);
        if (!quick) continue;
        ++quick_answers;
        const attainable::Ranked careful = attainable::careful_search(bank, target, options, options.best);
        REQUIRE(careful.exact);
        REQUIRE(quick->size() == careful.candidates.size());
        for (std::size_t k = 0; k < quick->size(); ++k) {
          CHECK(quick->at(k).mask == careful.candidates[k].mask);
          CHECK(quick->at(k).error == careful.candidates[k].error);
        }
      }
    }
  }
  CHECK(quick_answers > 2000);
}

TEST_CASE("Sums of devices ascend, and each is what its devices give") {
  for (const std::size_t n : {5, 6, 13}) {
    CAPTURE(n);
    std::mt19937_64 random(n);
    std::vector<attainable::FreeDevice> devices;
    for (std::size_t k = 0; k < n; ++k) {
      const double least = k == 0 ? 0.0 : 1e-3 * static_cast<double>(random() % 100);
      // Wide magnitudes, and equal ones.
      const double adds = k % 3 == 0 ? 1.0 : std::exp(static_cast<double>(random() % 40) - 30.0);
      devices.push_back({.place = 2 * k + 1, .gives = {.inserted = least + adds, .removed = least}});
    }
    const auto sums = attainable::device_sums(devices);
    REQUIRE(sums.has_value());
    REQUIRE(sums->size() == std::size_t{1} << n);
    std::vector<std::uint64_t> masks;
    for (std::size_t k = 0; k < sums->size(); ++k) {
      const attainable::Value& entry = (*sums)[k];
      if (k > 0) REQUIRE(entry.value >= (*sums)[k - 1].value);
      long double sum = 0.0L;
      std::uint64_t places = 0;
      for (const attainable::FreeDevice& device : devices) {
        const bool inserted = ((entry.mask >> device.place) & 1U) != 0;
        sum += static_cast<long double>(inserted ? device.gives.inserted : device.gives.removed);
        places |= std::uint64_t{1} << device.place;
      }
      REQUIRE((entry.mask & ~places) == 0);
      REQUIRE(std::abs(static_cast<double>(sum - static_cast<long double>(entry.value))) <= 1e-14 * entry.value);
      masks.push_back(entry.mask);
    }
    std::sort(masks.begin(), masks.end());
    CHECK(std::adjacent_find(masks.begin(), masks.end()) == masks.end());
  }
  // Inserted or not, some do not add.
  const std::vector<attainable::FreeDevice> odd(6, {.place = 0, .gives = {.inserted = 1.0, .removed = 2.0}});
  CHECK_FALSE(attainable::device_sums(odd).has_value());
}

TEST_CASE("Rows near a wanted sum: none is missed") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::size_t rows_noted = 0;
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const auto list = [&](std::size_t size) {
      std::vector<attainable::Value> values(size);
      for (attainable::Value& value : values)
        value.value = round % 3 == 0 ? std::floor(50.0 * uniform(random)) : 50.0 * uniform(random);
      std::sort(values.begin(), values.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
      return values;
    };
    const std::vector<attainable::Value> inner = list(1 + random() % 400);
    std::vector<attainable::Value> outer = list(1 + random() % 400);
    const double wanted = 100.0 * uniform(random);
    std::erase_if(outer, [&](const attainable::Value& row) {
      return wanted - row.value < inner.front().value || wanted - row.value > inner.back().value;
    });
    const double near = 1e-3;
    const auto ranges = attainable::rows_near(outer, inner, wanted, near);
    std::vector<bool> noted(outer.size(), false);
    std::size_t above = outer.size();
    for (const attainable::Rows& rows : ranges) {
      REQUIRE(rows.begin < rows.end);
      REQUIRE(rows.end <= above);
      above = rows.begin;
      for (std::size_t row = rows.begin; row < rows.end; ++row) noted[row] = true;
      rows_noted += rows.end - rows.begin;
    }
    bool before_is_near = false;  // or noted
    for (std::size_t row = outer.size(); row-- > 0;) {
      const bool is_near = std::any_of(inner.begin(), inner.end(), [&](const attainable::Value& entry) {
        return std::abs(entry.value - (wanted - outer[row].value)) <= near;
      });
      if (is_near && !noted[row]) CHECK(before_is_near);
      before_is_near = noted[row] || (is_near && before_is_near);
    }
  }
  CHECK(rows_noted < 60000);
}

TEST_CASE("Flat banks of twenty-four devices: a tree search finds what sorting all half sums finds") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const Bank bank = make_bank("series(24)", random, false, false, 0.0);
    std::vector<double> halves[2];
    for (std::size_t side = 0; side < 2; ++side) {
      for (std::uint64_t mask = 0; mask < 4096; ++mask) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 12; ++k) {
          if (((mask >> k) & 1U) != 0) sum += bank.devices[side * 12 + k].resistance.value;
        }
        halves[side].push_back(sum);
      }
      std::sort(halves[side].begin(), halves[side].end());
    }
    const double target = 12345.678;
    double least = infinity;
    for (const double sum : halves[0]) {
      const auto other = std::lower_bound(halves[1].begin(), halves[1].end(), target - sum);
      if (other != halves[1].end()) least = std::min(least, std::abs(sum + *other - target));
      if (other != halves[1].begin()) least = std::min(least, std::abs(sum + *(other - 1) - target));
    }
    const AttainableResult result = nearest_attainable(bank, target);
    CHECK(nearest_error(bank, target, result) == doctest::Approx(least).epsilon(1e-3));
    // The same devices nested one in another, which conducts the same.
    Bank nested = bank;
    nested.topology = Topology::parse("series(4, series(9, series(7)), 4)");
    CHECK(texts(nearest_attainable(nested, target)) == texts(result));
  }
}

TEST_CASE("A ladder of twenty-eight devices comes at least as near as a hundred thousand random configurations") {
  std::mt19937_64 random(2);
  const Bank bank = make_bank(ladder(28), random, false, true, 0.0);
  const double target = 1234.5;
  const AttainableResult result = nearest_attainable(bank, target, {.best = 2});
  REQUIRE(result.configurations.size() == 2);
  const double error = nearest_error(bank, target, result);
  CHECK(error < 1e-2);
  double least = infinity;
  for (int draw = 0; draw < 100'000; ++draw) {
    const Configuration other = Configuration::from_mask(random() & ((std::uint64_t{1} << 28U) - 1), 28);
    least = std::min(least, std::abs(resistance(bank, other).value - target));
  }
  CHECK(error <= least);
  // No single switch improves the best.
  for (std::size_t k = 0; k < 28; ++k) {
    Configuration flipped = result.configurations.front();
    flipped.set(k, !flipped.inserted(k));
    CHECK(std::abs(resistance(bank, flipped).value - target) >= error);
  }
}

TEST_CASE("Many equal devices: ties are resolved, not enumerated") {
  std::mt19937_64 random(1);
  const Bank bank = make_bank("parallel(series(12), series(12), 12)", random, true, false, 0.0);
  const AttainableResult result = nearest_attainable(bank, 250.0, {.best = 4});
  REQUIRE(result.configurations.size() == 4);
  CHECK(result.exact);
  for (const Configuration& configuration : result.configurations) {
    CHECK(resistance(bank, configuration).value == doctest::Approx(250.0));
  }
}

TEST_CASE("The cap is said, and nothing wanted is nothing searched") {
  std::mt19937_64 random(1);
  const Bank bank = make_bank("series(parallel(2), 2)", random, true, false, 0.0);
  const AttainableResult cut = nearest_attainable(bank, 1000.0, {.best = 100, .cap = 3});
  CHECK(cut.capped);
  CHECK(cut.configurations.size() == 3);
  CHECK_FALSE(nearest_attainable(bank, 1000.0, {.best = 100, .cap = 16}).capped);
  CHECK(nearest_attainable(bank, 1000.0, {.best = 0}).configurations.empty());
}

TEST_CASE("Lists beyond the limit and banks of more than 64 devices are refused with what they are") {
  std::mt19937_64 random(1);
  const Bank large = make_bank("parallel(series(30), series(30))", random, false, false, 0.0);
  try {
    static_cast<void>(nearest_attainable(large, 1000.0));
    FAIL("60 devices were accepted");
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    CHECK(std::string(error.what()).find("60 devices") != std::string::npos);
    CHECK(std::string(error.what()).find("33,554,432") != std::string::npos);
  }
  // With few inserted devices the lists are short.
  CHECK(nearest_attainable(large, 1000.0, {.at_most = 2}).configurations.size() == 1);
  const Bank larger = make_bank("parallel(series(40), series(40))", random, false, false, 0.0);
  CHECK_THROWS_AS(static_cast<void>(nearest_attainable(larger, 1000.0)), Error);
  for (const double bad : {infinity, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK_THROWS_AS(static_cast<void>(nearest_attainable(large, bad)), std::invalid_argument);
  }
}
