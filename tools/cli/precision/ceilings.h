// Where precision stops: a curve for each cause that stands between the search and the use of a bank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/life.h"
#include "tools/cli/precision/curves.h"

namespace ohmset::cli {

// Whether temperature changes anything.
[[nodiscard]] bool warms(const Process& process);

// "85 C, 10 y"
[[nodiscard]] std::string name_of(const Condition& condition);

// The curve as if nothing did, then with each cause of its process alone (in each condition), then for each condition
// in which there are several with all of them.
// Throws Error{input} when there is none. requires a curve of banks
[[nodiscard]] std::vector<PrecisionCurve> ceilings_of(const PrecisionCurve& whole,
                                                      const std::vector<Condition>& conditions);

}  // namespace ohmset::cli
