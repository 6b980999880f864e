// The closest subset of one set of items to each of many targets.
//
// The items' lists are made once [HorowitzSahni74] and scanned for four targets at a time; with more targets than a
// list is long and up to 19 items, all 2^n sums are sorted instead and each target is looked up. What the fast search
// cannot decide alone, ties above all, is decided by closest_subset_sums.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "design/subset_sum.h"

namespace ohmset {

// results[k] is closest_subset_sums(items, targets[k]).subsets[0]. threads: 0 for all. The same for any number of
// threads. requires finite numbers and at most most_items items (std::invalid_argument)
[[nodiscard]] std::vector<Subset> closest_to_each(std::span<const double> items, std::span<const double> targets,
                                                  int threads = 0);

}  // namespace ohmset
