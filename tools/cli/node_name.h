// Nodes of a netlist as people type them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/network.h"

namespace ohmset::cli {

// SPICE ignores case; gnd is a common second name of node 0. Throws Error{input} naming the file and the nearest node.
[[nodiscard]] Node node_named(const Network& network, std::string name, const std::string& file);

}  // namespace ohmset::cli
