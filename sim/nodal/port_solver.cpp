// Effective resistances and sensitivities of ports.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

#include "sim/nodal.h"
#include "sim/nodal/circuit.h"

namespace ohmset {

namespace {

using Eigen::Index;
using nodal::Circuit;
using nodal::none;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double enough = 1e-13;  // relative error of a resistance above which the port's own node is grounded
constexpr std::size_t batch_entries = 4'000'000;  // potentials held at a time

void require_nodes(const Network& network, Port port) {
  if (port.a >= network.node_count() || port.b >= network.node_count()) {
    throw std::invalid_argument("a port needs existing nodes");
  }
}

// 1 A into a and out of b, for each port a column.
Potentials drive(const Circuit& circuit, std::span<const Port> ports) {
  Matrix injections = Matrix::Zero(static_cast<Index>(circuit.unknowns()), static_cast<Index>(ports.size()));
  for (std::size_t k = 0; k < ports.size(); ++k) {
    if (circuit.component(ports[k].a) != circuit.component(ports[k].b)) continue;
    if (const std::size_t a = circuit.unknown(ports[k].a); a != none) {
      injections(static_cast<Index>(a), static_cast<Index>(k)) += 1.0;
    }
    if (const std::size_t b = circuit.unknown(ports[k].b); b != none) {
      injections(static_cast<Index>(b), static_cast<Index>(k)) -= 1.0;
    }
  }
  return circuit.laplacian().solve(injections);
}

bool iterates(const Circuit& circuit) { return circuit.laplacian().method() == SolveMethod::conjugate_gradients; }

Bounded resistance(const Circuit& circuit, const Potentials& potentials, Port port, std::size_t column) {
  if (circuit.joined(port.a, port.b)) return {};
  if (circuit.component(port.a) != circuit.component(port.b)) return {.value = infinity};
  const double value =
      (circuit.voltage(port.a, potentials, column) - circuit.voltage(port.b, potentials, column)).value();
  const double apart = circuit.voltage_bound(port.a, potentials) + circuit.voltage_bound(port.b, potentials);
  const double together = std::sqrt((std::abs(value) + apart) * potentials.error_energy);
  return {.value = value,
          .bound = std::min(apart, together) + std::numeric_limits<double>::epsilon() * std::abs(value)};
}

bool precise(const Bounded& resistance) { return resistance.bound <= enough * resistance.value; }

// By conjugate gradients, which have no use for potentials that nobody asked for; nothing when they gave way.
std::optional<Bounded> iterated_resistance(const Circuit& circuit, Port port) {
  if (circuit.joined(port.a, port.b)) return Bounded{};
  if (circuit.component(port.a) != circuit.component(port.b)) return Bounded{.value = infinity};
  static_assert(none == Laplacian::ground);
  return circuit.laplacian().resistance(circuit.unknown(port.a), circuit.unknown(port.b));
}

PortSolution solution(const Network& network, const Circuit& circuit, Port port, const Potentials& potentials) {
  const Bounded r = resistance(circuit, potentials, port, 0);
  const bool open = r.value == infinity;
  PortSolution result{.resistance = Ohm{r.value}, .error_bound = r.bound, .method = circuit.laplacian().method()};
  result.node_voltages.assign(network.node_count(), nan);
  const auto branches = network.branches();
  result.branch_currents.assign(branches.size(), 0.0);
  result.sensitivities.assign(branches.size(), 0.0);
  if (open) return result;
  const Twofold reference = circuit.voltage(port.b, potentials, 0);
  for (Node node = 0; node < network.node_count(); ++node) {
    if (circuit.component(node) != circuit.component(port.b)) continue;
    result.node_voltages[node] = (circuit.voltage(node, potentials, 0) - reference).value();
  }
  std::vector<Twofold> outflow(network.node_count());
  outflow[port.a] -= Twofold(1.0);
  outflow[port.b] += Twofold(1.0);
  for (std::size_t k = 0; k < branches.size(); ++k) {
    if (circuit.component(branches[k].a) != circuit.component(port.b)) continue;
    const Twofold current = circuit.current(k, potentials, 0);
    result.branch_currents[k] = current.value();
    outflow[branches[k].a] += current;
    outflow[branches[k].b] -= current;
  }
  for (const Joints::Flow& flow : circuit.joints().flows(std::move(outflow), {})) {
    if (flow.element < branches.size()) result.branch_currents[flow.element] = flow.current.value();
  }
  for (std::size_t k = 0; k < branches.size(); ++k) {
    result.sensitivities[k] = result.branch_currents[k] * result.branch_currents[k];
  }
  return result;
}

// Grounding the port's own node: the injection is a single one and >= 0, so the resistance keeps its relative accuracy
// however small it is against the rest of the network.
Circuit grounded_at(const Network& network, Node node, const SolveOptions& options) {
  return Circuit(network, {.node = node, .alone = true}, options);
}

BoundedResistance bounded(const Bounded& resistance, SolveMethod method) {
  return {.resistance = Ohm{resistance.value}, .error_bound = resistance.bound, .method = method};
}

BoundedResistance resistance_by_itself(const Network& network, Port port, const SolveOptions& options) {
  if (port.a == port.b) return {};
  const Circuit circuit = grounded_at(network, port.b, options);
  if (iterates(circuit)) {
    if (const auto r = iterated_resistance(circuit, port)) return bounded(*r, SolveMethod::conjugate_gradients);
  }
  return bounded(resistance(circuit, drive(circuit, std::span(&port, 1)), port, 0), SolveMethod::elimination);
}

}  // namespace

Ohm effective_resistance(const Network& network, Port port) {
  require_nodes(network, port);
  return resistance_by_itself(network.without_sources(), port, {}).resistance;
}

struct PortSolver::Impl {
  std::size_t branches;  // of the network as given: the sources' stand-ins come after them
  Network network;
  SolveOptions options;
  Circuit circuit;

  Impl(const Network& given, const SolveOptions& how)
      : branches(given.branches().size()), network(given.without_sources()), options(how), circuit(network, {}, how) {}

  void eliminate(std::span<const Port> ports, std::vector<BoundedResistance>& into) const;
};

PortSolver::PortSolver(const Network& network, const SolveOptions& options)
    : impl_(std::make_unique<Impl>(network, options)) {}
PortSolver::~PortSolver() = default;
PortSolver::PortSolver(PortSolver&&) noexcept = default;
PortSolver& PortSolver::operator=(PortSolver&&) noexcept = default;

Ohm PortSolver::effective_resistance(Port port) const { return effective_resistances(std::span(&port, 1)).front(); }

std::vector<Ohm> PortSolver::effective_resistances(std::span<const Port> ports) const {
  std::vector<Ohm> resistances;
  resistances.reserve(ports.size());
  for (const BoundedResistance& r : bounded_resistances(ports)) resistances.push_back(r.resistance);
  return resistances;
}

void PortSolver::Impl::eliminate(std::span<const Port> ports, std::vector<BoundedResistance>& into) const {
  const Potentials potentials = drive(circuit, ports);
  for (std::size_t k = 0; k < ports.size(); ++k) {
    const Bounded r = resistance(circuit, potentials, ports[k], k);
    into.push_back(precise(r) ? bounded(r, SolveMethod::elimination)
                              : resistance_by_itself(network, ports[k], options));
  }
}

std::vector<BoundedResistance> PortSolver::bounded_resistances(std::span<const Port> ports) const {
  for (const Port& port : ports) require_nodes(impl_->network, port);
  const std::size_t batch = std::clamp<std::size_t>(batch_entries / (impl_->circuit.unknowns() + 1), 1, 32);
  std::vector<BoundedResistance> resistances;
  resistances.reserve(ports.size());
  while (resistances.size() < ports.size()) {
    if (iterates(impl_->circuit)) {
      const auto r = iterated_resistance(impl_->circuit, ports[resistances.size()]);
      if (r) resistances.push_back(bounded(*r, SolveMethod::conjugate_gradients));
      continue;
    }
    const std::size_t first = resistances.size();
    impl_->eliminate(ports.subspan(first, std::min(batch, ports.size() - first)), resistances);
  }
  return resistances;
}

PortSolution PortSolver::solve(Port port) const {
  require_nodes(impl_->network, port);
  const Potentials potentials = drive(impl_->circuit, std::span(&port, 1));
  PortSolution result = solution(impl_->network, impl_->circuit, port, potentials);
  if (result.method == SolveMethod::elimination &&
      !precise({.value = result.resistance.value, .bound = result.error_bound})) {
    const Circuit circuit = grounded_at(impl_->network, port.b, impl_->options);
    result = solution(impl_->network, circuit, port, drive(circuit, std::span(&port, 1)));
  }
  result.branch_currents.resize(impl_->branches);
  result.sensitivities.resize(impl_->branches);
  return result;
}

}  // namespace ohmset
