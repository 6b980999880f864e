// The README's example of the library: a bank of imprecise resistors, its switches, and what Kirchhoff says of them.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>

#include "design/program.h"
#include "netlists/spice_writer.h"
#include "sim/nodal.h"

int main() {
  // Sixteen parallel resistors of 10 kohm, 30 % lognormal noise, each with an ideal switch in series.
  const ohmset::BankSpec spec{
      .fabrication = {.process = {.nominals = {10e3}, .distribution = ohmset::Distribution::lognormal, .sigma = 0.3}},
      .topology = ohmset::Topology::parallel(16)};
  const ohmset::Bank bank = ohmset::fabricate(spec, {.seed = 1});

  const ohmset::Design design = ohmset::program(bank, 1250.0);
  const ohmset::Choice& best = design.choices.front();
  const auto [network, port] = ohmset::build_network(bank, best.configuration);
  const ohmset::Ohm kirchhoff = ohmset::effective_resistance(network, port);
  const ohmset::Netlist netlist = ohmset::write_bank(bank, best.configuration);

  std::printf("switches %s: %.6f ohm (%.1f bits), by Kirchhoff's laws %.6f ohm; %zu SPICE elements\n",
              best.configuration.text().c_str(), best.achieved, best.bits, kirchhoff.value, netlist.elements);
  return std::abs(kirchhoff.value / best.achieved - 1.0) < 1e-12 && best.bits > 8.0 ? 0 : 1;
}
