// What netlist and verify share: which result of a design, and the comment lines that say where it came from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "netlists/spice_writer.h"
#include "tools/io/design_file.h"

namespace ohmset::cli {

// Tool version, seed, die and the specification, a line each.
[[nodiscard]] std::vector<std::string> provenance(std::uint64_t seed, std::uint64_t die, const std::string& spec_text);

// "resistor" or "sw".
[[nodiscard]] SwitchModel switch_model_named(const std::string& name);

// Result `index` of the design, which has a configuration. Throws Error{input} otherwise.
[[nodiscard]] const Design& chosen_result(const io::BankDesignFile& file, std::size_t index, const std::string& path);

// "3.3 kohm"
[[nodiscard]] std::string target_text(const Design& design);

}  // namespace ohmset::cli
