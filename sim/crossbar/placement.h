// Where the nodes of a crossbar are: unknown potentials, or fixed ones (sources, sinks and what shorts pin between
// several of them), or nowhere, since no path leads to them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "sim/crossbar/layout.h"
#include "sim/crossbar/pieces.h"
#include "sim/crossbar/shorts.h"

namespace ohmset::crossbar {

struct Placement {
  Nodes nodes;
  CrossbarPieces pieces;
  Shorts shorts{};
  std::vector<std::size_t> unknown{};  // by node, or none
  std::vector<std::size_t> fixed{};    // by node, or none: the terminals, sources first, then what shorts pin
  std::vector<std::size_t> order{};    // of the unknowns, for elimination
  std::vector<std::size_t> cluster{};  // by node: one of those that it is joined to by wires; empty without shorts
  std::vector<Element> around{};       // those at the clusters of shorts
  std::vector<Element> driven{};       // those between an unknown and a fixed node

  explicit Placement(const Crossbar& crossbar);

  [[nodiscard]] std::size_t terminals() const { return nodes.words + nodes.bits; }

 private:
  void find_shorts(const Crossbar& crossbar, const Joints& wires);
  void find_fixed(const Joints& groups);
  void find_unknowns(const Joints& groups);
  [[nodiscard]] bool reached(std::size_t node) const;
};

}  // namespace ohmset::crossbar
