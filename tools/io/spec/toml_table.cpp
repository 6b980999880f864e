// SPDX-License-Identifier: Apache-2.0
#include "tools/io/spec/toml_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/units.h"

namespace ohmset::io {
namespace {

std::size_t line_of(const toml::node& node) { return node.source().begin.line; }

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "text";
    case toml::node_type::integer:
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

std::string range_text(const Range& range) {
  if (std::isfinite(range.high)) return fmt::format("expected {} to {}", range.low, range.high);
  if (std::isfinite(range.low)) return fmt::format("expected {} {}", range.low_included ? ">=" : ">", range.low);
  return "expected a finite number";
}

}  // namespace

toml::table parse_toml(const std::string& text, const std::string& file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    const Where where{file, error.source().begin.line};
    if (text.find('\0') != std::string::npos) throw input_error(where, "not a text file", "expected TOML");
    throw input_error(where, "not TOML", error.description());
  }
}

TomlTable::TomlTable(const toml::table* table, std::string name, std::string file)
    : table_(table), name_(std::move(name)), file_(std::move(file)) {}

const toml::node* TomlTable::find(std::string_view key) const { return table_ == nullptr ? nullptr : table_->get(key); }

Where TomlTable::where(std::string_view key) const {
  if (const toml::node* node = find(key)) return {file_, line_of(*node)};
  return {file_, table_ == nullptr ? 0 : line_of(*table_)};
}

std::string TomlTable::full_name(std::string_view key) const {
  return name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key);
}

void TomlTable::refuse(std::string_view key, std::string_view wrong, std::string_view expected) const {
  throw input_error(where(key), fmt::format("{} {}", full_name(key), wrong), expected);
}

void TomlTable::check_keys(std::initializer_list<std::string_view> known) const {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    const std::string_view name = key.str();
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string_view kind = name_.empty() && node.is_table() ? "table" : "key";
    const std::string nearest = nearest_name(name, std::vector<std::string_view>(known));
    const std::string place = name_.empty() ? "" : fmt::format(" in [{}]", name_);
    throw input_error(Where{file_, key.source().begin.line}, fmt::format("unknown {} \"{}\"{}", kind, name, place),
                      nearest.empty() ? fmt::format("expected one of {}", fmt::join(known, ", "))
                                      : fmt::format("did you mean \"{}\"?", nearest));
  }
}

double TomlTable::number(const toml::node& node, std::string_view key, std::string_view unit,
                         const Range& range) const {
  const Where place{file_, line_of(node)};
  const std::string name = full_name(key);
  double value = 0.0;
  std::string written;
  if (const auto* text = node.as_string()) {
    written = fmt::format("\"{}\"", text->get());
    try {
      value = parse_quantity(text->get(), unit);
    } catch (const Error& error) {
      throw input_error(place, name, error.what());
    }
  } else if (node.is_integer() || node.is_floating_point()) {
    value = node.value<double>().value();
    written = fmt::format("{}", value);
  } else {
    throw input_error(place, fmt::format("{} is {}", name, type_name(node)), "expected a number");
  }
  const bool finite = std::isfinite(value) || (value == infinity && range.infinity_allowed);
  const bool above = range.low_included ? value >= range.low : value > range.low;
  if (std::isnan(value) || !finite) {
    throw input_error(place, fmt::format("{} is {}", name, written), "expected a finite number");
  }
  if (!above || value > range.high) {
    throw input_error(place, fmt::format("{} is {}", name, written), range_text(range));
  }
  return value;
}

std::optional<double> TomlTable::quantity(std::string_view key, std::string_view unit, const Range& range) const {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  return number(*node, key, unit, range);
}

std::optional<std::vector<double>> TomlTable::quantities(std::string_view key, std::string_view unit,
                                                         const Range& range) const {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const toml::array* list = node->as_array();
  if (list == nullptr) refuse(key, fmt::format("is {}", type_name(*node)), "expected a list");
  std::vector<double> values;
  for (const toml::node& entry : *list) values.push_back(number(entry, key, unit, range));
  if (values.empty()) refuse(key, "is empty", "expected a list of numbers");
  return values;
}

std::optional<std::string> TomlTable::text(std::string_view key) const {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_string();
  if (value == nullptr) refuse(key, fmt::format("is {}", type_name(*node)), "expected text in quotes");
  return value->get();
}

std::optional<std::int64_t> TomlTable::integer(std::string_view key, std::int64_t low, std::int64_t high) const {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_integer();
  if (value == nullptr) {
    refuse(key, node->is_floating_point() ? "is not a whole number" : fmt::format("is {}", type_name(*node)),
           "expected a whole number");
  }
  if (value->get() < low || value->get() > high) {
    refuse(key, fmt::format("is {}", value->get()), fmt::format("expected {} to {}", low, high));
  }
  return value->get();
}

std::optional<bool> TomlTable::truth(std::string_view key) const {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* value = node->as_boolean();
  if (value == nullptr) refuse(key, fmt::format("is {}", type_name(*node)), "expected true or false");
  return value->get();
}

TomlTable TomlTable::table(std::string_view key) const {
  const toml::node* node = find(key);
  if (node != nullptr && !node->is_table()) refuse(key, fmt::format("is {}", type_name(*node)), "expected a table");
  return {node == nullptr ? nullptr : node->as_table(), full_name(key), file_};
}

bool TomlTable::is_text(std::string_view key) const {
  const toml::node* node = find(key);
  return node != nullptr && node->is_string();
}

bool TomlTable::is_table(std::string_view key) const {
  const toml::node* node = find(key);
  return node != nullptr && node->is_table();
}

}  // namespace ohmset::io
