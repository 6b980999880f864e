// Union by size keeps every path to a group's node short, so that finding needs no compression and stays const.
// SPDX-License-Identifier: Apache-2.0
#include "sim/joints.h"

#include <numeric>
#include <utility>

namespace ohmset {

Joints::Joints(std::size_t nodes) : parent_(nodes), offset_(nodes), size_(nodes, 1) {
  std::iota(parent_.begin(), parent_.end(), std::size_t{0});
}

Joints::Place Joints::place(std::size_t node) const {
  Twofold offset;
  while (parent_[node] != node) {
    offset += offset_[node];
    node = parent_[node];
  }
  return {.group = node, .offset = offset};
}

bool Joints::join(std::size_t a, std::size_t b, std::size_t element, Twofold difference) {
  const Place at = place(a);
  const Place bt = place(b);
  if (at.group == bt.group) return false;
  links_.push_back({.a = a, .b = b, .element = element});
  // v(at.group) - v(bt.group)
  const Twofold between = difference - at.offset + bt.offset;
  const bool under_b = size_[at.group] < size_[bt.group];
  const std::size_t child = under_b ? at.group : bt.group;
  const std::size_t root = under_b ? bt.group : at.group;
  parent_[child] = root;
  offset_[child] = under_b ? between : -between;
  size_[root] += size_[child];
  return true;
}

std::vector<Joints::Flow> Joints::flows(std::vector<Twofold> outflow, std::span<const std::size_t> absorbs) const {
  const std::size_t nodes = parent_.size();
  std::vector<bool> keeps(nodes, false);
  for (const std::size_t node : absorbs) keeps[node] = true;
  // The links of every node as one array: start[node] .. start[node + 1].
  std::vector<std::size_t> start(nodes + 1, 0);
  for (const Link& link : links_) {
    ++start[link.a + 1];
    ++start[link.b + 1];
  }
  std::vector<std::size_t> degree(start.begin() + 1, start.end());
  std::partial_sum(start.begin(), start.end(), start.begin());
  std::vector<std::size_t> at(start.begin(), start.end() - 1);
  std::vector<std::size_t> incident(2 * links_.size());
  for (std::size_t k = 0; k < links_.size(); ++k) {
    incident[at[links_[k].a]++] = k;
    incident[at[links_[k].b]++] = k;
  }
  std::vector<Flow> flows(links_.size());
  std::vector<bool> done(links_.size(), false);
  std::vector<std::size_t> leaves;
  for (std::size_t node = 0; node < nodes; ++node) {
    if (degree[node] == 1 && !keeps[node]) leaves.push_back(node);
  }
  while (!leaves.empty()) {
    const std::size_t leaf = leaves.back();
    leaves.pop_back();
    if (degree[leaf] == 0) continue;  // the last node of its tree: its neighbour was stripped first
    std::size_t k = start[leaf];
    while (done[incident[k]]) ++k;
    const Link& link = links_[incident[k]];
    done[incident[k]] = true;
    const bool outwards = link.a == leaf;
    const std::size_t next = outwards ? link.b : link.a;
    flows[incident[k]] = {.element = link.element, .current = outwards ? -outflow[leaf] : outflow[leaf]};
    outflow[next] += outflow[leaf];
    --degree[leaf];
    if (--degree[next] == 1 && !keeps[next]) leaves.push_back(next);
  }
  return flows;
}

}  // namespace ohmset
