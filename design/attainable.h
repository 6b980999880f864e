// Attainable values of series-parallel trees: each group's values combine those of its members, sums of ohms in
// series, of siemens in parallel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "design/subset_sum.h"
#include "sim/bank.h"

namespace ohmset {

struct AttainableOptions {
  bool siemens = false;  // target and errors in siemens instead of ohm
  std::size_t best = 1;
  std::optional<double> within{};         // absolute, in the target's unit
  std::optional<std::size_t> at_least{};  // inserted devices
  std::optional<std::size_t> at_most{};   // inserted devices
  Side side = Side::either;
  std::size_t cap = 100'000;
  Seen seen = Seen::actual;
};

struct AttainableResult {
  std::vector<Configuration> configurations{};  // ranked by |resistance(bank, c) - target|, fewest inserted, mask
  bool exact = true;    // false only when more than a million configurations are as near as rounding can tell
  bool capped = false;  // more were within reach than `cap`
};

// The configurations nearest to the target, exactly, for banks of any topology with at most 64 devices. Throws
// Error{input} when the lists would exceed 2^25 entries: about 50 free switches, fewer in lopsided trees, more where
// devices are equal or `at_most` is small. requires a finite target >= 0 and within >= 0
[[nodiscard]] AttainableResult nearest_attainable(const Bank& bank, double target,
                                                  const AttainableOptions& options = {});

}  // namespace ohmset
