// What a tolerance analysis has found, for people and as JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "design/monte_carlo.h"
#include "tools/cli/tolerance/subject.h"
#include "tools/io/json.h"

namespace ohmset::cli {

struct Sampling {
  MonteCarloOptions options{};
  MonteCarloResult result{};
  double seconds = 0.0;
};

// Moments, quantiles and yields of every series, a table each.
[[nodiscard]] std::string people_report(const Subject& subject, const Sampling& sampling);
// `about`, then the figures of the last series at the top and of all in series[].
[[nodiscard]] io::Json json_report(const Subject& subject, const Sampling& sampling);

}  // namespace ohmset::cli
