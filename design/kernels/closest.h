// The closest subset in machine integers, at full speed; says so when it cannot be sure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "design/kernels/kernels.h"
#include "design/subset_sum.h"

namespace ohmset {

inline constexpr std::size_t most_quick_items = 50;

// The mask of the closest subset when one is closer than all others beyond the rounding of items and target to 51 (60)
// bits of their sum; none where a tie, the magnitudes or the number of items ask for more. Finite numbers only.
// Allocates nothing after the first searches of a size, up to 32 items; beyond, its lists: 32 * 2^(n/2) bytes.
[[nodiscard]] std::optional<std::uint64_t> closest_mask(std::span<const double> items, double target);
[[nodiscard]] std::optional<std::uint64_t> closest_mask(std::span<const double> items, double target,
                                                        const kernels::Kernels& set);

// The same with its sum and error, each rounded once. Also for items or a target that are not finite: none.
[[nodiscard]] std::optional<Subset> closest_quickly(std::span<const double> items, double target);

}  // namespace ohmset
