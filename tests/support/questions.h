// Random questions about banks: topologies, faults, spreads, conditions, several aims.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "design/tolerance.h"
#include "tests/support/banks.h"

namespace ohmset::support {

inline double any_uniform(Random& random) { return std::uniform_real_distribution<double>(1e-12, 1.0)(random); }
inline bool sometimes(Random& random, int one_in) { return random() % static_cast<std::uint64_t>(one_in) == 0; }

// A point of the open cube, near its faces now and then.
inline std::vector<double> any_points(Random& random, std::size_t numbers) {
  std::vector<double> points(numbers);
  for (double& u : points) {
    u = any_uniform(random);
    if (sometimes(random, 50)) u = sometimes(random, 2) ? 0x1p-53 : 1.0 - 0x1p-53;
  }
  return points;
}

inline Process any_process(Random& random, std::size_t devices) {
  Process process;
  const bool shared = sometimes(random, 2);
  for (std::size_t k = 0; k < (shared ? 1 : devices); ++k) {
    process.nominals.push_back(std::pow(10.0, 3.0 + 2.0 * any_uniform(random)));
  }
  process.distribution = static_cast<Distribution>(random() % 6);
  if (process.distribution != Distribution::none) process.sigma = 0.9 * any_uniform(random);
  if (process.distribution == Distribution::empirical) process.ratios = {0.5, 0.9, 1.0, 1.3};
  if (sometimes(random, 2)) process.lot_sigma = 0.2;
  if (sometimes(random, 3)) {
    process.device_open = 0.1;
    process.device_short = 0.05;
  }
  if (sometimes(random, 8)) {
    process.nominals.clear();
    process.distribution = Distribution::none;
    process.sigma = 0.0;
    for (std::size_t k = 0; k < devices; ++k)
      process.values.push_back(k % 7 == 3 ? infinity : 1e3 + 100.0 * static_cast<double>(k));
  }
  if (sometimes(random, 2)) process.tc1 = {1e-3 * any_uniform(random), 1e-4};
  if (sometimes(random, 3)) process.tc2 = {1e-6, 1e-7};
  switch (random() % 4) {
    case 0:
      process.drift = {.model = DriftModel::power_law, .nu = {0.05, 0.01}};
      break;
    case 1:
      process.drift = {.model = sometimes(random, 2) ? DriftModel::pcm : DriftModel::reram};
      break;
    default:
      break;
  }
  if (sometimes(random, 2)) process.read_noise = 0.01;
  return process;
}

inline Topology any_topology(Random& random) {
  const std::size_t devices = 1 + random() % 12;
  switch (random() % 3) {
    case 0:
      return Topology::parallel(devices);
    case 1:
      return Topology::series(devices);
    default:
      return Topology::parse(any_expression(random, 2));
  }
}

inline BankQuestion any_question(Random& random, Population population) {
  BankQuestion question;
  question.population = population;
  question.spec.topology = any_topology(random);
  const std::size_t devices = question.spec.topology.device_count();
  Fabrication& fabrication = question.spec.fabrication;
  fabrication.process = any_process(random, devices);
  if (!sometimes(random, 3))
    fabrication.switches.nominal = {.on = Ohm{20.0}, .off = Ohm{sometimes(random, 2) ? infinity : 1e7}};
  if (sometimes(random, 2)) fabrication.switches.on_sigma = 0.3;
  if (sometimes(random, 3)) {
    fabrication.switches.stuck_open = 0.1;
    fabrication.switches.stuck_closed = 0.1;
  }
  if (sometimes(random, 2)) fabrication.measurement.sigma = 0.02;
  if (sometimes(random, 2)) fabrication.measurement.bits = static_cast<int>(3 + random() % 9);
  if (population == Population::die) {
    question.die = fabricate(question.spec, {.seed = random()});
    question.around_measured = sometimes(random, 2);
  }
  const std::size_t aims = 1 + random() % 3;
  for (std::size_t k = 0; k < aims; ++k) {
    const bool ohm = sometimes(random, 2);
    const double target = std::pow(10.0, 2.5 + 3.0 * any_uniform(random));
    question.aims.push_back({.target = ohm ? target : 1.0 / target,
                             .unit = ohm ? TargetUnit::ohm : TargetUnit::siemens,
                             .configuration = any_configuration(random, devices)});
  }
  if (sometimes(random, 2)) {
    question.conditions = {{.celsius = 85.0}, {.celsius = -40.0, .seconds = 3600.0}, {.celsius = 27.0}};
    question.conditions.resize(1 + random() % 3);
  }
  return question;
}

}  // namespace ohmset::support
