// Which switches of a bank close so that its effective resistance hits a target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "design/robust.h"
#include "design/subset_sum.h"
#include "sim/bank.h"

namespace ohmset {

enum class TargetUnit { ohm, siemens };

struct ProgramOptions {
  TargetUnit unit = TargetUnit::ohm;      // of the target, the achieved value and the error that is minimised
  std::size_t best = 1;                   // ranked alternatives wanted, the best included
  std::optional<double> within{};         // relative: only configurations with |achieved - target| <= within * |target|
  std::optional<std::size_t> at_least{};  // inserted devices
  std::optional<std::size_t> at_most{};   // inserted devices
  Side side = Side::either;               // only values <= target, or only values >= target
  std::vector<std::size_t> force_in{};    // devices that are inserted in any case, and count
  std::vector<std::size_t> force_out{};   // devices that never are
  bool any = false;                       // any one configuration within `within` will do
  bool cheapest = false;                  // least cost first, then least error
  std::vector<double> costs{};            // of each device inserted; none: 1 each
  // The least predicted spread first, then the least error: of the configurations within `within`. None: within the
  // error of the nearest one or a third of its predicted spread, whichever is more, which adds at most 6 % to what the
  // two make together, sqrt(error^2 + spread^2).
  std::optional<DeviceSpreads> robust{};
  std::size_t cap = 100'000;  // never more answers than this
  bool neighbours = false;    // fill Design::below and Design::above
};

// One configuration and what it gives. `configuration` has stuck switches as they are stuck.
struct Choice {
  Configuration configuration{};
  double achieved = 0.0;        // of the true devices, recomputed by sim from the configuration; ohm or siemens
  double error = 0.0;           // achieved - target
  double relative_error = 0.0;  // error / target; NaN for a target of 0
  double bits = 0.0;            // -log2 |relative error|; inf for an error of 0, NaN for a target of 0
  double cost = 0.0;            // of its inserted devices, where costs were asked for
  double spread = 0.0;          // predicted_spread, where a robust one was asked for
};

// What a robust choice was made among.
struct RobustTrade {
  double within = 0.0;              // relative
  std::optional<Choice> nearest{};  // what would have been chosen otherwise; limits and forced devices allow it
};

struct Design {
  double target = 0.0;
  TargetUnit unit = TargetUnit::ohm;
  // Best first, by |error| of what the search saw (or by cost or predicted spread, then |error|); empty when nothing is
  // within reach.
  std::vector<Choice> choices{};
  std::string method{};
  // No other configuration ranks before these, in the values that the search saw. False when any one was asked for, and
  // when more than 65,536 (trees: a million) configurations are as good as rounding can tell. Robust choices: false
  // when more than 65,536 configurations add up to about as little variance (trees: when more than 250,000 are within,
  // of which the nearest were compared).
  bool exact = true;
  // No configuration that the options allow errs by less, in the values that the search saw; inf when none is known.
  double bound = 0.0;
  bool capped = false;  // more were within reach than the options' cap
  // The target lies between two finite values that limits and forced devices allow. Trees count opens and shorts as
  // values unless neighbours are asked for.
  bool reachable = false;
  // The nearest values at or below and at or above the target that limits and forced devices allow, when asked for.
  std::optional<Choice> below{};
  std::optional<Choice> above{};
  std::optional<RobustTrade> trade{};  // of a robust choice
  double seconds = 0.0;
};

// Exact for parallel and series banks up to most_items free switches and for series-parallel trees whose attainable
// lists fit in memory. Parallel and series banks of up to most_large_items free switches: the closest alone, by the
// exact sums of what the devices contribute, without limits or neighbours; of up to most_any_items: any one within.
// Beyond that throws Error{input} with the limit. Equal rank: fewest inserted, then the smallest
// mask. DeviceSpreads are compared to 12 digits. In parallel and series banks a device that would change nothing, or
// short or open the whole bank by itself, is never inserted unless it is stuck or forced so. Throws Error{input} for
// devices that cannot be forced: unknown, stuck the other way, or both in and out. requires a finite target >= 0,
// within >= 0, within where `any` is asked for, no or finite costs for all devices, spreads as predicted_spread does,
// and one of any, cheapest and robust
[[nodiscard]] Design program(const Bank& bank, double target, const ProgramOptions& options = {});

}  // namespace ohmset
