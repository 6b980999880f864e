// How hard a graph is to eliminate, told in a fraction of the time that ordering it would take.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "sim/laplacian/analysis.h"

namespace ohmset::laplacian {

// About how many nodes must go for the graph to fall into two halves: the last front of its elimination has at least
// about as many. Clusters of neighbours are counted as one node before METIS cuts, and scaled as if they were boxes.
[[nodiscard]] double separator_estimate(std::size_t nodes, std::span<const Edge> edges);

}  // namespace ohmset::laplacian
