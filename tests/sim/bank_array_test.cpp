// Arrays of banks: every crosspoint is the bank that the arrays say.
// SPDX-License-Identifier: Apache-2.0
#include "sim/bank_array.h"

#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <cmath>
#include <random>
#include <stdexcept>

using ohmset::Bank;
using ohmset::BankArray;
using ohmset::infinity;
using ohmset::Ohm;
using ohmset::Stuck;
using ohmset::Topology;

namespace {

BankArray any_array(std::uint64_t seed, std::size_t words, std::size_t bits, const Topology& topology, bool varied) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> spread(9.0, 1.0);
  BankArray array{.word_lines = words, .bit_lines = bits, .topology = topology};
  array.contact = {.on = Ohm{50.0}, .off = Ohm{1e9}};
  const std::size_t count = topology.device_count();
  for (std::size_t cell = 0; cell < words * bits; ++cell) {
    array.switches.push_back(count == 64 ? random() : random() & ((std::uint64_t{1} << count) - 1));
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint64_t fate = random() % 50;
      array.resistances.push_back(fate == 0 ? 0.0 : fate == 1 ? infinity : spread(random));
      if (varied) array.switch_on.push_back(0.01 * spread(random));
      if (varied) array.stuck.push_back(static_cast<std::uint8_t>(random() % 3));
    }
  }
  return array;
}

}  // namespace

TEST_CASE("The conductance of every bank is that of the bank taken out of the array, bit for bit") {
  for (const char* text : {"parallel(1)", "parallel(64)", "series(7)", "parallel(series(3), series(2), 1)"}) {
    for (const bool varied : {false, true}) {
      CAPTURE(text);
      const BankArray array = any_array(1, 31, 17, Topology::parse(text), varied);
      const ohmset::Matrix g = conductances(array);
      REQUIRE(g.rows() == 31);
      REQUIRE(g.cols() == 17);
      for (std::size_t word = 0; word < 31; ++word) {
        for (std::size_t bit = 0; bit < 17; ++bit) {
          const Bank bank = array.bank(word, bit);
          const auto expected = conductance(bank, array.configuration(word, bit));
          REQUIRE(g(static_cast<Eigen::Index>(word), static_cast<Eigen::Index>(bit)) == expected.value);
        }
      }
    }
  }
}

TEST_CASE("A crosspoint's devices and switches are its entries in C order") {
  BankArray array = any_array(2, 2, 3, Topology::parallel(2), true);
  array.resistances = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  array.switches = {0, 1, 2, 3, 0, 1};
  array.stuck = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2};
  CHECK(array.index(1, 2) == 5);
  const Bank bank = array.bank(1, 2);
  CHECK(bank.devices[0].resistance.value == 10.0);
  CHECK(bank.devices[1].resistance.value == 11.0);
  CHECK(bank.devices[1].measured.value == 11.0);
  CHECK(bank.devices[0].stuck == Stuck::open);
  CHECK(bank.devices[1].stuck == Stuck::closed);
  CHECK(bank.devices[1].contact.on.value == array.switch_on[11]);
  CHECK(bank.devices[1].contact.off.value == 1e9);
  CHECK(array.configuration(1, 2).text() == "10");
  CHECK(array.configuration(0, 2).text() == "01");
  array.switch_on.clear();
  CHECK(array.bank(1, 2).devices[1].contact.on.value == 50.0);
  CHECK_THROWS_AS((void)array.bank(2, 0), std::invalid_argument);
  CHECK_THROWS_AS((void)array.bank(0, 3), std::invalid_argument);
  CHECK_THROWS_AS((void)array.configuration(0, 3), std::invalid_argument);
}

TEST_CASE("The number of threads changes no bit") {
  const BankArray array = any_array(3, 64, 64, Topology::parse("series(3, parallel(4))"), true);
  const ohmset::Matrix many = conductances(array);
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  CHECK((conductances(array).array() == many.array()).all());
}

TEST_CASE("Shorted banks conduct infinitely, empty arrays have no entries") {
  BankArray array = any_array(4, 1, 2, Topology::parallel(2), false);
  array.contact = {};
  array.resistances = {0.0, 1.0, infinity, infinity};
  array.switches = {3, 3};
  const ohmset::Matrix g = conductances(array);
  CHECK(g(0, 0) == infinity);
  CHECK(g(0, 1) == 0.0);
  const ohmset::Matrix none = conductances(BankArray{.topology = Topology::parallel(3)});
  CHECK(none.size() == 0);
}

TEST_CASE("Arrays that do not fit together are broken preconditions") {
  const BankArray valid = any_array(5, 3, 4, Topology::parallel(5), true);
  CHECK_NOTHROW(valid.check());
  const auto refused = [&valid](const auto& change) {
    BankArray array = valid;
    change(array);
    CHECK_THROWS_AS(array.check(), std::invalid_argument);
    CHECK_THROWS_AS((void)conductances(array), std::invalid_argument);
  };
  refused([](BankArray& a) { a.resistances.pop_back(); });
  refused([](BankArray& a) { a.switches.push_back(0); });
  refused([](BankArray& a) { a.switch_on.pop_back(); });
  refused([](BankArray& a) { a.stuck.push_back(0); });
  refused([](BankArray& a) { a.stuck[7] = 3; });
  refused([](BankArray& a) { a.switches[7] = 32; });
  refused([](BankArray& a) { a.topology = Topology::parallel(4); });
  refused([](BankArray& a) { a.topology = Topology::parallel(65); });
  refused([](BankArray& a) { a.word_lines = std::size_t{1} << 62U; });
  refused([](BankArray& a) { a.word_lines = a.bit_lines = std::size_t{1} << 32U; });
}
