// Neighbouring cells of an array are alike: independent draws become correlated ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "sim/process.h"

namespace ohmset {

// Whether the draws of an array's resistances depend on each other.
[[nodiscard]] bool correlates(const Process& process, const ArrayShape& array);

// Uniform draws of all devices of an array, cells x devices, in place: afterwards each is uniform as before, and the
// normal scores of device k in cells (i, j) and (i', j') have the correlation exp(-(|i - i'| + |j - j'|) / length).
// Scores are an autoregressive process of first order along word lines and then along bit lines, stationary from the
// first line on, which makes these correlations exact. On all cores; the same bits on any number of them.
void correlate(std::span<double> draws, const ArrayShape& array, std::size_t devices, double length);

}  // namespace ohmset
