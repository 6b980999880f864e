// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/robust.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/error.h"
#include "tools/cli/conditions.h"

namespace ohmset::cli {
namespace {

double spread_of(const std::string& name, const std::string& text) {
  const double value = relative_of(name, text);
  if (!(value < 1.0)) throw input_error(fmt::format("{} {}", name, text), "expected less than 100 %");
  return value;
}

// The first option that only a robust choice takes.
std::string_view first_given(const RobustArguments& arguments) {
  for (const auto& [value, name] :
       {std::pair(&arguments.temperatures, "--temperature"), std::pair(&arguments.times, "--time"),
        std::pair(&arguments.spread, "--spread"), std::pair(&arguments.switch_spread, "--switch-spread")}) {
    if (!value->empty()) return name;
  }
  return {};
}

DeviceSpreads spreads_of_values(const RobustArguments& arguments) {
  if (!arguments.temperatures.empty() || !arguments.times.empty()) {
    throw input_error(arguments.temperatures.empty() ? "--time" : "--temperature",
                      "values have no temperature coefficients or drift: expected --spread alone, or a specification");
  }
  if (arguments.spread.empty() && arguments.switch_spread.empty()) {
    throw input_error("--robust with --values",
                      "expected how well the devices are known too: --spread EPS, e.g. 0.1%, or --switch-spread");
  }
  DeviceSpreads spreads;
  if (!arguments.spread.empty()) spreads.devices = {spread_of("--spread", arguments.spread)};
  if (!arguments.switch_spread.empty()) spreads.contacts = {spread_of("--switch-spread", arguments.switch_spread)};
  return spreads;
}

bool deviates(const DeviceSpreads& spreads) {
  const auto positive = [](double spread) { return spread > 0.0; };
  return std::ranges::any_of(spreads.devices, positive) || std::ranges::any_of(spreads.contacts, positive);
}

// Relative, by the measured values: what is known when the choice is made.
double known_error(const Bank& bank, const Design& design, const Choice& choice) {
  const double known = design.unit == TargetUnit::ohm ? resistance(bank, choice.configuration, Seen::measured).value
                                                      : conductance(bank, choice.configuration, Seen::measured).value;
  return design.target > 0.0 ? known / design.target - 1.0 : 0.0;
}

std::string range_text(const std::vector<double>& spreads) {
  const auto [least, greatest] = std::ranges::minmax(spreads);
  const std::string text = spread_text(greatest);
  return spread_text(least) == text ? text : fmt::format("{} to {}", spread_text(least), text);
}

}  // namespace

void add_robust(Command& command, RobustArguments& arguments) {
  command.flag("--robust", arguments.robust,
               "the least predicted spread of all within EPS (or a third of the nearest one's spread):\n"
               "[measurement], tc1 and tc2 with --temperature, drift with --time, read_noise, r_on_sigma");
  command.text("--temperature", "LIST", arguments.temperatures,
               "with --robust: degrees Celsius, e.g. -40,25,125 or -40:125:5; the worst one counts [27]");
  command.text("--time", "LIST", arguments.times, "with --robust: since the devices were written, e.g. 1h or 1d,10y");
  command.text("--spread", "EPS", arguments.spread,
               "with --robust and --values: how well each is known, a relative standard deviation, e.g. 0.1%");
  command.text("--switch-spread", "EPS", arguments.switch_spread, "with --robust and --values: of closed switches");
}

bool any_robust(const RobustArguments& arguments) { return arguments.robust || !first_given(arguments).empty(); }

std::optional<DeviceSpreads> spreads_of(const RobustArguments& arguments, const QuestionArguments& questions,
                                        const Bank& bank, const std::optional<Fabrication>& fabrication) {
  if (!arguments.robust) {
    const std::string_view given = first_given(arguments);
    if (!given.empty()) throw input_error(fmt::format("{} alone", given), "expected --robust too");
    return std::nullopt;
  }
  for (const auto& [given, name] : {std::pair(questions.any, "--any"), std::pair(!questions.least.empty(), "--least"),
                                    std::pair(!questions.cost.empty(), "--cost")}) {
    if (given) throw input_error(fmt::format("--robust and {} are both given", name), "expected one of them");
  }
  if (!fabrication) {
    DeviceSpreads spreads = spreads_of_values(arguments);
    if (!deviates(spreads)) throw input_error("--robust", "expected a --spread or a --switch-spread above 0");
    return spreads;
  }
  for (const auto& [given, name] : {std::pair(!arguments.spread.empty(), "--spread"),
                                    std::pair(!arguments.switch_spread.empty(), "--switch-spread")}) {
    if (given) throw input_error(fmt::format("{} goes with --values", name), "the specification says what deviates");
  }
  const std::vector<Condition> conditions = conditions_of(arguments.temperatures, arguments.times);
  DeviceSpreads spreads = ohmset::spreads_of(bank, *fabrication, conditions);
  if (!deviates(spreads)) {
    throw input_error("--robust, but nothing deviates",
                      "expected [measurement] sigma or bits, tc1 or tc2 with a sigma and --temperature, drift and "
                      "--time, read_noise, or r_on_sigma");
  }
  return spreads;
}

io::Json spreads_json(const DeviceSpreads& spreads) {
  return {{"devices", io::json_numbers(spreads.devices)}, {"switches", io::json_numbers(spreads.contacts)}};
}

std::string spread_text(double relative) {
  if (relative != 0.0 && relative < 1e-5) return fmt::format("{:.2e}", relative);
  return fmt::format("{:.3g} %", relative * 100.0);
}

std::string robust_text(const Bank& bank, const std::vector<Design>& designs, const ProgramOptions& options) {
  std::string text = "spread: predicted standard deviation, relative; devices deviate by ";
  const DeviceSpreads& spreads = *options.robust;
  text += spreads.devices.empty() ? "0" : range_text(spreads.devices);
  if (!spreads.contacts.empty()) text += ", closed switches by " + range_text(spreads.contacts);
  text += "\n";
  if (designs.size() > 1) {
    if (!options.within) {
      text += "chosen among those within a third of the nearest one's spread: no --within is given\n";
    }
    return text;
  }
  const Design& design = designs.front();
  text += fmt::format("chosen among those within {}{}\n", spread_text(design.trade->within),
                      options.within ? "" : ", a third of the nearest one's spread or its error: no --within is given");
  if (design.choices.empty() || !design.trade->nearest) return text;
  const Choice& chosen = design.choices.front();
  const Choice& nearest = *design.trade->nearest;
  if (!(nearest.spread > 0.0)) return text;
  text += fmt::format("{:.3g} times the nearest one's spread", chosen.spread / nearest.spread);
  const auto together = [&](const Choice& choice) {
    return std::hypot(known_error(bank, design, choice), choice.spread);
  };
  return text + fmt::format("; error and spread together {} instead of {}\n", spread_text(together(chosen)),
                            spread_text(together(nearest)));
}

}  // namespace ohmset::cli
