// Which nodes are one: nodes joined by shorts (same potential) or ideal sources (known difference), and what the
// joining elements carry. Knows nothing of the conductances around them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/twofold.h"

namespace ohmset {

// A forest of joining elements over the nodes 0 .. n-1, by union-find with potential offsets.
class Joints {
 public:
  explicit Joints(std::size_t nodes);

  // Joins a and b such that v(a) - v(b) = difference; `element` is the caller's name for what joins them.
  // false: they were joined before, so the element closes a loop; it is left out and carries nothing.
  bool join(std::size_t a, std::size_t b, std::size_t element, Twofold difference = {});

  // v(node) = v(group) + offset; `group` is one of the nodes joined.
  struct Place {
    std::size_t group = 0;
    Twofold offset{};
  };
  [[nodiscard]] Place place(std::size_t node) const;

  // One element of the forest and the current that flows through it from a to b.
  struct Flow {
    std::size_t element = 0;
    Twofold current{};
  };
  // By Kirchhoff's current law, leaf by leaf. outflow: the current that leaves each node through everything else.
  // absorbs: nodes that take up whatever arrives (ground, ideal sources); at most one in a group.
  [[nodiscard]] std::vector<Flow> flows(std::vector<Twofold> outflow, std::span<const std::size_t> absorbs) const;

 private:
  struct Link {
    std::size_t a = 0;
    std::size_t b = 0;
    std::size_t element = 0;
  };
  std::vector<std::size_t> parent_{};
  std::vector<Twofold> offset_{};  // to the parent
  std::vector<std::size_t> size_{};
  std::vector<Link> links_{};
};

}  // namespace ohmset
