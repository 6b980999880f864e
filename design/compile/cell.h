// One weight: which switches close in the banks of its cell. Internal to compile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "design/subset_sum.h"
#include "sim/bank.h"

namespace ohmset::compiling {

// What a bank can conduct, siemens, by its switches that are free to choose.
struct Range {
  double low = 0.0;
  double high = 0.0;
};

// A parallel bank as a subset sum: conductance = offset + sum of the items inserted.
struct AdditiveBank {
  double offset = 0.0;                // siemens; infinite when a stuck switch shorts the bank
  std::vector<double> items{};        // of the free devices, siemens
  std::vector<unsigned> device_of{};  // item -> device
  std::uint64_t stuck_mask = 0;       // devices that are inserted and cannot be taken out
};

[[nodiscard]] AdditiveBank additive(std::span<const Device> devices);
[[nodiscard]] Range range_of(const AdditiveBank& bank);
// The mask of devices that a mask of items stands for, stuck ones included.
[[nodiscard]] std::uint64_t device_mask(const AdditiveBank& bank, std::uint64_t item_mask);

// Both banks of a weight as one signed subset sum.
struct PairMasks {
  std::uint64_t plus = 0;
  std::uint64_t minus = 0;
};
[[nodiscard]] PairMasks choose_jointly(const AdditiveBank& plus, const AdditiveBank& minus, double target,
                                       SubsetSumSearch& search);

// One bank alone, nearest to `target` siemens. `seen` becomes the conductance that the search believes it chose.
struct BankChoice {
  std::uint64_t mask = 0;
  double seen = 0.0;
};
[[nodiscard]] BankChoice choose_alone(const AdditiveBank& bank, double target, SubsetSumSearch& search);
[[nodiscard]] BankChoice choose_alone(const Bank& bank, double target);

}  // namespace ohmset::compiling
