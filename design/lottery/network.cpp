// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/network.h"

#include <cmath>

namespace ohmset::lottery {
namespace {

// Adds what the edges bring of `Count` cases at once, which stay in registers meanwhile. Edges first, inputs after:
// fewer roundings in a row.
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

void Edges::add(std::span<const double> from, std::span<double> to) const {
  if (relu) {
    add_edges<true>(*this, from, to);
  } else {
    add_edges<false>(*this, from, to);
  }
}

double Edges::magnitude() const {
  double sum = 0.0;
  for (std::size_t edge = 0; edge < count; ++edge) sum += std::abs(relu ? v.at(edge) * u.at(edge) : v.at(edge));
  return sum;
}

}  // namespace ohmset::lottery
