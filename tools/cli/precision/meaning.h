// What the numbers of `ohmset precision` mean, in words.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "design/statistics.h"
#include "tools/cli/precision/curves.h"

namespace ohmset::cli {

// "-log2 |error / target|"
[[nodiscard]] std::string bits_are(const PrecisionInput& input, const PrecisionQuestion& question);
// "one a bank, uniform from 0.25 to 0.75 of the reachable range"
[[nodiscard]] std::string targets_are(const PrecisionInput& input, const PrecisionQuestion& question);
// Where targets lie, in the units of --interval; none where they are given, or follow from the process.
[[nodiscard]] std::optional<Interval> interval_of(const PrecisionInput& input, const PrecisionQuestion& question);
// What is not ideal in the banks: "r_on 20 ohm, contacts 2 %, measured to 0.001 %"; "" for nothing.
[[nodiscard]] std::string limits_of(const std::vector<PrecisionCurve>& curves);

}  // namespace ohmset::cli
