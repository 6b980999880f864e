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

Crossbar with_segments(Crossbar array) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> octaves(-1.0, 1.0);
  Wires& wires = array.wires;
  wires.word_segments.resize(array.conductances.rows(), array.conductances.cols());
  wires.bit_segments.resize(array.conductances.rows(), array.conductances.cols());
  for (double& r : wires.word_segments.reshaped()) r = wires.word.value * std::exp2(octaves(random));
  for (double& r : wires.bit_segments.reshaped()) r = wires.bit.value * std::exp2(octaves(random));
  return array;
}

Matrix inputs(std::int64_t count, std::int64_t lines) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> volts(0.05, 1.0);
  Matrix result(count, lines);
  for (double& v : result.reshaped()) v = volts(random);
  return result;
}

}  // namespace ohmset::bench
