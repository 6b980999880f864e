// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "design/large_search.h"
#include "design/tolerance/living.h"
#include "sim/error.h"
#include "sim/random/elementary.h"

namespace ohmset {
namespace {

constexpr std::array<std::string_view, 11> cause_names{
    "lot",     "resistance", "device fault", "switch resistance", "switch fault", "measurement", "tc1", "tc2",
    "writing", "drift",      "reading"};

}  // namespace

std::string_view name_of(Cause cause) { return cause_names.at(static_cast<std::size_t>(cause)); }

namespace tolerance {
namespace {

void check_aim(const Aim& aim, bool redesigned, std::size_t devices) {
  if (!(aim.target > 0.0 && std::isfinite(aim.target))) {
    throw input_error(fmt::format("the target is {}", aim.target), "expected a positive, finite one");
  }
  if (!redesigned && aim.configuration.size() != devices) {
    throw input_error(fmt::format("the configuration has {} devices", aim.configuration.size()),
                      fmt::format("the bank has {}", devices));
  }
}

}  // namespace

void check(const BankQuestion& question) {
  const std::size_t devices = question.spec.topology.device_count();
  const bool redesigned = question.population == Population::redesigned;
  ohmset::check(question.spec.fabrication, devices);
  if (question.aims.empty()) throw input_error("no target", "expected at least one");
  if (question.conditions.empty()) throw input_error("no condition", "expected at least one");
  for (const Aim& aim : question.aims) check_aim(aim, redesigned, devices);
  for (const Condition& condition : question.conditions) ohmset::check(question.spec.fabrication.process, condition);
  if (question.population == Population::die && question.die.devices.size() != devices) {
    throw input_error(fmt::format("the die has {} devices", question.die.devices.size()),
                      fmt::format("its topology has {}", devices));
  }
  const bool additive = question.spec.topology.is_parallel() || question.spec.topology.is_series();
  if (redesigned && additive && devices > most_large_items) {
    throw input_error(fmt::format("{} devices to choose from for each die", devices),
                      fmt::format("at most {}", most_large_items));
  }
}

bool is_random(Cause cause, const Fabrication& fabrication, Population population, bool around_measured,
               std::span<const Life> lives) {
  const Process& process = fabrication.process;
  const SwitchProcess& switches = fabrication.switches;
  const bool die = population == Population::die;
  const bool noisy = fabrication.measurement.sigma > 0.0;
  switch (cause) {
    case Cause::lot:
      return !die && process.values.empty() && process.lot_sigma > 0.0;
    case Cause::resistance:
      return die ? around_measured && noisy : draws::devices_vary(process);
    case Cause::device_fault:
      return !die && process.device_open + process.device_short > 0.0;
    case Cause::switch_on:
      return draws::switches_vary(switches);
    case Cause::switch_fault:
      return !die && switches.stuck_open + switches.stuck_closed > 0.0;
    case Cause::measurement:
      return die ? around_measured && fabrication.measurement.bits > 0 : population == Population::redesigned && noisy;
    default:
      return std::ranges::any_of(lives, [cause](const Life& life) { return needs(life, cause); });
  }
}

Making::Making(const BankQuestion& question)
    : question_(question), shape_(question.spec.fabrication.process), meter_(question.spec.fabrication.measurement) {
  for (const Condition& condition : question.conditions) {
    lives_.emplace_back(question.spec.fabrication.process, condition);
  }
  place();
  if (around_measured()) read_codes();
}

void Making::place() {
  first_.fill(nowhere);
  for (const Cause cause : all_causes) {
    const std::size_t per_device = cause == Cause::lot ? 0 : cause == Cause::read ? lives_.size() : 1;
    place(cause, is_random(cause, question_.spec.fabrication, question_.population, around_measured(), lives_),
          per_device);
  }
}

void Making::place(Cause cause, bool is_random, std::size_t per_device) {
  if (!is_random) return;
  first_.at(static_cast<std::size_t>(cause)) = variables_.size();
  if (per_device == 0) variables_.push_back({.cause = cause});
  for (std::size_t condition = 0; condition < per_device; ++condition) {
    for (std::size_t k = 0; k < devices(); ++k) {
      variables_.push_back({.cause = cause, .device = k, .condition = condition});
    }
  }
}

void Making::read_codes() {
  const std::vector<Device>& known = question_.die.devices;
  double full_scale = 0.0;
  std::size_t largest = known.size();  // the first device that reads full scale
  for (std::size_t k = 0; k < known.size(); ++k) {
    const double measured = known[k].measured.value;
    if (draws::is_faulty(measured) || measured <= full_scale) continue;
    largest = k;
    full_scale = measured;
  }
  const double half = meter_.converts() ? 0.5 * full_scale / meter_.codes() : 0.0;
  for (std::size_t k = 0; k < known.size(); ++k) {
    const double measured = known[k].measured.value;
    Code code{measured, measured};
    // What reads as the least code may be anything down to a short.
    if (!draws::is_faulty(measured) && k != largest && half > 0.0) {
      code = {.low = measured < 3.0 * half ? 0.0 : measured - half, .high = std::min(measured + half, full_scale)};
    }
    codes_.push_back(code);
  }
}

void Making::lot_factors(std::span<double> draws) const {
  if (random(Cause::lot)) {
    draws::lot_factors(question_.spec.fabrication.process, draws);
  } else {
    std::ranges::fill(draws, 1.0);
  }
}

void Making::resistances(std::size_t device, std::span<const double> lots, std::span<const double> codes,
                         std::span<double> draws) const {
  const Process& process = question_.spec.fabrication.process;
  const bool die = question_.population == Population::die;
  const double own = die ? known(device).resistance.value : draws::nominal_of(process, device);
  if (die ? !around_measured() || draws::is_faulty(own) : !process.values.empty()) {
    std::ranges::fill(draws, own);
    return;
  }
  if (die) return around_reading(codes_[device], codes, draws);
  if (!random(Cause::resistance)) std::ranges::fill(draws, 0.5);
  shape_.quantiles(draws);
  for (std::size_t s = 0; s < draws.size(); ++s) {
    draws[s] = draws::resistance(own, draws[s], lots.empty() ? 1.0 : lots[s]);
  }
}

void Making::around_reading(const Code& code, std::span<const double> within, std::span<double> draws) const {
  if (random(Cause::resistance)) {
    meter_.factors(draws);
  } else {
    std::ranges::fill(draws, 1.0);
  }
  for (std::size_t s = 0; s < draws.size(); ++s) {
    const double reading = within.empty() ? code.high : code.low + (code.high - code.low) * within[s];
    draws[s] = std::clamp(reading / draws[s], draws::smallest, draws::largest);
  }
}

void Making::switch_on(std::size_t device, std::span<double> draws) const {
  if (random(Cause::switch_on)) {
    draws::switch_on(question_.spec.fabrication.switches, draws);
  } else {
    std::ranges::fill(draws, known(device).contact.on.value);
  }
}

Device Making::known(std::size_t device) const {
  const Fabrication& fabrication = question_.spec.fabrication;
  if (question_.population == Population::die) {
    Device own = question_.die.devices[device];
    if (around_measured()) own.resistance = own.measured;
    return own;
  }
  const Ohm nominal{draws::nominal_of(fabrication.process, device)};
  return {.nominal = nominal,
          .resistance = nominal,
          .measured = nominal,
          .tc1 = fabrication.process.tc1.mean,
          .tc2 = fabrication.process.tc2.mean,
          .contact = fabrication.switches.nominal};
}

Bank Making::bank(std::span<const double> point) const {
  const Fabrication& fabrication = question_.spec.fabrication;
  const auto drawn = [&](Cause cause, std::size_t device) {
    return random(cause) ? point[coordinate(cause, device)] : 0.5;
  };
  double lot = drawn(Cause::lot, 0);
  lot_factors({&lot, 1});
  Bank bank{.topology = question_.spec.topology, .devices = std::vector<Device>(devices())};
  std::vector<double> readings(devices());
  std::vector<double> noise(devices());
  for (std::size_t k = 0; k < devices(); ++k) {
    Device& device = bank.devices[k];
    device = known(k);
    double resistance = drawn(Cause::resistance, k);
    const double code = drawn(Cause::measurement, k);
    const bool coded = around_measured() && random(Cause::measurement);
    resistances(k, {&lot, 1}, {&code, coded ? 1U : 0U}, {&resistance, 1});
    if (random(Cause::device_fault)) {
      resistance = draws::with_fault(fabrication.process, drawn(Cause::device_fault, k), resistance);
    }
    double on = drawn(Cause::switch_on, k);
    switch_on(k, {&on, 1});
    device.resistance = Ohm{resistance};
    device.contact.on = Ohm{on};
    if (random(Cause::switch_fault)) {
      device.stuck = draws::switch_fault(fabrication.switches, drawn(Cause::switch_fault, k));
    }
    const auto coefficient = [&](Cause cause, const Spread& spread, double own) {
      return random(cause) ? spread.mean + spread.sigma * normal_quantile(drawn(cause, k)) : own;
    };
    device.tc1 = coefficient(Cause::tc1, fabrication.process.tc1, device.tc1);
    device.tc2 = coefficient(Cause::tc2, fabrication.process.tc2, device.tc2);
    readings[k] = resistance;
    noise[k] = drawn(Cause::measurement, k);
  }
  if (question_.population == Population::redesigned) meter_.read(noise, readings);
  for (std::size_t k = 0; k < (question_.population == Population::die ? 0 : devices()); ++k) {
    bank.devices[k].measured = Ohm{readings[k]};
  }
  return bank;
}

Bank Making::aged(const Bank& bank, std::size_t condition, std::span<const double> point) const {
  Life::Scores all;
  std::array<std::vector<double>, living_causes.size()> scores{};
  for (std::size_t kind = 0; kind < living_causes.size(); ++kind) {
    const Cause cause = living_causes.at(kind);
    if (!random(cause)) continue;
    const std::span<const double> draws =
        point.subspan(coordinate(cause, 0, cause == Cause::read ? condition : 0), devices());
    scores.at(kind).assign(draws.begin(), draws.end());
    elementary::loops().normal_quantiles(scores.at(kind).data(), devices());
    set_scores(all, cause, scores.at(kind));
  }
  Bank aged = bank;
  lives_[condition].age(aged.devices, all);
  return aged;
}

}  // namespace tolerance
}  // namespace ohmset
