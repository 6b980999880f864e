// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/crossbar/arrays.h"

#include <cmath>
#include <random>

namespace ohmset::bench {

Crossbar crossbar(Regime regime, std::int64_t lines) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const Ohm wire{regime == Regime::E ? 1.0 : 10.0};
  Crossbar result;
  result.wires.word = wire;
  result.wires.bit = wire;
  result.wires.driver = Ohm{10.0};
  result.wires.sense = Ohm{10.0};
  result.conductances.resize(lines, lines);
  for (double& g : result.conductances.reshaped()) {
    const double u = uniform(random);
    g = regime == Regime::E ? 1e-3 * std::pow(1e-3, u) : 1e-3 / (0.9 + 0.2 * u);
  }
  return result;
}

Matrix inputs(std::int64_t count, std::int64_t lines) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> volts(0.05, 1.0);
  Matrix result(count, lines);
  for (double& v : result.reshaped()) v = volts(random);
  return result;
}

}  // namespace ohmset::bench
