// Errors of a ticket's weights and what they allow its outputs. Internal to lottery.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "design/lottery.h"

namespace ohmset::lottery {

// |achieved - weight| of the branch that errs more.
[[nodiscard]] double weight_error(const Layer& layer, const Ticket& ticket, std::size_t weight);

// Not less than the sum of fan_in real errors |scale * (sum of random weights) - weight|, when this is their computed
// sum: for what is lost where the achieved values, the errors and their sum are rounded.
[[nodiscard]] double rounded_up(const Ticket& ticket, double sum_of_errors);

// The most that an output's value can be off for inputs on [-1, 1].
[[nodiscard]] double row_bound(const Layer& layer, const Ticket& ticket, std::size_t output);

}  // namespace ohmset::lottery
