// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/network.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace ohmset::lottery {
namespace {

// The edges that are kept of one weight.
struct Edges {
  std::size_t count = 0;
  std::array<double, 64> v{};
  std::array<double, 64> u{};  // relu
};

// Adds what the edges bring of `Count` cases at once, which stay in registers meanwhile.
template <std::size_t Count, bool Relu>
void add_edges(const Edges& edges, const double* from, double* to) {
  std::array<double, Count> sums{};
  for (std::size_t edge = 0; edge < edges.count; ++edge) {
    const double v = edges.v[edge];
    const double u = edges.u[edge];
    for (std::size_t k = 0; k < Count; ++k) {
      const double carried = Relu ? u * from[k] : from[k];
      sums[k] += v * (!Relu || carried > 0.0 ? carried : 0.0);
    }
  }
  for (std::size_t k = 0; k < Count; ++k) to[k] += sums[k];
}

template <bool Relu>
void add_edges(const Edges& edges, std::span<const double> from, std::span<double> to) {
  constexpr std::size_t together = 8;
  std::size_t k = 0;
  for (; k + together <= from.size(); k += together) add_edges<together, Relu>(edges, &from[k], &to[k]);
  for (; k < from.size(); ++k) add_edges<1, Relu>(edges, &from[k], &to[k]);
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
  Edges edges;
  for (std::size_t begin = 0; begin < cases.count; begin += cases_at_once) {
    const std::size_t count = std::min(cases_at_once, cases.count - begin);
    const std::span<double> out = to.subspan(begin, count);
    std::fill(out.begin(), out.end(), 0.0);
    each_weight(output, [&](std::size_t input, std::span<const double> own, std::uint64_t mask) {
      const std::span<const double> from = cases.of(input).subspan(begin, count);
      const double* const u = hidden_.u.empty() ? nullptr : hidden_.of(input / ticket_.shape.taps());
      edges.count = 0;
      for (std::uint64_t left = mask; left != 0; left &= left - 1) {
        const auto unit = static_cast<std::size_t>(std::countr_zero(left));
        edges.v.at(edges.count) = own[unit];
        edges.u.at(edges.count++) = u == nullptr ? 1.0 : u[unit];
      }
      // An input's edges first, all inputs after: fewer roundings in a row.
      if (u == nullptr) {
        add_edges<false>(edges, from, out);
      } else {
        add_edges<true>(edges, from, out);
      }
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
