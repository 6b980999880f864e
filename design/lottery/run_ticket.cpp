// What the pruned random network makes of given inputs.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>

#include "design/lottery/network.h"
#include "design/lottery/parts.h"

namespace ohmset {

Matrix run_ticket(const Ticket& ticket, const Matrix& inputs) {
  lottery::check(ticket);
  const std::size_t fan_in = ticket.shape.fan_in();
  if (static_cast<std::size_t>(inputs.cols()) != fan_in) {
    throw std::invalid_argument("run_ticket: a row of inputs for each case, fan_in of them");
  }
  const auto batch = static_cast<std::size_t>(inputs.rows());
  const std::size_t outputs = ticket.shape.outputs;
  const lottery::PrunedNetwork network(ticket);
  Matrix out = Matrix::Zero(inputs.rows(), static_cast<Eigen::Index>(outputs));
  const std::size_t groups = (outputs + lottery::outputs_together - 1) / lottery::outputs_together;
  const std::size_t blocks = (batch + lottery::cases_together - 1) / lottery::cases_together;
  const auto run = [&](std::size_t part, std::size_t) {
    const std::size_t first_output = part % groups * lottery::outputs_together;
    const std::size_t some = std::min(lottery::outputs_together, outputs - first_output);
    const std::size_t first = part / groups * lottery::cases_together;
    lottery::Cases seen{.count = std::min(lottery::cases_together, batch - first)};
    std::vector<std::array<double, lottery::cases_together>> sums(some);
    for (std::size_t begin = 0; begin < fan_in; begin += lottery::inputs_together) {
      seen.window = {begin, std::min(begin + lottery::inputs_together, fan_in)};
      seen.numbers.resize(seen.window.size() * seen.count);
      for (std::size_t k = 0; k < seen.count; ++k) {
        const double* const row = inputs.data() + (first + k) * fan_in;
        for (std::size_t input = begin; input < seen.window.end; ++input) seen.of(input)[k] = row[input];
      }
      for (std::size_t k = 0; k < some; ++k) {
        network.each_input(first_output + k, seen.window, [&](std::size_t input, const lottery::Edges& edges) {
          edges.add(seen.of(input), std::span(sums[k]).first(seen.count));
        });
      }
    }
    for (std::size_t k = 0; k < seen.count; ++k) {
      for (std::size_t output = 0; output < some; ++output) {
        out.data()[(first + k) * outputs + first_output + output] = ticket.scale * sums[output].at(k);
      }
    }
  };
  lottery::run_parts({.total = groups * blocks, .threads = ticket.options.threads}, run);
  return out;
}

}  // namespace ohmset
