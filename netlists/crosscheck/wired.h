// Arrays with their wires in ngspice, whole or in tiles, against our own solver.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "netlists/crosscheck.h"
#include "netlists/crosscheck/findings.h"

namespace ohmset::crosscheck {

// A rectangle of the array.
struct Tile {
  std::size_t word = 0;
  std::size_t bit = 0;
  std::size_t word_lines = 0;
  std::size_t bit_lines = 0;
};

struct TilePlan {
  std::vector<Tile> tiles{};
  std::size_t of = 0;  // tiles that the array has
  bool whole = false;  // the array is one tile
};

// All tiles, or as many as the options ask for or take a bearable time, evenly spread.
[[nodiscard]] TilePlan plan_tiles(const BankArray& array, const CrosscheckOptions& options);

// The tile as an array of its own.
[[nodiscard]] BankArray cut(const BankArray& array, const Tile& tile);
[[nodiscard]] Wires cut(const Wires& wires, const Tile& tile);

// The deck of one tile and what our solver says of it.
struct WiredDeck {
  std::string text{};
  std::vector<NetlistBank> banks{};
  Wires wires{};
  CrossbarFields fields{};
  double largest_conductance = 0.0;  // of the devices on a line together, of a switch, of a wire: roundings' scale
  bool solvable = true;              // false: a short ties sources together
};

[[nodiscard]] WiredDeck wired_deck(const BankArray& array, const Wires& wires, const std::vector<double>& inputs,
                                   const NetlistOptions& options);

void compare_wired(const WiredDeck& deck, const Tile& tile, const NgspiceResult& result, double tolerance,
                   Findings& findings);

}  // namespace ohmset::crosscheck
