// Reads a JSON document nobody vouches for: every entry's type and range is checked where it is read, and errors name
// the file and the entry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/io/json.h"

namespace ohmset::io {

[[nodiscard]] Json parse_json(const std::string& text, const std::string& file);

// One value in the document, with the way that led to it: "results[2].mask".
class JsonEntry {
 public:
  JsonEntry(const Json* json, std::string file, std::string name = {})
      : json_(json), file_(std::move(file)), name_(std::move(name)) {}

  [[nodiscard]] bool has(std::string_view key) const;              // and is not null
  [[nodiscard]] JsonEntry operator[](std::string_view key) const;  // throws when it is missing
  [[nodiscard]] std::vector<JsonEntry> list() const;

  [[nodiscard]] double number() const;         // finite, "inf" or "-inf"
  [[nodiscard]] double number_or_nan() const;  // likewise, or null
  [[nodiscard]] double resistance() const;     // >= 0, infinity included
  [[nodiscard]] std::uint64_t whole() const;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool boolean() const;

  [[noreturn]] void refuse(std::string_view wrong, std::string_view expected = {}) const;

 private:
  const Json* json_;
  std::string file_;
  std::string name_;
};

}  // namespace ohmset::io
