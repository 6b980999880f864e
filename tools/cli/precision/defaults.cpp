// What stands for the options of `ohmset precision` that are not given.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "design/precision.h"
#include "tools/cli/precision/arguments.h"

namespace ohmset::cli {
namespace {

// As many devices as there are numbers for; no limit where all share one.
std::size_t most_devices(const PrecisionInput& input) {
  constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
  if (!input.fabrication || !input.arguments.nominal.empty()) return no_limit;
  const Process& process = input.fabrication->process;
  const std::size_t listed = process.values.empty() ? process.nominals.size() : process.values.size();
  if (listed < 2 && process.values.empty()) return no_limit;
  return makes_pairs(input) ? 2 * listed : listed;
}

std::string default_devices(const PrecisionInput& input) {
  const PrecisionArguments& a = input.arguments;
  const std::size_t most = most_devices(input);
  const bool pairs = makes_pairs(input);
  const auto range = [](std::size_t first, std::size_t last, std::size_t step) {
    return first < last ? fmt::format("{}:{}:{}", first, last, step) : std::to_string(last);
  };
  const std::size_t fewest = pairs ? 2 : 1;
  if (!a.for_bits.empty()) return range(fewest, std::min<std::size_t>(40, most), fewest);
  // Every fourth number up to one that can be enumerated, or searched for in seconds.
  const std::size_t last = std::min<std::size_t>(a.coverage ? 24 : 32, most);
  return last < 8 ? range(fewest, last, fewest) : range(4, last, 4);
}

std::string interval_of(const PrecisionInput& input) {
  const PrecisionArguments& a = input.arguments;
  if (!input.targets.empty() || a.choose == "average") return {};
  if (a.signed_items && a.coverage) return "-0.5:0.5";
  return a.signed_items || makes_pairs(input) ? "-1:1" : "0.25:0.75";
}

}  // namespace

bool makes_pairs(const PrecisionInput& input) {
  const std::string& topology = input.arguments.topology.empty() ? input.spec_topology : input.arguments.topology;
  return !input.arguments.signed_items && topology == differential_topology;
}

PrecisionArguments defaults_of(const PrecisionInput& input) {
  const PrecisionArguments& a = input.arguments;
  PrecisionArguments defaults;
  defaults.devices = default_devices(input);
  defaults.choose = "search";
  defaults.confidence = "95%";
  defaults.interval = interval_of(input);
  if (!a.for_bits.empty()) defaults.probability = "99%";
  if (!a.instances && !a.banks) {
    if (a.coverage) {
      defaults.banks = 200;
    } else if (a.even) {
      defaults.banks = 1000;
    } else if (input.targets.empty()) {
      defaults.instances = 1000;
    }
  }
  if (a.signed_items) return defaults;
  defaults.topology = input.spec_topology.empty() ? BankFamily{}.topology : input.spec_topology;
  defaults.ladder = "equal";
  const bool shape_given = !a.distribution.empty();
  if (!input.fabrication) {
    defaults.nominal = "10k";
    if (!shape_given) defaults.distribution = "lognormal";
    defaults.r_on = "0";
    defaults.r_off = "inf";
    defaults.r_on_sigma = "0";
    defaults.measurement_sigma = "0";
  }
  // A shape without a width has this one, unless the specification says another.
  const bool scatters = a.distribution != "none";
  const bool own_width = input.fabrication && input.fabrication->process.sigma > 0.0;
  if (scatters && !own_width && (shape_given || !input.fabrication)) defaults.sigmas = "0.3";
  return defaults;
}

}  // namespace ohmset::cli
