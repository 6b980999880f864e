// Temperature, drift and readings of single devices, against the formulas in long double.
// SPDX-License-Identifier: Apache-2.0
#include "sim/life.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "sim/error.h"

using namespace ohmset;

namespace {

using Real = long double;
constexpr double day = 86'400.0;

double aged(const Process& process, const Condition& condition, double resistance, double score = 0.0) {
  const Life life(process, condition);
  const std::vector<double> scores{score};
  const auto when = [&](bool needed) { return needed ? std::span<const double>(scores) : std::span<const double>(); };
  const Life::Needs& needs = life.needs();
  life.age({&resistance, 1}, {when(needs.tc1), when(needs.tc2), when(needs.written), when(needs.nu), when(needs.read)});
  return resistance;
}

double relative(double value, Real expected) {
  return static_cast<double>(std::abs((static_cast<Real>(value) - expected) / expected));
}

Real pcm_exponent(Real resistance, Real score) {
  const Real ln = std::log(1.0L / (resistance * 25e-6L));
  return std::clamp(-0.0155L * ln + 0.0244L, 0.049L, 0.1L) +
         score * std::clamp(-0.0125L * ln - 0.0059L, 0.008L, 0.045L);
}

}  // namespace

TEST_CASE("Temperature acts from 27 degrees Celsius, linearly and by the square, mean and score") {
  const Process process{.tc1 = {.mean = 1e-3, .sigma = 2e-4}, .tc2 = {.mean = 3e-6, .sigma = 1e-7}};
  for (const double celsius : {-40.0, 27.0, 125.0}) {
    const Real d = static_cast<Real>(celsius) - 27.0L;
    for (const double z : {-2.0, 0.0, 1.5}) {
      const Real factor = 1.0L + d * (1e-3L + 2e-4L * z) + d * d * (3e-6L + 1e-7L * z);
      CHECK(relative(aged(process, {.celsius = celsius}, 4700.0, z), 4700.0L * factor) < 1e-15);
    }
  }
  CHECK(aged(process, {}, 4700.0, 3.0) == 4700.0);
}

TEST_CASE("The power law lowers the conductance by (t/t0)^-nu") {
  const Process process{.drift = {.model = DriftModel::power_law, .nu = {.mean = 0.05, .sigma = 0.02}, .t0 = 3.0}};
  for (const double seconds : {0.5, 3.0, 1e4, 3e9}) {
    for (const double z : {-3.0, 0.0, 2.0}) {
      const Real expected = 1e4L * std::pow(static_cast<Real>(seconds) / 3.0L, 0.05L + 0.02L * z);
      CHECK(relative(aged(process, {.seconds = seconds}, 1e4, z), expected) < 2e-15);
    }
  }
  CHECK(aged(process, {}, 1e4, 2.0) == 1e4);  // as made: no drift without a time
}

TEST_CASE("Phase-change memory drifts by what its conductance says, with and without being written anew") {
  const Process drifting{.drift = {.model = DriftModel::pcm, .programming_noise = false}};
  const Process written{.drift = {.model = DriftModel::pcm}};
  for (const double resistance : {4e4, 1e5, 1e6, 4e7}) {
    for (const double z : {-1.0, 0.0, 2.0}) {
      const Real drift = std::pow(1e4L / 20.0L, pcm_exponent(resistance, z));
      CHECK(relative(aged(drifting, {.seconds = 1e4}, resistance, z), resistance * drift) < 1e-14);
      const Real x = 1.0L / (resistance * 25e-6L);
      const Real sigma = (0.26348L + 1.965L * x - 1.1731L * x * x) * 1e-6L;
      const Real kept = std::max(1.0L + sigma * resistance * z, 1e-6L);
      CHECK(relative(aged(written, {.seconds = 1e4}, resistance, z), resistance / kept * drift) < 1e-13);
    }
  }
  // At 20 s nothing has drifted.
  CHECK(aged(drifting, {.seconds = 20.0}, 1e5, 1.0) == 1e5);
}

TEST_CASE("Resistive memory spreads as published after a second, a day and two days, and in between") {
  const Process process{.drift = {.model = DriftModel::reram}};
  // Standard deviations at half of 40 uS, in uS, summed by hand from the published coefficients.
  const auto sigma_at = [&](double seconds) {
    const double resistance = 1.0 / 20e-6;
    return (1.0 / aged(process, {.seconds = seconds}, resistance, 1.0) - 20e-6) * 1e6;
  };
  const auto polynomial = [](Real a, Real b, Real c, Real d, Real e) {
    const Real x = 0.5L;
    return static_cast<double>(a + b * x + c * x * x + d * x * x * x + e * x * x * x * x);
  };
  const double second = polynomial(0.348L, 16.03L, -43.853L, 45.393L, -16.815L);
  const double after_day = polynomial(0.701L, 22.086L, -50.773L, 47.095L, -16.458L);
  const double two_days = polynomial(0.782L, 20.274L, -43.507L, 37.062L, -11.934L);
  CHECK(sigma_at(1.0) == doctest::Approx(second).epsilon(1e-9));
  CHECK(sigma_at(day) == doctest::Approx(after_day).epsilon(1e-9));
  CHECK(sigma_at(2.0 * day) == doctest::Approx(two_days).epsilon(1e-9));
  CHECK(sigma_at(std::sqrt(day)) == doctest::Approx(0.5 * (second + after_day)).epsilon(1e-9));
  CHECK(sigma_at(std::sqrt(2.0) * day) == doctest::Approx(0.5 * (after_day + two_days)).epsilon(1e-9));
}

TEST_CASE("A reading scatters around what the device is, and stays positive") {
  const Process process{.read_noise = 0.01};
  CHECK(relative(aged(process, {}, 1e4, -2.0), 9800.0L) < 1e-15);
  CHECK(aged({.read_noise = 10.0}, {}, 1e4, -5.0) == doctest::Approx(1e-2));
}

TEST_CASE("Opens and shorts stay what they are, extremes stay positive and finite") {
  const Process process{.tc1 = {.mean = 1e-3, .sigma = 1e-3}, .drift = {.model = DriftModel::pcm}, .read_noise = 0.1};
  std::vector<double> resistances{0.0, infinity, 1e-308, 1e308, 5e-324};
  const std::vector<double> scores{3.0, -3.0, 2.0, 8.0, -8.0};
  Life(process, {.celsius = 125.0, .seconds = 1e15}).age(resistances, {scores, {}, scores, scores, scores});
  CHECK(resistances[0] == 0.0);
  CHECK(resistances[1] == infinity);
  for (std::size_t k = 2; k < resistances.size(); ++k) {
    CHECK(resistances[k] > 0.0);
    CHECK(resistances[k] < infinity);
  }
}

TEST_CASE("What a device becomes does not depend on how many are aged at once") {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  const Process process{.tc1 = {.mean = 1e-4, .sigma = 1e-4},
                        .tc2 = {.mean = 0.0, .sigma = 1e-7},
                        .drift = {.model = DriftModel::pcm},
                        .read_noise = 0.02};
  const Life life(process, {.celsius = 85.0, .seconds = 1e6});
  constexpr std::size_t count = 203;
  std::vector<double> resistances(count);
  std::vector<std::vector<double>> z(5, std::vector<double>(count));
  for (double& resistance : resistances) resistance = 1e5 * std::exp(normal(random));
  for (auto& scores : z) std::ranges::generate(scores, [&] { return normal(random); });
  std::vector<double> together = resistances;
  life.age(together, {z[0], z[1], z[2], z[3], z[4]});
  for (std::size_t k = 0; k < count; ++k) {
    const auto one = [&](std::size_t which) { return std::span<const double>(z[which]).subspan(k, 1); };
    life.age({&resistances[k], 1}, {one(0), one(1), one(2), one(3), one(4)});
  }
  CHECK(together == resistances);
}

TEST_CASE("Only what has an effect asks for scores") {
  const Process process{.tc1 = {.mean = 1e-3, .sigma = 0.0},
                        .tc2 = {.mean = 0.0, .sigma = 1e-7},
                        .drift = {.model = DriftModel::power_law, .nu = {.mean = 0.1, .sigma = 0.0}}};
  const Life warm(process, {.celsius = 85.0, .seconds = 1e6});
  CHECK_FALSE(warm.needs().tc1);
  CHECK(warm.needs().tc2);
  CHECK_FALSE(warm.needs().nu);
  CHECK_FALSE(warm.needs().written);
  CHECK_FALSE(warm.needs().read);
  CHECK_FALSE(Life(process, {.seconds = 1e6}).needs().tc2);
  const Process pcm{.drift = {.model = DriftModel::pcm}};
  CHECK(Life(pcm, {.seconds = 1e6}).needs().written);
  CHECK_FALSE(Life(pcm, {}).needs().written);
}

TEST_CASE("Conditions that make no sense are refused") {
  const Process pcm{.drift = {.model = DriftModel::pcm}};
  const Process reram{.drift = {.model = DriftModel::reram}};
  const std::vector<std::pair<Process, Condition>> wrong{
      {{}, {.celsius = -274.0}}, {{}, {.celsius = infinity}}, {{}, {.seconds = 0.0}},         {{}, {.seconds = -1.0}},
      {pcm, {.seconds = 19.0}},  {reram, {.seconds = 0.5}},   {reram, {.seconds = 2.1 * day}}};
  for (const auto& [process, condition] : wrong) CHECK_THROWS_AS(check(process, condition), Error);
  check(reram, {.celsius = -40.0, .seconds = 2.0 * day});
  check({}, {.seconds = 1e-9});
}
