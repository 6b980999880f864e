// The program's loops over eight instances, compiled once per instruction set: the same bits from each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/network_batch/program.h"
#include "sim/simd.h"

namespace ohmset::network_batch {

inline constexpr std::size_t lanes = 8;

// A conductance that merges its nodes: eliminating one of them gives the other all it had, without rounding, as long as
// every resistor's conductance is far smaller. A power of two.
inline constexpr double merging = 0x1p600;
inline constexpr double largest = 0x1p400;    // of a conductance that does not merge
inline constexpr double smallest = 0x1p-400;  // of a conductance that is not open
inline constexpr double merged = 0x1p500;     // what a few hundred merging ones in series still exceed

struct Instances {
  const double* rows[lanes] = {};  // branches values each; the last one repeated where there are fewer than eight
  bool conductances = false;
};

struct Loops {
  // slots x eight conductances; `staged` takes branches x eight. False when a value is negative or not a number.
  bool (*load)(const Instances& instances, const std::uint32_t* slot_of, std::size_t branches, double* staged,
               double* slots);
  void (*run)(const std::uint32_t* steps, std::size_t count, double* slots);
};

[[nodiscard]] const Loops& loops(Simd set);

}  // namespace ohmset::network_batch
