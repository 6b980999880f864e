// What measurement leaves of precision, said beforehand.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

#include "design/precision.h"
#include "design/precision/banks.h"
#include "design/precision/use.h"
#include "sim/device.h"

namespace ohmset {
namespace precision {
namespace {

// What a device is on average to the sum that it is part of: siemens of parallel banks, ohms of series ones.
struct Part {
  double value = 0.0;
  double square = 0.0;  // of how much the sum changes where the resistance does by a relative 1
};
struct Parts {
  Part in{};
  Part out{};
};

void add(Part& part, double resistance, double contact, bool series, double weight) {
  // A switch lies in series with its device in a parallel bank and beside it in a series bank.
  const double value = series ? 1.0 / (1.0 / resistance + 1.0 / contact) : 1.0 / (resistance + contact);
  const double change = series ? value * value / resistance : resistance * value * value;
  if (!std::isfinite(value) || !std::isfinite(change)) return;
  part.value += weight * value;
  part.square += weight * change * change;
}

// Over the spread and the nominals, or over the measured values; faults left out. What all devices of a die have in
// common is neither here nor there: the error is relative to their sum.
Parts parts_of(const BankSpec& spec) {
  const Process& process = spec.fabrication.process;
  const Switch contact = spec.fabrication.switches.nominal;
  const bool series = !spec.topology.is_parallel();
  std::vector<double> ratios{1.0};
  if (process.values.empty()) {
    constexpr std::size_t steps = 4096;
    ratios.resize(steps);
    for (std::size_t k = 0; k < steps; ++k) {
      ratios[k] = ratio_quantile(process, (static_cast<double>(k) + 0.5) / static_cast<double>(steps));
    }
  }
  std::vector<double> sizes = process.values.empty() ? process.nominals : process.values;
  std::erase_if(sizes, [](double size) { return !(size > 0.0 && size < infinity); });
  const double weight = 1.0 / static_cast<double>(sizes.size() * ratios.size());
  Parts parts;
  for (const double size : sizes) {
    for (const double ratio : ratios) {
      add(parts.in, size * ratio, series ? contact.off.value : contact.on.value, series, weight);
      add(parts.out, size * ratio, series ? contact.on.value : contact.off.value, series, weight);
    }
  }
  return parts;
}

// A single bank with some of its devices inserted: what they make, and the square of what a relative noise of 1 of each
// does to it.
class Inserted {
 public:
  explicit Inserted(const BankSpec& spec) : parts_(parts_of(spec)) {
    const Process& process = spec.fabrication.process;
    const SwitchProcess& switches = spec.fabrication.switches;
    devices_ = static_cast<double>(spec.topology.device_count()) * (1.0 - process.device_open - process.device_short);
    stuck_ = switches.stuck_closed;
    free_ = 1.0 - switches.stuck_open - switches.stuck_closed;
  }

  // `share`: of the way from the least to the greatest value.
  [[nodiscard]] double value(double share) const { return mixed(share, parts_.in.value, parts_.out.value); }
  [[nodiscard]] double square(double share) const { return mixed(share, parts_.in.square, parts_.out.square); }
  [[nodiscard]] double share_of(double target) const { return (target - value(0.0)) / (value(1.0) - value(0.0)); }

 private:
  [[nodiscard]] double mixed(double share, double in, double out) const {
    const double inserted = devices_ * (stuck_ + share * free_);
    return inserted * in + (devices_ - inserted) * out;
  }

  Parts parts_;
  double devices_ = 0.0;  // that work
  double stuck_ = 0.0;    // shares of them
  double free_ = 1.0;
};

// Of the way from the least to the greatest value, where the targets lie.
std::vector<double> shares_of(const PrecisionQuestion& question, const Inserted& bank) {
  std::vector<double> shares;
  for (const double target : question.targets) shares.push_back(bank.share_of(target));
  if (!shares.empty()) return shares;
  const auto [low, high] = asked_interval(question);
  constexpr std::size_t steps = 256;
  const std::size_t count = question.even > 0 ? question.even : steps;
  for (std::size_t k = 0; k < count; ++k) {
    const auto number = static_cast<double>(k);
    const double place = question.even > 0 ? number / static_cast<double>(count - 1) : (number + 0.5) / steps;
    shares.push_back(low + place * (high - low));
  }
  return shares;
}

// Bits of a noise of 1, by the root mean square of the error.
double bits_of_bank(const PrecisionQuestion& question, const BankSpec& spec) {
  const Inserted bank(spec);
  double bits = 0.0;
  const std::vector<double> shares = shares_of(question, bank);
  for (const double share : shares) {
    if (!(share >= 0.0 && share <= 1.0)) return std::numeric_limits<double>::quiet_NaN();
    const double value = bank.value(share);
    bits += 0.5 * std::log2(value * value / bank.square(share)) / static_cast<double>(shares.size());
  }
  return bits;
}

// The same of a pair, half of whose devices are inserted.
double bits_of_pair(const BankSpec& spec, double full_scale) {
  const Inserted bank(spec);
  return 0.5 * std::log2(full_scale * full_scale / (2.0 * bank.square(0.5)));
}

}  // namespace
}  // namespace precision

std::optional<MeasurementCeiling> measurement_ceiling(const PrecisionQuestion& question, std::size_t devices) {
  if (!question.family || question.choosing != Choosing::search) return std::nullopt;
  const precision::Family family(question, devices);
  const BankSpec& spec = family.spec();
  const Measurement& measurement = spec.fabrication.measurement;
  if (!family.adds_up() || measurement.sigma == 0.0 || measurement.bits > 0) return std::nullopt;
  if (precision::Use(question, spec.fabrication).any()) return std::nullopt;
  MeasurementCeiling ceiling;
  ceiling.rms =
      family.is_pair() ? precision::bits_of_pair(spec, family.full_scale()) : precision::bits_of_bank(question, spec);
  ceiling.rms -= std::log2(measurement.sigma);
  ceiling.mean = ceiling.rms + (std::numbers::egamma + std::numbers::ln2) / (2.0 * std::numbers::ln2);
  if (!std::isfinite(ceiling.rms)) return std::nullopt;
  return ceiling;
}

}  // namespace ohmset
