// Numbers and arithmetic in SPICE texts: 4.7k, {r0}, '2*(a + b)'.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace ohmset::spice {

// What a name stands for; nothing when it is not defined.
using Lookup = std::function<std::optional<double>(std::string_view)>;

// A number with its SPICE suffix. Throws Error{input} without a place.
[[nodiscard]] double number_of(std::string_view token);

[[nodiscard]] bool is_identifier(std::string_view text);

// + - * / and parentheses over numbers and names. Throws Error{input} without a place: undefined names, other
// operators and functions, and results that are not finite.
[[nodiscard]] double evaluate(std::string_view expression, const Lookup& lookup);

}  // namespace ohmset::spice
