// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/precision/contrasts.h"

#include <string>

#include "sim/error.h"

namespace ohmset::cli {
namespace {

// Why the average of all devices cannot be asked the same question; "" when it can.
std::string no_average(const PrecisionQuestion& question, std::size_t devices, bool interval_given) {
  if (!question.targets.empty() || question.even > 0 || interval_given) return "it has a target of its own";
  if (question.family->topology == differential_topology) return "that of a differential pair is 0";
  const Topology topology = bank_spec_of(*question.family, devices).topology;
  if (topology.is_parallel() || topology.is_series()) return {};
  return "it is known of parallel and series banks";
}

}  // namespace

std::vector<PrecisionCurve> contrasts_of(const std::vector<PrecisionCurve>& bases, std::size_t devices,
                                         bool interval_given) {
  const Process& process = bases.front().question.family->fabrication.process;
  if (!process.values.empty() || process.nominals.size() > 1) {
    throw input_error("--contrast with a list of resistances",
                      "expected one nominal: a plain binary code has a ladder of them");
  }
  const std::string why = no_average(bases.front().question, devices, interval_given);
  std::vector<PrecisionCurve> curves;
  for (const PrecisionCurve& base : bases) {
    const auto add = [&](const std::string& name) -> PrecisionQuestion& {
      curves.push_back(base);
      curves.back().name = base.name.empty() ? name : name + ", " + base.name;
      return curves.back().question;
    };
    add("search");
    PrecisionQuestion& code = add("plain binary code");
    code.family->ladder = 2.0;
    code.choosing = Choosing::code;
    if (!why.empty()) continue;
    PrecisionQuestion& average = add("average of all");
    average.choosing = Choosing::everything;
    average.interval.reset();
  }
  if (!why.empty()) curves.back().note = "without the average of all: " + why;
  return curves;
}

}  // namespace ohmset::cli
