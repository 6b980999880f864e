// A network some of whose branches are switches: what it is in each state of them. Knows nothing of how a state is
// chosen.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "sim/bank.h"
#include "sim/network.h"

namespace ohmset {

// A branch of the network that is `on` when closed and `off` when open; 0 ohm and infinity are allowed, in any order.
// What the network itself holds as the branch's resistance does not matter.
struct SwitchBranch {
  std::size_t branch = 0;
  Ohm on{0.0};
  Ohm off{infinity};
};

struct SwitchedNetwork {
  Network network{};
  std::vector<SwitchBranch> switches{};  // each branch at most once
};

// The network with these switches closed; bit k of `closed` is switches[k]. requires existing branches, on and off >= 0
// and closed.size() == switches.size()
[[nodiscard]] Network network_in(const SwitchedNetwork& switched, const Configuration& closed);

}  // namespace ohmset
