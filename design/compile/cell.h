// One weight: which switches close in the banks of its cell. Internal to compile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "design/subset_sum.h"
#include "sim/bank.h"
#include "sim/bank_array.h"

namespace ohmset::compiling {

inline constexpr std::size_t most_cell_devices = 64;

// What a bank can conduct, siemens, by its switches that are free to choose.
struct Range {
  double low = 0.0;
  double high = 0.0;
};

// A parallel bank as a subset sum: conductance = offset + sum of the items inserted.
struct AdditiveBank {
  double offset = 0.0;                                      // siemens; infinite when a stuck switch shorts the bank
  std::uint64_t stuck_mask = 0;                             // devices that are inserted and cannot be taken out
  std::size_t count = 0;                                    // items: the free devices
  std::array<std::uint8_t, most_cell_devices> device_of{};  // item -> device
};

// Writes the items, siemens, into a span with room for all devices.
[[nodiscard]] AdditiveBank additive(const BankView& bank, std::span<double> items);
[[nodiscard]] Range range_of(const AdditiveBank& bank, std::span<const double> items);
// The mask of devices that a mask of items stands for, stuck ones included.
[[nodiscard]] std::uint64_t device_mask(const AdditiveBank& bank, std::uint64_t item_mask);

// A bank of any topology, nearest to `target` siemens. `seen` is the conductance that the search believes it chose.
struct BankChoice {
  std::uint64_t mask = 0;
  double seen = 0.0;
};
[[nodiscard]] BankChoice choose_alone(const Bank& bank, double target);

}  // namespace ohmset::compiling
