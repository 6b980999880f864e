// An exported text against the design it is said to come from: every element by name, nodes and value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "netlists/crosscheck/findings.h"
#include "netlists/spice_writer.h"

namespace ohmset::crosscheck {

// The options the text says it was exported with. Throws Error{input} when it does not say.
[[nodiscard]] NetlistOptions options_of(std::string_view text, const std::string& file);

// Throws Error{input} for a text that cannot be read.
void check_text(const std::string& text, const std::string& file, const Netlist& expected, Findings& findings);

// "xb3_5" or "r3_5_2": the crosspoint that a name's numbers tell of, when it is a bank's.
[[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> crosspoint_of(std::string_view element);

}  // namespace ohmset::crosscheck
