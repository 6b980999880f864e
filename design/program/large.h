// Parallel and series banks with more free switches than half lists hold.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "design/program/additive.h"

namespace ohmset::large {

struct Answer {
  std::optional<Configuration> configuration{};
  std::string method{};
  bool exact = false;  // nearest by the exact sums of what the devices contribute
  double bound = 0.0;  // what no configuration errs by less than, when not exact
};

// The nearest one, or any one within options.within. The options' forced devices are stuck in the bank. Throws
// Error{input} for questions that so many switches leave open.
[[nodiscard]] Answer search(const Bank& bank, const additive::Sum& sum, double target, const ProgramOptions& options);

}  // namespace ohmset::large
