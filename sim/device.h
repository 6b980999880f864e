// One imprecise resistor and the switch that puts it in or takes it out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/units.h"

namespace ohmset {

// A switch conducts `on` when closed and `off` when open. Ideal by default.
struct Switch {
  Ohm on{0.0};        // requires on >= 0
  Ohm off{infinity};  // requires off > on
};

// A stuck switch is a constant, not a choice.
enum class Stuck : unsigned char { free = 0, open = 1, closed = 2 };

// `resistance` is what the device is (0: shorted, inf: open); `measured` is what a search gets to see of it.
struct Device {
  Ohm nominal{0.0};
  Ohm resistance{0.0};
  Ohm measured{0.0};
  double tc1 = 0.0;  // per kelvin, from 27 degrees Celsius
  double tc2 = 0.0;  // per kelvin squared
  Switch contact{};
  Stuck stuck = Stuck::free;

  [[nodiscard]] bool is_open() const { return resistance.value == infinity; }
  [[nodiscard]] bool is_shorted() const { return resistance.value == 0.0; }
};

}  // namespace ohmset
