// SPDX-License-Identifier: Apache-2.0
#include "tools/io/matrix_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>

#include "sim/error.h"
#include "sim/units.h"
#include "tools/io/file.h"

namespace ohmset::io {
namespace {

bool ends_with_ignoring_case(std::string_view text, std::string_view ending) {
  if (text.size() < ending.size()) return false;
  return std::equal(ending.begin(), ending.end(), text.end() - static_cast<std::ptrdiff_t>(ending.size()),
                    [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b); });
}

std::string_view trimmed(std::string_view text) {
  const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

// Fit for an error line: short, and nothing a terminal would act on.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 40));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  return "\"" + result + (text.size() > 40 ? "...\"" : "\"");
}

// Calls `take(line number, trimmed line)` for every line that holds something.
void for_each_line(std::string_view text, const std::function<void(std::size_t, std::string_view)>& take) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    if (!line.empty() && line.front() != '#') take(number, line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Calls `take(trimmed field)` for every field between commas.
template <class Take>
void for_each_field(std::string_view line, const Take& take) {
  for (;;) {
    const std::size_t comma = line.find(',');
    take(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    line.remove_prefix(comma + 1);
  }
}

// A plain number, the way that most files write it; none when it needs parse_quantity.
std::optional<double> plain_number(std::string_view field) {
  double value = 0.0;
  const std::string_view digits = field.starts_with('+') ? field.substr(1) : field;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failed != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

double number(std::string_view field, const std::string& unit, const Where& where) {
  if (const auto plain = plain_number(field)) return *plain;
  if (field.empty()) throw input_error(where, "a value is missing", "expected a number");
  const bool printable = std::all_of(field.begin(), field.end(), [](char c) { return c != '\0'; });
  if (printable && field.size() <= 40) {
    try {
      return parse_quantity(field, unit);
    } catch (const Error& error) {
      throw input_error(where, error.what());
    }
  }
  throw input_error(where, shown(field) + " is not a number");
}

Matrix matrix_from_csv(const std::string& path) {
  const std::string text = read_file(path);
  std::vector<double> values;
  std::size_t rows = 0;
  std::size_t columns = 0;
  for_each_line(text, [&](std::size_t line, std::string_view row) {
    const std::size_t before = values.size();
    for_each_field(row, [&](std::string_view field) { values.push_back(number(field, "", {path, line})); });
    const std::size_t found = values.size() - before;
    if (rows == 0) columns = found;
    if (found != columns) {
      throw input_error(Where{path, line}, fmt::format("{} values in this row", found),
                        fmt::format("expected {} as in the first row", columns));
    }
    ++rows;
  });
  Matrix matrix(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  std::copy(values.begin(), values.end(), matrix.data());
  return matrix;
}

}  // namespace

bool is_npy(const std::string& path) {
  if (ends_with_ignoring_case(path, ".npy")) return true;
  if (ends_with_ignoring_case(path, ".csv") || ends_with_ignoring_case(path, ".txt")) return false;
  std::FILE* file = std::fopen(path.c_str(), "rb");
  const bool npy = file != nullptr && std::fgetc(file) == 0x93;
  if (file != nullptr) std::fclose(file);
  return npy;
}

Matrix read_matrix(const std::string& path, Infinities infinities) {
  Matrix matrix = is_npy(path) ? read_npy_matrix(path) : matrix_from_csv(path);
  if (matrix.size() == 0) throw input_error(Where{path}, "the matrix is empty", "expected at least one number");
  if (matrix.allFinite()) return matrix;
  for (Eigen::Index row = 0; row < matrix.rows(); ++row) {
    for (Eigen::Index column = 0; column < matrix.cols(); ++column) {
      const double value = matrix(row, column);
      if (std::isfinite(value) || (std::isinf(value) && infinities == Infinities::allowed)) continue;
      throw input_error(Where{path}, fmt::format("row {}, column {} (from 0) is {}", row, column, value),
                        "expected a finite number");
    }
  }
  return matrix;
}

std::vector<double> read_values(const std::string& path, const std::string& unit) {
  std::vector<double> values;
  if (is_npy(path)) {
    values = read_npy_doubles(path).data;
  } else {
    const std::string text = read_file(path);
    bool first = true;
    for_each_line(text, [&](std::size_t line, std::string_view row) {
      const bool header = first && row.find(',') == std::string_view::npos && !row.empty() &&
                          ((row.front() | 0x20) >= 'a' && (row.front() | 0x20) <= 'z') && row != "inf";
      first = false;
      if (header) return;
      for_each_field(row, [&](std::string_view field) { values.push_back(number(field, unit, {path, line})); });
    });
  }
  if (values.empty()) throw input_error(Where{path}, "no values in it", "expected at least one number");
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (std::isnan(values[k])) throw input_error(Where{path}, fmt::format("value {} (from 0) is nan", k));
  }
  return values;
}

std::string npy_bytes(const Matrix& matrix) {
  return npy_bytes({static_cast<std::size_t>(matrix.rows()), static_cast<std::size_t>(matrix.cols())}, matrix.data());
}

std::string csv_text(const Matrix& matrix) {
  fmt::memory_buffer text;
  for (Eigen::Index row = 0; row < matrix.rows(); ++row) {
    for (Eigen::Index column = 0; column < matrix.cols(); ++column) {
      fmt::format_to(std::back_inserter(text), "{}{}", column == 0 ? "" : ",", matrix(row, column));
    }
    text.push_back('\n');
  }
  return fmt::to_string(text);
}

bool is_csv_name(const std::string& path) { return ends_with_ignoring_case(path, ".csv"); }

void check_matrix_output(const std::string& path, bool force) {
  if (!is_csv_name(path) && !ends_with_ignoring_case(path, ".npy") && !is_written_in_place(path) && !path.empty()) {
    throw input_error("output " + path, "expected a name that ends with .npy or .csv");
  }
  check_output(path, force);
}

void write_matrix(const std::string& path, const Matrix& matrix, bool force) {
  write_file(path, is_csv_name(path) ? csv_text(matrix) : npy_bytes(matrix), force);
}

}  // namespace ohmset::io
