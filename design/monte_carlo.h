// Samples of an experiment by the billion, and what they say: moments, exact quantiles, yields, with intervals.
//
// Samples are drawn in blocks and can be drawn again: quantiles are exact order statistics, found in bounded memory by
// as many passes as it takes to narrow their brackets. What a pass has done merges from parts, whoever made them and in
// any order, to the same bytes: threads, machines, a run that was killed and goes on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "design/statistics.h"
#include "sim/sampling_plan.h"

namespace ohmset {

// What is sampled. A sample is a point of the unit cube and has one value in each series.
struct Experiment {
  std::size_t dimensions = 0;
  std::size_t series = 1;
  std::size_t together = 256;  // samples that are made at once
  // points: dimensions x count, as SamplingPlan::points lays them out; values: series x count, no NaN. Called from any
  // thread; values depend on the points alone, not on `first`, the number of the first sample, or `count`. What it
  // throws comes through.
  std::function<void(std::uint64_t first, std::size_t count, std::span<const double> points, std::span<double> values)>
      evaluate{};
};

struct MonteCarloOptions {
  SamplingMethod method = SamplingMethod::plain;
  std::uint64_t seed = 1;
  std::uint64_t samples = 10'000;        // rounded up to whole replicates where the method has them (see replicates)
  std::uint64_t replicates = 16;         // of Latin hypercube and Sobol: 2 to 65536. Sobol's: of a power of two points
  std::vector<std::uint32_t> ranking{};  // SamplingOptions::ranking
  double confidence = 0.95;              // of all intervals, each by itself
  std::vector<double> limits{};          // yields: the share of samples with |value| <= limit
  std::vector<double> quantiles{0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999};  // within (0, 1)
  // Go on in rounds, each doubling the samples, until no yield's interval of the last series is wider than this, at
  // most to most_samples. Latin hypercube and Sobol: the replicates are doubled, their size stays.
  std::optional<double> until_interval{};
  std::uint64_t most_samples = 1'000'000'000'000;
  std::size_t bins = 80;                     // of the histograms
  std::size_t kept = std::size_t{1} << 20U;  // values kept at once for quantiles, of all series
  std::string fingerprint{};                 // of the experiment, in any words: states carry it
};

struct QuantileEstimate {
  double probability = 0.0;
  double value = 0.0;  // an order statistic of the sample, exactly
  // Two order statistics of it, as of independent samples. Latin hypercube and Sobol points, whose quantiles spread
  // less as a rule, get the same: it is longer than need be.
  Interval interval{};
};

struct YieldEstimate {
  double limit = 0.0;
  std::uint64_t passed = 0;
  double yield = 0.0;
  // Clopper's and Pearson's for plain samples, else Student's t over the replicates within [0, 1]; where the
  // replicates' yields are all the same, which says nothing of their spread, Clopper's and Pearson's again.
  Interval interval{};
  Interval clopper_pearson{};  // as if samples were independent
  Interval wilson{};
};

struct Histogram {
  // Of the first bin; all bins are equally wide. From a fifth of the range between the 0.1 % and the 99.9 % quantile
  // below the former to as much above the latter: of all values when they are kept, else of the first samples.
  double low = 0.0;
  double high = 0.0;
  std::vector<std::uint64_t> counts{};
  std::uint64_t below = 0;  // values outside, infinite ones included
  std::uint64_t above = 0;
};

struct SeriesResult {
  Moments moments{};
  Interval mean{};  // Student's t: over the finite values, or over the means of replicates
  std::vector<QuantileEstimate> quantiles{};
  std::vector<YieldEstimate> yields{};
  Histogram histogram{};
};

struct MonteCarloResult {
  std::vector<SeriesResult> series{};
  std::uint64_t samples = 0;
  std::uint64_t replicates = 1;  // 1 for plain samples
  std::uint64_t replicate_size = 0;
  std::size_t pseudo_random = 0;  // dimensions beyond Sobol's
  std::size_t passes = 0;         // over the samples
  bool narrow_enough = true;      // what until_interval asked for was reached
};

class MonteCarlo {
 public:
  // Throws Error{input} for options that make no sense: no samples, more than most_samples, a probability outside (0,
  // 1), a negative or infinite limit, an interval without a limit. Where not all values can be kept, the first samples
  // are made here, to know where to look.
  MonteCarlo(Experiment experiment, MonteCarloOptions options);
  ~MonteCarlo();
  MonteCarlo(const MonteCarlo&) = delete;
  MonteCarlo& operator=(const MonteCarlo&) = delete;
  MonteCarlo(MonteCarlo&&) = delete;
  MonteCarlo& operator=(MonteCarlo&&) = delete;

  [[nodiscard]] const SamplingPlan& plan() const;
  [[nodiscard]] std::uint64_t samples() const;  // of the rounds known so far

  // The pass at hand, in blocks of samples; no blocks when all is known.
  [[nodiscard]] std::size_t blocks() const;
  [[nodiscard]] std::size_t blocks_done() const;
  // Makes those of the blocks from `first` to before `last` that are not done, on all threads. now_and_then is called
  // from one thread at a time after a block, while `state` may be asked for; false stops early.
  void run(std::size_t first, std::size_t last, const std::function<bool()>& now_and_then = {});
  // What is done of the pass, and which pass of which experiment it is: bytes that this or another process may merge.
  // At most about the values kept and, per series, a thousand blocks' moments and some thousand counts.
  [[nodiscard]] std::string state() const;
  // Takes over what another has done. A state of a later pass takes the place of this one's; one of an earlier pass has
  // no effect. What was counted together in one process and overlaps only in part with what is here cannot be told
  // apart: those blocks are made again. Throws Error{input} when it is damaged or belongs to another experiment or
  // other options, and changes nothing then.
  void merge(std::string_view state);
  // When every block is done: the next pass, if one is needed.
  void finish_pass();

  [[nodiscard]] MonteCarloResult result() const;  // requires blocks() == 0

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// All passes, in this process.
[[nodiscard]] MonteCarloResult monte_carlo(Experiment experiment, MonteCarloOptions options);

}  // namespace ohmset
