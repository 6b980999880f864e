// The answers, from what the passes have found out.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "design/monte_carlo/rounds.h"

namespace ohmset::mc {
namespace {

double value_at(std::span<const Wanted> wanted, std::uint64_t rank, std::uint64_t samples) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (rank == 0) return -infinity;
  if (rank > samples) return infinity;
  return *std::lower_bound(wanted.begin(), wanted.end(), rank, [](const Wanted& a, std::uint64_t b) {
            return a.rank < b;
          })->value;
}

}  // namespace

YieldEstimate yield_of(const Run& run, const Record& record, std::size_t limit, std::uint64_t samples) {
  const std::uint64_t passed = record.passed[limit];
  const double confidence = run.options.confidence;
  YieldEstimate estimate{.limit = run.options.limits[limit],
                         .passed = passed,
                         .yield = static_cast<double>(passed) / static_cast<double>(samples),
                         .clopper_pearson = clopper_pearson(passed, samples, confidence),
                         .wilson = wilson(passed, samples, confidence)};
  estimate.interval = estimate.clopper_pearson;
  if (run.replicate != 0 && record.yields[limit].least < record.yields[limit].greatest) {
    const Interval students = mean_interval(record.yields[limit], confidence);
    estimate.interval = {.low = std::max(0.0, students.low), .high = std::min(1.0, students.high)};
  }
  return estimate;
}

MonteCarloResult result_of(const Run& run, const Standing& standing) {
  const Found& found = standing.found;
  const std::uint64_t samples = standing.pass.layout.to;
  MonteCarloResult result{.samples = samples,
                          .replicates = run.replicate == 0 ? 1 : samples / run.replicate,
                          .replicate_size = run.replicate == 0 ? samples : run.replicate,
                          .pseudo_random = run.plan.unranked(),
                          .passes = static_cast<std::size_t>(standing.pass.number + 1),
                          .narrow_enough = found.narrow_enough};
  for (std::size_t s = 0; s < found.series.size(); ++s) {
    const Record& record = found.series[s];
    SeriesResult series{.moments = record.values, .histogram = found.histograms[s]};
    series.mean = mean_interval(run.replicate == 0 ? record.values : record.means, run.options.confidence);
    for (const double p : run.options.quantiles) {
      const RankInterval ranks = quantile_ranks(samples, p, run.options.confidence);
      series.quantiles.push_back({.probability = p,
                                  .value = value_at(found.wanted[s], quantile_rank(samples, p), samples),
                                  .interval = {.low = value_at(found.wanted[s], ranks.low, samples),
                                               .high = value_at(found.wanted[s], ranks.high, samples)}});
    }
    for (std::size_t k = 0; k < run.options.limits.size(); ++k) {
      series.yields.push_back(yield_of(run, record, k, samples));
    }
    result.series.push_back(std::move(series));
  }
  return result;
}

}  // namespace ohmset::mc
