// Banks in use against what a life does to each device, and what use leaves of the precision of a search.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>

#include "design/precision/use.h"
#include "sim/random.h"

using ohmset::Bank;
using ohmset::BankFamily;
using ohmset::BankSpec;
using ohmset::Device;
using ohmset::Distribution;
using ohmset::Draw;
using ohmset::DriftModel;
using ohmset::Fabrication;
using ohmset::Ohm;
using ohmset::PrecisionQuestion;
using ohmset::PrecisionSample;
using ohmset::sample_precision;
using ohmset::Topology;
using ohmset::precision::Use;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Fabrication lognormal(double sigma = 0.3) {
  return {.process = {.nominals = {10e3}, .distribution = Distribution::lognormal, .sigma = sigma}};
}

Bank made(const Fabrication& fabrication, std::size_t devices, std::uint64_t seed, std::uint64_t die,
          std::uint64_t cell) {
  return ohmset::fabricate({.fabrication = fabrication, .topology = Topology::parallel(devices)},
                           {.seed = seed, .die = die, .cell = cell});
}

double score(std::uint64_t seed, std::uint64_t die, std::uint64_t cell, std::uint64_t device, Draw quantity) {
  return ohmset::normal_quantile(ohmset::uniform({.seed = seed, .die = die, .cell = cell, .device = device}, quantity));
}

double mean_bits(const PrecisionQuestion& question, std::size_t devices) {
  return summarize(question, sample_precision(question, devices)).bits_mean;
}

}  // namespace

TEST_CASE("Without a condition or other contacts a bank is used as it was made") {
  Fabrication fabrication = lognormal();
  fabrication.switches = {.nominal = {.on = Ohm{100.0}}, .on_sigma = 0.2};
  fabrication.process.tc1 = {.mean = 1e-3, .sigma = 1e-4};
  const Bank bank = made(fabrication, 5, 1, 2, 3);
  for (const PrecisionQuestion& question : {PrecisionQuestion{}, PrecisionQuestion{.condition = ohmset::Condition{}}}) {
    const Use use(question, fabrication);
    CHECK(!use.any());
    Bank used = bank;
    use.as_known(used);
    use.apply(used, 1, 2, 3);
    for (std::size_t k = 0; k < 5; ++k) {
      CHECK(used.devices[k].resistance.value == bank.devices[k].resistance.value);
      CHECK(used.devices[k].contact.on.value == bank.devices[k].contact.on.value);
    }
  }
  // Contacts that do not differ are not made anew.
  CHECK(!Use({.contacts_anew = true}, lognormal()).any());
}

TEST_CASE("A warm bank has the coefficients it was fabricated with") {
  Fabrication fabrication = lognormal();
  fabrication.process.tc1 = {.mean = 1e-3, .sigma = 2e-4};
  fabrication.process.tc2 = {.mean = 1e-6, .sigma = 1e-7};
  const Use use({.condition = ohmset::Condition{.celsius = 77.0}}, fabrication);
  REQUIRE(use.any());
  const Bank bank = made(fabrication, 70, 4, 5, 6);
  Bank used = bank;
  use.apply(used, 4, 5, 6);
  for (std::size_t k = 0; k < 70; ++k) {
    const Device& device = bank.devices[k];
    const double factor = 1.0 + device.tc1 * 50.0 + device.tc2 * 2500.0;
    CHECK(used.devices[k].resistance.value == doctest::Approx(device.resistance.value * factor).epsilon(1e-14));
    CHECK(used.devices[k].measured.value == device.measured.value);
  }
  // A common coefficient alone is seen, too.
  fabrication.process.tc1.sigma = fabrication.process.tc2.sigma = 0.0;
  const Use common({.condition = ohmset::Condition{.celsius = 77.0}}, fabrication);
  REQUIRE(common.any());
  Bank warm = made(fabrication, 3, 1, 1, 1);
  const double before = warm.devices[0].resistance.value;
  common.apply(warm, 1, 1, 1);
  CHECK(warm.devices[0].resistance.value == doctest::Approx(before * 1.0525).epsilon(1e-14));
}

TEST_CASE("Drift, readings and contacts have draws of their own, one for each device") {
  Fabrication fabrication = lognormal();
  fabrication.process.drift = {.model = DriftModel::power_law, .nu = {.mean = 0.05, .sigma = 0.01}, .t0 = 10.0};
  fabrication.process.read_noise = 0.02;
  fabrication.switches = {.nominal = {.on = Ohm{100.0}}, .on_sigma = 0.2};
  const PrecisionQuestion question{.condition = ohmset::Condition{.seconds = 1e4}, .contacts_anew = true};
  const Use use(question, fabrication);
  const Bank bank = made(fabrication, 6, 7, 8, 9);
  Bank known = bank;
  use.as_known(known);
  Bank used = bank;
  use.apply(used, 7, 8, 9);
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(known.devices[k].contact.on.value == 100.0);
    CHECK(known.devices[k].resistance.value == bank.devices[k].resistance.value);
    const double on = 100.0 * std::exp(0.2 * score(7, 8, 9, k, Draw::contact));
    CHECK(used.devices[k].contact.on.value == doctest::Approx(on).epsilon(1e-14));
    CHECK(used.devices[k].contact.on.value != doctest::Approx(bank.devices[k].contact.on.value));
    const double nu = 0.05 + 0.01 * score(7, 8, 9, k, Draw::drift);
    const double reading = 1.0 + 0.02 * score(7, 8, 9, k, Draw::read);
    const double aged = bank.devices[k].resistance.value * std::pow(1000.0, nu) * reading;
    CHECK(used.devices[k].resistance.value == doctest::Approx(aged).epsilon(1e-13));
  }
  // The same devices again, whichever others there are; other ones in another bank.
  Bank fewer = made(fabrication, 3, 7, 8, 9);
  use.apply(fewer, 7, 8, 9);
  CHECK(fewer.devices[2].resistance.value == used.devices[2].resistance.value);
  Bank other = bank;
  use.apply(other, 7, 8, 10);
  CHECK(other.devices[2].resistance.value != used.devices[2].resistance.value);
}

TEST_CASE("Written devices move from where they were written; opens and shorts stay") {
  Fabrication fabrication = lognormal();
  fabrication.process.nominals = {100e3};
  fabrication.process.drift = {.model = DriftModel::reram};
  const Use use({.condition = ohmset::Condition{.seconds = 1.0}}, fabrication);
  Bank bank = made(fabrication, 4, 1, 2, 3);
  bank.devices[1].resistance = Ohm{infinity};
  bank.devices[2].resistance = Ohm{0.0};
  bank.devices[3].resistance = Ohm{50e3};
  use.apply(bank, 1, 2, 3);
  CHECK(bank.devices[1].is_open());
  CHECK(bank.devices[2].is_shorted());
  // 20 uS of 40 uS: x = 1/2; sigma in uS after a second.
  const double x = 0.5;
  const double sigma = 0.348 + 16.03 * x - 43.853 * x * x + 45.393 * x * x * x - 16.815 * x * x * x * x;
  const double g = 20.0 + sigma * score(1, 2, 3, 3, Draw::written);
  CHECK(bank.devices[3].resistance.value == doctest::Approx(1e6 / g).epsilon(1e-12));
}

TEST_CASE("What differs from device to device leaves bits that grow with half the logarithm of their number") {
  // Relative errors eta of each device, independent: sqrt(sum of squares) over the sum of the chosen conductances, of
  // which a share f is chosen, makes eta sqrt(E[g^2]) / (E[g] sqrt(f n)). Of a normal error, bits lie (gamma + ln 2) /
  // (2 ln 2) above those of its root mean square on average.
  constexpr double eta = 1e-3;
  constexpr double normal_bits = 0.9163;
  // sqrt(E[g^2]) / E[g], lognormal; of contacts, whose share of a device grows with its conductance, sqrt(E[g^4]) /
  // E[g].
  constexpr double spread_bits = 0.5 * 0.3 * 0.3 / std::numbers::ln2;
  constexpr double contact_bits = 3.5 * 0.3 * 0.3 / std::numbers::ln2;
  constexpr double share_bits = 0.0326;  // E[log2 sqrt(f / (1/2))], f from 1/4 to 3/4
  const PrecisionQuestion plain{.family = BankFamily{.fabrication = lognormal()}, .banks = 800, .seed = 21};
  PrecisionQuestion measured = plain;
  measured.family->fabrication.measurement.sigma = eta;
  PrecisionQuestion warm = plain;
  warm.family->fabrication.process.tc1.sigma = eta / 50.0;
  warm.condition = ohmset::Condition{.celsius = 77.0};
  PrecisionQuestion drifted = plain;
  drifted.family->fabrication.process.drift = {
      .model = DriftModel::power_law, .nu = {.sigma = eta / std::log(1000.0)}, .t0 = 1.0};
  drifted.condition = ohmset::Condition{.seconds = 1000.0};
  PrecisionQuestion read = plain;
  read.family->fabrication.process.read_noise = eta;
  read.condition = ohmset::Condition{};
  // Contacts of 1 % of the nominal resistance, of which a spread of 10 % is left.
  PrecisionQuestion contacts = plain;
  contacts.family->fabrication.switches = {.nominal = {.on = Ohm{100.0}}, .on_sigma = eta * 10'100.0 / 100.0};
  contacts.contacts_anew = true;
  struct Case {
    std::string cause{};
    PrecisionQuestion question{};
    double less = spread_bits;
  };
  for (const std::size_t devices : {20, 28}) {
    CAPTURE(devices);
    const double wanted =
        std::log2(1.0 / eta) + 0.5 * std::log2(static_cast<double>(devices) / 2.0) + normal_bits - share_bits;
    CHECK(ohmset::measurement_ceiling(measured, devices)->mean == doctest::Approx(wanted - spread_bits).epsilon(1e-4));
    for (const Case& each : {Case{"measured", measured}, Case{"warm", warm}, Case{"drifted", drifted},
                             Case{"read", read}, Case{"contacts", contacts, contact_bits}}) {
      CAPTURE(each.cause);
      // The mean of 800 values that spread by 1.6 bits.
      CHECK(std::abs(mean_bits(each.question, devices) - (wanted - each.less)) < 0.2);
    }
    CHECK(mean_bits(plain, devices) > wanted + 4.0);
  }
}

TEST_CASE("What happens to all devices alike leaves the same bits however many there are") {
  PrecisionQuestion warm{.family = BankFamily{.fabrication = lognormal()}, .banks = 200, .seed = 2};
  warm.family->fabrication.process.tc1.mean = 1e-3;
  warm.condition = ohmset::Condition{.celsius = 28.0};
  PrecisionQuestion drifted{.family = BankFamily{.fabrication = lognormal()}, .banks = 200, .seed = 2};
  drifted.family->fabrication.process.drift = {.model = DriftModel::power_law, .nu = {.mean = 0.05}, .t0 = 1.0};
  drifted.condition = ohmset::Condition{.seconds = 1000.0};
  for (const std::size_t devices : {20, 30}) {
    CHECK(mean_bits(warm, devices) == doctest::Approx(-std::log2(1.0 - 1.0 / 1.001)).epsilon(1e-3));
    CHECK(mean_bits(drifted, devices) == doctest::Approx(-std::log2(1.0 - std::pow(1000.0, -0.05))).epsilon(1e-3));
  }
}
