// What stands around a circuit: title, provenance, the options it was written with, and each dialect's testbench.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/spice_writer.h"

namespace ohmset::spice {

// 17 significant digits, no suffix.
void append_number(std::string& text, double value);

// Title and comment lines, control characters made blanks.
[[nodiscard]] std::string header(const NetlistOptions& options);
// The analysis and ".end"; `source` is any voltage source of the deck and `volt` its value.
[[nodiscard]] std::string footer(Dialect dialect, std::string_view source, double volt);

// The options that a header's comment lines tell of; nothing when the text is not an export.
[[nodiscard]] std::optional<NetlistOptions> options_in(const std::vector<std::string>& comments);

// Throws Error{input} for options that do not go together.
void check(const NetlistOptions& options);

}  // namespace ohmset::spice
