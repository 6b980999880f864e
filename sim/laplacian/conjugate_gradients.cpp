// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian/conjugate_gradients.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace ohmset::laplacian {

namespace {

constexpr std::size_t most_rounds = 12;
constexpr std::size_t most_iterations = 400;  // of one round
constexpr double deepest = 0x1p-80;           // one round can square-reduce a residual: doubles carry 53 bits
// The bound exceeds the error's energy by what paths dissipate more than the network does.
constexpr double first_margin = 1e-4;
constexpr double margin = 0.1;

std::vector<Link> links_of(std::size_t nodes, std::span<const Conductor> conductors) {
  if (nodes >= std::numeric_limits<Index32>::max() / 2 ||
      conductors.size() >= std::numeric_limits<Index32>::max() / 8) {
    throw std::invalid_argument("a graph of this size needs wider indices");
  }
  std::vector<Link> links;
  links.reserve(conductors.size());
  for (const Conductor& conductor : conductors) {
    const std::size_t b = conductor.b == Laplacian::ground ? nodes : conductor.b;
    links.push_back(
        {.a = static_cast<Index32>(conductor.a), .b = static_cast<Index32>(b), .conductance = conductor.conductance});
  }
  return links;
}

std::vector<Index32> places(std::span<const Index32> node_at) {
  std::vector<Index32> place(node_at.size());
  for (std::size_t p = 0; p < node_at.size(); ++p) place[node_at[p]] = static_cast<Index32>(p);
  return place;
}

WeightedGraph reordered(std::vector<Link> links, std::span<const Index32> place) {
  for (Link& link : links) {
    link.a = place[link.a];
    link.b = place[link.b];
  }
  return {place.size(), links};
}

double dot(std::span<const double> x, std::span<const double> y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

}  // namespace

ConjugateGradients::ConjugateGradients(std::size_t nodes, std::span<const Conductor> conductors)
    : factor_(nodes + 1, links_of(nodes, conductors), {}),
      place_(places(factor_.node_at())),
      graph_(reordered(links_of(nodes, conductors), place_)),
      paths_(graph_) {
  for (const Conductor& conductor : conductors) {
    most_conducting_ = std::max(most_conducting_, conductor.conductance.high);
  }
}

// Adds G^-1 residual to the potentials, until the preconditioned norm has fallen to `reduction` of its square.
std::size_t ConjugateGradients::correct(std::span<Twofold> potentials, std::vector<double> residual,
                                        double reduction) const {
  const std::size_t size = graph_.size();
  std::vector<double> correction(size, 0.0);
  std::vector<double> preconditioned = residual;
  factor_.solve_in_place(preconditioned);
  std::vector<double> direction = preconditioned;
  std::vector<double> image(size);
  double norm = dot(residual, preconditioned);
  const double enough = norm * reduction;
  std::size_t iterations = 0;
  while (iterations < most_iterations && norm > enough) {
    const double power = graph_.currents(direction, image);
    const double step = norm / power;
    if (!(power > 0.0) || !std::isfinite(step)) break;
    ++iterations;
    for (std::size_t p = 0; p < size; ++p) {
      correction[p] += step * direction[p];
      residual[p] -= step * image[p];
      preconditioned[p] = residual[p];
    }
    factor_.solve_in_place(preconditioned);
    const double next = dot(residual, preconditioned);
    const double turn = next / norm;
    norm = next;
    for (std::size_t p = 0; p < size; ++p) direction[p] = preconditioned[p] + turn * direction[p];
  }
  for (std::size_t p = 0; p < size; ++p) potentials[p] += Twofold(correction[p]);
  return iterations;
}

ConjugateGradients::Column ConjugateGradients::solve(std::span<const Twofold> injection, Goal goal) const {
  const std::size_t size = graph_.size();
  std::vector<Twofold> injected(size);
  for (std::size_t node = 0; node < injection.size(); ++node) injected[place_[node]] = injection[node];
  std::vector<Twofold> x(size);
  Column column;
  double before = std::numeric_limits<double>::infinity();
  for (std::size_t round = 0; round <= most_rounds; ++round) {
    WeightedGraph::Residual residual = graph_.residual(injected, x);
    column.error_energy = paths_.energy(residual.value, residual.uncertainty);
    Twofold energy;
    double doubt = 0.0;
    double largest = 0.0;
    double most_injected = 0.0;
    for (std::size_t p = 0; p < size; ++p) {
      const double potential = std::abs(x[p].high);
      energy += x[p] * (injected[p] + Twofold(residual.value[p]));
      doubt +=
          potential * (residual.uncertainty[p] + 0x1p-70 * (std::abs(injected[p].high) + std::abs(residual.value[p])));
      largest = std::max(largest, potential);
      most_injected = std::max(most_injected, std::abs(injected[p].high));
    }
    const double value = energy.value();
    column.energy = {.value = value,
                     .bound = (column.error_energy + doubt) * (1.0 + 0x1p-18) +
                              std::numeric_limits<double>::epsilon() * std::abs(value)};
    const double size_of_answer = std::abs(value);
    double wanted = energy_tolerance * size_of_answer;
    column.met = column.energy.bound <= wanted;
    if (goal == Goal::potentials) {
      wanted = potential_tolerance * potential_tolerance * size_of_answer;
      column.met = column.error_energy <= wanted;
      wanted = std::min({wanted, std::pow(potential_tolerance * largest, 2.0) / paths_.longest(),
                         std::pow(potential_tolerance * most_injected, 2.0) / most_conducting_});
    }
    const bool enough = column.met && column.error_energy <= wanted;
    if (enough || round == most_rounds || !(column.error_energy < 0.25 * before)) break;
    before = column.error_energy;
    // Nothing is known of the size of the answer at first; a path to ground is the most it can be.
    const double first = goal == Goal::energy ? first_margin * energy_tolerance : first_margin * deepest;
    const double aim = round == 0 ? first : margin * wanted / column.error_energy;
    column.iterations += correct(x, std::move(residual.value), std::max(aim, deepest));
  }
  column.potentials.resize(injection.size());
  for (std::size_t node = 0; node < injection.size(); ++node) column.potentials[node] = x[place_[node]];
  return column;
}

double ConjugateGradients::potential_bound(std::size_t node, double error_energy) const {
  return std::sqrt(paths_.distance(place_[node]) * error_energy) * (1.0 + 0x1p-18);
}

}  // namespace ohmset::laplacian
