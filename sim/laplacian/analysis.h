// In which order to eliminate, and which nodes to eliminate together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ohmset::laplacian {

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

struct Edge {
  std::size_t a = 0;
  std::size_t b = 0;
};

// The supernodes of the factor in postorder. Indices are positions in the order of elimination.
struct Supernodes {
  std::vector<std::size_t> node_at{};  // position -> node
  std::vector<std::size_t> first{};    // supernode -> its first position; one more entry closes the last
  std::vector<std::size_t> begin{};    // supernode -> where its rows start; one more entry closes the last
  std::vector<std::size_t> rows{};     // ascending; the supernode's own positions, then those it connects to
  std::vector<std::size_t> parent{};   // supernode -> supernode that takes its mesh, or none
  [[nodiscard]] std::size_t count() const { return parent.size(); }
  // Of the numeric factor.
  [[nodiscard]] double bytes() const;
  [[nodiscard]] double operations() const;
};

// order: the caller's order of elimination (refined within what costs no fill), or empty for CHOLMOD's choice.
[[nodiscard]] Supernodes analyse(std::size_t nodes, std::span<const Edge> edges, std::span<const std::size_t> order);

}  // namespace ohmset::laplacian
