// The subsets behind many sums at once: all sums are made once more, and those that were asked for are kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ohmset::windows {

struct SubsetsOfSums {
  std::vector<std::uint32_t> first{};  // masks[first[k]] ... masks[first[k + 1] - 1] sum to sums[k]
  std::vector<std::uint32_t> masks{};
};

// requires ascending sums, each once, and at most 32 items whose sums do not overflow
[[nodiscard]] SubsetsOfSums subsets_of_sums(std::span<const std::uint64_t> items, std::span<const std::uint64_t> sums);

}  // namespace ohmset::windows
