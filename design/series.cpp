// SPDX-License-Identifier: Apache-2.0
#include "design/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>

#include "sim/error.h"

namespace ohmset {
namespace {

struct Known {
  std::string_view name;
  Series series;
  double tolerance;
};
constexpr std::array<Known, 7> known = {{{"E3", Series::e3, 0.4},
                                         {"E6", Series::e6, 0.2},
                                         {"E12", Series::e12, 0.1},
                                         {"E24", Series::e24, 0.05},
                                         {"E48", Series::e48, 0.02},
                                         {"E96", Series::e96, 0.01},
                                         {"E192", Series::e192, 0.005}}};

const Known& known_of(Series series) {
  return *std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.series == series; });
}

// Value k of E24, two digits. The standard kept some older values that the formula misses by one.
int e24_value(int k) {
  const int rounded = static_cast<int>(std::lround(10.0 * std::pow(10.0, k / 24.0)));
  const bool raised = k >= 10 && k <= 16;  // 27 30 33 36 39 43 47
  return rounded + (raised ? 1 : 0) - (k == 22 ? 1 : 0);
}

double decimal(int digits, int exponent) {
  const std::string text = fmt::format("{}e{}", digits, exponent);
  double value = 0.0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::span<const std::string_view> series_names() {
  static constexpr auto names = [] {
    std::array<std::string_view, known.size()> result{};
    for (std::size_t k = 0; k < known.size(); ++k) result[k] = known[k].name;
    return result;
  }();
  return names;
}

std::string_view series_name(Series series) { return known_of(series).name; }

Series series_named(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const Known& k : known) {
    if (k.name == upper) return k.series;
  }
  const std::string nearest = nearest_name(upper, series_names());
  throw input_error(fmt::format("unknown series \"{}\"", name),
                    nearest.empty() ? fmt::format("expected one of {}", fmt::join(series_names(), " "))
                                    : fmt::format("did you mean {}?", nearest));
}

std::vector<int> series_decade(Series series) {
  const int count = static_cast<int>(series);
  std::vector<int> values;
  for (int k = 0; k < count; ++k) {
    if (count <= 24) {
      values.push_back(10 * e24_value(k * (24 / count)));
    } else {
      const int rounded = static_cast<int>(std::lround(100.0 * std::pow(10.0, static_cast<double>(k) / count)));
      values.push_back(rounded == 919 ? 920 : rounded);
    }
  }
  return values;
}

std::vector<double> series_values(Series series, Ohm from, Ohm to) {
  if (!(from.value >= 1e-12 && from <= to && to.value <= 1e15)) {
    throw std::invalid_argument("series_values: expected 1e-12 <= from <= to <= 1e15");
  }
  const std::vector<int> decade = series_decade(series);
  std::vector<double> values;
  for (int exponent = -15; exponent <= 13; ++exponent) {
    for (const int digits : decade) {
      const double value = decimal(digits, exponent);
      if (value >= from.value && value <= to.value) values.push_back(value);
    }
  }
  return values;
}

double series_tolerance(Series series) { return known_of(series).tolerance; }

}  // namespace ohmset
