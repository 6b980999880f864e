// Fabricating and measuring devices: every draw from its own counter.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "sim/process.h"
#include "sim/process/correlation.h"
#include "sim/process/draws.h"
#include "sim/process/ratio.h"

namespace ohmset {
namespace {

using Block = std::array<std::uint64_t, 4>;

double draw(const Block& block, Draw quantity) { return to_uniform(block[static_cast<std::size_t>(quantity) % 4]); }

void check_count(const Process& process, std::size_t count) {
  const bool fits = process.values.empty() ? process.nominals.size() == 1 || process.nominals.size() == count
                                           : process.values.size() == count;
  if (!fits) throw std::invalid_argument("process: nominals or values do not fit the number of devices");
}

double coefficient(const Spread& spread, double u) {
  return spread.sigma > 0.0 ? spread.mean + spread.sigma * normal_quantile(u) : spread.mean;
}

// The readings of the devices of one bank, in place.
void read(const draws::Meter& meter, const Stream& first, std::span<double> resistances) {
  std::vector<double> uniforms(meter.noisy() ? resistances.size() : 0);
  Stream stream = first;
  for (double& draw : uniforms) {
    draw = uniform(stream, Draw::measurement);
    ++stream.device;
  }
  meter.read(uniforms, resistances);
}

// The draws of all resistances of a correlated array, cells x devices; else none.
std::vector<double> correlated_draws(const Process& process, const ArrayShape& array, std::size_t devices,
                                     std::uint64_t seed, std::uint64_t die) {
  if (!correlates(process, array)) return {};
  std::vector<double> draws(array.cells() * devices);
  using Range = tbb::blocked_range<std::size_t>;
  tbb::parallel_for(Range(0, array.cells(), 256), [&](const Range& cells) {
    std::vector<Block> blocks(devices);
    for (std::size_t cell = cells.begin(); cell < cells.end(); ++cell) {
      philox_blocks({.seed = seed, .die = die, .cell = cell, .device = 0}, 0, blocks);
      for (std::size_t k = 0; k < devices; ++k) draws[cell * devices + k] = draw(blocks[k], Draw::resistance);
    }
  });
  correlate(draws, array, devices, process.correlation_length);
  return draws;
}

}  // namespace

struct Fabricator::Common {
  const Fabrication& fabrication;
  std::size_t devices;
  std::uint64_t seed;
  std::uint64_t die;
  RatioShape shape;
  double lot;
  draws::Meter meter;
  std::vector<double> correlated;  // draws of all resistances of the array, cells x devices; empty: independent ones

  [[nodiscard]] Stream stream_of(const Site& site) const {
    return {.seed = seed, .die = die, .cell = site.cell, .device = 0};
  }

  // The banks of some sites, from `at` on; `blocks` has room for a block of draws for each device.
  void make(std::span<const Site> sites, std::span<Block> blocks, std::size_t at, const DeviceArrays& out) const {
    const std::size_t count = sites.size() * devices;
    for (std::size_t k = 0; k < sites.size(); ++k) {
      philox_blocks(stream_of(sites[k]), 0, blocks.subspan(k * devices, devices));
    }
    if (!out.resistances.empty()) make_resistances(sites, blocks, out.resistances.subspan(at, count));
    const SwitchProcess& switches = fabrication.switches;
    if (!out.switch_on.empty()) {
      const std::span<double> on = out.switch_on.subspan(at, count);
      for (std::size_t k = 0; k < count; ++k) on[k] = draw(blocks[k], Draw::switch_on);
      draws::switch_on(switches, on);
    }
    for (std::size_t k = 0; k < (out.stuck.empty() ? 0 : count); ++k) {
      const Stuck stuck = draws::switch_fault(switches, draw(blocks[k], Draw::switch_fault));
      out.stuck[at + k] = static_cast<std::uint8_t>(stuck);
    }
  }

  void copy_correlated(std::span<const Site> sites, std::span<double> out) const {
    for (std::size_t bank = 0; bank < sites.size(); ++bank) {
      const auto cell = static_cast<std::size_t>(sites[bank].cell);
      if (cell >= correlated.size() / devices) throw std::invalid_argument("Fabricator: a site outside of the array");
      std::ranges::copy(std::span(correlated).subspan(cell * devices, devices), out.subspan(bank * devices).begin());
    }
  }

  void make_resistances(std::span<const Site> sites, std::span<const Block> blocks, std::span<double> out) const {
    const Process& process = fabrication.process;
    const bool spread = process.values.empty();
    if (spread) {
      if (correlated.empty()) {
        for (std::size_t k = 0; k < out.size(); ++k) out[k] = draw(blocks[k], Draw::resistance);
      } else {
        copy_correlated(sites, out);
      }
      shape.quantiles(out);
    }
    for (std::size_t bank = 0; bank < sites.size(); ++bank) {
      const std::span<double> own = out.subspan(bank * devices, devices);
      const double factor = lot * draws::gradient_factor(process, sites[bank]);
      for (std::size_t k = 0; k < devices; ++k) {
        const double nominal = draws::nominal_of(process, k);
        own[k] = spread ? draws::resistance(nominal, own[k], factor) : nominal;
      }
    }
    if (process.device_open == 0.0 && process.device_short == 0.0) return;
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k] = draws::with_fault(process, draw(blocks[k], Draw::device_fault), out[k]);
    }
  }
};

double lot_factor(const Process& process, std::uint64_t seed, std::uint64_t die) {
  if (process.lot_sigma == 0.0) return 1.0;
  double factor = uniform({.seed = seed, .die = die, .cell = 0, .device = 0}, Draw::lot);
  draws::lot_factors(process, {&factor, 1});
  return factor;
}

Fabricator::Fabricator(const Fabrication& fabrication, std::size_t devices, std::uint64_t seed, std::uint64_t die,
                       const ArrayShape& array) {
  check_count(fabrication.process, devices);
  common_ = std::make_unique<const Common>(
      Common{.fabrication = fabrication,
             .devices = devices,
             .seed = seed,
             .die = die,
             .shape = RatioShape(fabrication.process),
             .lot = lot_factor(fabrication.process, seed, die),
             .meter = draws::Meter(fabrication.measurement),
             .correlated = correlated_draws(fabrication.process, array, devices, seed, die)});
}

Fabricator::~Fabricator() = default;
Fabricator::Fabricator(Fabricator&&) noexcept = default;
Fabricator& Fabricator::operator=(Fabricator&&) noexcept = default;

void Fabricator::sample(std::span<const Site> sites, const DeviceArrays& out) const {
  const Common& common = *common_;
  const std::size_t devices = common.devices;
  if (devices == 0) return;
  // Several small banks at once: what is done by the vector pays from a few dozen devices on.
  constexpr std::size_t enough = 64;
  const std::size_t together = std::min(std::max<std::size_t>(1, enough / devices), sites.size());
  std::vector<Block> blocks(together * devices);
  for (std::size_t bank = 0; bank < sites.size(); bank += together) {
    common.make(sites.subspan(bank, std::min(together, sites.size() - bank)), blocks, bank * devices, out);
  }
  for (std::size_t bank = 0; bank < (out.measured.empty() ? 0 : sites.size()); ++bank) {
    const std::span<double> measured = out.measured.subspan(bank * devices, devices);
    std::ranges::copy(out.resistances.subspan(bank * devices, devices), measured.begin());
    if (!common.fabrication.measurement.exact()) read(common.meter, common.stream_of(sites[bank]), measured);
  }
}

std::vector<Device> sample_devices(const Fabrication& fabrication, std::size_t count, const Site& site) {
  const Process& process = fabrication.process;
  const Fabricator fabricator(fabrication, count, site.seed, site.die);
  std::vector<double> resistances(count);
  std::vector<double> measured(count);
  std::vector<double> switch_on(count);
  std::vector<std::uint8_t> stuck(count);
  fabricator.sample({&site, 1}, {resistances, measured, switch_on, stuck});
  const bool temperature = process.tc1.sigma > 0.0 || process.tc2.sigma > 0.0;
  std::vector<Device> devices(count);
  for (std::size_t k = 0; k < count; ++k) {
    const Stream stream{.seed = site.seed, .die = site.die, .cell = site.cell, .device = k};
    const Block second = temperature ? philox_block(stream, 1) : Block{};
    devices[k] = {.nominal = Ohm{draws::nominal_of(process, k)},
                  .resistance = Ohm{resistances[k]},
                  .measured = Ohm{measured[k]},
                  .tc1 = coefficient(process.tc1, draw(second, Draw::tc1)),
                  .tc2 = coefficient(process.tc2, draw(second, Draw::tc2)),
                  .contact = {.on = Ohm{switch_on[k]}, .off = fabrication.switches.nominal.off},
                  .stuck = static_cast<Stuck>(stuck[k])};
  }
  return devices;
}

void measure(const Measurement& measurement, const Site& site, std::span<Device> devices) {
  std::vector<double> readings(devices.size());
  std::ranges::transform(devices, readings.begin(), [](const Device& device) { return device.resistance.value; });
  if (!measurement.exact()) {
    read(draws::Meter(measurement), {.seed = site.seed, .die = site.die, .cell = site.cell, .device = 0}, readings);
  }
  for (std::size_t k = 0; k < devices.size(); ++k) devices[k].measured = Ohm{readings[k]};
}

}  // namespace ohmset
