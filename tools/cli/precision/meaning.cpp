// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/precision/meaning.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/units.h"

namespace ohmset::cli {
namespace {

bool pairs(const PrecisionQuestion& question) {
  return question.family && question.family->topology == differential_topology;
}

std::string interval_text(const PrecisionInput& input, const PrecisionQuestion& question) {
  const Interval interval = *interval_of(input, question);
  if (!question.family) return fmt::format("[{:g}, {:g}]", interval.low, interval.high);
  if (pairs(question)) return fmt::format("{:g} to {:g} times the full scale", interval.low, interval.high);
  return fmt::format("{:g} to {:g} of the reachable range", interval.low, interval.high);
}

}  // namespace

std::optional<Interval> interval_of(const PrecisionInput& input, const PrecisionQuestion& question) {
  if (!question.targets.empty() || question.choosing == Choosing::everything) return std::nullopt;
  return asked_interval(question, input.arguments.coverage);
}

std::string bits_are(const PrecisionInput& input, const PrecisionQuestion& question) {
  if (input.arguments.coverage) {
    return std::string("-log2 of the largest distance of any target from a value") +
           (question.family ? ", relative to the interval" : "");
  }
  if (!question.family) return "-log2 |error|";
  return pairs(question) ? "-log2 |error / full scale|" : "-log2 |error / target|";
}

std::string targets_are(const PrecisionInput& input, const PrecisionQuestion& question) {
  const std::size_t given = question.targets.size();
  const char* scaled = question.of_full_scale ? ", as multiples of the full scale" : "";
  if (question.each_its_own) return fmt::format("{} given{}, each on a bank of its own", given, scaled);
  if (given > 0) return fmt::format("{} given{}, all on each bank", given, scaled);
  if (question.choosing == Choosing::everything) return "what all devices make on average";
  const std::string where = interval_text(input, question);
  const char* preposition = question.family ? "from" : "in";
  if (input.arguments.coverage) return fmt::format("any {} {}", preposition, where);
  if (question.even > 0) return fmt::format("{} a bank, evenly spaced {} {}", question.even, preposition, where);
  return fmt::format("one a bank, uniform {} {}", preposition, where);
}

std::string limits_of(const std::vector<PrecisionCurve>& curves) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  // Of ceilings the last curve has most of them.
  const PrecisionQuestion& question = curves.back().question;
  if (!question.family) return text;
  const Fabrication& made = question.family->fabrication;
  const Switch& contact = made.switches.nominal;
  if (contact.on.value > 0.0) add("r_on " + format_engineering(contact.on, 4));
  if (std::isfinite(contact.off.value)) add("r_off " + format_engineering(contact.off, 4));
  if (made.switches.on_sigma > 0.0 && contact.on.value > 0.0) {
    add(fmt::format("contacts {:g} %", made.switches.on_sigma * 100.0));
  }
  if (made.measurement.sigma > 0.0) add(fmt::format("measured to {:g} %", made.measurement.sigma * 100.0));
  if (made.measurement.bits > 0) add(fmt::format("by {} bits", made.measurement.bits));
  return text;
}

}  // namespace ohmset::cli
