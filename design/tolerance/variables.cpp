// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "design/large_search.h"
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

double nominal_of(const Process& process, std::size_t device) {
  if (!process.values.empty()) return process.values[device];
  return process.nominals[process.nominals.size() == 1 ? 0 : device];
}

bool devices_vary(const Process& process) {
  if (!process.values.empty()) return false;
  if (process.distribution == Distribution::empirical) return process.ratios.size() > 1;
  return process.distribution != Distribution::none && process.sigma > 0.0;
}

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
  const Process& process = question_.spec.fabrication.process;
  const SwitchProcess& switches = question_.spec.fabrication.switches;
  const bool die = question_.population == Population::die;
  place(Cause::lot, !die && process.values.empty() && process.lot_sigma > 0.0, 0);
  place(Cause::resistance, die ? around_measured() && meter_.noisy() : devices_vary(process));
  place(Cause::device_fault, !die && process.device_open + process.device_short > 0.0);
  place(Cause::switch_on, draws::switches_vary(switches));
  place(Cause::switch_fault, !die && switches.stuck_open + switches.stuck_closed > 0.0);
  place(Cause::measurement, die ? around_measured() && meter_.converts()
                                : question_.population == Population::redesigned && meter_.noisy());
  const auto needed = [this](bool Life::Needs::*which) {
    return std::ranges::any_of(lives_, [which](const Life& life) { return life.needs().*which; });
  };
  place(Cause::tc1, needed(&Life::Needs::tc1));
  place(Cause::tc2, needed(&Life::Needs::tc2));
  place(Cause::written, needed(&Life::Needs::written));
  place(Cause::nu, needed(&Life::Needs::nu));
  place(Cause::read, needed(&Life::Needs::read), lives_.size());
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
  const double own = die ? known(device).resistance.value : nominal_of(process, device);
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
  const Ohm nominal{nominal_of(fabrication.process, device)};
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
  const auto scores = [&](Cause cause) {
    std::vector<double> values;
    if (!random(cause)) return values;
    const std::size_t first = coordinate(cause, 0, cause == Cause::read ? condition : 0);
    values.assign(point.begin() + static_cast<std::ptrdiff_t>(first),
                  point.begin() + static_cast<std::ptrdiff_t>(first + devices()));
    elementary::loops().normal_quantiles(values.data(), values.size());
    return values;
  };
  const std::vector<double> tc1 = scores(Cause::tc1);
  const std::vector<double> tc2 = scores(Cause::tc2);
  const std::vector<double> written = scores(Cause::written);
  const std::vector<double> nu = scores(Cause::nu);
  const std::vector<double> read = scores(Cause::read);
  std::vector<double> resistances(devices());
  std::ranges::transform(bank.devices, resistances.begin(),
                         [](const Device& device) { return device.resistance.value; });
  lives_[condition].age(resistances, {.tc1 = tc1, .tc2 = tc2, .written = written, .nu = nu, .read = read});
  Bank aged = bank;
  for (std::size_t k = 0; k < devices(); ++k) aged.devices[k].resistance = Ohm{resistances[k]};
  return aged;
}

}  // namespace tolerance
}  // namespace ohmset
