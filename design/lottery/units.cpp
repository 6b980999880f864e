// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/units.h"

#include <algorithm>
#include <stdexcept>

#include "sim/random.h"

namespace ohmset {
namespace lottery {

void uniform_numbers(std::uint64_t seed, Numbers whose, std::size_t first, std::size_t count, std::span<double> to,
                     std::size_t begin) {
  if (count == 0) return;
  constexpr std::uint64_t block = static_cast<std::uint64_t>(Draw::choice) / 4;
  constexpr std::size_t together = 64;
  std::array<std::array<std::uint64_t, 4>, together> words{};
  const std::size_t cells = to.size() / count;
  const std::size_t end = begin + count;
  for (std::size_t cells_begin = 0; cells_begin < cells; cells_begin += together) {
    const std::size_t size = std::min(together, cells - cells_begin);
    for (std::size_t at = begin / 4 * 4; at < end; at += 4) {
      philox_blocks_of_cells(
          {.seed = seed, .die = static_cast<std::uint64_t>(whose), .cell = first + cells_begin, .device = at / 4},
          block, std::span(words).first(size));
      const std::size_t used_begin = std::max(at, begin);
      const std::size_t used_end = std::min(at + 4, end);
      for (std::size_t cell = 0; cell < size; ++cell) {
        double* const row = to.data() + (cells_begin + cell) * count;
        for (std::size_t k = used_begin; k < used_end; ++k) {
          row[k - begin] = 2.0 * to_uniform(words.at(cell).at(k - at)) - 1.0;
        }
      }
    }
  }
}

Hidden hidden_layer(const LayerShape& shape, const LotteryOptions& options) {
  Hidden hidden{.units = options.units};
  if (options.construction != Construction::relu) return hidden;
  hidden.u.resize(shape.inputs * options.units);
  uniform_numbers(options.seed, Numbers::hidden, 0, options.units, hidden.u);
  hidden.positive.resize(shape.inputs);
  for (std::size_t input = 0; input < shape.inputs; ++input) {
    for (std::size_t k = 0; k < options.units; ++k) {
      if (hidden.of(input)[k] > 0.0) hidden.positive[input] |= std::uint64_t{1} << k;
    }
  }
  return hidden;
}

void check(const Ticket& ticket) {
  const bool relu = ticket.options.construction == Construction::relu;
  const std::size_t weights = ticket.shape.weights();
  const bool both = relu && !ticket.options.nonnegative;
  if (weights == 0 || ticket.options.units == 0 || ticket.options.units > 64 || ticket.masks.size() != weights ||
      ticket.achieved.size() != weights || ticket.achieved_negative.size() != (both ? weights : 0) ||
      ticket.hidden_masks.size() != (relu ? ticket.shape.inputs : 0)) {
    throw std::invalid_argument("lottery: not a ticket of its shape");
  }
}

void check(const Layer& layer, const Ticket& ticket) {
  check(ticket);
  const LayerShape& a = layer.shape;
  const LayerShape& b = ticket.shape;
  if (a.outputs != b.outputs || a.inputs != b.inputs || a.height != b.height || a.width != b.width ||
      a.convolution != b.convolution || layer.weights.size() != a.weights()) {
    throw std::invalid_argument("lottery: the ticket is of another layer");
  }
}

}  // namespace lottery

void random_weights(const Ticket& ticket, std::size_t weight, std::span<double> units) {
  if (weight >= ticket.shape.weights() || units.size() != ticket.options.units) {
    throw std::invalid_argument("random_weights: no such weight, or not its units");
  }
  lottery::uniform_numbers(ticket.options.seed, lottery::Numbers::weights, weight, units.size(), units);
}

void random_hidden(const Ticket& ticket, std::size_t input, std::span<double> units) {
  if (ticket.options.construction != Construction::relu || input >= ticket.shape.inputs ||
      units.size() != ticket.options.units) {
    throw std::invalid_argument("random_hidden: no such input, or not its units");
  }
  lottery::uniform_numbers(ticket.options.seed, lottery::Numbers::hidden, input, units.size(), units);
}

}  // namespace ohmset
