// Kirchhoff's laws: G v = i. Operating point, effective resistance and sensitivities of a resistor network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/network.h"
#include "sim/solve_method.h"

namespace ohmset {

// Indices as in the network. Currents and powers as the elements' declarations count them.
// A node that no branch or source ties to ground has no potential: it is NaN and listed in `floating`.
struct OperatingPoint {
  std::vector<double> node_voltages{};  // volt
  // Ampere; shorted branches carry what Kirchhoff's current law leaves, and one in each loop of them nothing.
  std::vector<double> branch_currents{};
  std::vector<double> branch_powers{};            // watt
  std::vector<double> voltage_source_currents{};  // ampere
  std::vector<Node> floating{};
  double error_bound = 0.0;  // largest absolute error of a node voltage, volt
  SolveMethod method = SolveMethod::elimination;
};

// Throws Error{input} for loops of voltage sources and for current sources that drive into an island.
[[nodiscard]] OperatingPoint operating_point(const Network& network, const SolveOptions& options = {});

struct BoundedResistance {
  Ohm resistance{0.0};
  double error_bound = 0.0;  // absolute, ohm
  SolveMethod method = SolveMethod::elimination;
};

// Resistance between the port's nodes with independent sources zeroed. Infinity when no path conducts, 0 when shorted.
// R = (e+ - e-)' G^+ (e+ - e-)   [KleinRandic93]
[[nodiscard]] Ohm effective_resistance(const Network& network, Port port);

struct PortSolution {
  Ohm resistance{0.0};
  double error_bound = 0.0;  // absolute, ohm
  SolveMethod method = SolveMethod::elimination;
  std::vector<double> node_voltages{};    // for 1 A through the port, relative to port.b; NaN where unconnected
  std::vector<double> branch_currents{};  // for 1 A through the port
  std::vector<double> sensitivities{};    // dR_eff/dr_k = i_k^2 per branch (0 for opens; shorts: their limit)
};

// Factors once, answers many ports. Up to some millions of nodes: where elimination would be too large, every port
// takes some dozens of iterations.
class PortSolver {
 public:
  explicit PortSolver(const Network& network, const SolveOptions& options = {});
  ~PortSolver();
  PortSolver(PortSolver&&) noexcept;
  PortSolver& operator=(PortSolver&&) noexcept;

  [[nodiscard]] Ohm effective_resistance(Port port) const;
  [[nodiscard]] std::vector<Ohm> effective_resistances(std::span<const Port> ports) const;
  [[nodiscard]] std::vector<BoundedResistance> bounded_resistances(std::span<const Port> ports) const;
  // One solve for the resistance, all potentials, currents and sensitivities.
  [[nodiscard]] PortSolution solve(Port port) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ohmset
