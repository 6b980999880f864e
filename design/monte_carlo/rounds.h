// What comes after a pass: another round of samples, brackets that are narrower, or the answer. Every process that
// has the same results of a pass comes to the same next one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "design/monte_carlo/state.h"

namespace ohmset::mc {

// What does not change over a run.
struct Run {
  Experiment experiment{};
  MonteCarloOptions options{};
  SamplingPlan plan;
  std::uint64_t replicate = 0;  // samples; 0: plain
  std::uint64_t samples = 0;    // of the first round
};

// Throws Error{input} as MonteCarlo does.
[[nodiscard]] Run run_of(Experiment experiment, MonteCarloOptions options);

[[nodiscard]] Standing start(const Run& run);
// requires every block done
void go_on(const Run& run, Standing& standing);

// The interval of a yield, from all samples.
[[nodiscard]] YieldEstimate yield_of(const Run& run, const Record& record, std::size_t limit, std::uint64_t samples);
[[nodiscard]] MonteCarloResult result_of(const Run& run, const Standing& standing);

}  // namespace ohmset::mc
