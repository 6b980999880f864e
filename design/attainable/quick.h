// The nearest configurations by plain sums in sorted lists, compared by the closed form: all that rounding may have
// displaced are looked at. Gives up where ties or many equals would make that more than the careful search's work.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "design/attainable.h"
#include "design/attainable/ranked.h"
#include "design/attainable/wanted.h"

namespace ohmset::attainable {

// The lists of a bank; they serve any target.
struct QuickLists {
  std::vector<PathLevel> levels{};  // root first
  Column<Value> inner{};
  bool siemens = false;  // what the root's sums are
};

// None where equal devices would fill the lists with equal values, or where they would be too long.
[[nodiscard]] std::optional<QuickLists> quick_lists(const Bank& bank, Seen seen, std::size_t at_most);

// The first `wanted` in order. The options' `seen` and `at_most` are the lists'. requires a target > 0 and finite
[[nodiscard]] std::optional<std::vector<Candidate>> quick_search(const QuickLists& lists, const Bank& bank,
                                                                 double target, const AttainableOptions& options,
                                                                 std::size_t wanted);

}  // namespace ohmset::attainable
