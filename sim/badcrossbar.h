// Crossbars as users of the Python package badcrossbar know them: its names, shapes and signs.
//
// Its arrays are ours without drivers and sense resistances: the first segment of a word line leads to the source, the
// last one of a bit line to ground, and currents are positive from left to right, from word to bit line and downwards.
// It takes resistances, and voltages with one column for each example; of several examples it returns arrays of word
// lines x bit lines x examples, here one matrix for each example. It refuses devices of 0 ohm, which are answered here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/crossbar.h"

namespace ohmset::badcrossbar {

struct Currents {
  Matrix output{};                  // examples x bit lines, ampere
  std::vector<Matrix> device{};     // by example: word lines x bit lines
  std::vector<Matrix> word_line{};  // segment entering a node from the left
  std::vector<Matrix> bit_line{};   // segment leaving a node downwards
};

struct Voltages {
  std::vector<Matrix> word_line{};  // by example: word lines x bit lines, volt
  std::vector<Matrix> bit_line{};
};

struct Solution {
  Currents currents{};
  Voltages voltages{};
};

// What is not asked for is left empty.
struct Options {
  bool node_voltages = true;
  bool all_currents = true;
};

// applied_voltages: word lines x examples, volt; resistances: word lines x bit lines, ohm, 0 and infinity included.
// Throws std::invalid_argument where the shapes do not fit or a resistance is negative, NaN or, of wires, infinite.
[[nodiscard]] Solution compute(const Matrix& applied_voltages, const Matrix& resistances, Ohm r_i_word_line,
                               Ohm r_i_bit_line, const Options& options = {});
// The same for both kinds of lines.
[[nodiscard]] Solution compute(const Matrix& applied_voltages, const Matrix& resistances, Ohm r_i,
                               const Options& options = {});

}  // namespace ohmset::badcrossbar
