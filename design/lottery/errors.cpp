// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/errors.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ohmset::lottery {

double weight_error(const Layer& layer, const Ticket& ticket, std::size_t weight) {
  const double error = std::abs(ticket.achieved[weight] - layer.weights[weight]);
  if (ticket.achieved_negative.empty()) return error;
  return std::max(error, std::abs(ticket.achieved_negative[weight] - layer.weights[weight]));
}

double rounded_up(const Ticket& ticket, double sum_of_errors) {
  // A sum of `units` numbers on [-1, 1] is rounded once, and again when it is scaled: 2^-53 of units * scale at most
  // each; products v u are rounded before, by 2^-54 each. 2^-51 holds them all. Errors and their sum are rounded
  // relative to themselves, fan_in times at most.
  const auto fan_in = static_cast<double>(ticket.shape.fan_in());
  const double achieved = static_cast<double>(ticket.options.units) * ticket.scale * 0x1p-51;
  const double bound = (sum_of_errors + fan_in * achieved) * (1.0 + (fan_in + 4.0) * 0x1p-52);
  // A scale so small that these vanish still rounds to multiples of the smallest number.
  return bound + fan_in * 4.0 * std::numeric_limits<double>::denorm_min();
}

double row_bound(const Layer& layer, const Ticket& ticket, std::size_t output) {
  const std::size_t fan_in = ticket.shape.fan_in();
  double sum = 0.0;
  for (std::size_t k = 0; k < fan_in; ++k) sum += weight_error(layer, ticket, output * fan_in + k);
  return rounded_up(ticket, sum);
}

}  // namespace ohmset::lottery
