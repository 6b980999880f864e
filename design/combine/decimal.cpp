// SPDX-License-Identifier: Apache-2.0
#include "design/combine/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace ohmset::drawer {
namespace {

namespace mp = boost::multiprecision;

struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

// digits * 10^exponent from "d.ddde+xx".
Decimal decimal_of(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific).ptr;
  const std::string_view written(text.data(), static_cast<std::size_t>(end - text.data()));
  const std::size_t at = written.find('e');
  Decimal decimal;
  for (const char c : written.substr(0, at)) {
    if (c != '.') decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(c - '0');
  }
  const bool negative = written[at + 1] == '-';
  std::from_chars(written.data() + at + 2, end, decimal.exponent);
  if (negative) decimal.exponent = -decimal.exponent;
  decimal.exponent -= static_cast<int>(at > 1 ? at - 2 : 0);
  return decimal;
}

Integer power_of_ten(int exponent) { return mp::pow(Integer(10), static_cast<unsigned>(exponent)); }

}  // namespace

int compare(const Fraction& a, const Fraction& b) {
  return Integer(a.numerator * b.denominator).compare(Integer(b.numerator * a.denominator));
}

Decimals::Decimals(std::span<const double> ohms, double target) {
  std::vector<Decimal> decimals;
  for (const double ohm : ohms) decimals.push_back(decimal_of(ohm));
  decimals.push_back(decimal_of(target));
  exponent_ = std::min_element(decimals.begin(), decimals.end(), [](const Decimal& a, const Decimal& b) {
                return a.exponent < b.exponent;
              })->exponent;
  for (const Decimal& d : decimals) values_.push_back(Integer(d.digits) * power_of_ten(d.exponent - exponent_));
  target_ = values_.back();
  values_.pop_back();
}

Fraction Decimals::value(const Wiring& circuit) const {
  if (circuit.join == Join::part) return {values_[circuit.part], 1};
  Fraction sum = value(circuit.members.front());
  for (std::size_t k = 1; k < circuit.members.size(); ++k) {
    const Fraction next = value(circuit.members[k]);
    const Integer cross = sum.numerator * next.denominator + next.numerator * sum.denominator;
    if (circuit.join == Join::series) {
      sum = {cross, sum.denominator * next.denominator};
    } else {
      sum = {sum.numerator * next.numerator, cross};
    }
  }
  return sum;
}

Fraction Decimals::difference(const Fraction& value) const {
  return {value.numerator - target_ * value.denominator, value.denominator};
}

double Decimals::ohms(const Fraction& value) const {
  const Integer scale = power_of_ten(std::abs(exponent_));
  const mp::cpp_rational ohms = exponent_ < 0 ? mp::cpp_rational(value.numerator, value.denominator * scale)
                                              : mp::cpp_rational(value.numerator * scale, value.denominator);
  return ohms.convert_to<double>();
}

double Decimals::relative(const Fraction& difference) const {
  return mp::cpp_rational(difference.numerator, difference.denominator * target_).convert_to<double>();
}

}  // namespace ohmset::drawer
