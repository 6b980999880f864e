// Where broken segments cut the lines of a crossbar, and which pieces a path leads to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "sim/crossbar.h"

namespace ohmset::crossbar {

// The pieces of all word lines or of all bit lines, line by line. A line without broken segments is one.
struct Pieces {
  std::vector<std::size_t> line_begin{};  // by line, then the number of pieces
  std::vector<std::size_t> first{};       // by piece: its first node on the line
  std::vector<char> tied{};               // by piece: whether the line itself leads from it to its source or sink
  std::vector<char> reached{};            // by piece: whether any path leads from it to a source or to ground

  [[nodiscard]] std::size_t lines() const { return line_begin.size() - 1; }
  // The piece of the line that its node belongs to.
  [[nodiscard]] std::size_t of(std::size_t line, std::size_t node) const;
  [[nodiscard]] bool all_tied() const;
};

struct CrossbarPieces {
  Pieces words{};
  Pieces bits{};
  std::size_t unreachable = 0;  // nodes in pieces that are not reached
};

// requires valid wires
[[nodiscard]] CrossbarPieces find_pieces(const Crossbar& crossbar);

}  // namespace ohmset::crossbar
