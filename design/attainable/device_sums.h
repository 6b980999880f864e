// Sums of devices that are free to choose, ascending: sorted as integers that carry their subset in the low bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "design/attainable/values.h"

namespace ohmset::attainable {

struct FreeDevice {
  std::size_t place = 0;  // its bit
  Contribution gives{};
};

inline constexpr std::size_t least_sorted_devices = 5;
inline constexpr std::size_t most_sorted_devices = 26;

// None where a device would not add by being inserted, or the magnitudes leave what integers can hold. requires from
// least_ to most_sorted_devices
[[nodiscard]] std::optional<Column<Value>> device_sums(std::span<const FreeDevice> devices);

}  // namespace ohmset::attainable
