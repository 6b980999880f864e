// What a person may ask of a process, in the words of the TOML file.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sim/error.h"
#include "sim/process.h"

namespace ohmset {
namespace {

constexpr std::array<std::pair<Distribution, std::string_view>, 6> distribution_names{
    {{Distribution::none, "none"},
     {Distribution::normal, "normal"},
     {Distribution::lognormal, "lognormal"},
     {Distribution::uniform, "uniform"},
     {Distribution::triangular, "triangular"},
     {Distribution::empirical, "empirical"}}};

void check_spread(std::string_view key, double sigma) {
  if (sigma < 0.0) throw input_error(fmt::format("{} is negative", key), "expected 0 or more");
  if (!std::isfinite(sigma)) throw input_error(fmt::format("{} is {}", key, sigma), "expected a finite number");
}

void check_finite(std::string_view key, double value) {
  if (!std::isfinite(value)) throw input_error(fmt::format("{} is {}", key, value), "expected a finite number");
}

void check_probabilities(std::string_view first_key, double first, std::string_view second_key, double second) {
  for (const auto& [key, probability] : {std::pair{first_key, first}, std::pair{second_key, second}}) {
    if (!(probability >= 0.0 && probability <= 1.0)) {
      throw input_error(fmt::format("{} is {}", key, probability), "expected a probability from 0 to 1");
    }
  }
  if (first + second > 1.0) {
    throw input_error(fmt::format("{} and {} sum to {}", first_key, second_key, first + second), "expected at most 1");
  }
}

void check_count(std::string_view key, std::size_t count, std::size_t devices, std::string_view expected) {
  if (count != devices) throw input_error(fmt::format("{} has {} numbers", key, count), expected);
}

void check_values(const Process& process, std::size_t devices) {
  if (process.nominals.empty() && process.values.empty()) {
    throw input_error("process.nominal is missing", "expected nominal, nominals or values");
  }
  if (!process.nominals.empty() && !process.values.empty()) {
    throw input_error("process.values stands beside process.nominal", "expected one of nominal, nominals and values");
  }
  if (!process.values.empty()) {
    check_count("process.values", process.values.size(), devices, fmt::format("expected {}, one per device", devices));
  }
  if (process.nominals.size() > 1) {
    check_count("process.nominals", process.nominals.size(), devices,
                fmt::format("expected 1, or {}, one per device", devices));
  }
  for (const double nominal : process.nominals) {
    if (!(nominal > 0.0 && std::isfinite(nominal))) {
      throw input_error(fmt::format("process.nominal is {}", nominal), "expected a positive, finite resistance");
    }
  }
  for (const double value : process.values) {
    if (!(value >= 0.0)) throw input_error(fmt::format("process.values holds {}", value), "expected 0 or more, or inf");
  }
}

void check_noise(const Process& process) {
  check_spread("process.sigma", process.sigma);
  check_spread("process.lot_sigma", process.lot_sigma);
  const bool bounded =
      process.distribution == Distribution::uniform || process.distribution == Distribution::triangular;
  if (bounded && process.sigma >= 1.0) {
    throw input_error(fmt::format("process.sigma is {}", process.sigma),
                      fmt::format("expected less than 1 for a {} distribution", name_of(process.distribution)));
  }
  if (process.distribution == Distribution::none && process.sigma > 0.0) {
    throw input_error("process.sigma has no effect",
                      "expected process.distribution normal, lognormal, uniform or triangular");
  }
  if (process.distribution == Distribution::empirical && process.ratios.empty()) {
    throw input_error("process.ratios is missing", "expected the ratios of an empirical distribution");
  }
  for (const double ratio : process.ratios) {
    if (!(ratio > 0.0 && std::isfinite(ratio))) {
      throw input_error(fmt::format("process.ratios holds {}", ratio), "expected positive, finite ratios");
    }
  }
  for (const double slope : process.gradient) check_finite("process.gradient", slope);
  if (std::abs(process.gradient[0]) + std::abs(process.gradient[1]) >= 2.0) {
    throw input_error("process.gradient leaves no resistance at a corner of the array",
                      "expected magnitudes that sum to less than 2");
  }
  check_finite("process.tc1.mean", process.tc1.mean);
  check_finite("process.tc2.mean", process.tc2.mean);
  check_spread("process.tc1.sigma", process.tc1.sigma);
  check_spread("process.tc2.sigma", process.tc2.sigma);
}

void check_life(const Process& process) {
  check_finite("process.drift.nu", process.drift.nu.mean);
  check_spread("process.drift.nu_sigma", process.drift.nu.sigma);
  if (!(process.drift.t0 > 0.0 && std::isfinite(process.drift.t0))) {
    throw input_error(fmt::format("process.drift.t0 is {}", process.drift.t0), "expected a positive number of seconds");
  }
  check_spread("process.read_noise", process.read_noise);
  check_spread("process.correlation_length", process.correlation_length);
}

void check_switches(const SwitchProcess& switches) {
  const double on = switches.nominal.on.value;
  const double off = switches.nominal.off.value;
  if (!(on >= 0.0 && std::isfinite(on))) {
    throw input_error(fmt::format("switch.r_on is {}", on), "expected a finite resistance of 0 or more");
  }
  if (!(off > on)) throw input_error(fmt::format("switch.r_off is {}", off), "expected more than switch.r_on");
  check_spread("switch.r_on_sigma", switches.on_sigma);
  check_probabilities("switch.stuck_open", switches.stuck_open, "switch.stuck_closed", switches.stuck_closed);
}

}  // namespace

std::optional<Distribution> distribution_named(std::string_view name) {
  const auto* const found = std::find_if(distribution_names.begin(), distribution_names.end(),
                                         [name](auto& entry) { return entry.second == name; });
  if (found == distribution_names.end()) return std::nullopt;
  return found->first;
}

std::string_view name_of(Distribution distribution) {
  const auto* const found = std::find_if(distribution_names.begin(), distribution_names.end(),
                                         [distribution](auto& entry) { return entry.first == distribution; });
  return found == distribution_names.end() ? std::string_view("unknown") : found->second;
}

void check(const Fabrication& fabrication, std::size_t devices) {
  const Process& process = fabrication.process;
  check_values(process, devices);
  check_noise(process);
  check_life(process);
  check_probabilities("process.device_open", process.device_open, "process.device_short", process.device_short);
  check_switches(fabrication.switches);
  check_spread("measurement.sigma", fabrication.measurement.sigma);
  constexpr int most_bits = 52;
  if (fabrication.measurement.bits < 0 || fabrication.measurement.bits > most_bits) {
    throw input_error(fmt::format("measurement.bits is {}", fabrication.measurement.bits),
                      fmt::format("expected from 0 (no converter) to {}", most_bits));
  }
}

Fabrication without_spread(Fabrication fabrication) {
  Process& process = fabrication.process;
  process.distribution = Distribution::none;
  process.sigma = process.lot_sigma = process.device_open = process.device_short = 0.0;
  process.tc1.sigma = process.tc2.sigma = 0.0;
  SwitchProcess& switches = fabrication.switches;
  switches.on_sigma = switches.stuck_open = switches.stuck_closed = 0.0;
  fabrication.measurement = {};
  return fabrication;
}

}  // namespace ohmset
