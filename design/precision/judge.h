// What a configuration makes of a bank, against the target.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "design/precision/banks.h"

namespace ohmset::precision {

// Devices of a pair count on from plus to minus; masks are of all of them.
inline constexpr std::uint64_t everything_inserted = ~std::uint64_t{0};  // of however many devices

// One instance, for many configurations.
class Judge {
 public:
  // Signed items are those of `drawn`; banks as they are used. Refers to all three.
  Judge(const Family& family, const Drawn& drawn, std::span<const Bank> used);

  // Achieved - target in the target's unit, subtracted before it is rounded where devices add up. Infinite where the
  // value is; +inf where plus and minus both are.
  [[nodiscard]] double error(std::uint64_t inserted, double target) const;

 private:
  [[nodiscard]] double error_of_items(std::uint64_t inserted, double target) const;
  [[nodiscard]] double error_of_sum(std::uint64_t inserted, double target) const;
  [[nodiscard]] double error_of_tree(std::uint64_t inserted, double target) const;

  const Family& family_;
  const Drawn& drawn_;
  std::span<const Bank> used_;
  std::vector<Contribution> parts_{};  // in the unit that adds up, with their sign
};

}  // namespace ohmset::precision
