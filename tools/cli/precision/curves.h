// Which curves `ohmset precision` draws: the questions behind each.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "design/precision.h"
#include "tools/cli/precision/arguments.h"

namespace ohmset::cli {

struct PrecisionPoint {
  std::size_t devices = 0;
  std::optional<double> sigma{};  // of banks with a spread
};

// Rows that belong together: against the number of devices, or against the spread where there is one number of devices
// and several spreads.
struct PrecisionCurve {
  std::string name{};
  PrecisionQuestion question{};  // but for the spread
  std::vector<PrecisionPoint> points{};
  bool against_spread = false;
  std::string note{};  // of the curves, beneath this one

  std::vector<PrecisionRow> rows{};   // once they are found
  std::vector<double> full_scales{};  // siemens, of differential pairs
  std::optional<NeededDevices> needed{};
};

// Throws Error{input} for options that contradict each other or the specification.
[[nodiscard]] std::vector<PrecisionCurve> curves_of(const PrecisionInput& input);

// The question at a point of its curve.
[[nodiscard]] PrecisionQuestion question_at(const PrecisionCurve& curve, const PrecisionPoint& point);

// What is drawn, in a few words: "lognormal 0.3, parallel".
[[nodiscard]] std::string subject_of(const PrecisionInput& input);

}  // namespace ohmset::cli
