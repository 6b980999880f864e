// A walk over configurations near the target, for searches too large to be finished: it proves nothing and finds much.
//
// All moves of one or two switches away from a configuration are valued at once, by rank-one and rank-two updates
// [ShermanMorrison50] of the resistances between the port and the switches; what looks near enough is computed anew by
// star-mesh, so that no answer depends on an update. The walk goes on from one of the moves that stay near the target,
// chosen by counter-based draws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "design/switched_network/mesh.h"

namespace ohmset::switched {

// Which contacts have their high conductance, in the order of Terminals::contacts.
using Highs = std::vector<bool>;

struct WalkOrders {
  double resistance = 0.0;  // ohm, the target
  std::size_t at_most = 0;  // closed switches
  std::uint64_t seed = 1;
  std::function<bool()> goes_on{};  // asked before every step
  std::function<double()> reach{};  // ohm: what errs by more is not wanted
  // Takes a configuration and the conductance between the ports.
  std::function<void(const Highs&, double)> offer{};
};

// requires 0 < resistance < infinity
void walk(const Terminals& terminals, Highs start, const WalkOrders& orders);

}  // namespace ohmset::switched
