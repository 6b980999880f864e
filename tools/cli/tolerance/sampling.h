// All passes of a Monte Carlo run: shared among processes, saved while it goes on, taken up where it stopped.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "design/monte_carlo.h"
#include "tools/cli/command_line.h"
#include "tools/cli/ranks.h"

namespace ohmset::cli {

// A file for each process: the path, then the same with .1, .2, ...
struct CheckpointFiles {
  std::string path{};    // "" for none
  double seconds = 2.0;  // between saves
};

// Samples until all is known. Checkpoints that are there are taken up, of however many processes; what is known at the
// end is saved once more. Throws
// Error{input} for one that is damaged or of another experiment; the files stay as they are. The exit code, where
// another process failed.
[[nodiscard]] std::optional<int> sample(MonteCarlo& run, const CheckpointFiles& files, const Ranks& ranks,
                                        const Common& common);

// When what was found is safe.
void remove(const CheckpointFiles& files);

// Values of all samples, one row each, drawn anew: .csv by the path's ending, else .npy.
void write_samples(const std::string& path, const Experiment& experiment, const SamplingPlan& plan,
                   std::uint64_t samples, const std::vector<std::string>& series, const Common& common);

}  // namespace ohmset::cli
