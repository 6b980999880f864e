// The subcircuits, models and parameters of a deck, as they are written: what flattening starts from.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "netlists/spice_reader/lines.h"
#include "netlists/spice_reader/statement.h"

namespace ohmset::spice {

struct Model {
  std::string_view name{};
  std::string_view type{};
  std::vector<std::pair<std::string_view, Value>> parameters{};
  std::size_t line = 0;
};

// A subcircuit, or the deck itself (no pins).
struct Definition {
  std::string_view name{};
  std::size_t line = 0;
  std::vector<std::string_view> pins{};
  std::unordered_map<std::string_view, int> pin_of{};
  // Parameters: those of the .subckt line first, which an instance may set, then those of .param lines inside.
  std::vector<std::pair<std::string_view, Value>> parameters{};
  std::size_t settable = 0;
  std::unordered_map<std::string_view, std::size_t> parameter_of{};
  std::unordered_map<std::string_view, Model> models{};
  std::vector<Statement> elements{};
  // Elements of the deck itself are not kept parsed: there may be millions.
  std::vector<Line> lines{};
};

struct Definitions {
  Definition deck{};
  std::unordered_map<std::string_view, Definition> subcircuits{};
};

// Throws Error{input} with the place for what is not understood.
[[nodiscard]] Definitions definitions_in(const Lines& lines, const std::string& file);

// The same error, said to stand in this line.
[[noreturn]] void rethrow_at(const std::string& file, std::size_t line);

}  // namespace ohmset::spice
