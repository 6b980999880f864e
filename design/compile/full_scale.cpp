// The conductance difference that the largest weight becomes: where the cells' attainable values are densest.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "design/compile.h"
#include "design/statistics.h"
#include "sim/error.h"

namespace ohmset {
namespace {

struct ConductanceMoments {
  double sum_g = 0.0;   // over the bank's devices, E[g]
  double sum_g2 = 0.0;  // over the bank's devices, E[g^2]
};

// The best full scale is the standard deviation of the subset sum, 1/2 sqrt(sum E[g^2]) over the devices of a cell;
// a bank with a mid-range target aims at half the sum of its devices.
FullScale from_moments(Scheme scheme, const ConductanceMoments& bank) {
  const double banks = scheme == Scheme::differential ? 2.0 : 1.0;
  return {0.5 * std::sqrt(banks * bank.sum_g2), 0.5 * bank.sum_g};
}

// Trees do not add up: the spread of what random configurations of the typical bank conduct, by its quartiles, stands
// for the standard deviation (they agree for a normal distribution).
FullScale from_random_configurations(Scheme scheme, const Bank& bank) {
  constexpr std::size_t draws = 4096;
  constexpr double quartiles_per_sigma = 1.3489795003921634;
  std::vector<double> values;
  values.reserve(draws);
  for (std::size_t draw = 0; draw < draws; ++draw) {
    Configuration configuration(bank.devices.size());
    for (std::size_t k = 0; k < bank.devices.size(); ++k) {
      configuration.set(k, uniform({.seed = 0, .die = 0, .cell = draw, .device = k}, Draw::choice) < 0.5);
    }
    const double g = conductance(bank, configuration).value;
    if (std::isfinite(g)) values.push_back(g);
  }
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto quantile = [&](double p) {
    return values[static_cast<std::size_t>(p * static_cast<double>(values.size() - 1))];
  };
  const double sigma = (quantile(0.75) - quantile(0.25)) / quartiles_per_sigma;
  return {scheme == Scheme::differential ? std::numbers::sqrt2 * sigma : sigma, quantile(0.5)};
}

FullScale require_positive(FullScale found, const CrossbarSpec& spec) {
  if (spec.mapping.full_scale) found.full_scale = spec.mapping.full_scale->value;
  if (!(found.full_scale > 0.0) || !std::isfinite(found.full_scale)) {
    throw input_error("the devices give no full scale", "at least one device that conducts, or mapping.full_scale");
  }
  return found;
}

}  // namespace

FullScale automatic_full_scale(const CrossbarSpec& spec) {
  const std::size_t devices = spec.bank.topology.device_count();
  if (spec.bank.topology.is_parallel()) {
    const auto n = static_cast<double>(devices);
    return require_positive(
        from_moments(spec.mapping.scheme, {.sum_g = n * mean_conductance(spec.bank.fabrication),
                                           .sum_g2 = n * mean_square_conductance(spec.bank.fabrication)}),
        spec);
  }
  Fabrication nominal = spec.bank.fabrication;
  nominal.process.distribution = Distribution::none;
  nominal.process.lot_sigma = 0.0;
  nominal.process.device_open = nominal.process.device_short = 0.0;
  nominal.switches.on_sigma = nominal.switches.stuck_open = nominal.switches.stuck_closed = 0.0;
  nominal.measurement = {};
  return require_positive(
      from_random_configurations(spec.mapping.scheme, {spec.bank.topology, sample_devices(nominal, devices, {})}),
      spec);
}

FullScale automatic_full_scale(const CrossbarSpec& spec, const std::vector<double>& measured) {
  std::vector<double> usable;
  std::ranges::copy_if(measured, std::back_inserter(usable), [](double r) { return r > 0.0 && std::isfinite(r); });
  if (usable.empty()) return require_positive({}, spec);
  const std::size_t devices = spec.bank.topology.device_count();
  const Switch contact = spec.bank.fabrication.switches.nominal;
  if (spec.bank.topology.is_parallel()) {
    double sum_g = 0.0;
    double sum_g2 = 0.0;
    for (const double r : usable) {
      const double g = 1.0 / (r + contact.on.value) - 1.0 / (r + contact.off.value);
      sum_g += g;
      sum_g2 += g * g;
    }
    const double share = static_cast<double>(devices) / static_cast<double>(usable.size());
    return require_positive(from_moments(spec.mapping.scheme, {share * sum_g, share * sum_g2}), spec);
  }
  const Ohm median{sample_quantile(usable, 0.5)};
  const Device typical{.nominal = median, .resistance = median, .measured = median, .contact = contact};
  return require_positive(
      from_random_configurations(spec.mapping.scheme, {spec.bank.topology, std::vector<Device>(devices, typical)}),
      spec);
}

}  // namespace ohmset
