// The worst cases of banks: every resistance at the end of its range that pushes the bank's the same way.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include "design/tolerance.h"
#include "design/tolerance/typical.h"
#include "design/tolerance/variables.h"
#include "sim/error.h"

namespace ohmset {
namespace tolerance {
namespace {

struct Ends {
  double low = 0.0;
  double high = 0.0;
};

constexpr double most_sigmas = 30.0;  // beyond, a normal variable's probability leaves double's range
constexpr double largest_ohm = std::numeric_limits<double>::max();
constexpr double smallest_ohm = std::numeric_limits<double>::min();

double kept_finite(double ohm) { return std::clamp(ohm, smallest_ohm, largest_ohm); }

// Quantiles of the probabilities Phi(-k) and Phi(k) of whatever is random, k standard deviations from the middle.
class Quantiles {
 public:
  explicit Quantiles(double sigmas) : sigmas_(sigmas), tail_(0.5 * std::erfc(sigmas / std::numbers::sqrt2)) {}

  [[nodiscard]] double sigmas() const { return sigmas_; }
  [[nodiscard]] Ends lognormal(double sigma) const {
    return {.low = std::exp(-sigmas_ * sigma), .high = std::exp(sigmas_ * sigma)};
  }
  // Of 1 + sigma N(0,1), given that it is positive.
  [[nodiscard]] Ends positive_normal(double sigma) const {
    if (sigma == 0.0) return {.low = 1.0, .high = 1.0};
    const Process normal{.nominals = {1.0}, .distribution = Distribution::normal, .sigma = sigma};
    const double positive = 0.5 * std::erfc(-1.0 / (sigma * std::numbers::sqrt2));
    return {.low = ratio_quantile(normal, tail_), .high = 1.0 - sigma * normal_quantile(tail_ * positive)};
  }
  // Of a coordinate that is uniform between 0 and 1.
  [[nodiscard]] double between(double low, double high) const { return low + (high - low) * tail_; }

  [[nodiscard]] Ends ratio(const Process& process) const {
    switch (process.distribution) {
      case Distribution::none:
        break;
      case Distribution::normal:
        return positive_normal(process.sigma);
      case Distribution::lognormal:
        return lognormal(process.sigma);
      case Distribution::uniform:
        return around_one(process.sigma * (1.0 - 2.0 * tail_));
      case Distribution::triangular:
        return around_one(process.sigma * (1.0 - std::sqrt(2.0 * tail_)));
      case Distribution::empirical:
        return empirical(process.ratios);
    }
    return {.low = 1.0, .high = 1.0};
  }

 private:
  [[nodiscard]] static Ends around_one(double half) { return {.low = 1.0 - half, .high = 1.0 + half}; }
  [[nodiscard]] Ends empirical(std::vector<double> ratios) const {
    std::ranges::sort(ratios);
    const auto count = static_cast<double>(ratios.size());
    const auto below = std::min(static_cast<std::size_t>(tail_ * count), ratios.size() - 1);
    const auto above = std::min(static_cast<std::size_t>((1.0 - tail_) * count), ratios.size() - 1);
    return {.low = ratios[below], .high = ratios[above]};
  }

  double sigmas_;
  double tail_;
};

// Between which values a device's resistance lies as it is made, or as it is known from its measurement.
class Made {
 public:
  Made(const BankQuestion& question, const Making& making, const Quantiles& quantiles)
      : question_(question), making_(making), quantiles_(quantiles) {
    const Process& process = question.spec.fabrication.process;
    const Measurement& measurement = question.spec.fabrication.measurement;
    if (question.population == Population::die) {
      if (question.around_measured) factor_ = inverse(quantiles.positive_normal(measurement.sigma));
    } else if (process.values.empty()) {
      const Ends ratio = quantiles.ratio(process);
      const Ends lot = quantiles.lognormal(process.lot_sigma);
      factor_ = {.low = ratio.low * lot.low, .high = ratio.high * lot.high};
    }
  }

  [[nodiscard]] Ends of(std::size_t device) const {
    const double known = making_.known(device).resistance.value;
    if (known == 0.0 || known == infinity) return {.low = known, .high = known};
    const Ends from = making_.random(Cause::measurement) && question_.population == Population::die
                          ? within_code(device)
                          : Ends{.low = known, .high = known};
    return {.low = kept_finite(from.low * factor_.low), .high = kept_finite(from.high * factor_.high)};
  }
  [[nodiscard]] bool random() const {
    return factor_.low < factor_.high || (question_.population == Population::die && question_.around_measured);
  }

 private:
  [[nodiscard]] static Ends inverse(const Ends& factor) { return {.low = 1.0 / factor.high, .high = 1.0 / factor.low}; }
  // Where the reading may have lain before it was rounded to a code.
  [[nodiscard]] Ends within_code(std::size_t device) const {
    const Making::Code& edges = making_.code(device);
    return {.low = quantiles_.between(edges.low, edges.high), .high = quantiles_.between(edges.high, edges.low)};
  }

  const BankQuestion& question_;
  const Making& making_;
  const Quantiles& quantiles_;
  Ends factor_{.low = 1.0, .high = 1.0};
};

Ends switch_ends(const SwitchProcess& process, const Device& device, const Quantiles& quantiles) {
  const double on = process.nominal.on.value;
  if (!(process.on_sigma > 0.0 && on > 0.0)) return {.low = device.contact.on.value, .high = device.contact.on.value};
  const Ends factor = quantiles.lognormal(process.on_sigma);
  const double off = process.nominal.off.value;
  // However wide the spread, a closed switch conducts better than an open one.
  const double most = off == infinity ? largest_ohm : std::nextafter(off, 0.0);
  return {.low = std::min(kept_finite(on * factor.low), most), .high = std::min(kept_finite(on * factor.high), most)};
}

// A device's resistance in a condition, all scores anywhere within k standard deviations. It is monotone in each score
// whatever the others are, so the extremes lie where each is at one of its ends; which end makes no difference here.
class AgedEnds {
 public:
  AgedEnds(const Life& life, double sigmas) : life_(life), sigmas_(sigmas) {
    const Life::Needs& needs = life.needs();
    needed_ = {needs.tc1, needs.tc2, needs.written, needs.nu, needs.read};
    for (const bool need : needed_) causes_ += need ? 1U : 0U;
  }

  [[nodiscard]] Ends of(double resistance) const {
    if (resistance == 0.0 || resistance == infinity) return {.low = resistance, .high = resistance};
    const std::size_t vertices = std::size_t{1} << causes_;
    std::array<std::vector<double>, 5> scores{};
    for (std::size_t cause = 0, bit = 0; cause < scores.size(); ++cause) {
      if (!needed_.at(cause)) continue;
      for (std::size_t v = 0; v < vertices; ++v) scores.at(cause).push_back((v >> bit) % 2 != 0 ? sigmas_ : -sigmas_);
      ++bit;
    }
    std::vector<double> aged(vertices, resistance);
    life_.age(aged, {.tc1 = scores[0], .tc2 = scores[1], .written = scores[2], .nu = scores[3], .read = scores[4]});
    const auto [low, high] = std::ranges::minmax(aged);
    return {.low = low, .high = high};
  }

  // Of anything between the ends: in most models all effects are factors, and what is larger before is larger after.
  [[nodiscard]] Ends of(const Ends& made, bool factors) const {
    Ends ends{.low = of(made.low).low, .high = of(made.high).high};
    if (factors || !(made.low < made.high)) return ends;
    constexpr int steps = 256;
    const double ratio = std::log(made.high / made.low) / steps;
    for (int k = 0; k <= steps; ++k) {
      const Ends here = of(std::min(made.low * std::exp(ratio * k), made.high));
      ends = {.low = std::min(ends.low, here.low), .high = std::max(ends.high, here.high)};
    }
    return ends;
  }

 private:
  const Life& life_;
  double sigmas_;
  std::array<bool, 5> needed_{};
  std::size_t causes_ = 0;
};

// Whether what a written device becomes depends on its conductance.
bool drifts_by_value(const Process& process, const Condition& condition) {
  return condition.seconds && (process.drift.model == DriftModel::pcm || process.drift.model == DriftModel::reram);
}

Corner corner_of(const Making& making, std::size_t aim, const Bank& low, const Bank& high) {
  const Aim& asked = making.question().aims[aim];
  const Configuration configuration = configuration_of(making, aim);
  Corner corner{.aim = aim};
  if (asked.unit == TargetUnit::ohm) {
    corner.low = resistance(low, configuration).value;
    corner.high = resistance(high, configuration).value;
  } else {
    corner.low = conductance(high, configuration).value;
    corner.high = conductance(low, configuration).value;
  }
  corner.low_error = (corner.low - asked.target) / asked.target;
  corner.high_error = (corner.high - asked.target) / asked.target;
  return corner;
}

}  // namespace
}  // namespace tolerance

std::vector<Corner> corners(const BankQuestion& question, double sigmas) {
  using namespace tolerance;
  check(question);
  if (!(sigmas > 0.0 && sigmas <= most_sigmas)) {
    throw input_error(fmt::format("corners at {} standard deviations", sigmas),
                      fmt::format("expected more than 0 and at most {}", most_sigmas));
  }
  const Quantiles quantiles(sigmas);
  const Making making(question);
  const Made made(question, making, quantiles);
  const Fabrication& fabrication = question.spec.fabrication;
  Bank low = typical_bank(making);
  Bank high = low;
  std::vector<Ends> new_devices;
  for (std::size_t k = 0; k < low.devices.size(); ++k) {
    new_devices.push_back(made.of(k));
    const Ends contact = switch_ends(fabrication.switches, low.devices[k], quantiles);
    low.devices[k].contact.on = Ohm{contact.low};
    high.devices[k].contact.on = Ohm{contact.high};
  }
  std::vector<Corner> corners(question.aims.size() * question.conditions.size());
  for (std::size_t c = 0; c < question.conditions.size(); ++c) {
    const AgedEnds aged(making.lives()[c], sigmas);
    const bool by_value = drifts_by_value(fabrication.process, question.conditions[c]);
    for (std::size_t k = 0; k < low.devices.size(); ++k) {
      const Ends ends = aged.of(new_devices[k], !by_value);
      low.devices[k].resistance = Ohm{ends.low};
      high.devices[k].resistance = Ohm{ends.high};
    }
    for (std::size_t a = 0; a < question.aims.size(); ++a) {
      Corner& corner = corners[a * question.conditions.size() + c];
      corner = corner_of(making, a, low, high);
      corner.condition = c;
      corner.sigmas = sigmas;
      corner.exact = !(by_value && made.random());
    }
  }
  return corners;
}

}  // namespace ohmset
