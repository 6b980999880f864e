// SPDX-License-Identifier: Apache-2.0
#include "sim/switched_network.h"

#include <stdexcept>

namespace ohmset {

Network network_in(const SwitchedNetwork& switched, const Configuration& closed) {
  if (closed.size() != switched.switches.size()) {
    throw std::invalid_argument("the configuration has another number of switches");
  }
  Network network = switched.network;
  for (std::size_t k = 0; k < switched.switches.size(); ++k) {
    const SwitchBranch& contact = switched.switches[k];
    if (contact.branch >= network.branches().size()) throw std::invalid_argument("a switch needs an existing branch");
    network.set_resistance(contact.branch, closed.inserted(k) ? contact.on : contact.off);
  }
  return network;
}

}  // namespace ohmset
