// Series-parallel trees: the attainable values that answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "design/program.h"

namespace ohmset::tree {

struct Answer {
  std::vector<Configuration> configurations{};
  bool exact = true;
  bool capped = false;
};

// The first options.best in order, at most options.cap of them. The options' forced devices are stuck in the bank.
[[nodiscard]] Answer search(const Bank& bank, double target, const ProgramOptions& options);

// What the bank takes with every device inserted that lowers its resistance, or that raises it; no limits.
[[nodiscard]] Configuration extreme(const Bank& bank, bool greatest);

}  // namespace ohmset::tree
