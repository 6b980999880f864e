// Which configurations are chosen for the targets of some banks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "design/precision/banks.h"

namespace ohmset::precision {

// A bank as the search knows it, its targets in the family's unit, and for each of them the devices chosen, of a pair
// from plus on to minus.
struct Task {
  std::vector<double> items{};  // signed ones
  std::vector<Bank> known{};    // else; by its measured values
  std::vector<double> targets{};
  std::vector<std::uint64_t> chosen{};
};

// Fills `chosen`, exactly: the nearest by the exact sums of what the devices contribute where values add up, else by
// values in closed form; equally near ones by fewest inserted, then the smallest mask. threads: as for closest_to_each.
void choose(const Family& family, std::span<Task> tasks, int threads);

}  // namespace ohmset::precision
