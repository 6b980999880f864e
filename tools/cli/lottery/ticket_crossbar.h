// A pruned random layer as crossbars: a random weight is a device, a pruned one an open switch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "design/compile.h"
#include "design/lottery.h"
#include "sim/wires.h"

namespace ohmset::cli {

struct TicketCrossbarOptions {
  Siemens unit{10e-6};  // conductance of a random weight of 1
  Wires wires{};        // uniform ones
};

struct TicketCrossbar {
  std::string folder{};  // "" for the only one, "first" and "second" for relu's two layers
  CrossbarDesign design{};
  CompileSummary summary{};
  std::string spec_text{};
};

// Differential cells. A random weight x > 0 is device k of the plus bank, 1 / (x * unit) ohm, and is missing (open) in
// the minus bank; x < 0 the other way round. Outputs are the layer's; word lines are
//   nearest, subset_sum  one for each weight of an output: inputs, or for convolutions channels x height x width
//   relu, first          inputs; its outputs are the hidden units, input by input, one device a bank
//   relu, second         hidden units (x height x width), one device a bank; the outputs of `first` through a ReLU
// Crossbars store every crosspoint: relu's first, where each hidden unit reads one input, is nearly empty, and takes
// 48 * inputs^2 * units bytes (100 x 784 weights with 20 units: 0.55 GiB). Targets are the layer's weights, for relu
// the ticket's own. Throws Error{input} as check_crossbar_sizes does.
[[nodiscard]] std::vector<TicketCrossbar> crossbars_of(const Layer& layer, const Ticket& ticket,
                                                       const TicketCrossbarOptions& options);

// Throws Error{input} where one of the crossbars would take more than 1 GiB: before the work, as sizes are known then.
void check_crossbar_sizes(const LayerShape& shape, const LotteryOptions& options);

}  // namespace ohmset::cli
