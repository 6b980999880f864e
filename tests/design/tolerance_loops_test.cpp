// What devices give to sums, on every instruction set of this machine, against sim's own words for it.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "design/tolerance/loops.h"
#include "sim/bank.h"
#include "sim/compensated_sum.h"

using namespace ohmset;

namespace {

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

double any_ohm(std::mt19937_64& random) {
  switch (random() % 12) {
    case 0:
      return 0.0;
    case 1:
      return infinity;
    case 2:
      return std::numeric_limits<double>::max();
    case 3:
      return std::numeric_limits<double>::min();
    default:
      return std::pow(10.0, std::uniform_real_distribution<double>(-3.0, 12.0)(random));
  }
}

}  // namespace

TEST_CASE("terms and sums are those of one bank at a time, bit for bit") {
  std::mt19937_64 random(7);
  constexpr std::size_t count = 64 * tolerance::pack;
  for (const Simd set : available_simd()) {
    CAPTURE(static_cast<int>(set));
    const tolerance::Loops& loops = tolerance::loops(set);
    std::vector<double> resistances(count);
    std::vector<double> switches(count);
    std::vector<double> terms(count);
    std::vector<double> totals(count, 0.0);
    std::vector<double> lost(count, 0.0);
    std::vector<CompensatedSum> expected(count);
    for (int round = 0; round < 40; ++round) {
      const bool bypass = round % 2 == 0;
      for (std::size_t k = 0; k < count; ++k) {
        resistances[k] = any_ohm(random);
        switches[k] = any_ohm(random);
      }
      (bypass ? loops.links : loops.branches)(resistances.data(), switches.data(), terms.data(), count);
      std::size_t wrong = 0;
      for (std::size_t k = 0; k < count; ++k) {
        const Device device{.resistance = Ohm{resistances[k]},
                            .measured = Ohm{resistances[k]},
                            .contact = {.on = Ohm{switches[k]}, .off = Ohm{switches[k]}}};
        const double one = contribution(device, bypass).inserted;
        wrong += bits(one) != bits(terms[k]) ? 1 : 0;
        // Sums of one kind stay finite for a while, so that what they lose counts.
        if (!std::isfinite(terms[k]) && round < 30) terms[k] = 1.0 / 3.0;
        expected[k].add(terms[k]);
      }
      CHECK(wrong == 0);
      loops.add(terms.data(), totals.data(), lost.data(), count);
      std::size_t off = 0;
      for (std::size_t k = 0; k < count; ++k) {
        const CompensatedSum sum{totals[k], lost[k]};
        off += bits(sum.value()) != bits(expected[k].value()) ? 1 : 0;
      }
      CHECK(off == 0);
    }
  }
}
