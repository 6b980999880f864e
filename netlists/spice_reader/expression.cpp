// Numbers and arithmetic in SPICE texts.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_reader/expression.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string>

#include "netlists/spice_reader/lines.h"
#include "sim/error.h"
#include "sim/units.h"

namespace ohmset::spice {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

// Recursive descent; what is left of the text is `rest_`.
class Evaluation {
 public:
  Evaluation(std::string_view text, const Lookup& lookup) : all_(text), rest_(text), lookup_(lookup) {}

  double whole() {
    const double value = sum();
    skip_blanks();
    if (!rest_.empty()) refuse();
    if (!std::isfinite(value)) throw input_error("expression " + quoted(all_) + " has no finite value");
    return value;
  }

 private:
  [[noreturn]] void refuse() const {
    throw input_error("expression " + quoted(all_) + " is not understood", "expected numbers, names, + - * / and ( )");
  }
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  [[nodiscard]] char next() {
    skip_blanks();
    return rest_.empty() ? '\0' : rest_.front();
  }

  double sum() {
    double value = product();
    for (char c = next(); c == '+' || c == '-'; c = next()) {
      rest_.remove_prefix(1);
      const double term = product();
      value = c == '+' ? value + term : value - term;
    }
    return value;
  }

  double product() {
    double value = factor();
    for (char c = next(); c == '*' || c == '/'; c = next()) {
      rest_.remove_prefix(1);
      const double operand = factor();
      value = c == '*' ? value * operand : value / operand;
    }
    return value;
  }

  double factor() {
    constexpr int deepest = 200;
    if (++depth_ > deepest) throw input_error("expression is nested too deeply", "at most 200 levels");
    const double value = factor_inside();
    --depth_;
    return value;
  }

  double factor_inside() {
    const char c = next();
    if (c == '-' || c == '+') {
      rest_.remove_prefix(1);
      const double value = factor();
      return c == '-' ? -value : value;
    }
    if (c == '(') {
      rest_.remove_prefix(1);
      const double value = sum();
      if (next() != ')') refuse();
      rest_.remove_prefix(1);
      return value;
    }
    if (is_digit(c) || c == '.') return number();
    if (is_name_start(c)) return name();
    refuse();
  }

  // Digits, an exponent with its sign, and letters: "1.5e-3", "4.7kohm".
  double number() {
    std::size_t end = 0;
    while (end < rest_.size()) {
      const char c = rest_[end];
      const bool sign = (c == '-' || c == '+') && end >= 2 && rest_[end - 1] == 'e' &&
                        (is_digit(rest_[end - 2]) || rest_[end - 2] == '.');
      if (!is_name_part(c) && c != '.' && !sign) break;
      ++end;
    }
    const std::string_view token = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return number_of(token);
  }

  double name() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_name_part);
    const std::string_view word(rest_.begin(), end);
    rest_.remove_prefix(word.size());
    if (next() == '(') throw input_error("function " + quoted(word) + " is not supported", "expected + - * / and ( )");
    const std::optional<double> value = lookup_(word);
    if (!value) throw input_error("parameter " + quoted(word) + " is not defined");
    return *value;
  }

  std::string_view all_;
  std::string_view rest_;
  const Lookup& lookup_;
  int depth_ = 0;
};

}  // namespace

double number_of(std::string_view token) {
  // Plain numbers are by far the most frequent; what from_chars does not take whole may carry a suffix.
  if (!token.empty() && (is_digit(token.front()) || (token.front() == '-' && token.size() > 1 && is_digit(token[1])))) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error == std::errc{} && end == token.data() + token.size() && value != 0.0) return value;
  }
  return parse_quantity(token, "", Notation::spice);
}

bool is_identifier(std::string_view text) {
  return !text.empty() && is_name_start(text.front()) && std::all_of(text.begin(), text.end(), is_name_part);
}

double evaluate(std::string_view expression, const Lookup& lookup) { return Evaluation(expression, lookup).whole(); }

}  // namespace ohmset::spice
