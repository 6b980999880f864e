// The least predicted spread against all configurations, first order against differences, predictions against samples.
// SPDX-License-Identifier: Apache-2.0
#include "design/robust.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "design/program.h"
#include "design/tolerance.h"
#include "sim/error.h"
#include "tests/support/programs.h"
#include "tests/support/refusal.h"
#include "tests/support/spread_banks.h"

using namespace ohmset;

namespace {

// sqrt(sum of (dR/dr r spread)^2) / R by central differences of the closed form.
double spread_by_differences(const Bank& bank, const Configuration& configuration, const DeviceSpreads& spreads) {
  const double whole = resistance(bank, configuration, Seen::measured).value;
  if (!(whole > 0.0 && whole < infinity)) return 0.0;
  constexpr double step = 1e-4;
  const auto slope = [&](double Ohm::*value, auto part) {
    Bank up = bank;
    Bank down = bank;
    part(up).*value *= 1.0 + step;
    part(down).*value *= 1.0 - step;
    return (resistance(up, configuration, Seen::measured).value -
            resistance(down, configuration, Seen::measured).value) /
           (2.0 * step * whole);
  };
  double variance = 0.0;
  for (std::size_t k = 0; k < bank.devices.size(); ++k) {
    const double device = slope(&Ohm::value, [k](Bank& of) -> Ohm& { return of.devices[k].measured; });
    const double contact = slope(&Ohm::value, [k](Bank& of) -> Ohm& { return of.devices[k].contact.on; });
    variance += std::pow(device * spreads.devices[spreads.devices.size() == 1 ? 0 : k], 2);
    variance += spreads.contacts.empty() ? 0.0 : std::pow(contact * spreads.contacts.front(), 2);
  }
  return std::sqrt(variance);
}

DeviceSpreads any_spreads(std::mt19937_64& random, std::size_t devices) {
  DeviceSpreads spreads;
  const bool one = random() % 3 == 0;
  for (std::size_t k = 0; k < (one ? 1 : devices); ++k) {
    spreads.devices.push_back(1e-3 * std::exp(test::uniform_between(random, -1.0, 1.0)));
  }
  if (random() % 2 == 0) spreads.contacts = {0.1};
  return spreads;
}

// A parallel or series bank, some with faults, or a tree; most targets within range.
test::Case any_case(std::uint64_t seed) {
  if (seed % 3 != 0) return test::make_case(seed, 11);
  std::mt19937_64 random(seed);
  test::Case made;
  do {
    made.bank.topology = Topology::parse(support::any_expression(random, 2));
  } while (made.bank.topology.device_count() > 11);
  for (std::size_t k = 0; k < made.bank.topology.device_count(); ++k) {
    made.bank.devices.push_back(test::make_device(random, false, seed % 2 == 0, 0.0));
  }
  made.options.unit = random() % 2 == 0 ? TargetUnit::ohm : TargetUnit::siemens;
  const Configuration some = support::any_configuration(random, made.bank.devices.size());
  made.target = test::value_of(made.bank, some, made.options.unit, Seen::measured);
  if (!(made.target > 0.0 && std::isfinite(made.target))) made.target = 1e4;
  return made;
}

// The least spread of all configurations that insert only what changes something, in the promised order.
std::vector<double> spreads_by_brute_force(const test::Case& c, double within) {
  test::Case all = c;
  all.options.best = test::everything;
  all.options.within = within;
  all.options.robust.reset();
  std::vector<double> spreads;
  for (const Configuration& configuration : test::brute_force(all)) {
    spreads.push_back(spread_by_differences(c.bank, configuration, *c.options.robust));
  }
  std::ranges::sort(spreads);
  return spreads;
}

double standard_deviation(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double square = 0.0;
  for (const double value : values) square += (value - mean) * (value - mean);
  return std::sqrt(square / (count - 1.0));
}

// A measured bank in use, and what is drawn around it.
struct Used {
  BankSpec spec{};
  Bank bank{};
  std::vector<Condition> conditions{{.celsius = 85.0}};
  double target = 0.0;
};

Used used_bank(std::uint64_t seed, const Topology& topology) {
  std::mt19937_64 random(seed);
  Used used;
  used.spec.topology = topology;
  Fabrication& fabrication = used.spec.fabrication;
  fabrication.process = {.nominals = {1e4},
                         .distribution = Distribution::lognormal,
                         .sigma = 0.7,
                         .tc1 = {.mean = 0.0, .sigma = 1e-5},
                         .read_noise = 1e-3};
  fabrication.switches = {.nominal = {.on = Ohm{50.0}, .off = Ohm{1e9}}, .on_sigma = 0.1};
  fabrication.measurement.sigma = 1e-3;
  used.bank = fabricate(used.spec, {.seed = seed});
  // What any switches give, not the least spread of all: the sum of about half of the devices.
  Configuration some(topology.device_count());
  for (std::size_t k = 0; k < some.size(); ++k) some.set(k, random() % 2 == 0);
  used.target = resistance(used.bank, some, Seen::measured).value * 1.01;
  return used;
}

std::vector<double> sampled_errors(const Used& used, const Configuration& configuration, std::size_t count) {
  BankQuestion question{.spec = used.spec,
                        .population = Population::die,
                        .die = used.bank,
                        .around_measured = true,
                        .aims = {{.target = used.target, .configuration = configuration}},
                        .conditions = used.conditions};
  const BankSamples samples(question);
  std::mt19937_64 random(7);
  std::vector<double> points(samples.variables().size() * count);
  for (double& coordinate : points) coordinate = test::uniform_between(random, 1e-12, 1.0 - 1e-12);
  std::vector<double> values(samples.series() * count);
  samples.evaluate(count, points, values);
  return values;
}

}  // namespace

TEST_CASE("the predicted spread is that of central differences of the closed form") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    const Topology topology = Topology::parse(support::any_expression(random, 3));
    const Bank bank = support::any_bank(random, topology, {.ideal_switches = seed % 4 == 0, .faults = seed % 3 == 0});
    const Configuration configuration = support::any_configuration(random, topology.device_count());
    const DeviceSpreads spreads = any_spreads(random, topology.device_count());
    CHECK(predicted_spread(bank, configuration, spreads) ==
          doctest::Approx(spread_by_differences(bank, configuration, spreads)).epsilon(1e-6));
  }
}

TEST_CASE("the robust choice has the least predicted spread of all configurations within the tolerance") {
  int found = 0;
  int improved = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    test::Case c = any_case(seed);
    const std::size_t devices = c.bank.devices.size();
    if (test::hopeless(c.bank) || c.target == 0.0) continue;
    c.options.robust = any_spreads(random, devices);
    c.options.best = 1 + random() % 4;
    if (random() % 3 == 0) c.options.at_most = devices / 2 + 1;
    if (random() % 5 == 0) c.options.side = Side::above;
    const bool given = random() % 4 != 0;
    if (given) c.options.within = std::pow(10.0, test::uniform_between(random, -3.0, -0.5));
    const Design design = program(c.bank, c.target, c.options);
    CHECK(design.exact);
    REQUIRE(design.trade);
    if (given) CHECK(design.trade->within == *c.options.within);
    const std::vector<double> least = spreads_by_brute_force(c, design.trade->within);
    REQUIRE(design.choices.size() == std::min(c.options.best, least.size()));
    for (std::size_t k = 0; k < design.choices.size(); ++k) {
      const Choice& choice = design.choices[k];
      CHECK(choice.spread == doctest::Approx(least[k]).epsilon(1e-6));
      CHECK(choice.spread == predicted_spread(c.bank, choice.configuration, *c.options.robust));
      const double seen = test::value_of(c.bank, choice.configuration, c.options.unit, Seen::measured);
      CHECK(std::abs(seen - c.target) <= design.trade->within * c.target);
    }
    // The nearest one is what is chosen without.
    ProgramOptions nearest{.unit = c.options.unit, .at_most = c.options.at_most, .side = c.options.side};
    const Design plain = program(c.bank, c.target, nearest);
    REQUIRE(design.trade->nearest.has_value() == !plain.choices.empty());
    if (plain.choices.empty()) continue;
    CHECK(design.trade->nearest->configuration == plain.choices.front().configuration);
    if (design.choices.empty()) continue;
    ++found;
    CHECK(design.choices.front().spread <= design.trade->nearest->spread * (1.0 + 1e-11));
    if (design.choices.front().spread < 0.99 * design.trade->nearest->spread) ++improved;
  }
  CHECK(found > 150);
  CHECK(improved > 30);
}

TEST_CASE("forced devices stay, stuck ones count as they are") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const Topology topology = seed % 3 == 0   ? Topology::parse("parallel(series(3), series(3), 2)")
                              : seed % 3 == 1 ? Topology::parallel(8)
                                              : Topology::series(8);
    test::Case c{.bank = {.topology = topology}};
    for (std::size_t k = 0; k < 8; ++k) c.bank.devices.push_back(test::make_device(random, false, true, 0.0));
    c.bank.devices[5].stuck = random() % 2 == 0 ? Stuck::open : Stuck::closed;
    c.options.robust = any_spreads(random, 8);
    c.options.force_in = {1};
    c.options.force_out = {3};
    c.options.within = 0.2;
    c.target = resistance(c.bank, Configuration::from_text("11001010"), Seen::measured).value;
    const Design design = program(c.bank, c.target, c.options);
    REQUIRE(!design.choices.empty());
    CHECK(design.choices.front().configuration.inserted(1));
    CHECK(!design.choices.front().configuration.inserted(3));
    CHECK(design.choices.front().spread == doctest::Approx(spreads_by_brute_force(c, 0.2).front()).epsilon(1e-6));
  }
}

TEST_CASE("without a tolerance the error may be a third of the nearest one's spread") {
  int wider = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const Used used = used_bank(seed, Topology::parallel(14));
    const Design design = program(used.bank, used.target, {.robust = DeviceSpreads{.devices = {1e-2}}});
    REQUIRE(design.trade);
    const Choice& nearest = design.trade->nearest.value();
    const double error =
        std::abs(resistance(used.bank, nearest.configuration, Seen::measured).value / used.target - 1.0);
    CHECK(design.trade->within == doctest::Approx(std::max(error, nearest.spread / 3.0)).epsilon(1e-9));
    if (design.choices.front().spread < 0.9 * nearest.spread) ++wider;
  }
  CHECK(wider > 10);
}

TEST_CASE("equal spreads: the least error first, then fewest inserted, then the smallest mask") {
  Bank bank{.topology = Topology::parallel(4)};
  for (const double ohm : {1e3, 1e3, 2e3, 2e3}) {
    bank.devices.push_back({.nominal = Ohm{ohm}, .resistance = Ohm{ohm}, .measured = Ohm{ohm}});
  }
  const Design design =
      program(bank, 1e3, {.best = 3, .within = 0.01, .robust = DeviceSpreads{.devices = {1e-3, 1e-3, 2e-3, 2e-3}}});
  // One of 1k: 1e-3. Both of 2k: sqrt(2) 1e-3.
  CHECK(test::texts(design) == std::vector<std::string>{"1000", "0100", "0011"});
  CHECK(design.choices[0].spread == doctest::Approx(1e-3).epsilon(1e-14));
  CHECK(design.choices[2].spread == doctest::Approx(std::sqrt(2.0) * 1e-3).epsilon(1e-14));
}

TEST_CASE("samples around the measured values spread as predicted, the robust choice's less than the nearest one's") {
  for (const char* topology : {"parallel(14)", "series(14)", "series(parallel(5), parallel(5), 3)"}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(topology);
      CAPTURE(seed);
      const Used used = used_bank(seed, Topology::parse(topology));
      const DeviceSpreads spreads = spreads_of(used.bank, used.spec.fabrication, used.conditions);
      const Design design = program(used.bank, used.target, {.within = 0.01, .robust = spreads});
      REQUIRE(!design.choices.empty());
      const Choice& chosen = design.choices.front();
      const Choice& nearest = design.trade->nearest.value();
      constexpr std::size_t count = 20'000;
      const double of_chosen = standard_deviation(sampled_errors(used, chosen.configuration, count));
      const double of_nearest = standard_deviation(sampled_errors(used, nearest.configuration, count));
      const double allowed = 4.5 / std::sqrt(2.0 * count) + 0.012;  // and what errors of 1 % do to the scale
      CHECK(std::abs(of_chosen / chosen.spread - 1.0) < allowed);
      CHECK(std::abs(of_nearest / nearest.spread - 1.0) < allowed);
      if (chosen.spread < 0.95 * nearest.spread) CHECK(of_chosen < of_nearest);
    }
  }
}

TEST_CASE(
    "over 200 banks of 16 devices the spread falls by 5 to 27 %, and with it what it and the error make together") {
  struct Kind {
    double sigma = 0.0;
    double on_sigma = 0.0;
    double spread = 1.0;  // geometric means of the ratios to the nearest one
    double together = 1.0;
  };
  for (const Kind& kind : {Kind{0.3, 0.0, 0.95, 0.97}, Kind{0.7, 0.0, 0.88, 0.90}, Kind{0.3, 0.1, 0.91, 0.93},
                           Kind{0.7, 0.1, 0.75, 0.78}}) {
    CAPTURE(kind.sigma);
    CAPTURE(kind.on_sigma);
    double log_spread = 0.0;
    double log_together = 0.0;
    constexpr int banks = 200;
    for (std::uint64_t seed = 1; seed <= banks; ++seed) {
      BankSpec spec{.topology = Topology::parallel(16)};
      spec.fabrication.process = {.nominals = {1e4}, .distribution = Distribution::lognormal, .sigma = kind.sigma};
      spec.fabrication.switches = {.nominal = {.on = Ohm{50.0}}, .on_sigma = kind.on_sigma};
      spec.fabrication.measurement.sigma = 1e-3;
      const Bank bank = fabricate(spec, {.seed = seed});
      std::mt19937_64 random(seed);
      const double all = conductance(bank, Configuration::from_text(std::string(16, '1')), Seen::measured).value;
      const double target = 1.0 / (all * test::uniform_between(random, 0.25, 0.75));
      const std::vector<Condition> once{Condition{}};
      const Design design = program(bank, target, {.robust = spreads_of(bank, spec.fabrication, once)});
      REQUIRE(!design.choices.empty());
      CHECK(design.exact);
      const auto together = [&](const Choice& choice) {
        return std::hypot(resistance(bank, choice.configuration, Seen::measured).value / target - 1.0, choice.spread);
      };
      const Choice& chosen = design.choices.front();
      const Choice& nearest = design.trade->nearest.value();
      log_spread += std::log(chosen.spread / nearest.spread) / banks;
      log_together += std::log(together(chosen) / together(nearest)) / banks;
    }
    CHECK(std::exp(log_spread) < kind.spread);
    CHECK(std::exp(log_together) < kind.together);
  }
}

TEST_CASE("spreads are what sensitivities of the die around its measured values say") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Used used = used_bank(seed, Topology::parallel(6));
    used.spec.fabrication.process.tc2 = {.mean = 0.0, .sigma = 1e-7};
    used.spec.fabrication.process.drift = {.model = DriftModel::power_law, .nu = {.mean = 0.0, .sigma = 1e-4}};
    used.conditions = {{.celsius = 85.0, .seconds = 1e5}};
    if (seed % 2 == 0) {
      used.spec.fabrication.measurement.bits = 12;
      measure(used.spec.fabrication.measurement, {.seed = seed}, used.bank.devices);
    }
    const Configuration configuration = Configuration::from_text("110100");
    const BankQuestion question{.spec = used.spec,
                                .population = Population::die,
                                .die = used.bank,
                                .around_measured = true,
                                .aims = {{.target = resistance(used.bank, configuration, Seen::measured).value,
                                          .configuration = configuration}},
                                .conditions = used.conditions};
    double variance = 0.0;
    for (const Sensitivity& each : sensitivities(question, 0, 0)) variance += each.stddev * each.stddev;
    const DeviceSpreads spreads = spreads_of(used.bank, used.spec.fabrication, used.conditions);
    // The largest reading lies at an end of the converter's range, which the sample takes into account.
    CHECK(predicted_spread(used.bank, configuration, spreads) ==
          doctest::Approx(std::sqrt(variance)).epsilon(seed % 2 == 0 ? 0.02 : 2e-3));
  }
}

TEST_CASE("robust and any one, robust and cheapest, and spreads that make no sense contradict themselves") {
  const Used used = used_bank(1, Topology::parallel(6));
  const DeviceSpreads fine{.devices = {1e-3}};
  const auto ask = [&](const ProgramOptions& options) { return program(used.bank, used.target, options); };
  CHECK_THROWS_AS(ask({.within = 0.1, .any = true, .robust = fine}), std::invalid_argument);
  CHECK_THROWS_AS(ask({.within = 0.1, .cheapest = true, .robust = fine}), std::invalid_argument);
  CHECK_THROWS_AS(ask({.robust = DeviceSpreads{.devices = {1e-3, 1e-3}}}), std::invalid_argument);
  CHECK_THROWS_AS(ask({.robust = DeviceSpreads{.devices = {-1e-3}}}), std::invalid_argument);
  CHECK_THROWS_AS(ask({.robust = DeviceSpreads{.contacts = {infinity}}}), std::invalid_argument);
  const Used large = used_bank(1, Topology::parallel(most_items + 1));
  CHECK(!test::refusal([&] {
           static_cast<void>(program(large.bank, large.target, {.within = 0.1, .robust = fine}));
         }).empty());
}
