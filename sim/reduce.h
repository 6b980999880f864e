// The same answer from a smaller network: merge shorts, drop dead islands, series/parallel reduction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/network.h"

namespace ohmset {

inline constexpr std::size_t no_node = static_cast<std::size_t>(-1);

// What became of every node of the original: its index in `network`, or no_node when it was dropped.
// Nodes joined by 0 ohm share an index.
struct Reduction {
  Network network{};
  std::vector<std::size_t> node_of{};
};

// Joins the ends of every 0 ohm branch and drops open and self-loop branches. Sources are kept.
[[nodiscard]] Reduction merge_shorts(const Network& network);

// Keeps only what a terminal reaches through finite resistances and voltage sources.
[[nodiscard]] Reduction drop_islands(const Network& network, std::span<const Node> terminals);

// Series/parallel reduction that keeps the terminals (and every node a source touches): parallel branches merge, nodes
// of degree two that are not terminals vanish, dangling branches are dropped; repeats until nothing changes. The
// effective resistance between terminals is kept. Includes merge_shorts and drop_islands.
[[nodiscard]] Reduction reduce_series_parallel(const Network& network, std::span<const Node> terminals);

}  // namespace ohmset
