// What becomes of devices after they were made: temperature, drift, the noise of a reading.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "sim/process.h"

namespace ohmset {

// When a device is looked at.
struct Condition {
  double celsius = 27.0;
  std::optional<double> seconds{};  // since it was written; none: as it was made, without drift
};

// Throws Error{input}: at or below absolute zero, no positive time, later than the drift model knows.
void check(const Process& process, const Condition& condition);

// One condition, prepared once for many devices or samples. Any thread may use it.
class Life {
 public:
  // requires a process and a condition that pass `check`
  Life(const Process& process, const Condition& condition);

  // Which of the scores have an effect here.
  struct Needs {
    bool tc1 = false;
    bool tc2 = false;
    bool written = false;  // how far from its conductance it was written (pcm), or has moved (reram)
    bool nu = false;
    bool read = false;
  };
  [[nodiscard]] const Needs& needs() const { return needs_; }

  // Standard normal scores, one for each resistance; empty stands for zeros.
  struct Scores {
    std::span<const double> tc1{};
    std::span<const double> tc2{};
    std::span<const double> written{};
    std::span<const double> nu{};
    std::span<const double> read{};
  };
  // In place, resistances in ohm at 27 degrees Celsius: drift, then times 1 + tc1 dT + tc2 dT^2, then the reading.
  // Opens and shorts stay what they are, all others positive and finite. The same bits on every machine and for any
  // number of resistances at once.
  void age(std::span<double> resistances, const Scores& scores) const;
  // The same of the devices' resistances: what was measured of them stays. Temperature coefficients are those of the
  // scores, not the devices' own.
  void age(std::span<Device> devices, const Scores& scores) const;

 private:
  Needs needs_{};
  Spread tc1_{};
  Spread tc2_{};
  double kelvin_ = 0.0;  // above 27 degrees Celsius
  Drift drift_{};
  std::optional<double> seconds_{};
  double read_noise_ = 0.0;
};

}  // namespace ohmset
