// Random crossbars and how they are compared, shared by the tests of crossbars.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <cstdint>
#include <random>

#include "sim/crossbar.h"

namespace crossbars {

using namespace ohmset;
using Eigen::Index;
using Eigen::VectorXd;

struct Draw {
  std::mt19937_64 engine;
  explicit Draw(std::uint64_t seed) : engine(seed) {}
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine); }
  // Resistances log-uniform between the two.
  Matrix conductances(Index words, Index bits, double low, double high) {
    Matrix g(words, bits);
    for (double& value : g.reshaped()) value = std::exp(-uniform(std::log(low), std::log(high)));
    return g;
  }
  Matrix inputs(Index batch, Index words) {
    Matrix v(batch, words);
    for (double& value : v.reshaped()) value = uniform(-1.0, 1.0);
    return v;
  }
};

inline Wires wires(double word, double bit, double driver, double sense) {
  return {.word = Ohm{word}, .bit = Ohm{bit}, .driver = Ohm{driver}, .sense = Ohm{sense}};
}

inline constexpr auto all_wires = [](unsigned which) {
  return wires((which & 1U) != 0 ? 1.5 : 0.0, (which & 2U) != 0 ? 2.5 : 0.0, (which & 4U) != 0 ? 10.0 : 0.0,
               (which & 8U) != 0 ? 20.0 : 0.0);
};

inline double largest(const Matrix& m) { return m.size() == 0 ? 0.0 : m.cwiseAbs().maxCoeff(); }
inline double difference(const Matrix& x, const Matrix& y) { return largest(x - y); }

}  // namespace crossbars
