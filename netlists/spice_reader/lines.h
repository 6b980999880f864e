// A SPICE text as statements: continuation joined, comments gone, tokens split.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace ohmset::spice {

// One statement in lower case, on however many lines it stood.
struct Line {
  std::size_t number = 0;  // of its first line
  std::string_view text{};
  std::string_view note{};  // what follows "; ohmset:", which other simulators take for a comment
};

struct Lines {
  std::string title{};
  std::vector<std::string> comments{};  // before the first statement, as written
  std::vector<Line> statements{};       // views into `text` and `joined`
  std::string text{};                   // the whole, in lower case
  std::deque<std::string> joined{};
};

// Throws Error{input} for binary text, a text without statements and "*#" lines, which ngspice runs as commands.
[[nodiscard]] Lines split_lines(std::string_view text, const std::string& file);

// Tokens of a statement: blanks, commas and parentheses separate, "=" stands alone, {...} and '...' stay whole.
// Throws std::invalid_argument for a brace or quote that is not closed.
[[nodiscard]] std::vector<std::string_view> tokens_of(std::string_view statement);

// For messages: in quotes, the first 60 characters.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace ohmset::spice
