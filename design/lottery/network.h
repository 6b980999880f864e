// The pruned random network, edge by edge. Internal to lottery.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "design/lottery.h"
#include "design/lottery/units.h"

namespace ohmset::lottery {

// What a layer sees: for each of its fan_in inputs a row of as many numbers as there are cases. Convolutions see
// patches of images: input (channel, y, x) in C order.
struct Cases {
  std::size_t count = 0;
  std::vector<double> numbers{};  // fan_in x count
  [[nodiscard]] std::span<const double> of(std::size_t input) const {
    return std::span(numbers).subspan(input * count, count);
  }
};
// So many at once stay near the processor.
inline constexpr std::size_t cases_at_once = 512;

class PrunedNetwork {
 public:
  explicit PrunedNetwork(const Ticket& ticket) : ticket_(ticket), hidden_(hidden_layer(ticket.shape, ticket.options)) {}

  // One output for every case. Each random weight that is kept is an edge of its own, with a product of its own.
  void run(std::size_t output, const Cases& cases, std::span<double> to) const;

  // The sum of |weight| of an output's edges, both layers' for relu: what an input of 1 everywhere could bring at most.
  [[nodiscard]] double magnitude(std::size_t output) const;

 private:
  template <class Visit>
  void each_weight(std::size_t output, const Visit& visit) const;

  const Ticket& ticket_;
  Hidden hidden_;
};

}  // namespace ohmset::lottery
