// A crossbar cut in halves down to leaves of 16 x 16 cells, and merged again up to its sources and sinks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "sim/crossbar/hps/cells.h"
#include "sim/crossbar/hps/loops.h"
#include "sim/crossbar/hps/network.h"

namespace ohmset::crossbar::hps {

// What is left of the array: conductances among its sources and from these to its sinks, in the array's unit.
struct Terminals {
  Front network;
  std::size_t sources = 0;     // where the first one is, in the network
  std::size_t sinks = 0;       // likewise
  std::vector<double> sees{};  // by node of the network: conductance to all others and more; sources, sinks
  double roundings = 0.0;      // that its conductances have gone through, as independent ones
};

[[nodiscard]] Terminals reduce(const Cells& cells, const Loops& loops, Pool& pool);

}  // namespace ohmset::crossbar::hps
