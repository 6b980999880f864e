// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/deviations.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>
#include <span>

namespace ohmset::tolerance {
namespace {

// The trapezoidal rule for a normal score converges exponentially: to 1e-15 for polynomials at this step.
constexpr std::size_t nodes = 97;
constexpr double farthest = 9.0;

struct Score {
  std::array<double, nodes> at{};
  std::array<double, nodes> weight{};
};

Score score_nodes() {
  Score score;
  double total = 0.0;
  for (std::size_t k = 0; k < nodes; ++k) {
    score.at[k] = farthest * (2.0 * static_cast<double>(k) / (nodes - 1) - 1.0);
    score.weight[k] = std::exp(-0.5 * score.at[k] * score.at[k]);
    total += score.weight[k];
  }
  for (double& weight : score.weight) weight /= total;
  return score;
}

// Given 1 + sigma N(0,1) > 0.
double positive_normal_deviation(double sigma) {
  const double above = 0.5 * std::erfc(-1.0 / (sigma * std::numbers::sqrt2));
  const double hazard = std::exp(-0.5 / sigma / sigma) * std::numbers::inv_sqrtpi / std::numbers::sqrt2 / above;
  return sigma * std::sqrt(1.0 - hazard * (1.0 / sigma + hazard));
}

double empirical_deviation(std::span<const double> ratios, double mean) {
  double sum = 0.0;
  for (const double ratio : ratios) sum += (ratio - mean) * (ratio - mean);
  return std::sqrt(sum / static_cast<double>(ratios.size())) / mean;
}

}  // namespace

double lognormal_deviation(double sigma) { return std::sqrt(std::expm1(sigma * sigma) * std::exp(sigma * sigma)); }

double typical_ratio(const Process& process) {
  if (process.distribution != Distribution::empirical || process.ratios.empty()) return 1.0;
  return std::accumulate(process.ratios.begin(), process.ratios.end(), 0.0) /
         static_cast<double>(process.ratios.size());
}

double ratio_deviation(const Process& process) {
  const double sigma = process.sigma;
  if (process.distribution == Distribution::empirical) {
    return empirical_deviation(process.ratios, typical_ratio(process));
  }
  if (sigma == 0.0) return 0.0;
  switch (process.distribution) {
    case Distribution::normal:
      return positive_normal_deviation(sigma);
    case Distribution::lognormal:
      return lognormal_deviation(sigma);
    case Distribution::uniform:
      return sigma / std::numbers::sqrt3;
    case Distribution::triangular:
      return sigma / std::sqrt(6.0);
    default:
      return 0.0;
  }
}

Ageing::Ageing(const Process& process, const Condition& condition)
    : life_(process, condition),
      alike_(!condition.seconds || process.drift.model == DriftModel::none ||
             process.drift.model == DriftModel::power_law) {
  if (alike_) any_ = quadrature(1.0);
}

Aged Ageing::of(double resistance) const {
  if (resistance == 0.0 || resistance == infinity) return {.resistance = resistance};
  if (!alike_) return quadrature(resistance);
  Aged aged = any_;
  aged.resistance = resistance;
  life_.age({&aged.resistance, 1}, {});
  return aged;
}

Aged Ageing::quadrature(double resistance) const {
  static const Score score = score_nodes();
  constexpr double step = 1e-4;
  std::array<double, 3> around{resistance, resistance * (1.0 - step), resistance * (1.0 + step)};
  life_.age(around, {});
  Aged aged{.resistance = around[0]};
  aged.elasticity = std::log(around[2] / around[1]) / (std::log1p(step) - std::log1p(-step));
  // What is normal about writing is the conductance, which may come near to 0 and the resistance to no variance at all.
  const auto deviation = [&](std::span<const double> Life::Scores::*cause, bool conductance) {
    Life::Scores scores;
    scores.*cause = score.at;
    std::array<double, nodes> values{};
    values.fill(resistance);
    life_.age(values, scores);
    for (double& value : values) value = (conductance ? aged.resistance / value : value / aged.resistance) - 1.0;
    const double mean = std::inner_product(values.begin(), values.end(), score.weight.begin(), 0.0);
    double square = 0.0;
    for (std::size_t k = 0; k < nodes; ++k) square += score.weight[k] * (values[k] - mean) * (values[k] - mean);
    return std::sqrt(square);
  };
  const Life::Needs& needs = life_.needs();
  if (needs.tc1) aged.tc1 = deviation(&Life::Scores::tc1, false);
  if (needs.tc2) aged.tc2 = deviation(&Life::Scores::tc2, false);
  if (needs.written) aged.written = deviation(&Life::Scores::written, true);
  if (needs.nu) aged.nu = deviation(&Life::Scores::nu, false);
  if (needs.read) aged.read = deviation(&Life::Scores::read, false);
  return aged;
}

}  // namespace ohmset::tolerance
