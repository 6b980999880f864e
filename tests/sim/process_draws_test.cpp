// What draws become, against the same said another way.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "sim/process/draws.h"

using namespace ohmset;

TEST_CASE("rounding in a loop is std::round") {
  std::vector<double> values{0.0, 0.49999999999999994, 0.5, 1.5, 2.5, 0x1p52, 0x1p52 - 0.5, 0x1p52 - 1.0, 0x1p51 + 0.5};
  std::mt19937_64 random(1);
  for (int k = 0; k < 100'000; ++k) {
    const double x = std::ldexp(static_cast<double>(random() >> 11U), -static_cast<int>(1 + random() % 60));
    values.push_back(x);
    values.push_back(std::floor(x) + 0.5);
    values.push_back(std::nextafter(std::floor(x) + 0.5, 0.0));
  }
  for (const double x : values) {
    if (x <= 0x1p52)
      REQUIRE(std::bit_cast<std::uint64_t>(draws::rounded(x)) == std::bit_cast<std::uint64_t>(std::round(x)));
  }
}

TEST_CASE("a reading in codes is within half a code, but for the least") {
  const draws::Meter meter({.sigma = 0.0, .bits = 5});
  CHECK(meter.codes() == 31.0);
  for (double r = 1.0; r <= 310.0; r += 0.37) {
    const double shown = meter.converted(r, 310.0);
    CHECK(std::abs(shown - std::max(r, 10.0)) <= 5.0 + 1e-9);
    CHECK(std::abs(shown / 10.0 - std::round(shown / 10.0)) < 1e-12);
  }
  CHECK(meter.converted(0.0, 310.0) == 0.0);
  CHECK(meter.converted(infinity, 310.0) == infinity);
}

TEST_CASE("switches that do not vary are nominal; those that do stay below open") {
  SwitchProcess process{.nominal = {.on = Ohm{50.0}, .off = Ohm{60.0}}};
  std::vector<double> some{0.001, 0.5, 0.999};
  draws::switch_on(process, some);
  CHECK(some == std::vector<double>{50.0, 50.0, 50.0});
  process.on_sigma = 1.0;
  some = {0.001, 0.5, 0.999};
  draws::switch_on(process, some);
  CHECK(some[0] < 5.0);
  CHECK(some[1] == doctest::Approx(50.0).epsilon(1e-14));
  CHECK(some[2] < 60.0);
  CHECK(some[2] > 59.0);
}
