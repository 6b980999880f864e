// Options of `ohmset precision` that the specification leaves no room for. Each throws Error{input}.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "tools/cli/precision/arguments.h"

namespace ohmset::cli {

// Options that would change nothing: a temperature, a time or new contacts of devices that do not respond to them.
void refuse_idle(const PrecisionArguments& arguments, const Fabrication& made);
// How measured values come about, which is not asked.
void refuse_beside_values(const PrecisionArguments& arguments);
// So many devices, given, of a list of nominals or of measured values that is shorter.
void check_listed(const PrecisionInput& input, std::size_t devices);

}  // namespace ohmset::cli
