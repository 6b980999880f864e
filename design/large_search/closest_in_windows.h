// The search behind closest_of_many for more items than half lists hold; fewer will do, for tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "design/large_search.h"

namespace ohmset::large {

// The mask of the closest subset, and whether that is proven. requires 8 to most_large_items finite items other than 0
// and a target within their reach
[[nodiscard]] std::pair<std::uint64_t, bool> closest_in_windows(std::span<const double> items, double target,
                                                                const LargeSearchOptions& options);

}  // namespace ohmset::large
