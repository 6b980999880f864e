// A topology as a list of star-mesh steps over numbered conductances ("slots").
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/network.h"

namespace ohmset::network_batch {

// Steps, one after the other. For a node with n neighbours: n, the n slots to them, then for i = 1 .. n - 1 and
// j = 0 .. i - 1 twice the slot between neighbours i and j, plus one where there was no conductance yet.
using Steps = std::vector<std::uint32_t>;

struct Copy {
  std::uint32_t to = 0;
  std::uint32_t from = 0;
};

// What is left to do for one port once only terminals are left.
struct PortSteps {
  enum class Kind : unsigned char { between, open, joined };
  Kind kind = Kind::open;
  std::vector<Copy> copies{};  // the other ports need their slots as they are
  Steps steps{};
  std::uint32_t slot = 0;
};

struct Program {
  static constexpr std::uint32_t unused = static_cast<std::uint32_t>(-1);

  std::size_t slots = 0;
  std::vector<std::uint32_t> slot_of{};  // branch -> twice its slot, plus one for the first there; or unused
  Steps steps{};                         // until only terminals are left
  std::vector<PortSteps> ports{};
  std::vector<Node> terminals{};
  std::vector<PortSteps> pairs{};  // of terminals; without steps
};

[[nodiscard]] Program compile(const Network& network, std::span<const Port> ports);

}  // namespace ohmset::network_batch
