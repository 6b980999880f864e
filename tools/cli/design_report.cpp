// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/design_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/cli/report.h"
#include "tools/cli/robust.h"

namespace ohmset::cli {
namespace {

// A configuration in full up to a length that a person reads.
std::string shown(const std::string& text) {
  constexpr std::size_t most = 100;
  return text.size() <= most ? text : text.substr(0, most) + "...";
}

std::vector<std::string> row(const Design& design, const Choice& choice, std::string name) {
  const std::string_view unit = design.unit == TargetUnit::ohm ? OhmUnit::name : SiemensUnit::name;
  const bool relative = !std::isnan(choice.relative_error);
  std::vector<std::string> cells = {
      std::move(name),
      format_engineering(choice.achieved, unit, 10),
      relative ? fmt::format("{:+.2e}", choice.relative_error) : "-",
      std::isnan(choice.bits) ? "-" : fmt::format("{:.2f}", choice.bits),
  };
  if (design.trade) cells.push_back(spread_text(choice.spread));
  cells.push_back(fmt::format("{} of {}", choice.configuration.count(), choice.configuration.size()));
  cells.push_back(shown(choice.configuration.text()));
  return cells;
}

// Where the target lies among what the bank can be.
std::string surroundings(const Design& design) {
  const std::string_view unit = design.unit == TargetUnit::ohm ? OhmUnit::name : SiemensUnit::name;
  std::string text;
  if (design.below || design.above) {
    const auto value = [&](const std::optional<Choice>& choice) {
      return choice ? format_engineering(choice->achieved, unit, 10) : std::string("none");
    };
    text += fmt::format("nearest below {}, above {}\n", value(design.below), value(design.above));
  }
  if (!design.reachable) text += "the target is out of the range of what the bank can be\n";
  return text;
}

// Of one target; what a robust choice was preferred to comes last.
void add_rows(std::vector<std::vector<std::string>>& rows, const Design& design) {
  const std::string_view unit = design.unit == TargetUnit::ohm ? OhmUnit::name : SiemensUnit::name;
  const std::string target = format_engineering(design.target, unit, 8);
  if (design.choices.empty()) rows.push_back({target, "none"});
  for (std::size_t k = 0; k < design.choices.size(); ++k) {
    rows.push_back(row(design, design.choices[k], k == 0 ? target : ""));
  }
  if (design.trade && design.trade->nearest) rows.push_back(row(design, *design.trade->nearest, "nearest"));
}

}  // namespace

std::string people_table(const io::BankDesignFile& file, const ProgramOptions& options, double seconds) {
  std::vector<std::vector<std::string>> rows = {{"target", "achieved", "relative error", "bits"}};
  if (options.robust) rows.front().emplace_back("spread");
  rows.front().emplace_back("inserted");
  rows.front().emplace_back("configuration (device 0 first)");
  bool capped = false;
  for (const Design& design : file.results) {
    add_rows(rows, design);
    capped = capped || design.capped;
  }
  std::string text = fmt::format("{} devices, {}\n", file.bank.devices.size(), shown(file.bank.topology.text()));
  text += table(rows, {options.robust ? 6U : 5U});
  const Design& first = file.results.front();
  text += fmt::format("{} ({}), {}\n", first.method, first.exact ? "exact" : "not proven best", seconds_text(seconds));
  const auto differs = [](const Device& device) { return device.measured != device.resistance; };
  if (std::ranges::any_of(file.bank.devices, differs)) {
    text += "chosen and ranked by the measured values; achieved is what the devices are\n";
  }
  if (options.robust) text += robust_text(file.bank, file.results, options);
  if (capped) text += "more configurations were within reach than are listed\n";
  if (file.results.size() == 1) text += surroundings(first);
  return text;
}

}  // namespace ohmset::cli
