// Small experiments whose samples can all be had at once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "design/monte_carlo.h"

namespace ohmset::test {

using Value = std::function<double(const double* point, std::size_t stride)>;

// One series per function of the point.
inline Experiment experiment_of(std::size_t dimensions, std::vector<Value> functions, std::size_t together = 64) {
  const std::size_t series = functions.size();
  return {.dimensions = dimensions,
          .series = series,
          .together = together,
          .evaluate = [functions = std::move(functions)](std::uint64_t, std::size_t count,
                                                         std::span<const double> points, std::span<double> values) {
            for (std::size_t k = 0; k < functions.size(); ++k) {
              for (std::size_t s = 0; s < count; ++s) values[k * count + s] = functions[k](points.data() + s, count);
            }
          }};
}

inline constexpr double inf = std::numeric_limits<double>::infinity();

// From friendly to hostile: Cauchy, few values, all equal, infinities, eighteen decades, zeros of both signs, one
// outlier, denormal numbers.
inline std::vector<Value> distributions_of_values() {
  return {[](const double* u, std::size_t) { return std::tan(std::numbers::pi * (*u - 0.5)); },
          [](const double* u, std::size_t) { return std::floor(7.0 * *u); },
          [](const double*, std::size_t) { return 0.125; },
          [](const double* u, std::size_t) { return *u < 0.02 ? -inf : (*u > 0.7 ? inf : *u); },
          [](const double* u, std::size_t) { return std::pow(10.0, 18.0 * *u - 9.0); },
          [](const double* u, std::size_t) { return *u < 0.3 ? -0.0 : (*u < 0.6 ? 0.0 : *u); },
          [](const double* u, std::size_t) { return *u < 0.0001 ? 1e300 : 1.0 + 1e-12 * *u; },
          [](const double* u, std::size_t) { return *u * 1e-310; }};
}

// All values of a series, sorted.
inline std::vector<double> all_values(const Experiment& experiment, const SamplingPlan& plan, std::uint64_t samples,
                                      std::size_t series) {
  std::vector<double> all;
  constexpr std::size_t at_once = 1000;
  for (std::uint64_t first = 0; first < samples; first += at_once) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(at_once, samples - first));
    std::vector<double> points(experiment.dimensions * count);
    std::vector<double> values(experiment.series * count);
    plan.points(first, count, points);
    experiment.evaluate(first, count, points, values);
    all.insert(all.end(), values.begin() + static_cast<std::ptrdiff_t>(series * count),
               values.begin() + static_cast<std::ptrdiff_t>((series + 1) * count));
  }
  std::sort(all.begin(), all.end());
  return all;
}

// Every number of a result, to compare results bit by bit.
inline std::vector<double> numbers_of(const MonteCarloResult& result) {
  std::vector<double> all{static_cast<double>(result.samples), static_cast<double>(result.replicates),
                          static_cast<double>(result.passes), result.narrow_enough ? 1.0 : 0.0};
  const auto add = [&](std::initializer_list<double> more) { all.insert(all.end(), more); };
  for (const SeriesResult& series : result.series) {
    const Moments& m = series.moments;
    add({static_cast<double>(m.count), static_cast<double>(m.infinite), m.mean, m.m2, m.m3, m.m4, m.least, m.greatest});
    add({series.mean.low, series.mean.high});
    for (const QuantileEstimate& q : series.quantiles) add({q.value, q.interval.low, q.interval.high});
    for (const YieldEstimate& y : series.yields) add({static_cast<double>(y.passed), y.interval.low, y.interval.high});
    const Histogram& h = series.histogram;
    add({h.low, h.high, static_cast<double>(h.below), static_cast<double>(h.above)});
    for (const std::uint64_t count : h.counts) all.push_back(static_cast<double>(count));
  }
  // Not-a-numbers are equal to each other here.
  for (double& number : all) number = std::isnan(number) ? -12345.678 : number;
  return all;
}

}  // namespace ohmset::test
