// Worst cases against everything that the draws can make.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "design/tolerance.h"
#include "design/tolerance/variables.h"
#include "tests/support/refusal.h"
#include "tests/support/spread_banks.h"
#include "tests/support/statistics.h"

using namespace ohmset;

namespace {

double achieved(const tolerance::Making& making, const std::vector<double>& point, const Corner& corner) {
  const Aim& aim = making.question().aims[corner.aim];
  const Bank aged = making.aged(making.bank(point), corner.condition, point);
  return aim.unit == TargetUnit::ohm ? resistance(aged, aim.configuration).value
                                     : conductance(aged, aim.configuration).value;
}

// Every variable at one end of its range or at the other: all 2^variables combinations.
void check_by_brute_force(const BankQuestion& question, double sigmas) {
  const tolerance::Making making(question);
  const std::size_t variables = making.variables().size();
  REQUIRE(variables <= 13);
  const double u = support::normal_probability(-sigmas);
  for (const Corner& corner : corners(question, sigmas)) {
    double least = infinity;
    double greatest = 0.0;
    std::vector<double> point(variables);
    for (std::uint64_t ends = 0; ends < (std::uint64_t{1} << variables); ++ends) {
      for (std::size_t v = 0; v < variables; ++v) point[v] = (ends >> v) % 2 == 0 ? u : 1.0 - u;
      const double value = achieved(making, point, corner);
      least = std::min(least, value);
      greatest = std::max(greatest, value);
    }
    CHECK(corner.exact);
    CHECK(corner.sigmas == sigmas);
    CHECK(corner.low == doctest::Approx(least).epsilon(1e-11));
    CHECK(corner.high == doctest::Approx(greatest).epsilon(1e-11));
    const double target = question.aims[corner.aim].target;
    CHECK(corner.low_error == (corner.low - target) / target);
    CHECK(corner.high_error == (corner.high - target) / target);
  }
}

// Draws within sigmas standard deviations never leave the corners.
void check_draws(const BankQuestion& question, double sigmas, support::Random& random, int draws) {
  const tolerance::Making making(question);
  const std::vector<Corner> found = corners(question, sigmas);
  REQUIRE(found.size() == question.aims.size() * question.conditions.size());
  const double u = support::normal_probability(-sigmas);
  std::vector<double> point(making.variables().size());
  for (int draw = 0; draw < draws; ++draw) {
    // Most at an end or near it: where one might leave.
    for (double& coordinate : point) {
      const double at = test::uniform_between(random, u, 1.0 - u);
      const std::uint64_t where = random() % 4;
      coordinate = where == 0 ? at : where == 1 ? u : where == 2 ? 1.0 - u : at < 0.5 ? u + 0.01 * at : 1.0 - 0.01 * at;
      coordinate = std::clamp(coordinate, u, 1.0 - u);
    }
    for (const Corner& corner : found) {
      const double value = achieved(making, point, corner);
      CHECK(value >= corner.low * (1.0 - 1e-12));
      CHECK(value <= corner.high * (1.0 + 1e-12));
    }
  }
}

Topology small_tree(support::Random& random, std::size_t most) {
  for (;;) {
    const Topology topology = Topology::parse(support::any_expression(random, 2));
    if (topology.device_count() <= most) return topology;
  }
}

}  // namespace

TEST_CASE("corners of a process are the extremes of all combinations of devices, switches and lot at their ends") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    const BankQuestion question = test::any_question(random, small_tree(random, 5), seed % 2 == 0 ? 0.02 : 0.3);
    check_by_brute_force(question, test::uniform_between(random, 0.5, 3.5));
  }
}

TEST_CASE("corners in heat, after drift and of noisy readings are the extremes of all combinations") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    BankQuestion question = test::any_question(random, small_tree(random, 2), 0.05);
    Fabrication& fabrication = question.spec.fabrication;
    fabrication.switches.on_sigma = 0.0;
    test::add_life(random, fabrication.process, 0.05);
    // Below 27 degrees Celsius a larger first coefficient lowers the resistance, and so does drift before t0.
    question.conditions = {{.celsius = seed % 2 == 0 ? -40.0 : 125.0, .seconds = seed % 3 == 0 ? 1.0 : 1e6}};
    check_by_brute_force(question, 3.0);
  }
}

TEST_CASE("corners of a die around its measured values take its measurement's noise and codes into account") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    BankQuestion question = test::any_question(random, small_tree(random, 4), 0.2);
    const Measurement measurement{.sigma = seed % 3 == 0 ? 0.0 : 0.01, .bits = seed % 3 == 1 ? 0 : 8};
    test::ask_about_die(question, seed, measurement);
    check_by_brute_force(question, 2.0);
  }
}

TEST_CASE("draws within k standard deviations never leave the corners") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    BankQuestion question = test::any_question(random, small_tree(random, 12), 0.2);
    test::add_life(random, question.spec.fabrication.process, 0.1);
    question.conditions = {{}, {.celsius = -40.0}, {.celsius = 85.0, .seconds = 3e7}};
    if (seed % 2 == 0) test::ask_about_die(question, seed, {.sigma = 0.02, .bits = seed % 4 == 0 ? 10 : 0});
    check_draws(question, 3.0, random, 200);
  }
}

TEST_CASE("corners of devices written to a conductance hold as well, and are exact where it is known") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    BankQuestion question = test::any_question(random, small_tree(random, 6), 0.2);
    Fabrication& fabrication = question.spec.fabrication;
    for (double& nominal : fabrication.process.nominals) nominal = std::exp(test::uniform_between(random, 10.0, 14.0));
    fabrication.process.drift.model = seed % 2 == 0 ? DriftModel::pcm : DriftModel::reram;
    question.conditions = {{.seconds = 1e5}};
    if (seed % 3 == 0) {
      question.population = Population::die;
      question.die = fabricate(question.spec, {.seed = seed});
    }
    check_draws(question, 3.0, random, 200);
    for (const Corner& corner : corners(question, 3.0)) CHECK(corner.exact == (seed % 3 == 0));
  }
}

TEST_CASE("far out, the corners of bounded distributions are those of the ends of their range") {
  for (const Distribution distribution : {Distribution::uniform, Distribution::triangular}) {
    BankQuestion question;
    question.spec.topology = Topology::parse("series(parallel(2), 1)");
    question.spec.fabrication.process = {
        .nominals = {1000.0, 2000.0, 500.0}, .distribution = distribution, .sigma = 0.2};
    question.population = Population::blind;
    question.aims = {{.target = 1000.0, .configuration = Configuration::from_text("111")}};
    const Corner corner = corners(question, 12.0).front();
    const double nominal = 1000.0 * 2000.0 / 3000.0 + 500.0;
    CHECK(corner.low == doctest::Approx(0.8 * nominal).epsilon(1e-13));
    CHECK(corner.high == doctest::Approx(1.2 * nominal).epsilon(1e-13));
  }
}

TEST_CASE("corners of a normal bank are where its quantiles are, however far out") {
  BankQuestion question;
  question.spec.topology = Topology::series(2);
  question.spec.fabrication.process = {
      .nominals = {1000.0, 3000.0}, .distribution = Distribution::normal, .sigma = 0.01, .lot_sigma = 0.02};
  question.population = Population::blind;
  question.aims = {{.target = 4000.0, .configuration = Configuration::from_text("11")}};
  for (const double sigmas : {1.0, 6.0, 12.0, 30.0}) {
    const Corner corner = corners(question, sigmas).front();
    CHECK(corner.low == doctest::Approx(4000.0 * (1.0 - 0.01 * sigmas) * std::exp(-0.02 * sigmas)).epsilon(1e-12));
    CHECK(corner.high == doctest::Approx(4000.0 * (1.0 + 0.01 * sigmas) * std::exp(0.02 * sigmas)).epsilon(1e-12));
  }
}

TEST_CASE("what a die suffers from stays in its corners, what others may does not come into them") {
  BankQuestion question;
  question.spec.topology = Topology::parallel(3);
  question.spec.fabrication.process = {
      .nominals = {1000.0}, .distribution = Distribution::uniform, .sigma = 0.1, .device_open = 0.5};
  question.aims = {{.target = 500.0, .configuration = Configuration::from_text("111")}};
  question.population = Population::blind;
  CHECK(corners(question, 10.0).front().high == doctest::Approx(1100.0 / 3.0).epsilon(1e-13));
  question.population = Population::die;
  question.die = {.topology = question.spec.topology,
                  .devices = {{.resistance = Ohm{900.0}}, {.resistance = Ohm{infinity}}, {.resistance = Ohm{1000.0}}}};
  const Corner corner = corners(question, 3.0).front();
  CHECK(corner.low == doctest::Approx(1.0 / (1.0 / 900.0 + 1.0 / 1000.0)).epsilon(1e-13));
  CHECK(corner.high == corner.low);
}

TEST_CASE("corners at no or too many standard deviations are refused") {
  support::Random random(1);
  const BankQuestion question = test::any_question(random, Topology::parallel(2), 0.1);
  for (const double sigmas : {0.0, -1.0, 31.0, infinity, std::nan("")}) {
    CHECK(test::refusal([&] { static_cast<void>(corners(question, sigmas)); }).find("standard deviations") !=
          std::string::npos);
  }
  BankQuestion aimless = question;
  aimless.aims.clear();
  CHECK(!test::refusal([&] { static_cast<void>(corners(aimless, 3.0)); }).empty());
}
