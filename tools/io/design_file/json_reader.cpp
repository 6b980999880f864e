// SPDX-License-Identifier: Apache-2.0
#include "tools/io/design_file/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/error.h"
#include "sim/units.h"

namespace ohmset::io {

Json parse_json(const std::string& text, const std::string& file) {
  if (text.empty()) throw input_error(Where{file}, "the file is empty", "expected a design in JSON");
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::size_t end = std::min(error.byte, text.size());
    const auto newlines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    throw input_error(Where{file, static_cast<std::size_t>(newlines) + 1}, "not JSON", "expected a design");
  } catch (const Json::exception&) {  // a number beyond every double
    throw input_error(Where{file}, "a number is out of range", "expected a design");
  }
}

void JsonEntry::refuse(std::string_view wrong, std::string_view expected) const {
  throw input_error(Where{file_}, name_.empty() ? std::string(wrong) : fmt::format("{} {}", name_, wrong), expected);
}

bool JsonEntry::has(std::string_view key) const {
  if (!json_->is_object()) refuse(fmt::format("is {}", json_->type_name()), "expected an object");
  const auto found = json_->find(std::string(key));
  return found != json_->end() && !found->is_null();
}

JsonEntry JsonEntry::operator[](std::string_view key) const {
  if (!json_->is_object()) refuse(fmt::format("is {}", json_->type_name()), "expected an object");
  const auto found = json_->find(std::string(key));
  JsonEntry entry(nullptr, file_, name_.empty() ? std::string(key) : fmt::format("{}.{}", name_, key));
  if (found == json_->end()) entry.refuse("is missing");
  entry.json_ = &*found;
  return entry;
}

std::vector<JsonEntry> JsonEntry::list() const {
  if (!json_->is_array()) refuse(fmt::format("is {}", json_->type_name()), "expected a list");
  std::vector<JsonEntry> entries;
  entries.reserve(json_->size());
  for (std::size_t k = 0; k < json_->size(); ++k) {
    entries.emplace_back(&(*json_)[k], file_, fmt::format("{}[{}]", name_, k));
  }
  return entries;
}

double JsonEntry::number() const {
  if (json_->is_number()) return json_->get<double>();
  if (json_->is_string() && json_->get_ref<const std::string&>() == "inf") return infinity;
  if (json_->is_string() && json_->get_ref<const std::string&>() == "-inf") return -infinity;
  refuse(fmt::format("is {}", json_->type_name()), "expected a number");
}

double JsonEntry::number_or_nan() const {
  return json_->is_null() ? std::numeric_limits<double>::quiet_NaN() : number();
}

double JsonEntry::resistance() const {
  const double value = number();
  if (!(value >= 0.0)) refuse(fmt::format("is {}", value), "expected a resistance >= 0");
  return value;
}

std::uint64_t JsonEntry::whole() const {
  if (!json_->is_number_unsigned()) refuse("is not a whole number", "expected one >= 0");
  return json_->get<std::uint64_t>();
}

std::string JsonEntry::text() const {
  if (!json_->is_string()) refuse(fmt::format("is {}", json_->type_name()), "expected text");
  return json_->get<std::string>();
}

bool JsonEntry::boolean() const {
  if (!json_->is_boolean()) refuse(fmt::format("is {}", json_->type_name()), "expected true or false");
  return json_->get<bool>();
}

}  // namespace ohmset::io
