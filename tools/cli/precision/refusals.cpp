// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/precision/refusals.h"

#include <fmt/format.h>

#include <utility>

#include "sim/error.h"
#include "sim/process/draws.h"
#include "tools/cli/precision/ceilings.h"

namespace ohmset::cli {

void refuse_idle(const PrecisionArguments& arguments, const Fabrication& made) {
  if (!arguments.temperatures.empty() && !warms(made.process)) {
    throw input_error("--temperature " + arguments.temperatures + " changes nothing",
                      "expected a specification with tc1 or tc2");
  }
  if (!arguments.times.empty() && made.process.drift.model == DriftModel::none) {
    throw input_error("--time " + arguments.times + " changes nothing", "expected a specification with drift");
  }
  if (arguments.contacts_anew && !draws::switches_vary(made.switches)) {
    throw input_error("--contacts-anew changes nothing", "expected --r-on and --r-on-sigma above 0");
  }
}

void refuse_beside_values(const PrecisionArguments& arguments) {
  for (const auto& [given, name] :
       {std::pair(&arguments.nominal, "--nominal"), std::pair(&arguments.distribution, "--distribution"),
        std::pair(&arguments.sigmas, "--sigma")}) {
    if (!given->empty()) throw input_error(fmt::format("{} {}", name, *given), "the values are measured, as they are");
  }
}

void check_listed(const PrecisionInput& input, std::size_t devices) {
  if (!input.fabrication || input.arguments.devices.empty() || !input.arguments.nominal.empty()) return;
  const Process& process = input.fabrication->process;
  const bool measured = !process.values.empty();
  const std::size_t listed = measured ? process.values.size() : process.nominals.size();
  if (!measured && listed < 2) return;
  const std::size_t most = makes_pairs(input) ? 2 * listed : listed;
  if (devices <= most) return;
  throw input_error(fmt::format("--devices {}: the specification lists {} {}", devices, listed,
                                measured ? "measured values" : "nominals"),
                    fmt::format("expected at most {}", most));
}

}  // namespace ohmset::cli
