// Which options make sense.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "design/monte_carlo/rounds.h"
#include "sim/error.h"

namespace ohmset::mc {
namespace {

constexpr std::uint64_t most_of_all = std::uint64_t{1} << 52U;
constexpr std::uint64_t most_replicates = 65'536;

void check(const MonteCarloOptions& options) {
  if (options.most_samples < 1 || options.most_samples > most_of_all) {
    throw input_error(fmt::format("at most {} samples", options.most_samples), "expected 1 to 2^52");
  }
  if (options.samples < 1 || options.samples > options.most_samples) {
    throw input_error(fmt::format("{} samples", options.samples),
                      fmt::format("expected 1 to {}", options.most_samples));
  }
  if (options.method != SamplingMethod::plain && (options.replicates < 2 || options.replicates > most_replicates)) {
    throw input_error(fmt::format("{} replicates", options.replicates),
                      fmt::format("expected 2 to {}", most_replicates));
  }
  const auto within = [](double value) { return value > 0.0 && value < 1.0; };
  if (!within(options.confidence)) {
    throw input_error(fmt::format("a confidence of {}", options.confidence), "expected between 0 and 1");
  }
  for (const double p : options.quantiles) {
    if (!within(p)) throw input_error(fmt::format("a quantile of probability {}", p), "expected between 0 and 1");
  }
  for (const double limit : options.limits) {
    if (!(limit >= 0.0 && std::isfinite(limit))) {
      throw input_error(fmt::format("a limit of {}", limit), "expected finite and not negative");
    }
  }
  if (options.until_interval) {
    if (!(*options.until_interval > 0.0)) {
      throw input_error(fmt::format("an interval of {}", *options.until_interval), "expected above 0");
    }
    if (options.limits.empty()) {
      throw input_error("an interval to reach without a limit", "expected a limit, for a yield");
    }
  }
  constexpr std::size_t most_bins = 1'000'000;
  if (options.bins < 1 || options.bins > most_bins) {
    throw input_error(fmt::format("{} bins", options.bins), fmt::format("expected 1 to {}", most_bins));
  }
  if (options.kept < 1) throw input_error("no values kept", "expected 1 or more");
}

std::uint64_t replicate_size(const MonteCarloOptions& options) {
  if (options.method == SamplingMethod::plain) return 0;
  const std::uint64_t size = (options.samples + options.replicates - 1) / options.replicates;
  if (options.method != SamplingMethod::sobol) return size;
  constexpr std::uint64_t most = std::uint64_t{1} << 32U;
  if (size > most) {
    throw input_error(fmt::format("{} Sobol points in each of {} replicates", size, options.replicates),
                      "expected 2^32 at most; give more replicates");
  }
  return std::bit_ceil(size);
}

}  // namespace

Run run_of(Experiment experiment, MonteCarloOptions options) {
  if (experiment.series < 1 || experiment.together < 1 || !experiment.evaluate) {
    throw std::invalid_argument("an experiment has series, and says how to make them");
  }
  check(options);
  const std::uint64_t replicate = replicate_size(options);
  SamplingPlan plan({.method = options.method,
                     .seed = options.seed,
                     .dimensions = experiment.dimensions,
                     .replicate_size = replicate == 0 ? 1 : replicate,
                     .ranking = options.ranking});
  const std::uint64_t samples = replicate == 0 ? options.samples : replicate * options.replicates;
  return {.experiment = std::move(experiment),
          .options = std::move(options),
          .plan = std::move(plan),
          .replicate = replicate,
          .samples = samples};
}

}  // namespace ohmset::mc
