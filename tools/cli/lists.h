// Lists that options of the command line give: "a,b,c", "first:last:step".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ohmset::cli {

inline constexpr std::size_t most_in_a_list = 1000;

// What stands between the separators, at least one part, which may be empty.
[[nodiscard]] std::vector<std::string_view> parts_of(std::string_view text, char separator);

// "a,b,c" or "first:last:step", whose last one is taken when a whole number of steps leads there. Throws Error{input}
// that names the option, for a range that does not rise or has more than most_in_a_list values.
[[nodiscard]] std::vector<double> list_of(const std::string& name, std::string_view text,
                                          double (*value_of)(std::string_view));

}  // namespace ohmset::cli
