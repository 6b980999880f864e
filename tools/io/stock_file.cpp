// SPDX-License-Identifier: Apache-2.0
#include "tools/io/stock_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "sim/error.h"
#include "tools/io/file.h"
#include "tools/io/npy.h"

namespace ohmset::io {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::string_view space = " \t\r";
  const std::size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

// Fit for an error line.
std::string shown(std::string_view text) {
  return fmt::format("\"{}{}\"", text.substr(0, 40), text.size() > 40 ? "..." : "");
}

// Takes what stands before the next comma.
std::string_view next_field(std::string_view& line) {
  const std::size_t comma = std::min(line.find(','), line.size());
  const std::string_view field = trimmed(line.substr(0, comma));
  line.remove_prefix(std::min(comma + 1, line.size()));
  return field;
}

void check_value(double ohm, const Where& where) {
  if (ohm >= least_stock_ohm && ohm <= most_stock_ohm) return;
  throw input_error(where, fmt::format("a part of {} ohm", ohm),
                    fmt::format("expected {} to {} ohm", least_stock_ohm, most_stock_ohm));
}

double value_of(std::string_view field, const Where& where) {
  double ohm = 0.0;
  try {
    ohm = parse_quantity(field.substr(0, 100), "ohm");
  } catch (const Error& error) {
    throw input_error(where, error.what());
  }
  check_value(ohm, where);
  return ohm;
}

std::size_t quantity_of(std::string_view field, const Where& where) {
  if (field.empty()) return 1;
  std::size_t quantity = 0;
  const auto [end, failed] = std::from_chars(field.data(), field.data() + field.size(), quantity);
  if (failed != std::errc{} || end != field.data() + field.size()) {
    throw input_error(where, fmt::format("quantity {}", shown(field)),
                      "expected a whole number: a line is value,quantity,name");
  }
  return quantity;
}

std::string name_of(std::string_view rest) {
  rest = trimmed(rest);
  if (rest.size() >= 2 && rest.front() == '"' && rest.back() == '"') rest = rest.substr(1, rest.size() - 2);
  return std::string(rest);
}

StockFile stock_from_csv(const std::string& path) {
  const std::string bytes = read_file(path);
  std::string_view text = bytes;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  StockFile stock;
  bool first = true;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const bool header = first && (line.front() | 0x20) >= 'a' && (line.front() | 0x20) <= 'z';
    first = false;
    if (header) continue;
    const Where where{path, number};
    const double ohm = value_of(next_field(line), where);
    const std::size_t quantity = quantity_of(next_field(line), where);
    stock.values.push_back({Ohm{ohm}, quantity});
    stock.names.push_back(name_of(line));
  }
  const bool unnamed = std::all_of(stock.names.begin(), stock.names.end(), [](const auto& n) { return n.empty(); });
  if (unnamed) stock.names.clear();
  return stock;
}

}  // namespace

StockFile read_stock(const std::string& path) {
  StockFile stock;
  if (path.ends_with(".npy")) {
    for (const double ohm : read_npy_doubles(path).data) {
      check_value(ohm, {path});
      stock.values.push_back({Ohm{ohm}, 1});
    }
  } else {
    stock = stock_from_csv(path);
  }
  if (std::all_of(stock.values.begin(), stock.values.end(), [](const StockValue& v) { return v.quantity == 0; })) {
    throw input_error(Where{path}, "no parts in it", "expected lines of value[,quantity[,name]]");
  }
  return stock;
}

}  // namespace ohmset::io
