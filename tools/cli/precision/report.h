// What `ohmset precision` prints: tables for people, JSON, and the picture.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tools/cli/precision/curves.h"
#include "tools/io/json.h"
#include "tools/plot/precision_plot.h"

namespace ohmset::cli {

[[nodiscard]] std::string people_report(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves);
[[nodiscard]] io::Json json_report(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves);
[[nodiscard]] plot::PrecisionPicture picture_of(const PrecisionInput& input, const std::vector<PrecisionCurve>& curves);

}  // namespace ohmset::cli
