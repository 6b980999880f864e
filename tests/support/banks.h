// Random banks for tests: nested topologies, real switches, faults.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <random>
#include <string>

#include "sim/bank.h"

namespace ohmset::support {

using Random = std::mt19937_64;

// A series-parallel expression of at most depth + 1 levels.
inline std::string any_expression(Random& random, int depth) {
  std::string text = random() % 2 == 0 ? "series(" : "parallel(";
  const std::size_t members = 1 + random() % 3;
  for (std::size_t k = 0; k < members; ++k) {
    if (k > 0) text += ", ";
    text += depth > 0 && random() % 2 == 0 ? any_expression(random, depth - 1) : std::to_string(1 + random() % 3);
  }
  return text + ")";
}

// What a random bank may suffer from.
struct Trouble {
  bool ideal_switches = false;
  bool faults = false;
};

// Devices from 100 ohm to 1 megohm, measured 1 % too high.
inline Bank any_bank(Random& random, const Topology& topology, const Trouble& trouble) {
  std::uniform_real_distribution<double> decade(2.0, 6.0);
  Bank bank{.topology = topology, .devices = std::vector<Device>(topology.device_count())};
  for (Device& device : bank.devices) {
    device.resistance = Ohm{std::pow(10.0, decade(random))};
    device.measured = Ohm{device.resistance.value * 1.01};
    if (!trouble.ideal_switches) {
      device.contact = {.on = Ohm{std::pow(10.0, decade(random) - 2.0)},
                        .off = Ohm{std::pow(10.0, decade(random) + 4)}};
    }
    if (!trouble.faults) continue;
    const std::uint64_t fate = random() % 12;
    if (fate == 0) device.resistance = Ohm{0.0};
    if (fate == 1) device.resistance = Ohm{infinity};
    if (fate == 2 || fate == 3) device.stuck = fate == 2 ? Stuck::open : Stuck::closed;
  }
  return bank;
}

inline Configuration any_configuration(Random& random, std::size_t devices) {
  Configuration configuration(devices);
  for (std::size_t k = 0; k < devices; ++k) configuration.set(k, random() % 2 == 0);
  return configuration;
}

}  // namespace ohmset::support
