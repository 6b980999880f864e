// What is random in a question about a bank, and what draws make of its devices.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "design/tolerance.h"
#include "sim/life.h"
#include "sim/process/draws.h"

namespace ohmset::tolerance {

// Throws Error{input} for a question that makes no sense: see BankSamples.
void check(const BankQuestion& question);

inline constexpr std::array<Cause, 11> all_causes{
    Cause::lot, Cause::resistance, Cause::device_fault, Cause::switch_on, Cause::switch_fault, Cause::measurement,
    Cause::tc1, Cause::tc2,        Cause::written,      Cause::nu,        Cause::read};

// Whether a cause is random for those who are judged, in one of these lives at least.
[[nodiscard]] bool is_random(Cause cause, const Fabrication& fabrication, Population population, bool around_measured,
                             std::span<const Life> lives);

// The fabrication and aging of a question's devices. Refers to the question, which must outlive it. Any thread may use
// it.
//
// Each cause that is random has one coordinate for each device, side by side (the lot: one; readings: one for each
// device in the first condition, then in the second, ...). Causes lie in the order of their usual weight:
//
//   lot, resistance, device_fault, switch_on, switch_fault, measurement, tc1, tc2, written, nu, read
//
// Draws for a die around its measured values: Cause::resistance is the noise of its measurement, R = reading / (1 +
// sigma N(0,1)); Cause::measurement is where the reading lay within the converter's code, uniform between the code's
// edges and at most at full scale, where the die's largest reading (the first of equals) stands. Shorts and opens are
// what they are.
class Making {
 public:
  // requires a question that passes `check`
  explicit Making(const BankQuestion& question);

  [[nodiscard]] const BankQuestion& question() const { return question_; }
  [[nodiscard]] std::size_t devices() const { return question_.spec.topology.device_count(); }
  [[nodiscard]] const std::vector<Variable>& variables() const { return variables_; }
  [[nodiscard]] const std::vector<Life>& lives() const { return lives_; }  // one per condition
  [[nodiscard]] const draws::Meter& meter() const { return meter_; }

  [[nodiscard]] bool random(Cause cause) const { return first_.at(static_cast<std::size_t>(cause)) != nowhere; }
  // requires random(cause)
  [[nodiscard]] std::size_t coordinate(Cause cause, std::size_t device, std::size_t condition = 0) const {
    return first_.at(static_cast<std::size_t>(cause)) + condition * devices() + device;
  }

  // Of one device in many samples: uniform draws become what they decide, in place. Where the cause is not random the
  // draws are not looked at, and may be anything.
  void lot_factors(std::span<double> draws) const;
  // Ohm. lots: factors, empty for 1; codes: draws of Cause::measurement for a die around its measured values, else
  // empty. Without device faults.
  void resistances(std::size_t device, std::span<const double> lots, std::span<const double> codes,
                   std::span<double> draws) const;
  void switch_on(std::size_t device, std::span<double> draws) const;  // ohm

  // The device as the question knows it, before any draw: a die's own, else nominal and free of faults. Of a die around
  // its measured values the resistance is the measured one.
  [[nodiscard]] Device known(std::size_t device) const;
  // Of a die around its measured values: the edges between which the device's reading lay, in ohm.
  struct Code {
    double low = 0.0;
    double high = 0.0;
  };
  [[nodiscard]] const Code& code(std::size_t device) const { return codes_[device]; }
  // The sample of one point: as made, measured.
  [[nodiscard]] Bank bank(std::span<const double> point) const;
  // The same bank as it reads in a condition.
  [[nodiscard]] Bank aged(const Bank& bank, std::size_t condition, std::span<const double> point) const;

 private:
  static constexpr std::size_t nowhere = ~std::size_t{0};
  void place();
  void place(Cause cause, bool is_random, std::size_t per_device = 1);
  void read_codes();
  void around_reading(const Code& code, std::span<const double> within, std::span<double> draws) const;
  [[nodiscard]] bool around_measured() const {
    return question_.population == Population::die && question_.around_measured;
  }

  const BankQuestion& question_;
  std::vector<Life> lives_{};
  RatioShape shape_;
  draws::Meter meter_;
  std::vector<Variable> variables_{};
  std::array<std::size_t, 11> first_{};
  std::vector<Code> codes_{};  // of a die around its measured values
};

}  // namespace ohmset::tolerance
