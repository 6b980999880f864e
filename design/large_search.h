// Searches among more items than half lists hold: the closest of up to 64 in bounded memory, any near enough of 10,000.
//
// Closest: four lists of quarters; sums of two of them are made window by window, and those that share a bin with one
// of the others are compared, so that memory follows the lists and windows [SchroeppelShamir81]. Time doubles with
// every two items: about 1.3 s of processor time at 52 items, 5 s at 56, 23 s at 60, shared by all cores. Any within
// eps: items are taken greedily until a few are left whose subsets are dense enough around what is missing; their
// closest subset is found exactly. The result is checked exactly; not finding one among more than 52 proves nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "design/subset_sum.h"

namespace ohmset {

inline constexpr std::size_t most_large_items = 64;
inline constexpr std::size_t most_any_items = 10'000;

struct LargeSearchOptions {
  std::size_t memory_limit = std::size_t{1} << 30;         // bytes
  std::uint64_t most_candidates = std::uint64_t{1} << 26;  // within rounding of the best that are compared
};

struct LargeSearchResult {
  Subset subset{};
  // The first in order. False when more candidates than allowed (in one of sixteen parts of the range a sixteenth of
  // them) were as near as rounding can tell.
  bool proven = true;
};

// The closest subset, same order as closest_subset_sums. Throws Error{input} beyond the memory limit; requires finite
// items and target and at most most_large_items items (std::invalid_argument).
[[nodiscard]] LargeSearchResult closest_of_many(std::span<const double> items, double target,
                                                const LargeSearchOptions& options = {});

struct AnyWithin {
  std::vector<std::size_t> chosen{};  // ascending indices of the nearest subset met
  double sum = 0.0;                   // exact, rounded once
  double error = 0.0;                 // sum - target, exact, rounded once
  bool found = false;                 // |error| <= eps, compared exactly
  bool proven = false;                // found, or proven that no subset is within eps
};

// Any subset with |sum - target| <= eps. A heuristic when there are more than 52 items. requires finite
// items, target and eps >= 0, at most most_any_items items (std::invalid_argument)
[[nodiscard]] AnyWithin any_within(std::span<const double> items, double target, double eps);

}  // namespace ohmset
