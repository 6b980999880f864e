// Small crossbars to ask about, and the points that are a die's own draws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "design/crossbar_tolerance.h"

namespace crossbar_questions {

using namespace ohmset;

inline Matrix random_matrix(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < columns; ++j) {
      const Stream stream{.seed = seed, .cell = static_cast<std::uint64_t>(i), .device = static_cast<std::uint64_t>(j)};
      matrix(i, j) = 2.0 * uniform(stream, Draw::choice) - 1.0;
    }
  }
  return matrix;
}

// Lognormal devices behind switches of some resistance, wires in.
inline CrossbarSpec usual_spec(const Topology& topology = Topology::parallel(3)) {
  CrossbarSpec spec;
  spec.bank.topology = topology;
  spec.bank.fabrication.process = {.nominals = {2e4}, .distribution = Distribution::lognormal, .sigma = 0.3};
  spec.bank.fabrication.switches.nominal = {Ohm{50.0}, Ohm{1e9}};
  spec.wires = {.word = Ohm{1.0}, .bit = Ohm{1.5}, .driver = Ohm{20.0}, .sense = Ohm{10.0}};
  return spec;
}

// Everything that can be random is.
inline CrossbarSpec restless_spec(const Topology& topology = Topology::parallel(3)) {
  CrossbarSpec spec = usual_spec(topology);
  Process& process = spec.bank.fabrication.process;
  process.lot_sigma = 0.1;
  process.gradient = {0.1, -0.2};
  process.device_open = 0.05;
  process.tc1 = {1e-3, 2e-4};
  process.tc2 = {1e-6, 2e-7};
  process.drift = {.model = DriftModel::power_law, .nu = {0.05, 0.01}, .t0 = 20.0};
  process.read_noise = 2e-3;
  SwitchProcess& switches = spec.bank.fabrication.switches;
  switches.on_sigma = 0.3;
  switches.stuck_open = 0.02;
  switches.stuck_closed = 0.02;
  return spec;
}

inline CrossbarQuestion question_of(const CrossbarSpec& spec, Population population, std::uint64_t seed = 1) {
  const Eigen::Index word_lines = 4;
  return {.design = compile(spec, random_matrix(3, word_lines, seed), {.seed = seed}),
          .population = population,
          .inputs = random_matrix(2, word_lines, seed + 100)};
}

inline std::vector<double> random_point(std::size_t dimensions, std::uint64_t seed) {
  std::vector<double> point(dimensions);
  for (std::size_t k = 0; k < dimensions; ++k) point[k] = uniform({.seed = seed, .cell = k}, Draw::choice);
  return point;
}

}  // namespace crossbar_questions
