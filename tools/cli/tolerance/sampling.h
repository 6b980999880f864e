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

// Samples until all is known. A checkpoint is a file for each process: the name given, then the same with .1, .2, ...;
// all that are there are taken up, whatever the number of processes was, and removed at the end. "" for none. Throws
// Error{input} for one that is damaged or of another experiment; the files stay as they are. The exit code, where
// another process failed.
[[nodiscard]] std::optional<int> sample(MonteCarlo& run, const std::string& checkpoint, const Ranks& ranks,
                                        const Common& common);

// Values of all samples, one row each, drawn anew: .csv by the path's ending, else .npy.
void write_samples(const std::string& path, const Experiment& experiment, const SamplingPlan& plan,
                   std::uint64_t samples, const std::vector<std::string>& series, const Common& common);

}  // namespace ohmset::cli
