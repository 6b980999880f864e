// Fabricating and measuring devices: every draw from its own counter.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "sim/process.h"
#include "sim/process/ratio.h"

namespace ohmset {
namespace {

// The largest and smallest resistance that a spread may lead to: it makes no opens and no shorts.
constexpr double largest = std::numeric_limits<double>::max();
constexpr double smallest = std::numeric_limits<double>::min();

using Block = std::array<std::uint64_t, 4>;

double draw(const Block& block, Draw quantity) { return to_uniform(block[static_cast<std::size_t>(quantity) % 4]); }

Stream stream_of(const Site& site, std::size_t device) {
  return {.seed = site.seed, .die = site.die, .cell = site.cell, .device = device};
}

void check_count(const Process& process, std::size_t count) {
  const bool fits = process.values.empty() ? process.nominals.size() == 1 || process.nominals.size() == count
                                           : process.values.size() == count;
  if (!fits) throw std::invalid_argument("process: nominals or values do not fit the number of devices");
}

double nominal_of(const Process& process, std::size_t device) {
  if (!process.values.empty()) return process.values[device];
  return process.nominals[process.nominals.size() == 1 ? 0 : device];
}

// What all devices of a bank share: the one place where a resistance is made.
class ResistanceMaker {
 public:
  ResistanceMaker(const Process& process, const Site& site, double lot)
      : process_(process),
        shape_(process),
        common_(lot * (1.0 + process.gradient[0] * site.along_word + process.gradient[1] * site.along_bit)) {}

  [[nodiscard]] double resistance(std::size_t device, const Block& block) const {
    const double fault = draw(block, Draw::device_fault);
    if (fault < process_.device_open) return infinity;
    if (fault < process_.device_open + process_.device_short) return 0.0;
    const double nominal = nominal_of(process_, device);
    if (!process_.values.empty()) return nominal;
    return std::clamp(nominal * (shape_.quantile(draw(block, Draw::resistance)) * common_), smallest, largest);
  }

 private:
  const Process& process_;
  RatioShape shape_;
  double common_;
};

double coefficient(const Spread& spread, double u) {
  return spread.sigma > 0.0 ? spread.mean + spread.sigma * normal_quantile(u) : spread.mean;
}

Switch fabricated_switch(const SwitchProcess& process, double u) {
  Switch contact = process.nominal;
  if (process.on_sigma == 0.0 || contact.on.value == 0.0) return contact;
  // However wide the spread, a closed switch conducts better than an open one.
  const double most = contact.off.value == infinity ? largest : std::nextafter(contact.off.value, 0.0);
  contact.on = Ohm{std::min(contact.on.value * std::exp(process.on_sigma * normal_quantile(u)), most)};
  return contact;
}

Stuck fabricated_fault(const SwitchProcess& process, double u) {
  if (u < process.stuck_open) return Stuck::open;
  return u < process.stuck_open + process.stuck_closed ? Stuck::closed : Stuck::free;
}

}  // namespace

double lot_factor(const Process& process, std::uint64_t seed, std::uint64_t die) {
  if (process.lot_sigma == 0.0) return 1.0;
  const double u = uniform({.seed = seed, .die = die, .cell = 0, .device = 0}, Draw::lot);
  return positive_exp(process.lot_sigma * normal_quantile(u));
}

std::vector<Device> sample_devices(const Fabrication& fabrication, std::size_t count, const Site& site) {
  const Process& process = fabrication.process;
  check_count(process, count);
  const ResistanceMaker maker(process, site, lot_factor(process, site.seed, site.die));
  const bool temperature = process.tc1.sigma > 0.0 || process.tc2.sigma > 0.0;
  std::vector<Device> devices(count);
  for (std::size_t k = 0; k < count; ++k) {
    const Stream stream = stream_of(site, k);
    const Block block = philox_block(stream, 0);
    Device& device = devices[k];
    device.nominal = Ohm{nominal_of(process, k)};
    device.resistance = Ohm{maker.resistance(k, block)};
    device.measured = device.resistance;
    device.contact = fabricated_switch(fabrication.switches, draw(block, Draw::switch_on));
    device.stuck = fabricated_fault(fabrication.switches, draw(block, Draw::switch_fault));
    const Block second = temperature ? philox_block(stream, 1) : Block{};
    device.tc1 = coefficient(process.tc1, draw(second, Draw::tc1));
    device.tc2 = coefficient(process.tc2, draw(second, Draw::tc2));
  }
  measure(fabrication.measurement, site, devices);
  return devices;
}

void sample_resistances(const Process& process, const Site& site, double lot, std::span<double> out) {
  check_count(process, out.size());
  const ResistanceMaker maker(process, site, lot);
  for (std::size_t k = 0; k < out.size(); ++k) out[k] = maker.resistance(k, philox_block(stream_of(site, k), 0));
}

void measure(const Measurement& measurement, const Site& site, std::span<Device> devices) {
  const PositiveNormal noise(measurement.sigma);
  double full_scale = 0.0;
  for (std::size_t k = 0; k < devices.size(); ++k) {
    Device& device = devices[k];
    device.measured = device.resistance;
    if (device.is_open() || device.is_shorted()) continue;
    if (measurement.sigma > 0.0) {
      const double factor = noise.quantile(uniform(stream_of(site, k), Draw::measurement));
      device.measured = Ohm{std::clamp(device.resistance.value * factor, smallest, largest)};
    }
    full_scale = std::max(full_scale, device.measured.value);
  }
  if (measurement.bits == 0) return;
  const double codes = std::ldexp(1.0, measurement.bits) - 1.0;
  for (Device& device : devices) {
    if (device.is_open() || device.is_shorted()) continue;
    const double code = std::max(1.0, std::round(device.measured.value / full_scale * codes));
    device.measured = Ohm{full_scale * (code / codes)};
  }
}

}  // namespace ohmset
