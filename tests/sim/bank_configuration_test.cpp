// Configurations as masks, texts and lists of devices.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <random>
#include <stdexcept>
#include <string>

#include "sim/bank.h"

using ohmset::Configuration;

TEST_CASE("Device 0 is the least significant bit and the first character") {
  const Configuration configuration = Configuration::from_mask(0b0110'1U, 5);
  CHECK(configuration.text() == "10110");
  CHECK(configuration.on() == std::vector<std::size_t>{0, 2, 3});
  CHECK(configuration.count() == 3);
  CHECK(configuration == Configuration::from_text("10110"));
  CHECK_FALSE(configuration == Configuration::from_text("101100"));
}

TEST_CASE("Mask, text and list say the same, at any size") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const std::size_t size = random() % 200;
    std::string text(size, '0');
    for (char& c : text) c = random() % 2 == 0 ? '0' : '1';
    const Configuration configuration = Configuration::from_text(text);
    CHECK(configuration.size() == size);
    CHECK(configuration.text() == text);
    CHECK(configuration.on().size() == configuration.count());
    Configuration again(size);
    for (const std::size_t k : configuration.on()) {
      CHECK(text[k] == '1');
      again.set(k, true);
    }
    CHECK(again == configuration);
    for (std::size_t k = 0; k < size; ++k) again.set(k, false);
    CHECK(again == Configuration(size));
    if (size <= 64) {
      CHECK(Configuration::from_mask(configuration.mask(), size) == configuration);
    } else {
      CHECK_THROWS_AS((void)configuration.mask(), std::invalid_argument);
    }
  }
}

TEST_CASE("Sixty-four devices fill a mask, none leave it 0") {
  constexpr std::uint64_t all = ~std::uint64_t{0};
  CHECK(Configuration::from_mask(all, 64).count() == 64);
  CHECK(Configuration::from_mask(all, 64).mask() == all);
  CHECK(Configuration::from_mask(0, 0).mask() == 0);
  CHECK(Configuration{}.mask() == 0);
  CHECK(Configuration{}.text().empty());
}

TEST_CASE("Masks and texts that name no configuration are broken preconditions") {
  CHECK_THROWS_AS((void)Configuration::from_mask(0, 65), std::invalid_argument);
  CHECK_THROWS_AS((void)Configuration::from_mask(1, 0), std::invalid_argument);
  CHECK_THROWS_AS((void)Configuration::from_mask(8, 3), std::invalid_argument);
  CHECK_THROWS_AS((void)Configuration::from_mask(std::uint64_t{1} << 63U, 63), std::invalid_argument);
  CHECK_THROWS_AS((void)Configuration::from_text("01x"), std::invalid_argument);
  CHECK_THROWS_AS((void)Configuration::from_text("01 "), std::invalid_argument);
  Configuration three(3);
  CHECK_THROWS_AS(three.set(3, true), std::invalid_argument);
}
