// A bank of 16 devices in parallel, 10 kOhm and 5 %, lognormal: the mean of its relative error and its yield within 2
// %, each estimated from the same number of samples of each method, over and over.
// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/tolerance/variance.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "design/statistics.h"
#include "sim/random/elementary.h"
#include "sim/sampling_plan.h"

namespace ohmset::bench {
namespace {

constexpr std::size_t devices = 16;
constexpr double sigma = 0.05;
constexpr double limit = 0.02;
constexpr std::uint64_t replicates = 256;

struct Estimates {
  Moments mean{};
  Moments yield{};
};

// The relative errors of samples first to before first + count: R = 1 / sum of 1 / (r exp(sigma z)), against r / 16.
void errors_of(const SamplingPlan& plan, std::uint64_t first, std::vector<double>& points,
               std::vector<double>& errors) {
  plan.points(first, errors.size(), points);
  elementary::loops().normal_quantiles(points.data(), points.size());
  for (double& z : points) z *= -sigma;
  elementary::loops().exponentials(points.data(), points.size());
  for (std::size_t s = 0; s < errors.size(); ++s) {
    double conductance = 0.0;
    for (std::size_t d = 0; d < devices; ++d) conductance += points[d * errors.size() + s];
    errors[s] = static_cast<double>(devices) / conductance - 1.0;
  }
}

Estimates estimates(SamplingMethod method, std::size_t samples) {
  const SamplingPlan plan({.method = method, .seed = 2024, .dimensions = devices, .replicate_size = samples});
  std::vector<double> errors(samples);
  std::vector<double> points(devices * samples);
  Estimates found;
  for (std::uint64_t replicate = 0; replicate < replicates; ++replicate) {
    errors_of(plan, replicate * samples, points, errors);
    double sum = 0.0;
    double passed = 0.0;
    for (const double error : errors) {
      sum += error;
      passed += std::abs(error) <= limit ? 1.0 : 0.0;
    }
    const std::array<double, 2> both{sum / static_cast<double>(samples), passed / static_cast<double>(samples)};
    found.mean.add({both.data(), 1});
    found.yield.add({&both[1], 1});
  }
  return found;
}

}  // namespace

void print_variance_reduction() {
  fmt::print("Variance of plain Monte Carlo's estimate over that of others, {} replicates of each: 16 devices of 5 %\n",
             replicates);
  fmt::print("{:>8}  {:>12} {:>10} {:>10}   {:>15} {:>10} {:>10}\n", "samples", "mean error +-", "lhs", "sobol",
             "yield in 2 % +-", "lhs", "sobol");
  for (const std::size_t samples : {16U, 64U, 256U, 1024U, 4096U, 16'384U}) {
    const Estimates plain = estimates(SamplingMethod::plain, samples);
    const Estimates lhs = estimates(SamplingMethod::latin_hypercube, samples);
    const Estimates sobol = estimates(SamplingMethod::sobol, samples);
    fmt::print("{:>8}  {:>13.2e} {:>10.1f} {:>10.1f}   {:>15.2e} {:>10.1f} {:>10.1f}\n", samples, plain.mean.stddev(),
               plain.mean.variance() / lhs.mean.variance(), plain.mean.variance() / sobol.mean.variance(),
               plain.yield.stddev(), plain.yield.variance() / lhs.yield.variance(),
               plain.yield.variance() / sobol.yield.variance());
    (void)std::fflush(stdout);
  }
  fmt::print("\n");
}

}  // namespace ohmset::bench
