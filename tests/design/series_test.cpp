// SPDX-License-Identifier: Apache-2.0
#include "design/series.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "sim/error.h"

using namespace ohmset;

TEST_CASE("E24 is the standard's list, and E12, E6 and E3 are every second value of the series before") {
  const std::vector<int> e24 = {100, 110, 120, 130, 150, 160, 180, 200, 220, 240, 270, 300,
                                330, 360, 390, 430, 470, 510, 560, 620, 680, 750, 820, 910};
  CHECK(series_decade(Series::e24) == e24);
  CHECK(series_decade(Series::e12) == std::vector<int>{100, 120, 150, 180, 220, 270, 330, 390, 470, 560, 680, 820});
  CHECK(series_decade(Series::e6) == std::vector<int>{100, 150, 220, 330, 470, 680});
  CHECK(series_decade(Series::e3) == std::vector<int>{100, 220, 470});
}

TEST_CASE("from E48 on the values are the rounded powers of ten, but for 920 in E192") {
  for (const Series series : {Series::e48, Series::e96, Series::e192}) {
    const std::vector<int> decade = series_decade(series);
    const int count = static_cast<int>(series);
    REQUIRE(decade.size() == static_cast<std::size_t>(count));
    int exceptions = 0;
    for (int k = 0; k < count; ++k) {
      const int value = decade[static_cast<std::size_t>(k)];
      // round-half-free: 10^k lies between (value - 1/2)^count and (value + 1/2)^count, in logarithms
      const long double exact = 100.0L * std::pow(10.0L, static_cast<long double>(k) / count);
      if (std::abs(exact - value) < 0.5L) continue;
      ++exceptions;
      CHECK(value == 920);
      CHECK(std::abs(exact - 919.48L) < 0.01L);
    }
    CHECK(exceptions == (series == Series::e192 ? 1 : 0));
  }
}

TEST_CASE("E48 is in E96 and E96 in E192") {
  const auto inside = [](Series few, Series many) {
    const std::vector<int> a = series_decade(few);
    const std::vector<int> b = series_decade(many);
    return std::includes(b.begin(), b.end(), a.begin(), a.end());
  };
  CHECK(inside(Series::e48, Series::e96));
  CHECK(inside(Series::e96, Series::e192));
  CHECK_FALSE(inside(Series::e24, Series::e96));  // 120 is no value of E96
}

TEST_CASE("values of a range ascend, include its ends and are the nearest doubles of their decimals") {
  const std::vector<double> values = series_values(Series::e96, Ohm{1.0}, Ohm{10e6});
  CHECK(values.size() == 7 * 96 + 1);
  CHECK(values.front() == 1.0);
  CHECK(values.back() == 10e6);
  CHECK(std::is_sorted(values.begin(), values.end()));
  for (const double expected : {1.02, 9.76, 4.99e3, 976e3, 10.2}) {
    CHECK(std::binary_search(values.begin(), values.end(), expected));
  }
  CHECK(series_values(Series::e3, Ohm{2.2}, Ohm{2.2}) == std::vector<double>{2.2});
  CHECK(series_values(Series::e3, Ohm{2.3}, Ohm{4.6}).empty());
  CHECK(series_values(Series::e12, Ohm{1e-12}, Ohm{1e15}).size() == 27 * 12 + 1);
}

TEST_CASE("neighbours are at most twice the tolerance of their series from their middle") {
  for (const std::string_view name : series_names()) {
    const Series series = series_named(name);
    const std::vector<double> values = series_values(series, Ohm{1.0}, Ohm{10.0});
    for (std::size_t k = 1; k < values.size(); ++k) {
      const double gap = (values[k] - values[k - 1]) / (values[k] + values[k - 1]);
      CAPTURE(name);
      CAPTURE(values[k]);
      CHECK(gap <= 2.0 * series_tolerance(series));
    }
  }
}

TEST_CASE("names are read in either case; unknown ones name their neighbour") {
  CHECK(series_named("E96") == Series::e96);
  CHECK(series_named("e192") == Series::e192);
  CHECK(series_name(Series::e24) == "E24");
  for (const std::string name : {"E97", "E", "96", "", "E9600000", "M24", "E24 "}) {
    CAPTURE(name);
    CHECK_THROWS_AS((void)series_named(name), Error);
  }
  try {
    (void)series_named("e95");
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find("E96") != std::string::npos);
  }
}

TEST_CASE("ranges that are empty, negative, infinite or not numbers are refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [from, to] : {std::pair(10.0, 1.0), std::pair(0.0, 1.0), std::pair(-1.0, 1.0),
                                 std::pair(1.0, infinity), std::pair(nan, 1.0), std::pair(1.0, nan)}) {
    CHECK_THROWS_AS((void)series_values(Series::e24, Ohm{from}, Ohm{to}), std::invalid_argument);
  }
}
