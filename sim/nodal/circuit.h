// A network as the linear system that decides it: joined nodes as one, open branches gone, a ground in every component.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "sim/joints.h"
#include "sim/laplacian.h"
#include "sim/network.h"

namespace ohmset::nodal {

inline constexpr std::size_t none = static_cast<std::size_t>(-1);

// Which node of its component is grounded, and whether the other components are wanted at all.
struct Grounding {
  Node node = 0;
  bool alone = false;
};

class Circuit {
 public:
  // Throws Error{input} for loops of voltage sources.
  explicit Circuit(const Network& network, Grounding grounding = {}, const SolveOptions& options = {});

  [[nodiscard]] const Laplacian& laplacian() const { return laplacian_.value(); }
  [[nodiscard]] std::size_t unknowns() const { return laplacian().size(); }
  // The unknown of a node, or none: its potential is known() relative to the component's ground.
  [[nodiscard]] std::size_t unknown(Node node) const { return unknown_[joints_group(node)]; }
  [[nodiscard]] Twofold known(Node node) const;
  [[nodiscard]] std::size_t component(Node node) const { return component_[joints_group(node)]; }
  [[nodiscard]] bool joined(Node a, Node b) const { return joints_group(a) == joints_group(b); }

  // Of a column of potentials.
  [[nodiscard]] Twofold voltage(Node node, const Potentials& potentials, std::size_t column) const;
  [[nodiscard]] double voltage_bound(Node node, const Potentials& potentials) const;
  // From a to b; 0 for open and shorted branches.
  [[nodiscard]] Twofold current(std::size_t branch, const Potentials& potentials, std::size_t column) const;
  // The conductance of a branch that is neither open nor shorted, else 0.
  [[nodiscard]] Twofold conductance(std::size_t branch) const { return conductance_[branch]; }

  // Element k < branches is a shorted branch, branches + k a voltage source; none closed a loop.
  [[nodiscard]] const Joints& joints() const { return joints_; }

 private:
  [[nodiscard]] std::size_t joints_group(Node node) const { return place_[node].group; }
  void join(const Network& network);
  void number(const Network& network, Grounding grounding, const SolveOptions& options);

  struct Ends {
    Node a = 0;
    Node b = 0;
  };
  std::vector<Ends> branches_{};
  std::vector<Twofold> conductance_{};  // by branch
  Joints joints_;
  std::vector<Joints::Place> place_{};    // by node
  std::vector<std::size_t> component_{};  // by group
  std::vector<std::size_t> ground_of_{};  // by component: the node whose potential is 0
  std::vector<std::size_t> unknown_{};    // by group
  std::optional<Laplacian> laplacian_{};
};

}  // namespace ohmset::nodal
