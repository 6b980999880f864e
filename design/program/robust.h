// Of all configurations within a tolerance, those with the least predicted spread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "design/program.h"
#include "design/program/additive.h"
#include "design/program/tree.h"

namespace ohmset::robust {

struct Answer {
  std::vector<Configuration> configurations{};
  bool exact = true;
  std::string method{};
};

// The first `wanted` in order. requires options.within and options.robust; the options' forced devices are stuck in
// the bank.
[[nodiscard]] Answer search(const Bank& bank, const additive::Sum& sum, double target, const ProgramOptions& options,
                            std::size_t wanted);
[[nodiscard]] Answer search(const Bank& bank, tree::Search& tree, double target, const ProgramOptions& options,
                            std::size_t wanted);

}  // namespace ohmset::robust
