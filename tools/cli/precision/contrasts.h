// What precision would be without a search: curves beside that of the search.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "tools/cli/precision/curves.h"

namespace ohmset::cli {

// Of each curve: the search, a plain binary code, and the average of all devices where it can be asked the same
// question; else the last curve has a note that says why not. `devices`: the least number of them. Throws Error{input}
// for lists of resistances. requires curves of banks
[[nodiscard]] std::vector<PrecisionCurve> contrasts_of(const std::vector<PrecisionCurve>& bases, std::size_t devices,
                                                       bool interval_given);

}  // namespace ohmset::cli
