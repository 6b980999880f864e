// JSON as every command prints it: keys in order, numbers that read back to the same bits, infinities as "inf" and
// "-inf", NaN as null.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "design/program.h"
#include "sim/matrix.h"
#include "tools/io/design_file.h"

namespace ohmset::io {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json json_number(double value);
[[nodiscard]] Json json_numbers(const std::vector<double>& values);
[[nodiscard]] Json json_rows(const Matrix& matrix);  // a list of lists
// One document and a final newline; text that is not UTF-8 is made so.
[[nodiscard]] std::string json_text(const Json& document);

[[nodiscard]] std::string_view fault_name(const Device& device);         // "", "open", "shorted"
[[nodiscard]] std::string_view switch_fault_name(const Device& device);  // "", "stuck_open", "stuck_closed"
[[nodiscard]] std::string_view unit_name(TargetUnit unit);               // "ohm", "siemens"

[[nodiscard]] Json to_json(const Device& device);
[[nodiscard]] Json to_json(const Design& design);  // one of `results`
[[nodiscard]] Json to_json(const BankDesignFile& design);
[[nodiscard]] Json to_json(const CompileSummary& summary);

}  // namespace ohmset::io
