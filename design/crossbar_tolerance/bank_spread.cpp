// SPDX-License-Identifier: Apache-2.0
#include "design/crossbar_tolerance/bank_spread.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "design/crossbar_tolerance/living.h"

namespace ohmset::crossbar_tolerance {
namespace {

// a / (a + b) of resistances in series, whichever of them is 0 or infinite.
double part_of(double a, double b) {
  if (a == 0.0 || b == infinity) return 0.0;
  if (a == infinity) return 1.0;
  return a / (a + b);
}

class Shares {
 public:
  Shares(const Bank& bank, const Configuration& configuration) : bank_(bank), actual_(with_stuck(bank, configuration)) {
    shares_.devices.assign(bank.devices.size(), 0.0);
    shares_.closed_switches.assign(bank.devices.size(), 0.0);
  }

  PowerShares take() {
    const double whole = resistance_of(bank_.topology.root(), false);
    if (whole > 0.0 && whole < infinity) spread(bank_.topology.root(), 1.0);
    return std::move(shares_);
  }

 private:
  // A switch is closed where its device is inserted, or, as a bypass, where it is not.
  [[nodiscard]] bool closed(std::size_t device, bool bypass) const { return actual_.inserted(device) != bypass; }
  [[nodiscard]] double contact(std::size_t device, bool bypass) const {
    const Switch& contact = bank_.devices[device].contact;
    return (closed(device, bypass) ? contact.on : contact.off).value;
  }

  [[nodiscard]] double resistance_of(const Group& group, bool bypass) const {
    if (group.arrangement == Arrangement::device) {
      const double device = bank_.devices[group.device].resistance.value;
      const double other = contact(group.device, bypass);
      if (!bypass) return device + other;
      const double less = std::min(device, other);
      return less == 0.0 || less == infinity ? less : less / (1.0 + less / std::max(device, other));
    }
    const bool series = group.arrangement == Arrangement::series;
    double sum = 0.0;
    for (const Group& member : group.members) {
      const double part = resistance_of(member, series);
      sum += series ? part : 1.0 / part;
    }
    return series ? sum : 1.0 / sum;
  }

  void spread(const Group& group, double share) {
    const bool series = group.arrangement == Arrangement::series;
    double sum = 0.0;
    for (const Group& member : group.members) {
      const double part = resistance_of(member, series);
      sum += series ? part : 1.0 / part;
    }
    if (!(sum > 0.0 && sum < infinity)) return;  // nothing flows, or nothing drops
    for (const Group& member : group.members) {
      const double resistance = resistance_of(member, series);
      if (!(resistance > 0.0 && resistance < infinity)) continue;
      const double own = share * ((series ? resistance : 1.0 / resistance) / sum);
      if (member.arrangement != Arrangement::device) {
        spread(member, own);
        continue;
      }
      const double device = bank_.devices[member.device].resistance.value;
      const double other = contact(member.device, series);
      // In series the larger resistance takes the larger part, side by side the smaller one.
      const double of_device = series ? part_of(other, device) : part_of(device, other);
      shares_.devices[member.device] = own * of_device;
      if (closed(member.device, series)) shares_.closed_switches[member.device] = own * (1.0 - of_device);
    }
  }

  const Bank& bank_;
  Configuration actual_;
  PowerShares shares_{};
};

// Standard deviation of R / nominal over its mean.
double ratio_stddev(const Process& process) {
  switch (process.distribution) {
    case Distribution::normal:
    case Distribution::lognormal:
      return process.sigma;
    case Distribution::uniform:
      return process.sigma / std::numbers::sqrt3;
    case Distribution::triangular:
      return process.sigma / std::sqrt(6.0);
    case Distribution::empirical: {
      double mean = 0.0;
      double square = 0.0;
      const auto count = static_cast<double>(process.ratios.size());
      for (const double ratio : process.ratios) mean += ratio / count;
      for (const double ratio : process.ratios) square += (ratio - mean) * (ratio - mean) / count;
      return std::sqrt(square) / mean;
    }
    default:
      return 0.0;
  }
}

}  // namespace

PowerShares power_shares(const Bank& bank, const Configuration& configuration) {
  return Shares(bank, configuration).take();
}

BankSpreads::BankSpreads(const Making& making, std::size_t condition)
    : making_(making),
      aged_(making.typical()),
      ratio_(ratio_stddev(making.question().design.spec.bank.fabrication.process)) {
  const std::vector<double> made = aged_.resistances;
  const Life& life = making.lives()[condition];
  life.age(aged_.resistances, {});
  conductances_ = ohmset::conductances(aged_);
  // Small enough for a slope, large enough that its rounding does not show.
  constexpr double step = 1e-3;
  for (const Cause cause : living_causes) {
    if (!making.random(cause) || !needs(life, cause)) continue;
    std::vector<double> up = made;
    std::vector<double> down = made;
    const std::vector<double> scores(made.size(), step);
    const std::vector<double> opposite(made.size(), -step);
    life.age(up, scores_of(cause, scores));
    life.age(down, scores_of(cause, opposite));
    std::vector<double>& slopes = others_.at(static_cast<std::size_t>(cause));
    slopes.resize(made.size());
    for (std::size_t k = 0; k < made.size(); ++k) {
      slopes[k] = draws::is_faulty(made[k]) ? 0.0 : std::abs(up[k] - down[k]) / (2.0 * step * aged_.resistances[k]);
    }
  }
}

double BankSpreads::stddev(Cause cause, std::size_t device) const {
  if (!making_.random(cause) || draws::is_faulty(aged_.resistances[device])) return 0.0;
  const Fabrication& fabrication = making_.question().design.spec.bank.fabrication;
  switch (cause) {
    case Cause::resistance:
      return ratio_;
    case Cause::switch_on:
      return fabrication.switches.on_sigma;
    case Cause::measurement:
      return fabrication.measurement.sigma;
    default: {
      const std::vector<double>& slopes = others_.at(static_cast<std::size_t>(cause));
      return slopes.empty() ? 0.0 : slopes[device];
    }
  }
}

PowerShares BankSpreads::shares(std::size_t bank) const {
  const std::size_t word = bank / aged_.bit_lines;
  const std::size_t bit = bank % aged_.bit_lines;
  return power_shares(aged_.bank(word, bit), aged_.configuration(word, bit));
}

double BankSpreads::of_bank(std::size_t bank) const {
  const PowerShares shared = shares(bank);
  // Redesigned dies have other devices and switches, which their designs know: only what those do not know is left.
  const bool redesigned = making_.question().population == Population::redesigned;
  double variance = 0.0;
  const auto add = [&](double share, Cause cause, std::size_t device) {
    const double stddev = share * this->stddev(cause, device);
    variance += stddev * stddev;
  };
  for (std::size_t k = 0; k < shared.devices.size(); ++k) {
    const std::size_t device = bank * shared.devices.size() + k;
    if (!redesigned) {
      add(shared.devices[k], Cause::resistance, device);
      add(shared.closed_switches[k], Cause::switch_on, device);
    }
    add(shared.devices[k], Cause::measurement, device);
    for (const Cause cause : living_causes) add(shared.devices[k], cause, device);
  }
  return std::sqrt(variance);
}

}  // namespace ohmset::crossbar_tolerance
