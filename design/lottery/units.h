// The random weights of a ticket, as functions of its seed. Internal to lottery.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "design/lottery.h"

namespace ohmset::lottery {

// Whose numbers: the die of their stream. The cell is what they belong to (a weight, an input, a sample), the device
// is number / 4, and the number stands in word number % 4 of the block that is free for use outside of fabrication.
enum class Numbers : std::uint64_t {
  weights = 0,  // of the layer that is pruned; relu: of the second
  hidden = 1,   // relu: of the first layer
  inputs = 2    // of run_forward
};

// `count` numbers uniform on [-1, 1], from number `begin` on, of each of the cells from `first` on, cell by cell: odd
// multiples of 2^-52, so that none is 0.
void uniform_numbers(std::uint64_t seed, Numbers whose, std::size_t first, std::size_t count, std::span<double> to,
                     std::size_t begin = 0);

// relu: the first layer.
struct Hidden {
  std::size_t units = 0;
  std::vector<double> u{};                // units of each input
  std::vector<std::uint64_t> positive{};  // per input: the units with u > 0
  [[nodiscard]] const double* of(std::size_t input) const { return u.data() + input * units; }
};
[[nodiscard]] Hidden hidden_layer(const LayerShape& shape, const LotteryOptions& options);

// The input (channel) that a weight reads.
[[nodiscard]] inline std::size_t input_of(const LayerShape& shape, std::size_t weight) {
  return weight / shape.taps() % shape.inputs;
}
// The lowest `units` bits.
[[nodiscard]] inline std::uint64_t all_units(std::size_t units) {
  return units == 0 ? 0 : ~std::uint64_t{0} >> (64 - units);
}

// Throws std::invalid_argument unless the ticket is one that draw_ticket could have drawn.
void check(const Ticket& ticket);
void check(const Layer& layer, const Ticket& ticket);

}  // namespace ohmset::lottery
