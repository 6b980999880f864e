// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/network.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace ohmset::lottery {
namespace {

void add_edge(double v, std::span<const double> from, double* to) {
  for (std::size_t k = 0; k < from.size(); ++k) to[k] += v * from[k];
}

void add_hidden_edge(double v, double u, std::span<const double> from, double* to) {
  for (std::size_t k = 0; k < from.size(); ++k) {
    const double carried = u * from[k];
    to[k] += v * (carried > 0.0 ? carried : 0.0);
  }
}

}  // namespace

// Calls visit(place in the row, the weight's own random weights, its mask).
template <class Visit>
void PrunedNetwork::each_weight(std::size_t output, const Visit& visit) const {
  constexpr std::size_t together = 64;
  const std::size_t units = ticket_.options.units;
  const std::size_t fan_in = ticket_.shape.fan_in();
  std::vector<double> numbers(together * units);
  for (std::size_t first = 0; first < fan_in; first += together) {
    const std::size_t count = std::min(together, fan_in - first);
    const std::size_t weight = output * fan_in + first;
    const std::span<double> own = std::span(numbers).first(count * units);
    uniform_numbers(ticket_.options.seed, Numbers::weights, weight, units, own);
    for (std::size_t k = 0; k < count; ++k) {
      visit(first + k, own.subspan(k * units, units), ticket_.masks[weight + k]);
    }
  }
}

void PrunedNetwork::run(std::size_t output, const Cases& cases, std::span<double> to) const {
  std::array<double, cases_at_once> sums{};
  for (std::size_t begin = 0; begin < cases.count; begin += cases_at_once) {
    const std::size_t count = std::min(cases_at_once, cases.count - begin);
    const std::span<double> out = to.subspan(begin, count);
    std::fill(out.begin(), out.end(), 0.0);
    each_weight(output, [&](std::size_t input, std::span<const double> own, std::uint64_t mask) {
      const std::span<const double> from = cases.of(input).subspan(begin, count);
      const double* const u = hidden_.u.empty() ? nullptr : hidden_.of(input / ticket_.shape.taps());
      // An input's edges first, all inputs after: fewer roundings in a row.
      std::fill_n(sums.begin(), count, 0.0);
      for (std::uint64_t left = mask; left != 0; left &= left - 1) {
        const auto unit = static_cast<std::size_t>(std::countr_zero(left));
        if (u == nullptr) {
          add_edge(own[unit], from, sums.data());
        } else {
          add_hidden_edge(own[unit], u[unit], from, sums.data());
        }
      }
      for (std::size_t k = 0; k < count; ++k) out[k] += sums[k];
    });
    for (double& value : out) value *= ticket_.scale;
  }
}

double PrunedNetwork::magnitude(std::size_t output) const {
  double sum = 0.0;
  each_weight(output, [&](std::size_t input, std::span<const double> own, std::uint64_t mask) {
    const double* const u = hidden_.u.empty() ? nullptr : hidden_.of(input / ticket_.shape.taps());
    for (std::uint64_t left = mask; left != 0; left &= left - 1) {
      const auto unit = static_cast<std::size_t>(std::countr_zero(left));
      sum += std::abs(u == nullptr ? own[unit] : own[unit] * u[unit]);
    }
  });
  return ticket_.scale * sum;
}

}  // namespace ohmset::lottery
