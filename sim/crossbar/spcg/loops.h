// The sweeps along the lines of a crossbar, compiled once per instruction set: the same bits from each.
//
// What belongs to the bit lines is stored in panels of 16 columns, [panel][row][16]; what belongs to the word lines in
// groups of 8 rows, [group][column][8]: every sweep then runs over several lines at once, and reads memory in order.
// Both are padded with lines without devices, which carry nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sim/simd.h"

namespace ohmset::crossbar::spcg {

inline constexpr std::size_t group_rows = 8;
inline constexpr std::size_t panel_columns = 16;

// Conductances in siemens; the arrays are owned by someone else.
struct Lines {
  std::size_t words = 0;
  std::size_t bits = 0;
  std::size_t padded_words = 0;
  std::size_t padded_bits = 0;
  double word = 0.0;
  double bit = 0.0;
  double entry = 0.0;
  double exit = 0.0;
  double tail = 0.0;             // from a word line's last node to its source
  double top = 0.0;              // from a bit line's first node to ground
  double* device = nullptr;      // by groups
  double* word_pivot = nullptr;  // by groups: 1/pivot of W
  double* bit_pivot = nullptr;   // by panels: 1/pivot of B
  double* direction = nullptr;   // by panels
  double* work = nullptr;        // by panels: the preconditioned residual, then the currents of a direction
  double* residual = nullptr;    // by panels, ampere
  // Where segments have conductances of their own or both ends are connected; those above are then means. Null
  // otherwise: all are alike, without tail and top.
  double* word_wire = nullptr;  // by groups: of the segment that enters a node, with the driver
  double* bit_wire = nullptr;   // by panels: of the segment that leaves a node, with the sense resistance
  double* word_tail = nullptr;  // by word line: from its last node to the source
  double* bit_top = nullptr;    // by bit line: from its first node to ground

  [[nodiscard]] std::size_t groups() const { return padded_words / group_rows; }
  [[nodiscard]] std::size_t panels() const { return padded_bits / panel_columns; }
  // Of the first value of row i in a panel.
  [[nodiscard]] std::size_t at(std::size_t panel, std::size_t row) const {
    return (panel * padded_words + row) * panel_columns;
  }
};

// The coarse correction as the sweeps see it: values on coarse rows, between which it is linear.
struct CoarseRows {
  double* values = nullptr;            // coarse rows x padded columns
  const std::size_t* first = nullptr;  // by row: the coarse row above; null when there is no coarse part
  const double* fraction = nullptr;    // by row: from there to the next
};

// Energies of a direction p with word lines following, in ampere x volt.
struct Energies {
  double devices = 0.0;
  double word_lines = 0.0;
  double bit_lines = 0.0;  // their segments; without the last one
  double gross = 0.0;      // p' G p
};

struct BitSums {
  double square = 0.0;         // r' B^-1 r
  double largest_flows = 0.0;  // of p: the largest sum of squared currents along a bit line
};

// What sources send into their lines, bit lines at 0.
struct Drawn {
  double gross = 0.0;  // sum of g w^2
  double power = 0.0;  // watt
};

// How a direction goes on from the one before.
struct Step {
  double beta = 0.0;
  bool first = false;   // there is none before
  bool joined = false;  // the rows above are up to date
};

struct Loops {
  // Copies 8 rows of padded columns into `device` and into `work` (by panels), those of `wires` into `word_wire` unless
  // it is null, and eliminates from the far end. Whether some node has nothing that leads anywhere.
  bool (*factor_words)(const Lines& lines, std::size_t group, const double* rows, const double* wires);
  // Takes the conductances from `work`. Returns the largest potential of L_b^-1 G 1 on the panel. The second one is for
  // segments of their own; it overwrites `direction` and `residual`.
  double (*factor_bits)(const Lines& lines, std::size_t panel);
  double (*factor_own_bits)(const Lines& lines, std::size_t panel);
  // residual = G W^-1 f for the sources at inputs[8]. scratch: 8 x padded columns.
  Drawn (*drive)(const Lines& lines, std::size_t group, const double* inputs, double* scratch);
  // p = z + coarse + beta p, then z = G (p - W^-1 G p), all edge by edge. scratch: 16 x padded columns.
  Energies (*word_sweep)(const Lines& lines, std::size_t group, const Step& step, const CoarseRows& coarse,
                         double* scratch);
  // Energy of p in the bit lines' segments between row - 1 and row.
  double (*row_energy)(const Lines& lines, std::size_t row);
  // r -= alpha S p, then z = B^-1 r; sums r over coarse rows; solution += alpha p when there is one (by panels).
  BitSums (*bit_sweep)(const Lines& lines, std::size_t panel, double alpha, bool first, const CoarseRows& coarse,
                       double* solution);
  // Word voltages (by groups, 8 x padded columns) for sources at inputs[8] and bit lines at `solution`.
  void (*word_voltages)(const Lines& lines, std::size_t group, const double* inputs, const double* solution,
                        double* voltages);
};

[[nodiscard]] const Loops& loops(Simd set);

}  // namespace ohmset::crossbar::spcg
