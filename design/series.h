// Preferred numbers: which values a resistor can be bought in. The E series of IEC 60063.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sim/units.h"

namespace ohmset {

// The number is that of values in a decade.
enum class Series { e3 = 3, e6 = 6, e12 = 12, e24 = 24, e48 = 48, e96 = 96, e192 = 192 };

// "E3", "E6", ... in ascending order.
[[nodiscard]] std::span<const std::string_view> series_names();
[[nodiscard]] std::string_view series_name(Series series);
// Case is ignored. Throws Error{input} that names the nearest known one.
[[nodiscard]] Series series_named(std::string_view name);

// One decade, ascending from 100 to below 1000: 10^(k/N) rounded to two digits up to E24, to three from E48, with the
// standard's exceptions: eight values of E24 (and so of E12, E6 and E3), and 920 instead of 919 in E192.
[[nodiscard]] std::vector<int> series_decade(Series series);

// Every value of the series between the two, both included, ascending; each is the double nearest to its decimal.
// requires 1e-12 <= from <= to <= 1e15
[[nodiscard]] std::vector<double> series_values(Series series, Ohm from, Ohm to);

// The relative tolerance that a series is spaced for: 40, 20, 10, 5, 2, 1 and 0.5 %.
[[nodiscard]] double series_tolerance(Series series);

}  // namespace ohmset
