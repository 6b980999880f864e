// What is not known of a bank when its switches are chosen, and how much that makes its resistance deviate.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "sim/bank.h"
#include "sim/life.h"

namespace ohmset {

// Relative standard deviations of what each device and each closed switch will be about what they are known as: one
// for each device, or a single one for all; empty: none. Independent of each other. What they have in common moves
// every configuration alike and does not count.
struct DeviceSpreads {
  std::vector<double> devices{};
  std::vector<double> contacts{};
};

// Of a bank known by its measured values, in the worst of the conditions for each device: measurement (noise, and codes
// that are as likely to be off by anything up to half of one), mismatch of temperature coefficients, writing, drift,
// readings; closed switches as a process makes them. Throws Error{input} for a fabrication or condition that `check`
// refuses.
[[nodiscard]] DeviceSpreads spreads_of(const Bank& bank, const Fabrication& fabrication,
                                       std::span<const Condition> conditions);

// Standard deviation of the bank's resistance relative to it, to first order, which is that of its conductance as well:
// sqrt(sum of (slope spread)^2) over devices and closed switches, slope = d ln R / d ln r. By the measured values.
// 0 where nothing conducts. requires finite spreads >= 0, one or as many as devices or none
[[nodiscard]] double predicted_spread(const Bank& bank, const Configuration& configuration,
                                      const DeviceSpreads& spreads);

}  // namespace ohmset
