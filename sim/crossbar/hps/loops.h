// The arithmetic of the hierarchical merge, compiled once per instruction set: the same bits from each.
//
// Networks are stored as the lower half of their conductance matrix, by columns; a diagonal is never stored, and what
// stands above it is of any value. Eliminated nodes come first.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sim/simd.h"

namespace ohmset::crossbar::hps {

inline constexpr std::size_t leaf_lines = 16;              // of a leaf, either way
inline constexpr std::size_t leaf_ports = 4 * leaf_lines;  // left, right, top, bottom
inline constexpr std::size_t panel_rows = 8;               // what dense networks are cut and padded to
inline constexpr double least_pivot = 0x1p-1000;           // below, in units of the array, a node is not connected

// C += A B', for the panels `first` to `last` of A and those of B: 8 rows each, [depth][8], one `stride` apart.
struct Product {
  const double* left = nullptr;   // A, its panel 0
  const double* right = nullptr;  // B, its panel 0
  std::size_t stride = 0;
  std::size_t depth = 0;
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t right_first = 0;
  std::size_t right_last = 0;
  bool lower = false;    // only where the panel of A is not before that of B
  double* to = nullptr;  // C at panel 0 of both, by columns
  std::size_t height = 0;
};

// A block of a matrix, by columns.
struct Part {
  double* to = nullptr;
  std::size_t height = 0;  // from one column to the next
  const double* from = nullptr;
  std::size_t from_height = 0;
  std::size_t rows = 0;  // of `from`
  std::size_t columns = 0;
  bool put = false;  // writes where it otherwise adds
};

struct Loops {
  std::size_t lanes;  // leaves at a time, at most 8
  // Doubles of scratch that `leaves` takes.
  std::size_t leaf_scratch;
  // cells: [16 x 16][word, device, bit][lanes]; leaves: [column][row][lanes] of the 64 ports, the lower half.
  void (*leaves)(const double* cells, double* leaves, double* scratch);
  // Eliminates the 8 nodes from `first` on, whose columns know of all that went before: packs their columns, over the
  // roots of the pivots, into panels [depth][8] at `depth`; `packed` is where panel 0 would be.
  void (*pivots)(double* network, std::size_t height, std::size_t first, double* packed, std::size_t stride,
                 std::size_t depth);
  void (*multiply)(const Product& product);
  void (*add)(const Part& part);
  void (*add_turned)(const Part& part);  // rows become columns
};

[[nodiscard]] const Loops& loops(Simd set);

}  // namespace ohmset::crossbar::hps
