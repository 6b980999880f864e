// Replayed samples, exported as netlists: ngspice measures what the samples say.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "design/tolerance.h"
#include "netlists/ngspice.h"
#include "netlists/spice_writer.h"
#include "tests/support/banks.h"

using namespace ohmset;
using support::Random;

namespace {

struct Export {
  std::string deck{};
  double achieved = 0.0;
  TargetUnit unit = TargetUnit::ohm;
};

// A bank of a phase-change process with real switches, looked at three times in its life.
BankQuestion question_of(Random& random, Population population) {
  BankQuestion question;
  question.population = population;
  const std::array<Topology, 3> topologies{Topology::parallel(9), Topology::series(8),
                                           Topology::parse("parallel(series(3), series(2, parallel(2)), 2)")};
  question.spec.topology = topologies.at(random() % 3);
  const std::size_t devices = question.spec.topology.device_count();
  Fabrication& fabrication = question.spec.fabrication;
  fabrication.process = {.nominals = {80e3}, .distribution = Distribution::lognormal, .sigma = 0.3, .lot_sigma = 0.1};
  fabrication.process.tc1 = {2e-3, 3e-4};
  fabrication.process.tc2 = {1e-6, 1e-6};
  fabrication.process.drift.model = DriftModel::pcm;
  fabrication.process.read_noise = 0.01;
  fabrication.switches = {.nominal = {.on = Ohm{40.0}, .off = Ohm{1e8}}, .on_sigma = 0.3};
  fabrication.measurement = {.sigma = 0.01, .bits = 8};
  if (population != Population::die) {
    fabrication.process.device_open = 0.03;
    fabrication.process.device_short = 0.03;
    fabrication.switches.stuck_open = 0.03;
    fabrication.switches.stuck_closed = 0.03;
  }
  question.around_measured = true;
  if (population == Population::die) question.die = fabricate(question.spec, {.seed = random()});
  for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
    Configuration some = support::any_configuration(random, devices);
    some.set(0, true);
    question.aims.push_back({.target = unit == TargetUnit::ohm ? 4e4 : 4e-5, .unit = unit, .configuration = some});
  }
  question.conditions = {{}, {.celsius = 85.0, .seconds = 3600.0}, {.celsius = -20.0, .seconds = 1e7}};
  return question;
}

}  // namespace

TEST_CASE("ngspice measures the resistance of every replayed sample, over its life") {
  std::vector<Export> exports;
  for (const Population population : {Population::die, Population::blind, Population::redesigned}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      Random random(seed);
      const BankSamples samples(question_of(random, population));
      std::vector<double> point(samples.variables().size());
      for (double& u : point) u = std::uniform_real_distribution<double>(1e-9, 1.0)(random);
      std::vector<double> values(samples.series());
      samples.evaluate(1, point, values);
      const BankSample sample = samples.replay(point);
      const std::size_t conditions = sample.aged.size();
      for (std::size_t k = 0; k < sample.achieved.size(); ++k) {
        const Aim& aim = samples.question().aims[k / conditions];
        // What ngspice will be asked about is what the block of samples says.
        const double achieved = aim.target * (1.0 + values[k]);
        CHECK(achieved == doctest::Approx(sample.achieved[k]).epsilon(1e-12));
        if (!(sample.achieved[k] > 0.0 && sample.achieved[k] < infinity)) continue;
        exports.push_back({.deck = write_bank(sample.aged[k % conditions], sample.configurations[k / conditions]).text,
                           .achieved = sample.achieved[k],
                           .unit = aim.unit});
      }
    }
  }
  REQUIRE(exports.size() > 300);
  Ngspice ngspice;
  std::size_t agreeing = 0;
  double worst = 0.0;
  ngspice.operating_points(
      exports.size(), [&](std::size_t k) { return exports[k].deck; },
      [&](std::size_t k, const NgspiceResult& result) {
        CAPTURE(result.failure);
        REQUIRE(result.ok);
        // 1 V through the ammeter.
        const double siemens = std::abs(result.values.at("vport#branch"));
        const double found = exports[k].unit == TargetUnit::ohm ? 1.0 / siemens : siemens;
        const double difference = std::abs(found / exports[k].achieved - 1.0);
        worst = std::max(worst, difference);
        agreeing += difference <= 1e-9 ? 1 : 0;
      });
  CAPTURE(worst);
  CHECK(agreeing == exports.size());
}
