// SPDX-License-Identifier: Apache-2.0
#include "sim/life.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "sim/error.h"
#include "sim/process/draws.h"
#include "sim/random/elementary.h"

namespace ohmset {
namespace life {
namespace {

constexpr double reference = 27.0;  // degrees Celsius: where resistances are given, as in SPICE
constexpr double absolute_zero = -273.15;
constexpr double least_factor = 1e-6;  // of what a normal score makes of a conductance or a reading
constexpr std::size_t together = 64;
using Chunk = std::array<double, together>;

constexpr double pcm_greatest = 25e-6;  // S
constexpr double pcm_begin = 20.0;      // s
constexpr double reram_greatest = 40e-6;
constexpr double second = 1.0;
constexpr double day = 86'400.0;

// ln x, within a few units of the last place, of additions, multiplications and divisions alone: the same bits on every
// machine.   requires x > 0, normal
double logarithm(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2.0;
    --exponent;
  }
  // 2 artanh s, |s| < 0.172
  const double s = (mantissa - 1.0) / (mantissa + 1.0);
  const double square = s * s;
  double sum = 0.0;
  for (int k = 21; k >= 3; k -= 2) sum = (sum + 1.0 / k) * square;
  return exponent * 0.69314718055994531 + 2.0 * (s + s * sum);
}

// Coefficients of sigma, uS, by powers of x = g / g_max. Beyond g_max sigma is what it is there.
using Polynomial = std::array<double, 5>;
constexpr Polynomial pcm_programming{0.26348, 1.965, -1.1731, 0.0, 0.0};
constexpr Polynomial reram_second{0.348, 16.030, -43.853, 45.393, -16.815};
constexpr Polynomial reram_day{0.701, 22.086, -50.773, 47.095, -16.458};
constexpr Polynomial reram_two_days{0.782, 20.274, -43.507, 37.062, -11.934};

double evaluated(const Polynomial& c, double x) {
  return 1e-6 * (c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4]))));
}

// How far from its conductance a device was written, or has moved since.
class Written {
 public:
  Written(const Drift& drift, double seconds) {
    if (drift.model != DriftModel::reram) return;
    greatest_ = reram_greatest;
    earlier_ = seconds <= day ? reram_second : reram_day;
    later_ = seconds <= day ? reram_day : reram_two_days;
    between_ = seconds <= day ? logarithm(seconds) / logarithm(day) : logarithm(seconds / day) / logarithm(2.0);
  }
  // Standard deviation of the conductance, S.
  [[nodiscard]] double sigma(double resistance) const {
    const double x = std::min(1.0 / (resistance * greatest_), 1.0);
    const double earlier = evaluated(earlier_, x);
    return earlier + between_ * (evaluated(later_, x) - earlier);
  }

 private:
  double greatest_ = pcm_greatest;
  Polynomial earlier_ = pcm_programming;
  Polynomial later_ = pcm_programming;
  double between_ = 0.0;
};

double score(std::span<const double> scores, std::size_t k) { return scores.empty() ? 0.0 : scores[k]; }
double kept(double change) { return std::max(1.0 + change, least_factor); }

// (t/t0)^nu, what a resistance grows by.
class PowerLaw {
 public:
  PowerLaw(const Drift& drift, double seconds) : drift_(drift) {
    const double begin = drift.model == DriftModel::pcm ? pcm_begin : drift.t0;
    if (acts()) logarithm_ = logarithm(seconds / begin);
  }
  [[nodiscard]] bool acts() const { return drift_.model == DriftModel::pcm || drift_.model == DriftModel::power_law; }

  void factors(std::span<const double> resistances, std::span<const double> scores, Chunk& out) const {
    for (std::size_t k = 0; k < resistances.size(); ++k) {
      const Spread nu = exponent(resistances[k]);
      out[k] = logarithm_ * (nu.mean + nu.sigma * score(scores, k));
    }
    elementary::loops().exponentials(out.data(), resistances.size());
  }

 private:
  [[nodiscard]] Spread exponent(double resistance) const {
    if (drift_.model == DriftModel::power_law) return drift_.nu;
    const double x = draws::is_faulty(resistance) ? 1.0 : 1.0 / (resistance * pcm_greatest);
    const double ln = logarithm(std::clamp(x, 1e-300, 1e300));
    return {.mean = std::clamp(-0.0155 * ln + 0.0244, 0.049, 0.1),
            .sigma = std::clamp(-0.0125 * ln - 0.0059, 0.008, 0.045)};
  }

  const Drift& drift_;
  double logarithm_ = 0.0;
};

void require_length(std::span<const double> scores, std::size_t count) {
  if (!scores.empty() && scores.size() != count) throw std::invalid_argument("life: as many scores as resistances");
}

}  // namespace
}  // namespace life

void check(const Process& process, const Condition& condition) {
  if (!(condition.celsius > life::absolute_zero && std::isfinite(condition.celsius))) {
    throw input_error(fmt::format("a temperature of {} degrees Celsius", condition.celsius),
                      fmt::format("expected more than {}", life::absolute_zero));
  }
  if (!condition.seconds) return;
  const double seconds = *condition.seconds;
  if (!(seconds > 0.0 && std::isfinite(seconds))) {
    throw input_error(fmt::format("a time of {} s", seconds), "expected more than 0");
  }
  if (process.drift.model == DriftModel::pcm && seconds < life::pcm_begin) {
    throw input_error(fmt::format("a time of {} s", seconds),
                      fmt::format("drift = \"pcm\" is known from {} s on", life::pcm_begin));
  }
  if (process.drift.model == DriftModel::reram && !(seconds >= life::second && seconds <= 2.0 * life::day)) {
    throw input_error(fmt::format("a time of {} s", seconds),
                      fmt::format("drift = \"reram\" is known from 1 s to {} s, two days", 2.0 * life::day));
  }
}

Life::Life(const Process& process, const Condition& condition)
    : tc1_(process.tc1),
      tc2_(process.tc2),
      kelvin_(condition.celsius - life::reference),
      drift_(process.drift),
      seconds_(condition.seconds),
      read_noise_(process.read_noise) {
  if (!seconds_) drift_.model = DriftModel::none;
  const DriftModel model = drift_.model;
  needs_.tc1 = kelvin_ != 0.0 && tc1_.sigma > 0.0;
  needs_.tc2 = kelvin_ != 0.0 && tc2_.sigma > 0.0;
  needs_.written = model == DriftModel::reram || (model == DriftModel::pcm && drift_.programming_noise);
  needs_.nu = model == DriftModel::pcm || (model == DriftModel::power_law && drift_.nu.sigma > 0.0);
  needs_.read = read_noise_ > 0.0;
}

void Life::age(std::span<double> resistances, const Scores& scores) const {
  const std::size_t count = resistances.size();
  for (const auto& each : {scores.tc1, scores.tc2, scores.written, scores.nu, scores.read}) {
    life::require_length(each, count);
  }
  const life::Written written(drift_, seconds_.value_or(0.0));
  const life::PowerLaw power_law(drift_, seconds_.value_or(0.0));
  const bool displaced = needs_.written && !scores.written.empty();
  const bool warm = kelvin_ != 0.0;
  const bool read = needs_.read && !scores.read.empty();
  for (std::size_t at = 0; at < count; at += life::together) {
    const std::span<double> some = resistances.subspan(at, std::min(life::together, count - at));
    life::Chunk factors{};
    factors.fill(1.0);
    if (power_law.acts()) {
      power_law.factors(some, scores.nu.empty() ? scores.nu : scores.nu.subspan(at, some.size()), factors);
    }
    for (std::size_t k = 0; k < some.size(); ++k) {
      if (draws::is_faulty(some[k])) continue;
      double factor = factors[k];
      if (displaced) factor /= life::kept(written.sigma(some[k]) * some[k] * scores.written[at + k]);
      if (warm) {
        const double tc1 = tc1_.mean + tc1_.sigma * life::score(scores.tc1, at + k);
        const double tc2 = tc2_.mean + tc2_.sigma * life::score(scores.tc2, at + k);
        factor *= life::kept(kelvin_ * (tc1 + kelvin_ * tc2));
      }
      if (read) factor *= life::kept(read_noise_ * scores.read[at + k]);
      some[k] = std::clamp(some[k] * factor, draws::smallest, draws::largest);
    }
  }
}

void Life::age(std::span<Device> devices, const Scores& scores) const {
  std::vector<double> resistances(devices.size());
  std::ranges::transform(devices, resistances.begin(), [](const Device& device) { return device.resistance.value; });
  age(resistances, scores);
  for (std::size_t k = 0; k < devices.size(); ++k) devices[k].resistance = Ohm{resistances[k]};
}

}  // namespace ohmset
