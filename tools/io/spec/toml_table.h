// One TOML table read key by key: types and ranges are checked where the key is read, and what nobody asked for is
// unknown. Every error names file and line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/error.h"

namespace ohmset::io {

struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_included = true;
  bool infinity_allowed = false;
};
inline constexpr Range any_finite{};
inline constexpr Range not_negative{.low = 0.0};
inline constexpr Range probability{.low = 0.0, .high = 1.0};

[[nodiscard]] toml::table parse_toml(const std::string& text, const std::string& file);

class TomlTable {
 public:
  // `name` is "" for the document itself; a table that is not there reads as empty.
  TomlTable(const toml::table* table, std::string name, std::string file);

  // Throws for the first key that is not one of `known`.
  void check_keys(std::initializer_list<std::string_view> known) const;

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  // A number, or a string such as "4.7k" or "20u" in `unit`.
  [[nodiscard]] std::optional<double> quantity(std::string_view key, std::string_view unit, const Range& range) const;
  // A list of them.
  [[nodiscard]] std::optional<std::vector<double>> quantities(std::string_view key, std::string_view unit,
                                                              const Range& range) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high) const;
  [[nodiscard]] std::optional<bool> truth(std::string_view key) const;
  [[nodiscard]] TomlTable table(std::string_view key) const;

  [[nodiscard]] bool is_text(std::string_view key) const;
  [[nodiscard]] bool is_table(std::string_view key) const;

  // The place of a key, or of the table itself when the key is not there.
  [[nodiscard]] Where where(std::string_view key) const;
  // "process.sigma"
  [[nodiscard]] std::string full_name(std::string_view key) const;
  [[noreturn]] void refuse(std::string_view key, std::string_view wrong, std::string_view expected = {}) const;

 private:
  [[nodiscard]] const toml::node* find(std::string_view key) const;
  [[nodiscard]] double number(const toml::node& node, std::string_view key, std::string_view unit,
                              const Range& range) const;

  const toml::table* table_;
  std::string name_;
  std::string file_;
};

}  // namespace ohmset::io
