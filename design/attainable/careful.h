// The nearest configurations by compensated sums, whatever ties there are: one half of them in a sorted list, the other
// enumerated. Whatever the others are, the bank's value is a monotone function of the list's, so the nearest entries
// stand together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "design/attainable/ranked.h"

namespace ohmset::attainable {

struct Ranked {
  std::vector<Candidate> candidates{};
  bool exact = true;  // false only when more than a million configurations are as near as rounding can tell
};

// The first `wanted` in order. Throws Error{input} when the lists would be too long.
[[nodiscard]] Ranked careful_search(const Bank& bank, double target, const AttainableOptions& options,
                                    std::size_t wanted);

}  // namespace ohmset::attainable
