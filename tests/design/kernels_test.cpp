// The fast searches against brute force and the exact search, on every instruction set of this machine.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "design/kernels/closest.h"
#include "design/kernels/counted.h"
#include "design/subset_sum.h"
#include "sim/error.h"
#include "tests/support/distributions.h"

namespace {

using ohmset::closest_mask;
using namespace ohmset::test;

}  // namespace

TEST_CASE("The fast search is the exact search wherever it answers, on every instruction set") {
  std::mt19937_64 random(20240611);
  std::array<int, distributions> answered{};
  for (std::size_t n = 0; n <= 22; ++n) {
    const int instances = n <= 12 ? 12 : n <= 18 ? 4 : 1;
    for (int kind = 0; kind < distributions; ++kind) {
      for (int instance = 0; instance < instances; ++instance) {
        const std::vector<double> items = items_of(kind, n, random);
        const double target = target_of(items, random);
        CAPTURE(n);
        CAPTURE(kind);
        CAPTURE(instance);
        // Two of them: the exact search, not the fast one it may begin with.
        const ohmset::Subset first = ohmset::closest_subset_sums(items, target, {.best = 2}).subsets.front();
        for (const ohmset::kernels::Kernels& set : ohmset::kernels::available()) {
          const auto mask = closest_mask(items, target, set);
          if (!mask) continue;
          ++answered.at(static_cast<std::size_t>(kind));
          REQUIRE(*mask == first.mask);
        }
        const auto quick = ohmset::closest_quickly(items, target);
        if (!quick) continue;
        REQUIRE(quick->mask == first.mask);
        REQUIRE(quick->sum == first.sum);
        REQUIRE(quick->error == first.error);
      }
    }
  }
  // It is of use: generic items are answered.
  CHECK(answered[0] > 100);
  CHECK(answered[1] > 100);
  CHECK(answered[9] > 100);
}

TEST_CASE("All instruction sets give the same answer, also when it is none") {
  std::mt19937_64 random(7);
  for (const std::size_t n : {3, 9, 10, 11, 12, 13, 17, 24, 25, 30, 33}) {
    for (int kind = 0; kind < distributions; ++kind) {
      const std::vector<double> items = items_of(kind, n, random);
      const double target = target_of(items, random);
      CAPTURE(n);
      CAPTURE(kind);
      const auto portable = closest_mask(items, target, ohmset::kernels::available().front());
      for (const ohmset::kernels::Kernels& set : ohmset::kernels::available()) {
        CHECK(closest_mask(items, target, set) == portable);
      }
    }
  }
}

TEST_CASE("Integers beyond 51 bits find what doubles leave open: 41 and 42 items") {
  std::mt19937_64 random(11);
  for (const std::size_t n : {41, 42}) {
    std::vector<double> items = items_of(1, n, random);
    // A subset that no other comes near: the answer is known.
    double target = 0.0;
    std::uint64_t planted = 0;
    for (std::size_t k = 0; k < n; k += 2) {
      items[k] = std::round(items[k] * 0x1p30) * 0x1p-30;
      planted |= std::uint64_t{1} << k;
      target += items[k];
    }
    const auto mask = closest_mask(items, target);
    if (mask) {
      CAPTURE(n);
      const auto found = ohmset::kernels::counted(items, target, *mask);
      const auto expected = ohmset::kernels::counted(items, target, planted);
      REQUIRE(found);
      REQUIRE(expected);
      CHECK(expected->error == 0.0);
      CHECK(found->error == 0.0);
    }
  }
}

TEST_CASE("Nearly equal subsets are left to the exact search, or told apart correctly") {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> unit(0.5, 1.5);
  for (int instance = 0; instance < 200; ++instance) {
    CAPTURE(instance);
    // Pairs that differ in the last digits only.
    std::vector<double> items;
    for (int k = 0; k < 7; ++k) {
      const double value = unit(random);
      items.push_back(value);
      items.push_back(std::nextafter(value, instance % 2 == 0 ? 2.0 : 0.0));
    }
    const double target = target_of(items, random);
    const auto quick = ohmset::closest_quickly(items, target);
    if (quick) CHECK(quick->mask == ohmset::closest_subset_sums(items, target, {.best = 2}).subsets.front().mask);
  }
}

TEST_CASE("What is not finite or too much is not answered") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(!ohmset::closest_quickly(std::vector<double>{1.0, nan}, 1.0));
  CHECK(!ohmset::closest_quickly(std::vector<double>{1.0, inf}, 1.0));
  CHECK(!ohmset::closest_quickly(std::vector<double>{1.0, 2.0}, nan));
  CHECK(!closest_mask(std::vector<double>(51, 1.0), 1.0));
  CHECK(closest_mask(std::vector<double>{}, 1.0) == std::uint64_t{0});
  CHECK(closest_mask(std::vector<double>{0.0, 0.0}, 1.0) == std::uint64_t{0});
  const double huge = std::numeric_limits<double>::max();
  const auto quick = ohmset::closest_quickly(std::vector<double>{huge, huge}, huge);
  if (quick) CHECK(quick->mask == 1);
}

TEST_CASE("A counted subset has the exact sum, rounded once") {
  const std::vector<double> items{1.0, 0x1p-53, 0x1p-53, -1.0, 5e-324};
  const auto all = ohmset::kernels::counted(std::span<const double>(items).first(4), 0.0, 0b0111);
  REQUIRE(all);
  CHECK(all->sum == 1.0 + 0x1p-52);  // one by one, both small ones would be lost
  const auto small = ohmset::kernels::counted(std::span<const double>(items).last(1), 5e-324, 1);
  REQUIRE(small);
  CHECK(small->sum == 5e-324);
  CHECK(small->error == 0.0);
  CHECK(!ohmset::kernels::counted(items, 0.0, 0b10001));
}
