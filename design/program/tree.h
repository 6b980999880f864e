// Series-parallel trees: the attainable values that answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "design/attainable.h"
#include "design/program.h"

namespace ohmset::tree {

struct Answer {
  std::vector<Configuration> configurations{};
  bool exact = true;
  bool capped = false;
};

// Answers several questions about a bank, which it refers to, from the same lists.
class Search {
 public:
  explicit Search(const Bank& bank) : bank_(bank), nearest_(bank) {}

  // The first options.best in order, at most options.cap of them. The options' forced devices are stuck in the bank.
  [[nodiscard]] Answer answer(double target, const ProgramOptions& options);

 private:
  [[nodiscard]] Answer fewest(double target, const ProgramOptions& options);
  [[nodiscard]] Answer cheapest(double target, const ProgramOptions& options);

  const Bank& bank_;
  AttainableSearch nearest_;
};

// What the bank takes with every device inserted that lowers its resistance, or that raises it; no limits.
[[nodiscard]] Configuration extreme(const Bank& bank, bool greatest);

}  // namespace ohmset::tree
