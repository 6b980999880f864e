// Which of a weight's random weights are kept. Internal to lottery.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace ohmset::lottery {

// The one item nearest to the target; of equally near ones the first. requires items
[[nodiscard]] std::uint64_t nearest_item(std::span<const double> items, double target);

// The subset with the fewest items whose sum is within `within` of the target, of several the nearest; the nearest of
// all where none is.
[[nodiscard]] std::uint64_t fewest_items(std::span<const double> items, double target, double within);

}  // namespace ohmset::lottery
