// A network's resistors as a Boost graph, without parallel edges: the only place that sees Boost.Graph's headers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <cstddef>

#include "sim/twofold.h"

namespace ohmset {

// What stands between two nodes, and the first branch of the original that went into it (its name and place).
struct NetworkEdge {
  Twofold resistance{};
  std::size_t branch = 0;
};

// setS: a second edge between two nodes is found rather than added. listS: edges are removed at no cost.
using NetworkGraph = boost::adjacency_list<boost::setS, boost::vecS, boost::undirectedS, boost::no_property,
                                           NetworkEdge, boost::no_property, boost::listS>;

}  // namespace ohmset
