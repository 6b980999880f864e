// The closest subset of one set of items to each of many targets.
//
// All sums of some items are sorted and indexed once, and for each target the nearest to what each subset of the other
// items leaves over is looked up; the list is the longer the more targets there are, so that T targets take about
// sqrt(T * 2^n) steps. For few targets two half lists are made once [HorowitzSahni74] and scanned for four at a time.
// What that cannot decide alone, ties above all, is decided by closest_subset_sums.
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
