// SPDX-License-Identifier: Apache-2.0
#include "design/robust.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "design/tolerance/deviations.h"
#include "design/tolerance/slopes.h"
#include "sim/process/draws.h"

namespace ohmset {

DeviceSpreads spreads_of(const Bank& bank, const Fabrication& fabrication, std::span<const Condition> conditions) {
  check(fabrication, bank.devices.size());
  const Measurement& measurement = fabrication.measurement;
  double full_scale = 0.0;
  for (const Device& device : bank.devices) {
    if (device.measured.value < infinity) full_scale = std::max(full_scale, device.measured.value);
  }
  // Half a code; a reading of full scale was anything below that, of the others anything around.
  const double half = measurement.bits == 0 ? 0.0 : 0.5 * full_scale / (std::ldexp(1.0, measurement.bits) - 1.0);
  DeviceSpreads spreads{.devices = std::vector<double>(bank.devices.size(), 0.0)};
  for (const Condition& condition : conditions) {
    check(fabrication.process, condition);
    const tolerance::Ageing ageing(fabrication.process, condition);
    for (std::size_t k = 0; k < bank.devices.size(); ++k) {
      const double known = bank.devices[k].measured.value;
      if (!(known > 0.0 && known < infinity)) continue;
      const tolerance::Aged aged = ageing.of(known);
      const double rounding = half / std::numbers::sqrt3 / known;
      const double measured = aged.elasticity * std::hypot(measurement.sigma, rounding);
      const double spread = std::hypot(std::hypot(measured, aged.read), std::hypot(aged.tc1, aged.tc2),
                                       std::hypot(aged.written, aged.nu));
      spreads.devices[k] = std::max(spreads.devices[k], spread);
    }
  }
  if (draws::switches_vary(fabrication.switches)) {
    spreads.contacts = {tolerance::lognormal_deviation(fabrication.switches.on_sigma)};
  }
  return spreads;
}

double predicted_spread(const Bank& bank, const Configuration& configuration, const DeviceSpreads& spreads) {
  const tolerance::Slopes slopes = tolerance::slopes_of(bank, configuration, Seen::measured);
  const auto of_device = [](const std::vector<double>& values, std::size_t k) {
    return values.empty() ? 0.0 : values[values.size() == 1 ? 0 : k];
  };
  double variance = 0.0;
  for (std::size_t k = 0; k < bank.devices.size(); ++k) {
    const double device = slopes.devices[k] * of_device(spreads.devices, k);
    const double contact = slopes.closed[k] ? slopes.contacts[k] * of_device(spreads.contacts, k) : 0.0;
    variance += device * device + contact * contact;
  }
  return std::sqrt(variance);
}

}  // namespace ohmset
