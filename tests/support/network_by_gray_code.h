// Every configuration of a switched network by Gray code: each step closes or opens one switch, a rank-one update of
// the inverse of the node conductances [ShermanMorrison50], which is factored anew now and then against drift. Slow and
// plain: an oracle for the search, and what it is measured against. For switches that are neither shorts nor opens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Dense>
#include <bit>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "sim/switched_network.h"

namespace ohmset::support {

// Calls visit(mask, effective resistance in ohm) for each of the 2^switches configurations. requires a connected
// network without sources, resistances above 0
template <class Visit>
void network_by_gray_code(const SwitchedNetwork& switched, Port port, const Visit& visit,
                          std::uint64_t refactored_every = 1024) {
  // A row for each node that a branch touches, but port.b, the ground of them all.
  std::vector<Eigen::Index> rows(switched.network.node_count(), -1);
  Eigen::Index count = 0;
  for (const Branch& branch : switched.network.branches()) {
    for (const Node node : {branch.a, branch.b}) {
      if (node != port.b && rows[node] < 0) rows[node] = count++;
    }
  }
  const auto row_of = [&](Node node) { return rows[node]; };
  const auto inverse_in = [&](std::uint64_t mask) {
    const Network network = network_in(switched, Configuration::from_mask(mask, switched.switches.size()));
    Eigen::MatrixXd g = Eigen::MatrixXd::Zero(count, count);
    for (const Branch& branch : network.branches()) {
      const double conductance = 1.0 / branch.resistance.value;
      const Eigen::Index p = row_of(branch.a);
      const Eigen::Index q = row_of(branch.b);
      if (p >= 0) g(p, p) += conductance;
      if (q >= 0) g(q, q) += conductance;
      if (p < 0 || q < 0) continue;
      g(p, q) -= conductance;
      g(q, p) -= conductance;
    }
    const Eigen::LLT<Eigen::MatrixXd> factor(g);
    if (factor.info() != Eigen::Success) throw std::invalid_argument("by Gray code: not connected");
    return Eigen::MatrixXd(factor.solve(Eigen::MatrixXd::Identity(count, count)));
  };

  const Eigen::Index terminal = row_of(port.a);
  Eigen::MatrixXd inverse = inverse_in(0);
  Eigen::VectorXd column(count);
  std::uint64_t mask = 0;
  visit(mask, inverse(terminal, terminal));
  for (std::uint64_t step = 1; step >> switched.switches.size() == 0; ++step) {
    const auto k = static_cast<std::size_t>(std::countr_zero(step));
    mask ^= std::uint64_t{1} << k;
    const SwitchBranch& contact = switched.switches[k];
    const Branch& branch = switched.network.branches()[contact.branch];
    double change = 1.0 / contact.on.value - 1.0 / contact.off.value;
    if (((mask >> k) & 1U) == 0) change = -change;
    const Eigen::Index p = row_of(branch.a);
    const Eigen::Index q = row_of(branch.b);
    if (step % refactored_every == 0) {
      inverse = inverse_in(mask);
    } else {
      column.setZero();
      if (p >= 0) column += inverse.col(p);
      if (q >= 0) column -= inverse.col(q);
      const double across = (p >= 0 ? column(p) : 0.0) - (q >= 0 ? column(q) : 0.0);
      inverse.noalias() -= (change / (1.0 + change * across)) * column * column.transpose();
    }
    visit(mask, inverse(terminal, terminal));
  }
}

}  // namespace ohmset::support
