// Banks of precision questions, once more: made one by one, every configuration looked at.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "design/precision.h"
#include "design/precision/use.h"

namespace precision_circuits {

using namespace ohmset;

inline Fabrication plain(double sigma = 0.3) {
  return {.process = {.nominals = {10e3}, .distribution = Distribution::lognormal, .sigma = sigma}};
}

// Spread, faults, real switches, and readings that are not exact.
inline Fabrication troubled() {
  Fabrication fabrication = plain();
  fabrication.process.lot_sigma = 0.1;
  fabrication.process.device_open = 0.06;
  fabrication.process.device_short = 0.04;
  fabrication.switches = {
      .nominal = {.on = Ohm{60.0}, .off = Ohm{3e6}}, .on_sigma = 0.3, .stuck_open = 0.05, .stuck_closed = 0.05};
  fabrication.measurement.sigma = 0.02;
  return fabrication;
}

inline PrecisionQuestion question_of(const std::string& topology, const Fabrication& fabrication) {
  PrecisionQuestion question{.banks = 40, .seed = 7, .threads = 2};
  question.family = BankFamily{.fabrication = fabrication, .topology = topology};
  return question;
}

inline bool is_pair(const PrecisionQuestion& question) { return question.family->topology == "differential"; }

// Within a part of the expected value, whatever its size.
inline doctest::Approx about(double expected, double relative) {
  return doctest::Approx(expected).epsilon(relative).scale(std::numeric_limits<double>::min());
}

inline double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

inline double value_of(const Bank& bank, const Configuration& configuration, TargetUnit unit, Seen seen) {
  return unit == TargetUnit::ohm ? resistance(bank, configuration, seen).value
                                 : conductance(bank, configuration, seen).value;
}

// What a plus and a minus bank, or one bank, make of a mask of all their devices.
struct Circuit {
  std::vector<Bank> banks{};
  TargetUnit unit = TargetUnit::ohm;

  [[nodiscard]] std::size_t devices() const { return banks.size() * banks.front().devices.size(); }
  [[nodiscard]] double value(std::uint64_t mask, Seen seen) const {
    const std::size_t own = banks.front().devices.size();
    const std::uint64_t low = (std::uint64_t{1} << own) - 1;
    const double plus = value_of(banks.front(), Configuration::from_mask(mask & low, own), unit, seen);
    if (banks.size() == 1) return plus;
    return plus - value_of(banks.back(), Configuration::from_mask(mask >> own, own), unit, seen);
  }
};

inline Circuit circuit_of(const PrecisionQuestion& question, std::size_t devices, std::uint64_t number) {
  const BankSpec spec = bank_spec_of(*question.family, devices);
  Circuit circuit{.unit = target_unit_of(question, devices)};
  for (std::uint64_t cell = 0; cell < (is_pair(question) ? 2 : 1); ++cell) {
    circuit.banks.push_back(fabricate(spec, {.seed = question.seed, .die = number, .cell = cell}));
  }
  return circuit;
}

// What the search knows of it: all but contacts that are made anew, of a code what the devices were made for.
inline Circuit known_of(const PrecisionQuestion& question, Circuit circuit) {
  const Switch contact = question.family->fabrication.switches.nominal;
  for (Bank& bank : circuit.banks) {
    for (Device& device : bank.devices) {
      if (question.contacts_anew) device.contact.on = contact.on;
      if (question.choosing != Choosing::code) continue;
      device.measured = device.nominal;
      device.contact = contact;
      device.stuck = Stuck::free;
    }
  }
  return circuit;
}

// The configuration that is nearest in what the search sees; nearer by less than rounding is no difference.
inline std::uint64_t nearest(const Circuit& circuit, double target) {
  std::uint64_t best = 0;
  double least = infinity;
  double magnitude = std::abs(target);
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << circuit.devices(); ++mask) {
    const double value = circuit.value(mask, Seen::measured);
    if (!std::isfinite(value)) continue;
    magnitude = std::max(magnitude, std::abs(value));
    const double error = std::abs(value - target);
    const double slack = 1e-14 * magnitude;
    const bool nearer = error < least - slack;
    const bool fewer = error < least + slack && std::popcount(mask) < std::popcount(best);
    if (nearer || fewer) {
      best = mask;
      least = std::min(error, least);
    }
  }
  return best;
}

// The errors that a sample should have, for its targets.
inline std::vector<double> errors_by_brute_force(const PrecisionQuestion& question, const PrecisionSample& sample) {
  const precision::Use use(question, bank_spec_of(*question.family, sample.devices).fabrication);
  std::vector<double> errors;
  for (std::size_t k = 0; k < sample.target.size(); ++k) {
    const std::size_t number = k / sample.targets;
    Circuit circuit = circuit_of(question, sample.devices, number);
    const std::uint64_t mask = nearest(known_of(question, circuit), sample.target[k]);
    for (std::size_t cell = 0; cell < circuit.banks.size(); ++cell) {
      use.apply(circuit.banks[cell], question.seed, number, cell);
    }
    errors.push_back(circuit.value(mask, Seen::actual) - sample.target[k]);
  }
  return errors;
}

// The largest difference from the errors expected, relative to them and to a hundred thousandth of the target, which
// is as much as the rounding of values takes.
inline double disagreement(const PrecisionSample& sample, const std::vector<double>& expected) {
  if (sample.error.size() != expected.size()) return infinity;
  double most = 0.0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    // Dead banks have no target.
    if (sample.error[k] == expected[k] || (std::isnan(sample.target[k]) && std::isnan(sample.error[k]))) continue;
    const double scale = std::abs(expected[k]) + 1e-5 * std::abs(sample.target[k]);
    const double difference = std::abs(sample.error[k] - expected[k]) / scale;
    if (std::isnan(difference)) return infinity;
    most = std::max(most, difference);
  }
  return most;
}

// Of bits from those of the sample's errors; dead banks, which have none, left out.
inline double disagreement_of_bits(const PrecisionQuestion& question, const PrecisionSample& sample) {
  double most = 0.0;
  for (std::size_t k = 0; k < sample.bits.size(); ++k) {
    const double scale = is_pair(question) ? sample.full_scale : sample.target[k];
    const double bits = -std::log2(std::abs(sample.error[k]) / scale);
    if (sample.bits[k] == bits || (std::isnan(sample.target[k]) && sample.bits[k] == 0.0)) continue;
    const double difference = std::abs(sample.bits[k] - bits);
    if (std::isnan(difference)) return infinity;
    most = std::max(most, difference);
  }
  return most;
}

inline bool agrees_with_brute_force(const PrecisionQuestion& question, std::size_t devices) {
  const PrecisionSample sample = sample_precision(question, devices);
  const auto finite = std::ranges::count_if(sample.error, [](double error) { return std::isfinite(error); });
  return disagreement(sample, errors_by_brute_force(question, sample)) < 1e-9 &&
         disagreement_of_bits(question, sample) < 1e-12 && 2 * static_cast<std::size_t>(finite) > sample.error.size();
}

}  // namespace precision_circuits
