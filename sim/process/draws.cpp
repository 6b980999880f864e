// SPDX-License-Identifier: Apache-2.0
#include "sim/process/draws.h"

#include "sim/random/elementary.h"

namespace ohmset::draws {
namespace {

// exp(sigma N(0,1))
void lognormal(double sigma, std::span<double> draws) {
  elementary::loops().normal_quantiles(draws.data(), draws.size());
  for (double& draw : draws) draw *= sigma;
  elementary::loops().exponentials(draws.data(), draws.size());
}

}  // namespace

void lot_factors(const Process& process, std::span<double> draws) {
  if (process.lot_sigma > 0.0) {
    lognormal(process.lot_sigma, draws);
  } else {
    std::ranges::fill(draws, 1.0);
  }
}

void switch_on(const SwitchProcess& process, std::span<double> draws) {
  const double nominal = process.nominal.on.value;
  if (!switches_vary(process)) {
    std::ranges::fill(draws, nominal);
    return;
  }
  // However wide the spread, a closed switch conducts better than an open one.
  const double off = process.nominal.off.value;
  const double most = off == infinity ? largest : std::nextafter(off, 0.0);
  lognormal(process.on_sigma, draws);
  for (double& draw : draws) draw = std::min(nominal * draw, most);
}

void Meter::read(std::span<double> draws, std::span<double> resistances) const {
  if (noisy()) {
    factors(draws);
    for (std::size_t k = 0; k < resistances.size(); ++k) resistances[k] = reading(resistances[k], draws[k]);
  }
  if (!converts()) return;
  double full_scale = 0.0;
  for (const double resistance : resistances) {
    if (!is_faulty(resistance)) full_scale = std::max(full_scale, resistance);
  }
  for (double& resistance : resistances) resistance = converted(resistance, full_scale);
}

}  // namespace ohmset::draws
