// First-order effects against Kirchhoff's laws, central differences and draws.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "design/tolerance.h"
#include "design/tolerance/slopes.h"
#include "design/tolerance/variables.h"
#include "sim/nodal.h"
#include "tests/support/spread_banks.h"
#include "tests/support/statistics.h"

using namespace ohmset;

namespace {

// The relative error of one aim in one condition.
double error_at(const tolerance::Making& making, const std::vector<double>& point, std::size_t aim,
                std::size_t condition) {
  const Aim& asked = making.question().aims[aim];
  const Bank aged = making.aged(making.bank(point), condition, point);
  const double achieved = asked.unit == TargetUnit::ohm ? resistance(aged, asked.configuration).value
                                                        : conductance(aged, asked.configuration).value;
  return (achieved - asked.target) / asked.target;
}

// Standard deviation of the error when one coordinate alone runs through its range: equally likely strata, the outer
// ones finer.
double deviation_alone(const tolerance::Making& making, std::size_t coordinate, std::size_t aim,
                       std::size_t condition) {
  std::vector<double> point(making.variables().size(), 0.5);
  constexpr int steps = 200;
  constexpr double reach = 8.0;
  point[coordinate] = 0.5;
  const double middle = error_at(making, point, aim, condition);
  double weights = 0.0;
  double mean = 0.0;
  double square = 0.0;
  for (int k = 0; k < steps; ++k) {
    const double low = reach * (2.0 * k / steps - 1.0);
    const double high = reach * (2.0 * (k + 1) / steps - 1.0);
    const double weight = support::normal_probability(high) - support::normal_probability(low);
    point[coordinate] = std::clamp(support::normal_probability(0.5 * (low + high)), 1e-15, 1.0 - 1e-15);
    const double error = error_at(making, point, aim, condition) - middle;
    weights += weight;
    mean += weight * error;
    square += weight * error * error;
  }
  mean /= weights;
  return std::sqrt(std::max(0.0, square / weights - mean * mean));
}

BankQuestion lively_question(std::uint64_t seed, double scale) {
  support::Random random(seed);
  BankQuestion question = test::any_question(random, Topology::parse(support::any_expression(random, 2)), scale);
  test::add_life(random, question.spec.fabrication.process, scale);
  question.conditions = {{.celsius = seed % 2 == 0 ? -40.0 : 125.0, .seconds = 1e6}, {.celsius = 85.0}};
  if (seed % 3 == 0) test::ask_about_die(question, seed, {.sigma = scale, .bits = seed % 2 == 0 ? 9 : 0});
  return question;
}

}  // namespace

TEST_CASE("slopes are those of Kirchhoff's laws: (i / I)^2 r / R in every resistance of the bank's network") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    const Topology topology = Topology::parse(support::any_expression(random, 3));
    const Bank bank = support::any_bank(random, topology, {.ideal_switches = seed % 4 == 0, .faults = seed % 3 == 0});
    const Configuration configuration = support::any_configuration(random, topology.device_count());
    const BankNetwork built = build_network(bank, configuration);
    const PortSolution solved = PortSolver(built.network).solve(built.port);
    const double whole = solved.resistance.value;
    const tolerance::Slopes slopes = tolerance::slopes_of(bank, configuration);
    const bool conducts = whole > 0.0 && whole < infinity;
    const bool same = slopes.resistance == whole || std::abs(slopes.resistance - whole) < 1e-12 * whole;
    CHECK(same);
    double sum = 0.0;
    const std::span<const Branch> branches = built.network.branches();
    for (std::size_t b = 0; b < branches.size(); ++b) {
      const std::string& name = branches[b].name;
      if (name == "short") continue;
      const std::size_t k = std::stoul(name.substr(1));
      const double slope = name[0] == 'r' ? slopes.devices[k] : slopes.contacts[k];
      const double r = branches[b].resistance.value;
      const double expected = conducts && r > 0.0 && r < infinity ? solved.sensitivities[b] * r / whole : 0.0;
      CHECK(slope == doctest::Approx(expected).epsilon(1e-9));
      sum += slope;
    }
    // Euler: the resistance is homogeneous of degree 1.
    CHECK(sum == doctest::Approx(conducts ? 1.0 : 0.0).epsilon(1e-12));
  }
}

TEST_CASE("slopes are the central differences of the closed form") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const BankQuestion question = lively_question(seed, 1e-3);
    const tolerance::Making making(question);
    const std::size_t aim = seed % 2;
    const Aim& asked = question.aims[aim];
    const std::vector<double> middle(making.variables().size(), 0.5);
    const Bank bank = making.aged(making.bank(middle), 1, middle);
    const auto log_achieved = [&](const Bank& changed) {
      return std::log(asked.unit == TargetUnit::ohm ? resistance(changed, asked.configuration).value
                                                    : conductance(changed, asked.configuration).value);
    };
    constexpr double step = 1e-5;
    for (const Sensitivity& each : sensitivities(question, aim, 1)) {
      if (each.variable.cause == Cause::lot) {
        CHECK(std::abs(each.slope) <= 1.0 + 1e-12);
        continue;
      }
      Bank up = bank;
      Bank down = bank;
      const bool contact = each.variable.cause == Cause::switch_on;
      const auto part = [&](Bank& changed) -> double& {
        Device& device = changed.devices[each.variable.device];
        return contact ? device.contact.on.value : device.resistance.value;
      };
      part(up) *= 1.0 + step;
      part(down) *= 1.0 - step;
      const double slope = (log_achieved(up) - log_achieved(down)) / (2.0 * step);
      // Empirical ratios have no middle draw that is their mean.
      CHECK(std::abs(each.slope - slope) < 2e-3 * (1e-4 + std::abs(slope)) + 1e-9);
    }
  }
}

TEST_CASE("the standard deviation of each variable is that of the error when it alone varies") {
  std::set<Cause> seen;
  for (std::uint64_t seed = 1; seed <= 36; ++seed) {
    CAPTURE(seed);
    const BankQuestion question = lively_question(seed, 1e-3);
    const tolerance::Making making(question);
    const std::size_t aim = seed % 2;
    const std::size_t condition = seed / 2 % 2;
    for (const Sensitivity& each : sensitivities(question, aim, condition)) {
      const Variable& variable = each.variable;
      CAPTURE(name_of(variable.cause));
      const std::size_t at = making.coordinate(variable.cause, variable.device, variable.condition);
      const double alone = deviation_alone(making, at, aim, condition);
      // Ratios that are few are not resolved by strata better than this; codes are wide for the smallest devices.
      const bool few = variable.cause == Cause::resistance && question.population != Population::die &&
                       question.spec.fabrication.process.distribution == Distribution::empirical;
      const bool coarse = few || variable.cause == Cause::measurement;
      CHECK(std::abs(each.stddev - alone) <= (coarse ? 0.05 : 0.01) * alone + 1e-12);
      if (alone > 0.0) seen.insert(variable.cause);
    }
  }
  // Lot, resistance, switch, measurement, tc1, tc2, nu, read.
  CHECK(seen.size() == 8);
}

TEST_CASE("written devices: the standard deviation of each variable is that of the error when it alone varies") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    support::Random random(seed);
    BankQuestion question = test::any_question(random, Topology::parse(support::any_expression(random, 2)), 1e-3);
    Process& process = question.spec.fabrication.process;
    process.distribution = Distribution::lognormal;
    for (double& nominal : process.nominals) nominal = std::exp(test::uniform_between(random, 10.6, 12.0));
    process.drift.model = seed % 2 == 0 ? DriftModel::pcm : DriftModel::reram;
    question.conditions = {{.seconds = 1e5}};
    const tolerance::Making making(question);
    for (const Sensitivity& each : sensitivities(question, 0, 0)) {
      const Variable& variable = each.variable;
      CAPTURE(name_of(variable.cause));
      const double alone =
          deviation_alone(making, making.coordinate(variable.cause, variable.device, variable.condition), 0, 0);
      // Where it moves a device by a tenth first order is near, not more.
      if (each.stddev > 0.1 * std::abs(each.slope)) continue;
      const bool wide = variable.cause == Cause::written || variable.cause == Cause::nu;
      CHECK(std::abs(each.stddev - alone) <= (wide ? 0.1 : 0.01) * alone + 1e-12);
    }
  }
}

TEST_CASE("of a single device the standard deviation is exact, however wide its distribution") {
  for (const Distribution distribution : test::spread_distributions) {
    for (const double sigma : {0.05, 0.3, 0.8}) {
      CAPTURE(name_of(distribution));
      CAPTURE(sigma);
      BankQuestion question;
      question.spec.topology = Topology::parallel(1);
      question.spec.fabrication.process = {
          .nominals = {1000.0}, .distribution = distribution, .sigma = sigma, .ratios = {0.5, 1.5, 0.7, 1.3}};
      question.population = Population::blind;
      question.aims = {{.target = 1000.0, .configuration = Configuration::from_text("1")}};
      const std::vector<Sensitivity> found = sensitivities(question, 0, 0);
      REQUIRE(found.size() == 1);
      CHECK(found[0].slope == 1.0);
      CHECK(found[0].share == 1.0);
      const tolerance::Making making(question);
      const bool few = distribution == Distribution::empirical;
      CHECK(found[0].stddev == doctest::Approx(deviation_alone(making, 0, 0, 0)).epsilon(few ? 0.02 : 2e-3));
    }
  }
}

TEST_CASE("small deviations: the variances add up to that of the samples") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const BankQuestion question = lively_question(seed, 2e-3);
    const BankSamples samples(question);
    constexpr std::size_t count = 20'000;
    support::Random random(seed);
    std::vector<double> points(samples.variables().size() * count);
    for (double& coordinate : points) coordinate = test::uniform_between(random, 1e-12, 1.0 - 1e-12);
    std::vector<double> values(samples.series() * count);
    samples.evaluate(count, points, values);
    for (std::size_t series = 0; series < question.aims.size() * question.conditions.size(); ++series) {
      const std::size_t aim = series / question.conditions.size();
      double variance = 0.0;
      for (const Sensitivity& each : sensitivities(question, aim, series % question.conditions.size())) {
        variance += each.stddev * each.stddev;
      }
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(series * count);
      const double mean = std::accumulate(first, first + count, 0.0) / count;
      double sampled = 0.0;
      for (auto value = first; value != first + count; ++value) sampled += (*value - mean) * (*value - mean) / count;
      // The variance of a sample of normal errors deviates by sqrt(2 / count) of itself.
      CHECK(std::abs(sampled / variance - 1.0) < 4.5 * std::sqrt(2.0 / count) + 0.01);
    }
  }
}

TEST_CASE("the ranking names every dimension once, and of any two of one question the one of the larger share first") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    BankQuestion question = lively_question(seed, 0.05);
    if (seed % 2 == 0) {
      question.aims.resize(1);
      question.conditions.resize(1);
    }
    question.spec.fabrication.process.device_open = 0.01;
    const BankSamples samples(question);
    const std::vector<std::uint32_t> order = ranking(samples);
    CHECK(std::set<std::uint32_t>(order.begin(), order.end()).size() == samples.variables().size());
    REQUIRE(order.size() == samples.variables().size());
    std::vector<double> greatest(order.size(), 0.0);
    for (std::size_t aim = 0; aim < question.aims.size(); ++aim) {
      for (std::size_t condition = 0; condition < question.conditions.size(); ++condition) {
        for (const Sensitivity& each : sensitivities(question, aim, condition)) {
          for (std::size_t d = 0; d < order.size(); ++d) {
            const Variable& here = samples.variables()[d];
            const bool same = here.cause == each.variable.cause && here.device == each.variable.device &&
                              here.condition == each.variable.condition;
            if (same) greatest[d] = std::max(greatest[d], each.share);
          }
        }
      }
    }
    for (std::size_t k = 1; k < order.size(); ++k) {
      const bool ordered = greatest[order[k - 1]] > greatest[order[k]] ||
                           (greatest[order[k - 1]] == greatest[order[k]] && order[k - 1] < order[k]);
      CHECK(ordered);
    }
  }
}

TEST_CASE("shares add up to 1, the largest first, equal ones by device") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const BankQuestion question = lively_question(seed, 0.05);
    const std::vector<Sensitivity> found = sensitivities(question, 0, 0);
    double sum = 0.0;
    for (const Sensitivity& each : found) sum += each.share;
    CHECK(sum == doctest::Approx(1.0).epsilon(1e-12));
    for (std::size_t k = 1; k < found.size(); ++k) {
      const bool ordered =
          found[k - 1].share > found[k].share ||
          (found[k - 1].share == found[k].share && found[k - 1].variable.device <= found[k].variable.device);
      CHECK(ordered);
    }
  }
}

TEST_CASE("where nothing conducts, nothing has an effect") {
  BankQuestion question;
  question.spec.topology = Topology::parallel(2);
  question.spec.fabrication.process = {.nominals = {1000.0}, .distribution = Distribution::uniform, .sigma = 0.1};
  question.population = Population::blind;
  question.aims = {{.target = 1000.0, .configuration = Configuration::from_text("00")}};
  for (const Sensitivity& each : sensitivities(question, 0, 0)) {
    CHECK(each.slope == 0.0);
    CHECK(each.stddev == 0.0);
    CHECK(each.share == 0.0);
  }
  CHECK_THROWS_AS(static_cast<void>(sensitivities(question, 1, 0)), std::invalid_argument);
}
