// A circuit's variation as the commands that a worker runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "netlists/ngspice.h"

namespace ohmset::ngspice {

// The quantity's name, then for each row an `alter` per resistor and an `op`, a line each. Throws std::invalid_argument
// for rows of another size, values that are not positive and finite, and names that are no plain words.
[[nodiscard]] std::string commands_of(const NgspiceVariation& variation);

}  // namespace ohmset::ngspice
