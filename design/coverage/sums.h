// Coverage by sums: of items, and of banks whose devices add up in the unit that is asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "design/coverage.h"
#include "sim/bank.h"

namespace ohmset::covering {

// Throws Error{input} for more free items or switches than most_covered.
void require_few(std::size_t free);

// All sums of one of each pair, in exact integers of as many bits as it takes. requires finite pairs, at most
// most_covered of which are of different numbers, and low < high finite
[[nodiscard]] Coverage cover_sums(std::span<const Contribution> pairs, double low, double high);

// The same, one sum after another. Slow: for magnitudes that leave 124 bits, and for tests.
[[nodiscard]] Coverage cover_sums_in_order(std::span<const Contribution> pairs, double low, double high);

// What devices contribute to a sum, infinite contributions left out: they make a sum that no finite one is near. None
// where every sum is infinite.
[[nodiscard]] std::optional<std::vector<Contribution>> finite_pairs(std::span<const Contribution> pairs);

}  // namespace ohmset::covering
