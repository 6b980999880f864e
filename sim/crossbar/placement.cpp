// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/placement.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ohmset::crossbar {

Placement::Placement(const Crossbar& crossbar)
    : nodes{.words = static_cast<std::size_t>(crossbar.conductances.rows()),
            .bits = static_cast<std::size_t>(crossbar.conductances.cols())},
      pieces(find_pieces(crossbar)) {
  if (nodes.cells() == 0) return;
  Joints joints(nodes.count());
  for_each_element(nodes, crossbar, [&](const Element& element) {
    if (is_infinite(element.conductance) && !element.device) joints.join(element.a, element.b, none);
  });
  find_shorts(crossbar, joints);
  for (const Short& one : shorts.all()) joints.join(one.a, one.b, none);
  find_fixed(joints);
  find_unknowns(joints);
  for_each_element(nodes, crossbar, [&](const Element& element) {
    const bool inside = unknown[element.a] != none;
    if (inside != (unknown[element.b] != none) && !is_infinite(element.conductance)) driven.push_back(element);
  });
}

bool Placement::reached(std::size_t node) const {
  if (pieces.unreachable == 0 || node >= nodes.source(0)) return true;
  const std::size_t cell = node % nodes.cells();
  const std::size_t i = cell / nodes.bits;
  const std::size_t j = cell % nodes.bits;
  return (node < nodes.cells() ? pieces.words.reached[pieces.words.of(i, j)]
                               : pieces.bits.reached[pieces.bits.of(j, i)]) != 0;
}

void Placement::find_shorts(const Crossbar& crossbar, const Joints& wires) {
  std::vector<Short> found;
  for (std::size_t cell = 0; cell < nodes.cells(); ++cell) {
    if (!std::isinf(crossbar.conductances.data()[cell]) || !reached(cell)) continue;
    found.push_back({.cell = cell, .a = wires.place(cell).group, .b = wires.place(nodes.cells() + cell).group});
  }
  if (found.empty()) return;
  cluster.resize(nodes.count());
  for (std::size_t node = 0; node < nodes.count(); ++node) cluster[node] = wires.place(node).group;
  std::vector<std::size_t> terminal(nodes.count(), Shorts::none);
  for (std::size_t t = 0; t < terminals(); ++t) terminal[cluster[nodes.source(0) + t]] = t;
  std::vector<bool> touched(nodes.count(), false);
  for (const Short& one : found) touched[one.a] = touched[one.b] = true;
  for_each_element(nodes, crossbar, [&](const Element& element) {
    if (is_infinite(element.conductance)) return;
    if (touched[cluster[element.a]] || touched[cluster[element.b]]) around.push_back(element);
  });
  shorts = Shorts(std::move(found), terminal);
}

void Placement::find_fixed(const Joints& groups) {
  fixed.assign(nodes.count(), none);
  std::vector<std::size_t> terminal_of(nodes.count(), none);
  for (std::size_t t = 0; t < terminals(); ++t) terminal_of[groups.place(nodes.source(0) + t).group] = t;
  for (std::size_t node = 0; node < nodes.count(); ++node) fixed[node] = terminal_of[groups.place(node).group];
  if (!shorts.ties_terminals()) return;
  // Where a group has several terminals, each of its clusters has a potential of its own.
  std::vector<std::size_t> place(nodes.count(), none);
  for (std::size_t t = 0; t < terminals(); ++t) place[cluster[nodes.source(0) + t]] = t;
  for (std::size_t k = 0; k < shorts.pinned().size(); ++k) place[shorts.pinned()[k].cluster] = terminals() + k;
  for (std::size_t node = 0; node < nodes.count(); ++node) {
    if (place[cluster[node]] != none) fixed[node] = place[cluster[node]];
  }
}

void Placement::find_unknowns(const Joints& groups) {
  // Joined nodes go with the last of them: they stay in every separator that one of them is in.
  const std::vector<std::size_t> rank = dissection_ranks(nodes);
  std::vector<std::size_t> latest(nodes.count(), 0);
  unknown.assign(nodes.count(), none);
  for (std::size_t node = 0; node < rank.size(); ++node) {
    std::size_t& last = latest[groups.place(node).group];
    last = std::max(last, rank[node] + 1);
  }
  std::vector<std::size_t> by_rank(rank.size(), none);
  std::vector<std::size_t> index(nodes.count(), none);
  std::size_t count = 0;
  for (std::size_t node = 0; node < rank.size(); ++node) {
    if (fixed[node] != none || !reached(node)) continue;
    const std::size_t group = groups.place(node).group;
    if (index[group] == none) {
      index[group] = count;
      by_rank[latest[group] - 1] = count++;
    }
    unknown[node] = index[group];
  }
  order.reserve(count);
  for (const std::size_t at : by_rank) {
    if (at != none) order.push_back(at);
  }
}

}  // namespace ohmset::crossbar
