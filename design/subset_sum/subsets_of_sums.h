// The subsets behind many sums at once: all sums are made once more, and those that were asked for are kept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ohmset::windows {

class SubsetsOfSums {
 public:
  // Of subsets of up to at_most items. Sums in any order, also more than once. requires at most 32 items whose sums do
  // not overflow
  SubsetsOfSums(std::span<const std::uint64_t> items, std::span<const std::uint64_t> sums, std::size_t at_most = 32);

  // Equal sums are of one group.
  [[nodiscard]] std::uint32_t group(std::size_t sum) const { return group_[sum]; }
  // In ascending order; none for a group whose sum no subset has.
  [[nodiscard]] std::span<const std::uint32_t> masks(std::uint32_t group) const {
    return std::span<const std::uint32_t>(masks_).subspan(first_[group], first_[group + 1] - first_[group]);
  }

 private:
  std::vector<std::uint32_t> group_{};  // of each sum
  std::vector<std::uint32_t> first_{};  // of each group, its first mask
  std::vector<std::uint32_t> masks_{};
};

}  // namespace ohmset::windows
