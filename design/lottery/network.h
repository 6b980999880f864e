// The pruned random network, edge by edge. Internal to lottery.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "design/lottery.h"
#include "design/lottery/units.h"

namespace ohmset::lottery {

// Some of a layer's fan_in inputs, in C order of (channel, y, x).
struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

// What a layer sees through a window: for each of its inputs a row of as many numbers as there are cases.
struct Cases {
  Window window{};
  std::size_t count = 0;
  std::vector<double> numbers{};  // window.size() x count
  [[nodiscard]] std::span<const double> of(std::size_t input) const {
    return std::span(numbers).subspan((input - window.begin) * count, count);
  }
  [[nodiscard]] std::span<double> of(std::size_t input) {
    return std::span(numbers).subspan((input - window.begin) * count, count);
  }
};

// So many at once stay near the processor, whatever the layer's shape; and so many outputs share them.
inline constexpr std::size_t cases_together = 256;
inline constexpr std::size_t inputs_together = 256;
inline constexpr std::size_t outputs_together = 16;

// The edges that are kept between one input and one output. Each has a product of its own.
struct Edges {
  bool relu = false;
  std::size_t count = 0;
  std::array<double, 64> v{};
  std::array<double, 64> u{};  // relu

  // Adds what they bring of each case.
  void add(std::span<const double> from, std::span<double> to) const;
  // The sum of |v|, or of |v u|: what an input of 1 could bring at most.
  [[nodiscard]] double magnitude() const;
};

class PrunedNetwork {
 public:
  explicit PrunedNetwork(const Ticket& ticket) : ticket_(ticket), hidden_(hidden_layer(ticket.shape, ticket.options)) {}

  // Calls visit(input, edges) for the window's inputs. Their sum over all inputs, times the ticket's scale, is the
  // output.
  template <class Visit>
  void each_input(std::size_t output, Window window, const Visit& visit) const;

 private:
  const Ticket& ticket_;
  Hidden hidden_;
};

template <class Visit>
void PrunedNetwork::each_input(std::size_t output, Window window, const Visit& visit) const {
  constexpr std::size_t together = 64;
  const std::size_t units = ticket_.options.units;
  std::vector<double> numbers(together * units);
  Edges edges{.relu = !hidden_.u.empty()};
  for (std::size_t first = window.begin; first < window.end; first += together) {
    const std::size_t count = std::min(together, window.end - first);
    const std::size_t weight = output * ticket_.shape.fan_in() + first;
    uniform_numbers(ticket_.options.seed, Numbers::weights, weight, units, std::span(numbers).first(count * units));
    for (std::size_t k = 0; k < count; ++k) {
      const double* const own = numbers.data() + k * units;
      const std::size_t channel = (first + k) / ticket_.shape.taps();
      std::uint64_t mask = ticket_.masks[weight + k];
      if (edges.relu) mask &= ticket_.hidden_masks[channel];
      edges.count = 0;
      for (; mask != 0; mask &= mask - 1) {
        const auto unit = static_cast<std::size_t>(std::countr_zero(mask));
        edges.v.at(edges.count) = own[unit];
        edges.u.at(edges.count++) = edges.relu ? hidden_.of(channel)[unit] : 1.0;
      }
      visit(first + k, edges);
    }
  }
}

}  // namespace ohmset::lottery
