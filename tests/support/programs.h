// Banks with targets, and every configuration in the order in which they answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "design/program.h"

namespace ohmset::test {

inline constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

struct Case {
  Bank bank{};
  double target = 0.0;
  ProgramOptions options{};
};

inline double value_of(const Bank& bank, const Configuration& configuration, TargetUnit unit, Seen seen) {
  return unit == TargetUnit::ohm ? resistance(bank, configuration, seen).value
                                 : conductance(bank, configuration, seen).value;
}

inline Device make_device(std::mt19937_64& random, bool equal, bool real_switch, double faults) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  Device device;
  device.nominal = Ohm{1e4};
  device.resistance = Ohm{equal ? 1e4 : 1e4 * std::exp(0.4 * std::normal_distribution<double>()(random))};
  if (uniform(random) < faults) device.resistance = Ohm{uniform(random) < 0.5 ? 0.0 : infinity};
  device.measured = device.resistance;
  if (!equal && uniform(random) < 0.3) device.measured.value *= 1.0 + 0.01 * (uniform(random) - 0.5);
  if (real_switch) device.contact = {.on = Ohm{50.0 * (equal ? 1.0 : uniform(random))}, .off = Ohm{1e7}};
  if (uniform(random) < faults) device.stuck = uniform(random) < 0.5 ? Stuck::open : Stuck::closed;
  return device;
}

inline Case make_case(std::uint64_t seed, std::size_t most) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  Case made;
  const std::size_t n = 1 + random() % most;
  const bool series = random() % 2 == 0;
  made.bank.topology = series ? Topology::series(n) : Topology::parallel(n);
  const bool equal = random() % 5 == 0;
  const bool real_switch = random() % 2 == 0;
  const double faults = random() % 3 == 0 ? 0.2 : 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    made.bank.devices.push_back(make_device(random, equal, real_switch, faults));
  }
  made.options.unit = random() % 2 == 0 ? TargetUnit::ohm : TargetUnit::siemens;
  Configuration some(n);
  for (std::size_t k = 0; k < n; ++k) some.set(k, random() % 2 == 0);
  const double inside = value_of(made.bank, some, made.options.unit, Seen::measured);
  const double typical = made.options.unit == TargetUnit::ohm ? 1e4 : 1e-4;
  switch (random() % 6) {
    case 0:
      made.target = inside;
      break;
    case 1:
      made.target = 0.0;
      break;
    case 2:
      made.target = typical * std::pow(10.0, 40.0 * (uniform(random) - 0.5));
      break;
    default:
      made.target = inside * (0.9 + 0.2 * uniform(random));
  }
  if (!std::isfinite(made.target) || made.target < 0.0) made.target = typical;
  return made;
}

// Every configuration that inserts only devices which change something finite, in the promised order.
inline std::vector<Configuration> brute_force(const Case& c) {
  const std::size_t n = c.bank.devices.size();
  const std::vector<bool> bypassed = bypassed_by_switch(c.bank.topology);
  struct Entry {
    double cost = 0.0;
    double error = 0.0;
    Configuration configuration{};
  };
  std::vector<Entry> entries;
  for (std::uint64_t mask = 0; mask < (std::uint64_t{1} << n); ++mask) {
    const Configuration asked = Configuration::from_mask(mask, n);
    const Configuration real = with_stuck(c.bank, asked);
    bool useful = true;
    for (const std::size_t k : c.options.force_in) useful = useful && real.inserted(k);
    for (const std::size_t k : c.options.force_out) useful = useful && !real.inserted(k);
    for (std::size_t k = 0; k < n; ++k) {
      const Contribution gives = contribution(c.bank.devices[k], bypassed[k], Seen::measured);
      const double item = gives.inserted - gives.removed;
      if (c.bank.devices[k].stuck != Stuck::free) {
        useful = useful && !asked.inserted(k);  // each real configuration once
      } else if (asked.inserted(k) && std::count(c.options.force_in.begin(), c.options.force_in.end(), k) == 0) {
        useful = useful && std::isfinite(item) && item != 0.0;
      }
    }
    const ProgramOptions& options = c.options;
    if (!useful || (options.at_most && real.count() > *options.at_most)) continue;
    if (options.at_least && real.count() < *options.at_least) continue;
    const double value = value_of(c.bank, real, options.unit, Seen::measured);
    if (options.side == Side::below ? value > c.target : (options.side == Side::above && value < c.target)) continue;
    const double error = std::abs(value - c.target);
    if (options.within && error > *options.within * c.target) continue;
    double cost = 0.0;
    if (options.cheapest) {
      for (const std::size_t k : real.on()) cost += options.costs.empty() ? 1.0 : options.costs[k];
    }
    entries.push_back({cost, error, real});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    if (a.cost != b.cost) return a.cost < b.cost;
    if (a.error != b.error) return a.error < b.error;
    if (a.configuration.count() != b.configuration.count()) return a.configuration.count() < b.configuration.count();
    return a.configuration.mask() < b.configuration.mask();
  });
  std::vector<Configuration> configurations;
  for (const Entry& entry : entries) {
    if (configurations.size() == c.options.best) break;
    configurations.push_back(entry.configuration);
  }
  return configurations;
}

// A device stuck so that the bank is open or shorted whatever is chosen.
inline bool hopeless(const Bank& bank) {
  const Configuration none(bank.devices.size());
  const double additive = bank.topology.is_parallel() ? conductance(bank, none, Seen::measured).value
                                                      : resistance(bank, none, Seen::measured).value;
  return std::isinf(additive);
}

inline std::vector<std::string> texts(const std::vector<Configuration>& configurations) {
  std::vector<std::string> all;
  for (const Configuration& configuration : configurations) all.push_back(configuration.text());
  return all;
}

inline std::vector<std::string> texts(const Design& design) {
  std::vector<std::string> all;
  for (const Choice& choice : design.choices) all.push_back(choice.configuration.text());
  return all;
}

}  // namespace ohmset::test
