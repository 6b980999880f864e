// Quantities as people and SPICE write them.
// SPDX-License-Identifier: Apache-2.0
#include "sim/units.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <locale>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sim/error.h"

using ohmset::Error;
using ohmset::Fault;
using ohmset::format_engineering;
using ohmset::infinity;
using ohmset::Notation;
using ohmset::Ohm;
using ohmset::parse_ohm;
using ohmset::parse_quantity;
using ohmset::Siemens;

namespace {

// The error's text, "" when there was none.
std::string refusal(std::string_view text, std::string_view unit, Notation notation) {
  try {
    (void)parse_quantity(text, unit, notation);
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    return error.what();
  }
  return {};
}

// A finite double of any magnitude.
double any_double(std::mt19937_64& random) {
  for (;;) {
    const auto value = std::bit_cast<double>(random());
    if (std::isfinite(value)) return value;
  }
}

struct Comma : std::numpunct<char> {
  [[nodiscard]] char do_decimal_point() const override { return ','; }
  [[nodiscard]] char do_thousands_sep() const override { return '.'; }
  [[nodiscard]] std::string do_grouping() const override { return "\3"; }
};

}  // namespace

TEST_CASE("A suffix multiplies by its power of ten, rounded once") {
  const std::vector<std::pair<std::string, double>> cases{
      {"0", 0.0},          {"4700", 4700.0},  {"+5", 5.0},       {"-5", -5.0},      {".5", 0.5},
      {"5.", 5.0},         {"1e3", 1e3},      {"1E+3", 1e3},     {"1e-3", 1e-3},    {"4.7k", 4700.0},
      {"4.7K", 4700.0},    {"3.3f", 3.3e-15}, {"3.3p", 3.3e-12}, {"3.3n", 3.3e-9},  {"3.3u", 3.3e-6},
      {"3.3m", 3.3e-3},    {"3.3meg", 3.3e6}, {"3.3MEG", 3.3e6}, {"3.3Meg", 3.3e6}, {"3.3g", 3.3e9},
      {"3.3G", 3.3e9},     {"3.3t", 3.3e12},  {"1e5k", 1e8},     {"1e300k", 1e303}, {"0.0001e310", 1e306},
      {"4.7kohm", 4700.0}, {"10meg", 1e7},    {"10megohm", 1e7}, {"0e999", 0.0},    {"1e-320k", 1e-317}};
  for (const auto& [text, value] : cases) {
    CAPTURE(text);
    CHECK(parse_quantity(text, "ohm") == value);
    CHECK(parse_quantity(text, "ohm", Notation::spice) == value);
  }
}

TEST_CASE("People may write the unit, blanks before it, 4k7 and inf") {
  const std::vector<std::pair<std::string, double>> cases{
      {"4.7 kohm", 4700.0},    {" 4.7k ", 4700.0},  {"4.7 k", 4700.0},      {"47 OHMS", 47.0},     {"47\u03a9", 47.0},
      {"47 k\u2126", 47000.0}, {"5\u00b5", 5e-6},   {"5 \u03bcohm", 5e-6},  {"4k7", 4700.0},       {"4k7ohm", 4700.0},
      {"-4k7", -4700.0},       {"4meg7", 4.7e6},    {"0m1", 1e-4},          {"4r7", 4.7},          {"47R", 47.0},
      {"inf", infinity},       {"-inf", -infinity}, {"Infinity", infinity}, {"+inf ohm", infinity}};
  for (const auto& [text, value] : cases) {
    CAPTURE(text);
    CHECK(parse_quantity(text, "ohm") == value);
  }
  CHECK(parse_quantity("3mV", "V") == 3e-3);
  CHECK(parse_quantity("3 volt", "V") == 3.0);
  CHECK(parse_quantity("3ma", "A") == 3e-3);
  CHECK(parse_quantity("3 amperes", "A") == 3.0);
  CHECK(parse_quantity("3 usiemens", "S") == 3e-6);
  CHECK(parse_quantity("3k", "") == 3000.0);
}

TEST_CASE("What is not a quantity is refused in one line that quotes it") {
  const std::vector<std::string> nowhere{
      "",   " ", "nan", "-nan", "NaN",   "0x10",   "ohm",    "k",      "1,5",   "--5",  "+-5",   "5 5", ".",    "1.2.3",
      "e5", "-", "1e",  "1e+",  "1e999", "1e-400", "-1e999", "1e308k", "1_000", "4k7k", "4.7k7", "5%",  "1e5k7"};
  for (const std::string& text : nowhere) {
    for (const Notation notation : {Notation::people, Notation::spice}) {
      CAPTURE(text);
      const std::string error = refusal(text, "ohm", notation);
      CHECK(error.find("\"" + text + "\"") == 0);
      CHECK(error.find('\n') == std::string::npos);
    }
  }
  for (const std::string text :
       {"4.7V", "4.7kV", "4.7q", "4.7 kohm x", "inf kohm", "infohmx", "4 k7", "4k 7", "4r7k"}) {
    CAPTURE(text);
    CHECK(refusal(text, "ohm", Notation::people) != "");
  }
  CHECK(refusal("4r7", "V", Notation::people) != "");
  CHECK(refusal("4k", "k", Notation::people) == "");  // a unit of one's own
  for (const std::string text : {"inf", "4k7", "4r7", " 4k", "4k ", "4 k", "5\u00b5", "1a", "1A", "1x", "1kohm2"}) {
    CAPTURE(text);
    CHECK(refusal(text, "ohm", Notation::spice) != "");
  }
}

TEST_CASE("A bare M is refused for people and is milli in SPICE") {
  for (const std::string text : {"10M", "10Mohm", "4M7", "10 M", "1e3M"}) {
    CAPTURE(text);
    CHECK(refusal(text, "ohm", Notation::people).find("write m (milli) or meg (mega)") != std::string::npos);
  }
  CHECK(parse_quantity("10M", "ohm", Notation::spice) == 0.01);
  CHECK(parse_quantity("10Mohm", "ohm", Notation::spice) == 0.01);
}

TEST_CASE("SPICE ignores letters after the number and its suffix, whatever the unit") {
  CHECK(parse_quantity("10kohm", "ohm", Notation::spice) == 1e4);
  CHECK(parse_quantity("5V", "ohm", Notation::spice) == 5.0);
  CHECK(parse_quantity("5Volts", "V", Notation::spice) == 5.0);
  CHECK(parse_quantity("2kilo", "ohm", Notation::spice) == 2e3);
  CHECK(parse_quantity("2megs", "ohm", Notation::spice) == 2e6);
  CHECK(parse_quantity("2mils", "ohm", Notation::spice) == doctest::Approx(50.8e-6).epsilon(1e-15));
}

TEST_CASE("Resistances are 0 or more, and -0 is 0") {
  CHECK(parse_ohm("0").value == 0.0);
  CHECK_FALSE(std::signbit(parse_ohm("-0").value));
  CHECK(parse_ohm("inf").value == infinity);
  CHECK_THROWS_WITH_AS((void)parse_ohm("-1k"), "resistance \"-1k\" is negative: expected 0 or more", Error);
  CHECK_THROWS_AS((void)parse_ohm("-inf"), Error);
}

TEST_CASE("Engineering notation carries, keeps signs and names what has no digits") {
  const std::vector<std::pair<double, std::string>> cases{
      {4700.0, "4.7 kohm"},  {999.96, "1 kohm"},      {-999.96, "-1 kohm"},
      {999.94, "999.9 ohm"}, {0.0, "0 ohm"},          {-0.0, "0 ohm"},
      {infinity, "inf ohm"}, {-infinity, "-inf ohm"}, {std::numeric_limits<double>::quiet_NaN(), "nan ohm"},
      {1e7, "10 megohm"},    {2.5e12, "2.5 tohm"},    {1e-15, "1 fohm"},
      {1e15, "1e15 ohm"},    {1e-16, "1e-16 ohm"},    {123456.0, "123.5 kohm"}};
  for (const auto& [value, text] : cases) CHECK(format_engineering(Ohm{value}) == text);
  CHECK(format_engineering(Siemens{0.00021277}) == "212.8 uS");
  CHECK(format_engineering(47000.0, "") == "47k");
  CHECK(format_engineering(47000.0, "ohm", 1) == "50 kohm");
  CHECK(format_engineering(47000.0, "ohm", -3) == "50 kohm");
  CHECK(format_engineering(1.0 / 3.0, "ohm", 99) == "333.33333333333331 mohm");
}

TEST_CASE("Seventeen digits parse back to the same double, four to within half a unit of the fourth") {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    // Half of them where prefixes apply.
    const double value = seed % 2 == 0 ? any_double(random)
                                       : std::pow(10.0, std::uniform_real_distribution<double>(-16.0, 16.0)(random));
    const std::string unit = seed % 3 == 0 ? "" : "ohm";
    CHECK(parse_quantity(format_engineering(value, unit, 17), unit) == value);
    if (std::abs(value) > 1e-300) {
      CHECK(std::abs(parse_quantity(format_engineering(value, unit), unit) - value) <= 0.5001e-3 * std::abs(value));
    }
  }
  constexpr double largest = std::numeric_limits<double>::max();
  CHECK(parse_quantity(format_engineering(largest, "ohm"), "ohm") == largest);
  CHECK(parse_quantity(format_engineering(5e-324, "ohm"), "ohm") == 5e-324);
}

TEST_CASE("Any bytes are either a number or one line of refusal") {
  constexpr std::string_view alphabet = "0123456789.eE+-kKmMgGtTfpnu rRohmSVA\n\t\x01\xce\xa9";
  std::size_t numbers = 0;
  for (std::uint64_t seed = 1; seed <= 50'000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::string text(random() % 8, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    for (const Notation notation : {Notation::people, Notation::spice}) {
      const std::string error = refusal(text, "ohm", notation);
      CHECK(error.find('\n') == std::string::npos);
      if (!error.empty()) continue;
      ++numbers;
      CHECK_FALSE(std::isnan(parse_quantity(text, "ohm", notation)));
    }
  }
  CHECK(numbers > 100);
  CHECK(refusal(std::string(1'000'000, '7') + "?", "ohm", Notation::people).size() < 200);
  CHECK(refusal(std::string(1'000'000, '7'), "ohm", Notation::people).find("out of range") != std::string::npos);
  CHECK(parse_quantity(std::string(100'000, '0') + "1k", "ohm") == 1000.0);
  CHECK(refusal(std::string("5\0k", 3), "ohm", Notation::people) != "");
}

TEST_CASE("The global locale changes nothing") {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  CHECK(parse_quantity("1234.5", "ohm") == 1234.5);
  CHECK(format_engineering(12345.6, "ohm", 6) == "12.3456 kohm");
  CHECK(refusal("1234,5", "ohm", Notation::people) != "");
  std::locale::global(before);
}

TEST_CASE("Reciprocals map 0 to infinity and back") {
  CHECK(ohmset::to_siemens(Ohm{0.0}).value == infinity);
  CHECK(ohmset::to_siemens(Ohm{-0.0}).value == infinity);
  CHECK(ohmset::to_siemens(Ohm{infinity}).value == 0.0);
  CHECK(ohmset::to_ohm(Siemens{0.0}).value == infinity);
  CHECK(ohmset::to_ohm(Siemens{0.25}).value == 4.0);
  using namespace ohmset::literals;
  CHECK((4.7_kohm).value == 4700.0);
  CHECK((10_megohm).value == 1e7);
  CHECK(1_kohm > 999_ohm);
}
