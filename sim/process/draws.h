// What a uniform draw makes of a device, a switch or a reading: the one home of it, whoever draws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "sim/process.h"
#include "sim/process/ratio.h"

namespace ohmset::draws {

// The largest and smallest resistance that a spread may lead to: it makes no opens and no shorts.
inline constexpr double largest = std::numeric_limits<double>::max();
inline constexpr double smallest = std::numeric_limits<double>::min();

[[nodiscard]] inline bool is_faulty(double resistance) { return resistance == 0.0 || resistance == infinity; }

// What the device was meant to be; of a process of measured values what it is.   [ohm]
[[nodiscard]] inline double nominal_of(const Process& process, std::size_t device) {
  if (!process.values.empty()) return process.values[device];
  return process.nominals[process.nominals.size() == 1 ? 0 : device];
}

// Whether devices of a die differ from their nominal values.
[[nodiscard]] inline bool devices_vary(const Process& process) {
  if (!process.values.empty()) return false;
  if (process.distribution == Distribution::empirical) return process.ratios.size() > 1;
  return process.distribution != Distribution::none && process.sigma > 0.0;
}

// What its place in the array makes of a device.
[[nodiscard]] inline double gradient_factor(const Process& process, const Site& site) {
  return 1.0 + process.gradient[0] * site.along_word + process.gradient[1] * site.along_bit;
}

[[nodiscard]] inline double resistance(double nominal, double ratio, double factor) {
  return std::clamp(nominal * (ratio * factor), smallest, largest);
}

// A device's resistance once the draw has decided whether it is open or shorted.
[[nodiscard]] inline double with_fault(const Process& process, double draw, double resistance) {
  if (draw < process.device_open) return infinity;
  return draw < process.device_open + process.device_short ? 0.0 : resistance;
}

[[nodiscard]] inline Stuck switch_fault(const SwitchProcess& process, double draw) {
  if (draw < process.stuck_open) return Stuck::open;
  return draw < process.stuck_open + process.stuck_closed ? Stuck::closed : Stuck::free;
}

// Whether closed switches differ from each other.
[[nodiscard]] inline bool switches_vary(const SwitchProcess& process) {
  return process.on_sigma > 0.0 && process.nominal.on.value > 0.0;
}

// Draws become what they decide, in place; what they give does not depend on how many there are at once.
void lot_factors(const Process& process, std::span<double> draws);
void switch_on(const SwitchProcess& process, std::span<double> draws);  // ohm

// To the nearest whole number, halves upwards: std::round, where a loop can take it along.   requires 0 <= x <= 2^52
[[nodiscard]] inline double rounded(double x) {
  const double even = (x + 0x1p52) - 0x1p52;
  return x - even == 0.5 ? even + 1.0 : even;
}

// What the measurement of a bank shows of its devices.
class Meter {
 public:
  explicit Meter(const Measurement& measurement)
      : measurement_(measurement), noise_(measurement.sigma), codes_(std::ldexp(1.0, measurement.bits) - 1.0) {}

  [[nodiscard]] bool noisy() const { return measurement_.sigma > 0.0; }
  [[nodiscard]] bool converts() const { return measurement_.bits > 0; }
  [[nodiscard]] double codes() const { return codes_; }  // of the converter, without 0

  // By how much readings are off: draws in, factors out.
  void factors(std::span<double> draws) const { noise_.quantiles(draws); }
  [[nodiscard]] static double reading(double resistance, double factor) {
    return is_faulty(resistance) ? resistance : std::clamp(resistance * factor, smallest, largest);
  }
  [[nodiscard]] double converted(double reading, double full_scale) const {
    if (is_faulty(reading)) return reading;
    const double code = std::max(1.0, rounded(reading / full_scale * codes_));
    return full_scale * (code / codes_);
  }

  // The readings of one bank, in place; spends the draws, one for each device, where there is noise.
  void read(std::span<double> draws, std::span<double> resistances) const;

 private:
  Measurement measurement_;
  PositiveNormal noise_;
  double codes_;
};

}  // namespace ohmset::draws
