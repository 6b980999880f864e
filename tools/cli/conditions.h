// When devices are looked at, as options of the command line say it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/life.h"
#include "tools/io/json.h"

namespace ohmset::cli {

// Temperatures x times: "-40,25,125" or "-40:125:5" degrees Celsius, "20,1h,10y" since the devices were written. "" for
// 27 degrees, and for devices as they were made. Throws Error{input} that names --temperature or --time.
[[nodiscard]] std::vector<Condition> conditions_of(const std::string& temperatures, const std::string& times);
// "25 C, 3600 s"
[[nodiscard]] std::string text_of(const Condition& condition);
// "10 y", "90 min", "20 s": in the largest unit of which it is a whole multiple.
[[nodiscard]] std::string time_text(double seconds);
[[nodiscard]] io::Json json_of(const Condition& condition);

}  // namespace ohmset::cli
