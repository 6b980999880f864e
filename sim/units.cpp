// Reading and writing quantities with SI prefixes. Independent of the locale.
// SPDX-License-Identifier: Apache-2.0
#include "sim/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <system_error>

#include "sim/error.h"

namespace ohmset {
namespace {

struct Prefix {
  std::string_view text;
  int exponent;
};

// Longest first: "meg" must be tried before "m".
constexpr std::array<Prefix, 11> prefixes{{{"meg", 6},
                                           {"\u00b5", -6},
                                           {"\u03bc", -6},
                                           {"f", -15},
                                           {"p", -12},
                                           {"n", -9},
                                           {"u", -6},
                                           {"m", -3},
                                           {"k", 3},
                                           {"g", 9},
                                           {"t", 12}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && same_ignoring_case(text.substr(0, start.size()), start);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The text between quotes on one line, whatever it holds.
std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string result = "\"";
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    result += byte < 0x20U || byte == 0x7fU ? '?' : c;
  }
  return result + (text.size() > longest ? "...\"" : "\"");
}

std::string quantity_examples(std::string_view unit) {
  std::string expected = "expected a number such as 4.7k";
  if (!unit.empty()) {
    expected += " or 4.7k";
    expected += unit;
  }
  return expected;
}

[[noreturn]] void refuse(std::string_view text, std::string_view unit) {
  throw input_error(quoted(text) + " is not a quantity", quantity_examples(unit));
}

[[noreturn]] void refuse_bare_mega(std::string_view text) {
  throw input_error(quoted(text) + " is ambiguous", "write m (milli) or meg (mega)");
}

bool is_unit(std::string_view text, std::string_view unit) {
  if (same_ignoring_case(text, unit)) return true;
  const auto one_of = [text](std::span<const std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [text](auto name) { return same_ignoring_case(text, name); });
  };
  // Greek capital omega and the ohm sign look alike and are different characters.
  constexpr std::array<std::string_view, 3> ohms{"ohms", "\u03a9", "\u2126"};
  constexpr std::array<std::string_view, 1> siemens{"siemens"};
  constexpr std::array<std::string_view, 2> volts{"volt", "volts"};
  constexpr std::array<std::string_view, 2> amperes{"ampere", "amperes"};
  if (unit == "ohm") return one_of(ohms);
  if (unit == "S") return one_of(siemens);
  if (unit == "V") return one_of(volts);
  if (unit == "A") return one_of(amperes);
  return false;
}

// A decimal number at the start of a text: [sign] digits [. digits] [e [sign] digits].
struct Decimal {
  bool negative = false;
  std::string_view mantissa{};  // without the sign; empty: no number there
  int exponent = 0;
  std::string_view rest{};  // what follows it
};

Decimal scan_decimal(std::string_view text) {
  Decimal decimal;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    decimal.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::size_t digits = 0;
  std::size_t at = 0;
  for (bool point = false; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
    } else {
      ++digits;
    }
  }
  decimal.rest = text.substr(at);
  if (digits == 0) return decimal;
  decimal.mantissa = text.substr(0, at);
  if (decimal.rest.empty() || lower(decimal.rest.front()) != 'e') return decimal;
  std::string_view power = decimal.rest.substr(1);
  const bool negative_power = !power.empty() && power.front() == '-';
  if (!power.empty() && (power.front() == '+' || power.front() == '-')) power.remove_prefix(1);
  const auto end = std::find_if_not(power.begin(), power.end(), is_digit);
  if (end == power.begin()) return decimal;
  // Far beyond every double, and far from overflowing an int.
  constexpr int most = 1'000'000;
  int magnitude = 0;
  for (auto digit = power.begin(); digit != end; ++digit) {
    magnitude = std::min(most, magnitude * 10 + (*digit - '0'));
  }
  decimal.exponent = negative_power ? -magnitude : magnitude;
  decimal.rest = std::string_view(end, power.end());
  return decimal;
}

// mantissa x 10^exponent, rounded once: 4.7k is the double 4700. Nothing when it overflows or underflows to 0.
std::optional<double> value_of(const Decimal& decimal, int shift) {
  double value = 0.0;
  const std::string text = fmt::format("{}e{}", decimal.mantissa, decimal.exponent + shift);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool zero = decimal.mantissa.find_first_of("123456789") == std::string_view::npos;
  if (zero) return decimal.negative ? -0.0 : 0.0;
  if (error != std::errc{} || !std::isfinite(value) || value == 0.0) return std::nullopt;
  return decimal.negative ? -value : value;
}

double value_in_range(const Decimal& decimal, int shift, std::string_view text) {
  const std::optional<double> value = value_of(decimal, shift);
  if (!value) throw input_error(quoted(text) + " is out of range", "expected a magnitude from 5e-324 to 1.7e308");
  return *value;
}

// "inf", "-inf ohm": the sign is kept.
std::optional<double> infinite_value(std::string_view text, std::string_view unit) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  if (!starts_with_ignoring_case(text, "inf")) return std::nullopt;
  text.remove_prefix(starts_with_ignoring_case(text, "infinity") ? 8 : 3);
  text = trimmed(text);
  if (!text.empty() && !is_unit(text, unit)) return std::nullopt;
  return negative ? -infinity : infinity;
}

double parse_for_people(std::string_view text, std::string_view unit) {
  const std::string_view all = text;
  text = trimmed(text);
  if (const std::optional<double> infinite = infinite_value(text, unit)) return *infinite;
  Decimal decimal = scan_decimal(text);
  if (decimal.mantissa.empty()) refuse(all, unit);
  const std::string_view suffix = trimmed(decimal.rest);
  if (suffix.empty() || is_unit(suffix, unit)) return value_in_range(decimal, 0, all);

  // 4k7 needs whole digits before the prefix, none of them in an exponent, and no blank in between.
  const bool whole = text.find_first_of(".eE") >= text.size() - decimal.rest.size() && suffix == decimal.rest;
  const auto scaled = [&](std::string_view after, int exponent) -> std::optional<double> {
    if (after.empty() || is_unit(after, unit)) return value_in_range(decimal, exponent, all);
    const auto end = std::find_if_not(after.begin(), after.end(), is_digit);
    const std::string_view fraction(after.begin(), end);
    const std::string_view name = trimmed(std::string_view(end, after.end()));
    if (!whole || fraction.empty() || !(name.empty() || is_unit(name, unit))) return std::nullopt;
    const std::string joined = std::string(decimal.mantissa) + "." + std::string(fraction);
    Decimal with_fraction = decimal;
    with_fraction.mantissa = joined;
    return value_in_range(with_fraction, exponent, all);
  };
  for (const Prefix& prefix : prefixes) {
    if (!starts_with_ignoring_case(suffix, prefix.text)) continue;
    const std::optional<double> value = scaled(suffix.substr(prefix.text.size()), prefix.exponent);
    if (!value) continue;
    if (suffix.front() == 'M' && prefix.text == "m") refuse_bare_mega(all);
    return *value;
  }
  // 4r7 and 47r: r marks the decimal point of a resistance.
  if (unit == "ohm" && lower(suffix.front()) == 'r' && whole) {
    if (const std::optional<double> value = scaled(suffix.substr(1), 0)) return *value;
  }
  refuse(all, unit);
}

double parse_for_spice(std::string_view text, std::string_view unit) {
  const Decimal decimal = scan_decimal(text);
  const std::string_view suffix = decimal.rest;
  if (decimal.mantissa.empty() || !std::all_of(suffix.begin(), suffix.end(), is_letter)) refuse(text, unit);
  if (suffix.empty()) return value_in_range(decimal, 0, text);
  const char first = lower(suffix.front());
  if (first == 'e') refuse(text, unit);
  if (first == 'a' || first == 'x') {
    throw input_error(quoted(text) + " means different values to different simulators", "expected a plain number");
  }
  if (starts_with_ignoring_case(suffix, "mil")) {
    constexpr double mil = 25.4e-6;  // a thousandth of an inch, in metres
    return value_in_range(decimal, 0, text) * mil;
  }
  for (const Prefix& prefix : prefixes) {
    if (starts_with_ignoring_case(suffix, prefix.text)) return value_in_range(decimal, prefix.exponent, text);
  }
  return value_in_range(decimal, 0, text);
}

// Decimal digits of |si| rounded to `digits` of them, without trailing zeros, and the exponent of the first one.
struct Rounded {
  std::string digits{};
  int exponent = 0;
};

Rounded round_to(double magnitude, int digits) {
  std::array<char, 64> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, std::chars_format::scientific, digits - 1);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  Rounded rounded;
  for (const char c : text.substr(0, e)) {
    if (is_digit(c)) rounded.digits += c;
  }
  rounded.digits.erase(rounded.digits.find_last_not_of('0') + 1);
  const std::string_view power = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(power.data(), power.data() + power.size(), rounded.exponent);
  return rounded;
}

// The digits with the decimal point after the first `whole` of them.
std::string with_point(const std::string& digits, std::size_t whole) {
  if (digits.size() <= whole) return digits + std::string(whole - digits.size(), '0');
  return fmt::format("{}.{}", digits.substr(0, whole), digits.substr(whole));
}

}  // namespace

double parse_quantity(std::string_view text, std::string_view unit, Notation notation) {
  return notation == Notation::people ? parse_for_people(text, unit) : parse_for_spice(text, unit);
}

Ohm parse_ohm(std::string_view text) {
  const double value = parse_quantity(text, OhmUnit::name);
  if (value < 0.0) throw input_error("resistance " + quoted(text) + " is negative", "expected 0 or more");
  return Ohm{value + 0.0};  // -0 becomes 0
}

std::string format_engineering(double si, std::string_view unit, int digits) {
  const auto with_unit = [unit](std::string text, std::string_view prefix) {
    if (!unit.empty()) text += ' ';
    return text.append(prefix).append(unit);
  };
  if (std::isnan(si)) return with_unit("nan", "");
  const std::string sign = si < 0.0 ? "-" : "";
  if (std::isinf(si)) return with_unit(sign + "inf", "");
  if (si == 0.0) return with_unit("0", "");

  constexpr int most_digits = 17;
  Rounded rounded = round_to(std::abs(si), std::clamp(digits, 1, most_digits));
  // Rounding may carry beyond the largest double; then every digit is shown.
  if (!value_of({.mantissa = with_point(rounded.digits, 1), .exponent = rounded.exponent}, 0)) {
    rounded = round_to(std::abs(si), most_digits);
  }
  const int group = (rounded.exponent >= 0 ? rounded.exponent : rounded.exponent - 2) / 3 * 3;
  if (group < -15 || group > 12) {
    return with_unit(fmt::format("{}{}e{}", sign, with_point(rounded.digits, 1), rounded.exponent), "");
  }
  const auto prefix = std::find_if(prefixes.begin(), prefixes.end(), [group](const Prefix& p) {
    return p.exponent == group && static_cast<unsigned char>(p.text.front()) < 0x80U;
  });
  const auto whole = static_cast<std::size_t>(rounded.exponent - group + 1);
  return with_unit(sign + with_point(rounded.digits, whole), group == 0 ? "" : prefix->text);
}

}  // namespace ohmset
