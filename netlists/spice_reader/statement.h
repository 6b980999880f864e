// One element line of a SPICE deck, before its names and values are resolved.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ohmset::spice {

// A number, or an expression still to be evaluated.
struct Value {
  double number = 0.0;
  std::string_view expression{};  // empty: `number` it is
  bool present = false;
};

struct Statement {
  char kind = 'r';  // r v i s x
  std::string_view name{};
  std::vector<std::string_view> nodes{};
  Value value{};
  std::string_view reference{};  // the model of s and r, the subcircuit of x
  std::vector<std::pair<std::string_view, Value>> parameters{};
  std::size_t line = 0;
  bool switched = false;  // a resistor marked "; ohmset: switch"
  Value off{};            // its resistance when open; not present: infinite
};

// Throw Error{input} without a place; the caller knows it.
[[nodiscard]] Value value_of(std::string_view token);
// "a=1 b = {2*a}" from tokens[first] on.
[[nodiscard]] std::vector<std::pair<std::string_view, Value>> assignments_of(
    const std::vector<std::string_view>& tokens, std::size_t first);
// ".param a=1 b = 2*(a + 1)": unlike elsewhere, right sides may go without braces.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> definitions_of(std::string_view text);
// `note`: see Line.
[[nodiscard]] Statement element_of(std::string_view text, std::size_t line, std::string_view note = {});

}  // namespace ohmset::spice
