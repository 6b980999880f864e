// What a ticket is worth: how far its weights are from the layer's, and how many random weights that takes.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "design/lottery/errors.h"
#include "design/lottery/units.h"
#include "design/statistics.h"

namespace ohmset {
TicketSummary summarize(const Layer& layer, const Ticket& ticket) {
  lottery::check(layer, ticket);
  const LayerShape& shape = ticket.shape;
  TicketSummary summary{.weights = shape.weights()};
  std::vector<double> errors(summary.weights);
  double sum = 0.0;
  for (std::size_t weight = 0; weight < summary.weights; ++weight) {
    errors[weight] = lottery::weight_error(layer, ticket, weight);
    sum += errors[weight];
    summary.error_max = std::max(summary.error_max, errors[weight]);
    summary.kept += static_cast<std::uint64_t>(std::popcount(ticket.masks[weight]));
  }
  summary.error_mean = sum / static_cast<double>(summary.weights);
  summary.bound = lottery::rounded_up(ticket, static_cast<double>(shape.fan_in()) * summary.error_max);
  for (std::size_t output = 0; output < shape.outputs; ++output) {
    summary.bound_by_rows = std::max(summary.bound_by_rows, lottery::row_bound(layer, ticket, output));
  }
  // The same sums, added up otherwise, must not contradict each other in their last bits.
  summary.bound = std::max(summary.bound, summary.bound_by_rows);
  summary.error_median = sample_quantile(errors, 0.5);

  const std::uint64_t units = ticket.options.units;
  summary.total = units * summary.weights;
  summary.total_dense = summary.total;
  if (ticket.options.construction == Construction::relu) {
    for (const std::uint64_t mask : ticket.hidden_masks) {
      summary.kept += static_cast<std::uint64_t>(std::popcount(mask));
    }
    summary.total += units * shape.inputs;
    summary.total_dense += units * shape.inputs * shape.inputs;
  }
  return summary;
}

}  // namespace ohmset
