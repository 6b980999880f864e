// Conductances of a crossbar's wires, where segments differ or both ends are connected.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "sim/crossbar.h"
#include "sim/crossbar/spcg/loops.h"

namespace ohmset::crossbar::spcg {

// Whether the sweeps need a conductance for each segment.
[[nodiscard]] bool segments_of_their_own(const Wires& wires);

// Whether no wire is a short and every bit node leads to ground along its line.
[[nodiscard]] bool wires_apply(const Crossbar& crossbar);

// What ends in the sources and in ground, siemens; padding has nothing.
struct Ends {
  std::vector<double> entry{};  // by word line: from the source to its first node
  std::vector<double> tail{};   // from its last node to the source
  std::vector<double> exit{};   // by bit line: from its last node to ground
  std::vector<double> top{};    // from its first node to ground

  Ends(const Crossbar& crossbar, const Lines& lines);
};

// Of the segments that enter the nodes of word line i; padding is connected.
void word_row(const Crossbar& crossbar, const Ends& ends, std::size_t i, double* row);
// Of the segments that leave row i of the bit lines, into panels.
void bit_row(const Crossbar& crossbar, const Ends& ends, const Lines& lines, std::size_t i);

// The wires of a crossbar where all are alike; otherwise what is likest, for the coarse part.
void set_uniform(Lines& lines, const Crossbar& crossbar);
void set_means(Lines& lines, const Crossbar& crossbar, const Ends& ends);

}  // namespace ohmset::crossbar::spcg
