// Manufacturing noise: what a fabricated device turns out to be.
// Every spread is relative to the nominal value, per device unless it is called lot (one draw per die).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/device.h"
#include "sim/random.h"

namespace ohmset {

// Shapes of R / nominal:
//   none        1
//   normal      1 + sigma N(0,1), truncated above 0 (the conditional distribution given R > 0)
//   lognormal   exp(sigma N(0,1)): the nominal is the median, sigma the standard deviation of ln R
//   uniform     1 + sigma U[-1,1]: sigma is the relative half-width
//   triangular  symmetric triangle on [1 - sigma, 1 + sigma]
//   empirical   one of `ratios`, drawn with replacement
enum class Distribution { none, normal, lognormal, uniform, triangular, empirical };

[[nodiscard]] std::optional<Distribution> distribution_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Distribution distribution);

struct Spread {
  double mean = 0.0;
  double sigma = 0.0;
};

// What becomes of a conductance g with time t after the device was written; x = g / g_max.
//   power_law  g (t/t0)^-nu, nu ~ N(mean, sigma) for each device
//   pcm        phase-change memory, g_max = 25 uS, t0 = 20 s [NandakumarEtAl19]: written to g + sigma N(0,1),
//              sigma = (0.26348 + 1.965 x - 1.1731 x^2) uS, then drifting as above with
//              nu ~ N(clamp(-0.0155 ln x + 0.0244, 0.049, 0.1), clamp(-0.0125 ln x - 0.0059, 0.008, 0.045))
//   reram      resistive memory, g_max = 40 uS [WanEtAl22]: g + sigma(x, t) N(0,1), sigma a polynomial in x after one
//              second, one day and two days; between them linear in ln t, later refused
// Conductances and readings stay positive: what a normal score makes of one is at least a millionth of it.
enum class DriftModel : unsigned char { none, power_law, pcm, reram };

struct Drift {
  DriftModel model = DriftModel::none;
  Spread nu{};                    // of power_law
  double t0 = 20.0;               // of power_law, s
  bool programming_noise = true;  // of pcm: whether the devices are written anew, or drift from where they are
};

// How devices are made. Exactly one of: one nominal, one nominal per device, or measured values (no noise added).
struct Process {
  std::vector<double> nominals{};  // ohm, > 0; size 1 (shared) or one per device
  std::vector<double> values{};    // ohm, >= 0, one per device: measured, used as they are (0: shorted, inf: open)
  Distribution distribution = Distribution::none;
  double sigma = 0.0;                        // requires >= 0; < 1 for uniform and triangular
  std::vector<double> ratios{};              // for empirical: R / nominal, each > 0
  double lot_sigma = 0.0;                    // the die's common factor is exp(lot_sigma N(0,1))
  std::array<double, 2> gradient{0.0, 0.0};  // relative change across the array, along word lines and along bit lines
  double device_open = 0.0;                  // probabilities
  double device_short = 0.0;
  Spread tc1{};  // per kelvin
  Spread tc2{};  // per kelvin squared
  Drift drift{};
  double read_noise = 0.0;  // a reading of a device is R (1 + read_noise N(0,1))
  // Of the array, in cells: device k's draws in cells (i, j) and (i', j') have the correlation
  // exp(-(|i - i'| + |j - j'|) / length) in their normal scores; 0: independent. Devices of a bank stay independent.
  double correlation_length = 0.0;
};

struct SwitchProcess {
  Switch nominal{};
  double on_sigma = 0.0;  // lognormal spread of r_on, per switch
  double stuck_open = 0.0;
  double stuck_closed = 0.0;
};

// What the search gets to see: R (1 + sigma N(0,1)), truncated above 0, then rounded to `bits` bits of an ADC whose
// full scale is the largest finite reading of the bank and whose least code is 1: only a short reads 0. Exact by
// default.
struct Measurement {
  double sigma = 0.0;
  int bits = 0;
  [[nodiscard]] bool exact() const { return sigma == 0.0 && bits == 0; }
};

struct Fabrication {
  Process process{};
  SwitchProcess switches{};
  Measurement measurement{};
};

// As if nothing scattered: nominal devices and switches without faults, measured exactly. Measured values stay.
[[nodiscard]] Fabrication without_spread(Fabrication fabrication);

// Where a bank sits: which draw it is, and its place in the array from -1/2 to 1/2 along each direction.
struct Site {
  std::uint64_t seed = 1;
  std::uint64_t die = 0;
  std::uint64_t cell = 0;
  double along_word = 0.0;  // position along a word line (varies with the bit line's index)
  double along_bit = 0.0;   // position along a bit line (varies with the word line's index)
};

// Banks at the crosspoints of an array, cell = word line x bit lines + bit line. Without any: banks by themselves.
struct ArrayShape {
  std::size_t word_lines = 0;
  std::size_t bit_lines = 0;
  [[nodiscard]] std::size_t cells() const { return word_lines * bit_lines; }
  // requires cell < cells(); the lines of one alone lie in the middle
  [[nodiscard]] Site site(std::size_t cell, std::uint64_t seed, std::uint64_t die) const {
    const auto place = [](std::size_t index, std::size_t lines) {
      return lines < 2 ? 0.0 : static_cast<double>(index) / static_cast<double>(lines - 1) - 0.5;
    };
    return {.seed = seed,
            .die = die,
            .cell = cell,
            .along_word = place(cell % bit_lines, bit_lines),
            .along_bit = place(cell / bit_lines, word_lines)};
  }
};

// Throws Error{input} naming what is wrong: a negative sigma, probabilities that exceed 1, no nominal, ...
void check(const Fabrication& fabrication, std::size_t devices);

// Quantile of R / nominal under the process's per-device distribution. requires 0 < u < 1
// Empirical: ratios[floor(u size)], so it rises with u when the ratios are sorted.
[[nodiscard]] double ratio_quantile(const Process& process, double u);

// The die's common factor exp(lot_sigma N(0,1)).
[[nodiscard]] double lot_factor(const Process& process, std::uint64_t seed, std::uint64_t die);

// Devices of one bank, fabricated and measured. Measured values keep the process's faults and temperature coefficients,
// but no spread. A spread makes neither opens nor shorts: resistances stay positive and finite. A device fault draws
// one uniform: open below device_open, shorted below device_open + device_short. Likewise a switch fault.
[[nodiscard]] std::vector<Device> sample_devices(const Fabrication& fabrication, std::size_t count, const Site& site);

// The same devices, bit for bit, as arrays: for banks by the million. Spans of sites x devices, or empty where not
// wanted.
struct DeviceArrays {
  std::span<double> resistances{};  // ohm
  std::span<double> measured{};     // ohm
  std::span<double> switch_on{};    // ohm
  std::span<std::uint8_t> stuck{};  // Stuck
};

// What the banks of a die have in common, prepared once. Refers to the fabrication: must not outlive it. Any thread may
// sample.
class Fabricator {
 public:
  // requires a fabrication that passes `check`. In an array, a correlation length has an effect: the draws of the whole
  // die are made beforehand then, on all cores, and kept (8 bytes for each device).
  Fabricator(const Fabrication& fabrication, std::size_t devices, std::uint64_t seed, std::uint64_t die,
             const ArrayShape& array = {});
  ~Fabricator();
  Fabricator(Fabricator&&) noexcept;
  Fabricator& operator=(Fabricator&&) noexcept;
  Fabricator(const Fabricator&) = delete;
  Fabricator& operator=(const Fabricator&) = delete;

  // A bank at each site, one after another; the sites' seed and die are not looked at. requires resistances where
  // `measured` is wanted, and cells of the array where there is one
  void sample(std::span<const Site> sites, const DeviceArrays& out) const;

 private:
  struct Common;
  std::unique_ptr<const Common> common_;
};

// Overwrites `measured` of every device from its resistance.
void measure(const Measurement& measurement, const Site& site, std::span<Device> devices);

// E[g^2] of one device's switched conductance (on minus off) over the distribution, the lot factor and the nominals
// (mean over the nominals when they differ; over the positive, finite values when they are measured), without faults.
// By quadrature, to about 1e-10. A normal distribution counts from its quantile 1e-9 to 1 - 1e-9: beyond, at R = 0, the
// expectation would be infinite.   [siemens^2]
[[nodiscard]] double mean_square_conductance(const Fabrication& fabrication);
// E[g], likewise.   [siemens]
[[nodiscard]] double mean_conductance(const Fabrication& fabrication);
// E[R] of a device across which a switch is open, likewise.   [ohm]
[[nodiscard]] double mean_resistance(const Fabrication& fabrication);

}  // namespace ohmset
