// The crossbars that are measured. Regimes: E, devices log-uniform from 1k to 1M, wires of 1 ohm; H, devices of
// 1k +- 10 %, wires of 10 ohm; drivers and sense resistances of 10 ohm in both.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/crossbar.h"

namespace ohmset::bench {

enum class Regime : std::uint8_t { E, H };

[[nodiscard]] Crossbar crossbar(Regime regime, std::int64_t lines);
// Each of its segments within a factor of two of the resistance that all had.
[[nodiscard]] Crossbar with_segments(Crossbar array);

// inputs x lines, volt
[[nodiscard]] Matrix inputs(std::int64_t count, std::int64_t lines);

}  // namespace ohmset::bench
