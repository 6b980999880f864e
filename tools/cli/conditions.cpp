// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/conditions.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

#include "sim/error.h"
#include "sim/units.h"
#include "tools/cli/lists.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t most_conditions = 1000;

struct TimeUnit {
  std::string_view name;
  double seconds;
};
constexpr std::array<TimeUnit, 4> time_units{{{"y", 31'557'600.0}, {"d", 86'400.0}, {"h", 3600.0}, {"min", 60.0}}};

double number_of(const std::string& name, std::string_view text, const std::string& unit) {
  try {
    return parse_quantity(text, unit);
  } catch (const Error& error) {
    throw input_error(name, error.what());
  }
}

double temperature_of(std::string_view text) {
  if (text.ends_with('C')) text.remove_suffix(1);
  return number_of("--temperature", text, "");
}

// Seconds; minutes, hours, days and years by their letters, which no prefix of a unit uses: "90min", "1h", "10y".
double time_of(std::string_view text) {
  for (const TimeUnit& unit : time_units) {
    if (!text.ends_with(unit.name)) continue;
    return number_of("--time", text.substr(0, text.size() - unit.name.size()), "") * unit.seconds;
  }
  return number_of("--time", text, "s");
}

}  // namespace

std::vector<Condition> conditions_of(const std::string& temperatures_text, const std::string& times_text) {
  std::vector<double> temperatures{Condition{}.celsius};
  if (!temperatures_text.empty()) {
    temperatures = list_of("--temperature", temperatures_text, temperature_of);
  }
  std::vector<std::optional<double>> times{std::nullopt};
  if (!times_text.empty()) {
    const std::vector<double> given = list_of("--time", times_text, time_of);
    times.assign(given.begin(), given.end());
  }
  if (temperatures.size() * times.size() > most_conditions) {
    throw input_error(fmt::format("{} temperatures and {} times", temperatures.size(), times.size()),
                      fmt::format("expected at most {} conditions", most_conditions));
  }
  std::vector<Condition> conditions;
  for (const std::optional<double>& seconds : times) {
    for (const double celsius : temperatures) conditions.push_back({.celsius = celsius, .seconds = seconds});
  }
  return conditions;
}

std::string text_of(const Condition& condition) {
  std::string text = fmt::format("{:.6g} C", condition.celsius);
  if (condition.seconds) text += fmt::format(", {:.6g} s", *condition.seconds);
  return text;
}

std::string time_text(double seconds) {
  for (const TimeUnit& unit : time_units) {
    const double count = seconds / unit.seconds;
    if (count >= 1.0 && count == std::floor(count)) return fmt::format("{:.6g} {}", count, unit.name);
  }
  return fmt::format("{:.6g} s", seconds);
}

io::Json json_of(const Condition& condition) {
  io::Json json{{"celsius", condition.celsius}};
  if (condition.seconds) json["seconds"] = *condition.seconds;
  return json;
}

}  // namespace ohmset::cli
