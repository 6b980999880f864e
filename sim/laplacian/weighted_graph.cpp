// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian/weighted_graph.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

namespace ohmset::laplacian {

namespace {

constexpr std::size_t chunk = 1U << 14U;  // rows that one thread takes at a time: sums do not depend on the threads

std::size_t chunks_of(std::size_t rows) { return (rows + chunk - 1) / chunk; }

}  // namespace

WeightedGraph::WeightedGraph(std::size_t nodes, std::span<const Link> links) : start_(nodes + 1, 0) {
  for (const Link& link : links) {
    ++start_[link.a + 1];
    ++start_[link.b + 1];
  }
  for (std::size_t node = 0; node < nodes; ++node) start_[node + 1] += start_[node];
  std::vector<std::size_t> at(start_.begin(), start_.end() - 1);
  neighbour_.resize(2 * links.size());
  conductance_.resize(2 * links.size());
  rest_.resize(2 * links.size());
  const auto place = [&](Index32 owner, Index32 other, Twofold conductance) {
    const std::size_t entry = at[owner]++;
    neighbour_[entry] = other;
    conductance_[entry] = conductance.high;
    rest_[entry] = conductance.low;
  };
  for (const Link& link : links) {
    place(link.a, link.b, link.conductance);
    place(link.b, link.a, link.conductance);
  }
}

double WeightedGraph::currents(std::span<const double> potentials, std::span<double> currents) const {
  const std::size_t rows = ground();
  std::vector<double> power(chunks_of(rows), 0.0);
  tbb::parallel_for(std::size_t{0}, power.size(), [&](std::size_t c) {
    double sum = 0.0;
    for (std::size_t node = c * chunk; node < std::min(rows, (c + 1) * chunk); ++node) {
      const double here = potentials[node];
      double leaving = 0.0;
      for (std::size_t e = start_[node]; e < start_[node + 1]; ++e) {
        leaving += conductance_[e] * (here - potentials[neighbour_[e]]);
      }
      currents[node] = leaving;
      sum += leaving * here;
    }
    power[c] = sum;
  });
  currents[rows] = 0.0;
  double total = 0.0;
  for (const double part : power) total += part;
  return total;
}

// Every product and sum below errs by less than 2^-100 of the terms' sizes; a node has fewer than 2^32 of them.
WeightedGraph::Residual WeightedGraph::residual(std::span<const Twofold> injected,
                                                std::span<const Twofold> potentials) const {
  constexpr double unit = 0x1p-98;
  const std::size_t rows = ground();
  Residual result{.value = std::vector<double>(rows + 1, 0.0), .uncertainty = std::vector<double>(rows + 1, 0.0)};
  tbb::parallel_for(std::size_t{0}, chunks_of(rows), [&](std::size_t c) {
    for (std::size_t node = c * chunk; node < std::min(rows, (c + 1) * chunk); ++node) {
      const Twofold here = potentials[node];
      Twofold rest = injected[node];
      double size = std::abs(rest.high);
      for (std::size_t e = start_[node]; e < start_[node + 1]; ++e) {
        const Twofold there = potentials[neighbour_[e]];
        rest -= Twofold(conductance_[e], rest_[e]) * (here - there);
        size += conductance_[e] * (std::abs(here.high) + std::abs(there.high));
      }
      const double terms = 4.0 + static_cast<double>(start_[node + 1] - start_[node]);
      result.value[node] = rest.value();
      result.uncertainty[node] = unit * terms * size + 0x1p-52 * std::abs(rest.high);
    }
  });
  return result;
}

}  // namespace ohmset::laplacian
