// The wires of a crossbar array: one resistance for each kind, or one for each segment and line, and which ends of the
// lines are connected.
//
// Word lines run from left to right, segment (i, j) entering node (i, j) from the left: the first comes from the
// source, after the driver. Bit lines run downwards, segment (i, j) leaving node (i, j): the last leads to virtual
// ground, before the sense resistance. Where both ends are driven, one more segment follows a word line's last node, to
// the same source through a driver of its own; where both ends are sensed, one more comes before a bit line's first
// node, to virtual ground through a sense resistance of its own, and the output is what both ends carry together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sim/matrix.h"
#include "sim/units.h"

namespace ohmset {

enum class DrivenEnds : unsigned char { left, both };
enum class SensedEnds : unsigned char { bottom, both };

// requires each resistance >= 0, the four first ones finite; an infinite one below is broken
struct Wires {
  Ohm word{0.0};    // one segment of a word line
  Ohm bit{0.0};     // one segment of a bit line
  Ohm driver{0.0};  // between an ideal source and the first segment of its word line
  Ohm sense{0.0};   // between a bit line's last segment and virtual ground
  DrivenEnds driven = DrivenEnds::left;
  SensedEnds sensed = SensedEnds::bottom;
  // Where they differ, ohm; empty: as above. In the order in which a line passes them: left to right, downwards.
  Matrix word_segments{};     // word lines x bit lines; x bit lines + 1 where both ends are driven
  Matrix bit_segments{};      // word lines x bit lines; word lines + 1 x bit lines where both ends are sensed
  Eigen::VectorXd drivers{};  // by word line, the same at both ends; inf: not connected
  Eigen::VectorXd senses{};   // by bit line, the same at both ends; inf: not connected

  // Whether one resistance of each kind says it all.
  [[nodiscard]] bool uniform() const;
  // Whether only the left ends are driven and only the bottom ends are sensed.
  [[nodiscard]] bool single_ended() const;

  // Of the segment that enters node (i, j) from the left, and of the one that follows the last node.
  [[nodiscard]] double word_segment(std::size_t i, std::size_t j) const;
  [[nodiscard]] double word_end(std::size_t i) const;
  // Of the segment that leaves node (i, j) downwards, and of the one that comes before the first node.
  [[nodiscard]] double bit_segment(std::size_t i, std::size_t j) const;
  [[nodiscard]] double bit_top(std::size_t j) const;
  [[nodiscard]] double driver_of(std::size_t i) const;
  [[nodiscard]] double sense_of(std::size_t j) const;
};

// Throws std::invalid_argument on resistances that are negative or NaN, infinite ones among the first four, and arrays
// that do not fit a crossbar of that size.
void require_valid(const Wires& wires, std::size_t word_lines, std::size_t bit_lines);

}  // namespace ohmset
