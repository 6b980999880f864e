// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/lists.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/error.h"

namespace ohmset::cli {

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<double> list_of(const std::string& name, std::string_view text, double (*value_of)(std::string_view)) {
  std::vector<double> values;
  const std::vector<std::string_view> range = parts_of(text, ':');
  if (range.size() == 1) {
    for (const std::string_view part : parts_of(text, ',')) values.push_back(value_of(part));
    return values;
  }
  if (range.size() != 3) throw input_error(fmt::format("{} {}", name, text), "expected first:last:step");
  const double first = value_of(range[0]);
  const double last = value_of(range[1]);
  const double step = value_of(range[2]);
  const double steps = (last - first) / step;
  if (!(step > 0.0 && steps >= 0.0 && steps < static_cast<double>(most_in_a_list))) {
    throw input_error(fmt::format("{} {}", name, text),
                      fmt::format("expected first:last:step, rising, of at most {} values", most_in_a_list));
  }
  const auto count = static_cast<std::size_t>(std::floor(steps * (1.0 + 1e-12)));
  for (std::size_t k = 0; k <= count; ++k) values.push_back(first + static_cast<double>(k) * step);
  return values;
}

}  // namespace ohmset::cli
