// Which switches of a bank close so that its effective resistance hits a target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/bank.h"

namespace ohmset {

enum class TargetUnit { ohm, siemens };

struct ProgramOptions {
  TargetUnit unit = TargetUnit::ohm;     // of the target, the achieved value and the error that is minimised
  std::size_t best = 1;                  // ranked alternatives wanted, the best included
  std::optional<double> within{};        // relative: only configurations with |achieved - target| <= within * |target|
  std::optional<std::size_t> at_most{};  // inserted devices
  std::size_t cap = 100'000;             // never more answers than this
};

// One configuration and what it gives. `configuration` has stuck switches as they are stuck.
struct Choice {
  Configuration configuration{};
  double achieved = 0.0;        // of the true devices, recomputed by sim from the configuration; ohm or siemens
  double error = 0.0;           // achieved - target
  double relative_error = 0.0;  // error / target; NaN for a target of 0
  double bits = 0.0;            // -log2 |relative error|; inf for an error of 0, NaN for a target of 0
};

struct Design {
  double target = 0.0;
  TargetUnit unit = TargetUnit::ohm;
  std::vector<Choice> choices{};  // best first, by |error| of what the search saw; empty when nothing is within reach
  std::string method{};
  // No other configuration is closer, in the values that the search saw. False only when more than 65,536 (trees: a
  // million) configurations are as close as rounding can tell.
  bool exact = true;
  bool capped = false;
  double seconds = 0.0;
};

// Exact for parallel and series banks up to most_items free switches and for series-parallel trees whose attainable
// lists fit in memory; beyond that throws Error{input} with the limit. Equal |error|: fewest inserted, then the
// smallest mask. In parallel and series banks a device that would change nothing, or short or open the whole bank by
// itself, is never inserted unless it is stuck so. requires a finite target >= 0 and within >= 0
[[nodiscard]] Design program(const Bank& bank, double target, const ProgramOptions& options = {});

}  // namespace ohmset
