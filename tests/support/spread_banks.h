// Random questions about how banks stand up to manufacturing and life.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "design/tolerance.h"
#include "tests/support/banks.h"

namespace ohmset::test {

inline double uniform_between(support::Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

inline constexpr std::array<Distribution, 5> spread_distributions{Distribution::normal, Distribution::lognormal,
                                                                  Distribution::uniform, Distribution::triangular,
                                                                  Distribution::empirical};

// A fabrication whose devices and switches spread by about `scale`, relative.
inline Fabrication any_fabrication(support::Random& random, std::size_t devices, double scale) {
  Fabrication fabrication;
  Process& process = fabrication.process;
  for (std::size_t k = 0; k < devices; ++k) process.nominals.push_back(std::exp(uniform_between(random, 5.0, 11.0)));
  process.distribution = spread_distributions.at(random() % spread_distributions.size());
  process.sigma = scale * uniform_between(random, 0.5, 1.0);
  for (int k = 0; k < 7; ++k) process.ratios.push_back(1.0 + scale * uniform_between(random, -1.0, 1.0));
  // So that ratios rise with their draws.
  std::ranges::sort(process.ratios);
  process.lot_sigma = random() % 2 == 0 ? scale * uniform_between(random, 0.5, 1.0) : 0.0;
  fabrication.switches.nominal = {.on = Ohm{std::exp(uniform_between(random, 3.0, 7.0))},
                                  .off = Ohm{random() % 2 == 0 ? infinity : 1e7}};
  fabrication.switches.on_sigma = scale * uniform_between(random, 0.5, 1.0);
  return fabrication;
}

// Temperature coefficients, drift by a power law and readings, of about the same effect at 100 kelvin and 1e6 s.
inline void add_life(support::Random& random, Process& process, double scale) {
  process.tc1 = {.mean = uniform_between(random, -1e-4, 1e-4), .sigma = scale * uniform_between(random, 5e-3, 1e-2)};
  process.tc2 = {.mean = uniform_between(random, -1e-7, 1e-7), .sigma = scale * uniform_between(random, 5e-5, 1e-4)};
  process.drift = {.model = DriftModel::power_law,
                   .nu = {.mean = 0.05, .sigma = scale * uniform_between(random, 0.05, 0.1)},
                   .t0 = 20.0};
  process.read_noise = scale * uniform_between(random, 0.5, 1.0);
}

// A configuration in which current flows.
inline Configuration conducting(support::Random& random, const Bank& bank) {
  for (;;) {
    const Configuration configuration = support::any_configuration(random, bank.devices.size());
    const double ohm = resistance(bank, configuration).value;
    if (ohm > 0.0 && ohm < infinity) return configuration;
  }
}

// Dies of a fabrication, all with the same configuration, whose target it hits when nothing deviates.
inline BankQuestion any_question(support::Random& random, const Topology& topology, double scale) {
  BankQuestion question;
  question.spec = {.fabrication = any_fabrication(random, topology.device_count(), scale), .topology = topology};
  question.population = Population::blind;
  Bank bank{.topology = topology};
  for (const double nominal : question.spec.fabrication.process.nominals) {
    bank.devices.push_back({.nominal = Ohm{nominal},
                            .resistance = Ohm{nominal},
                            .measured = Ohm{nominal},
                            .contact = question.spec.fabrication.switches.nominal});
  }
  for (const TargetUnit unit : {TargetUnit::ohm, TargetUnit::siemens}) {
    Aim aim{.unit = unit, .configuration = conducting(random, bank)};
    aim.target = unit == TargetUnit::ohm ? resistance(bank, aim.configuration).value
                                         : conductance(bank, aim.configuration).value;
    question.aims.push_back(aim);
  }
  return question;
}

// The question about one die of its fabrication, its devices drawn around their measured values.
inline void ask_about_die(BankQuestion& question, std::uint64_t seed, const Measurement& measurement) {
  question.spec.fabrication.measurement = measurement;
  question.population = Population::die;
  question.around_measured = true;
  question.die = fabricate(question.spec, {.seed = seed});
}

}  // namespace ohmset::test
