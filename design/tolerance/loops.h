// What devices give to the sums of their groups, for many samples side by side: compiled once per instruction set, with
// the same bits from each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sim/simd.h"

namespace ohmset::tolerance {

// Loops go over so many samples at a time: arrays have room for whole packs.
inline constexpr std::size_t pack = 8;
[[nodiscard]] constexpr std::size_t whole_packs(std::size_t count) { return (count + pack - 1) / pack * pack; }

// Terms are those of sim's `contribution`, sums those of CompensatedSum. requires resistances of 0 or more, no NaN, and
// counts of whole packs
struct Loops {
  // Conductances of devices behind switches of so many ohm.
  void (*branches)(const double* resistances, const double* switches, double* terms, std::size_t count);
  // Resistances of devices under bypasses of so many ohm.
  void (*links)(const double* resistances, const double* switches, double* terms, std::size_t count);
  void (*add)(const double* terms, double* totals, double* lost, std::size_t count);
};

[[nodiscard]] const Loops& loops(Simd set);
[[nodiscard]] const Loops& loops();

}  // namespace ohmset::tolerance
