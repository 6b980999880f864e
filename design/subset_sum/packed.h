// The closest subset of a few items in one pass over packed 64-bit keys; says so when it cannot be sure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ohmset::exact {

inline constexpr std::size_t least_packed_items = 2;
inline constexpr std::size_t most_packed_items = 24;

// The mask of the closest subset when one is closer than all others beyond the rounding of the keys; none when a tie or
// the magnitudes ask for exact integers. Buffers grow as needed and are not read.
[[nodiscard]] std::optional<std::uint64_t> closest_packed(std::span<const double> items, double target,
                                                          std::array<std::vector<std::int64_t>, 4>& buffers);

}  // namespace ohmset::exact
