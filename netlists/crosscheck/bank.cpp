// A bank: recorded value, closed form, Kirchhoff's laws and ngspice.
// SPDX-License-Identifier: Apache-2.0
#include "sim/bank.h"

#include <algorithm>
#include <cmath>

#include "netlists/crosscheck/bank_decks.h"
#include "netlists/crosscheck/simulate.h"
#include "netlists/crosscheck/text_check.h"
#include "sim/nodal.h"

namespace ohmset {

CrosscheckReport crosscheck_bank(const Bank& bank, const Configuration& configuration, Ohm recorded,
                                 const CrosscheckOptions& options) {
  using namespace crosscheck;
  Findings findings;
  const auto where = [] { return std::string("bank"); };
  // Recorded values are printed whole, so nothing but rounding may stand between them and what they record.
  const double recorded_tolerance = std::min(options.tolerance, 1e-12);
  const Ohm closed = resistance(bank, configuration);
  findings.compare(where, "resistance recorded / recomputed", closed.value, recorded.value,
                   relative_difference(recorded.value, closed.value), recorded_tolerance);
  findings.say("recorded resistance against the closed form of the devices, relative, to 1e-12");

  const auto [network, port] = build_network(bank, configuration);
  const Ohm kirchhoff = effective_resistance(network, port);
  findings.compare(where, "resistance closed form / Kirchhoff", closed.value, kirchhoff.value,
                   relative_difference(closed.value, kirchhoff.value), options.tolerance);
  findings.say("closed form against Kirchhoff's laws on the bank's network, relative");

  NetlistOptions netlist_options = options.text ? options_of(*options.text, options.text_file) : options.netlist;
  const Netlist expected = write_bank(bank, configuration, netlist_options);
  if (options.text) check_text(*options.text, options.text_file, expected, findings);

  Ngspice ngspice(options.ngspice);
  findings.report.ngspice_version = ngspice.version();
  if (closed.value == 0.0) {
    findings.say("ngspice: not asked, the bank is shorted");
    return findings.finish();
  }
  std::string text = options.text.value_or(expected.text);
  if (netlist_options.dialect != Dialect::ngspice) {
    netlist_options.dialect = Dialect::ngspice;
    text = write_bank(bank, configuration, netlist_options).text;
    findings.say("ngspice: on the same circuit exported in its own dialect");
  }
  const SpiceDeck deck = read_spice(text, options.text_file);
  const NgspiceResult result =
      check_operating_point(deck, text, options.text_file, ngspice, options.tolerance, findings);
  if (!result.ok) return findings.finish();
  const std::optional<double> current = value_of(result, "vport#branch");
  if (!current) {
    findings.fail("bank", "ngspice gives no current through vport");
    return findings.finish();
  }
  const double siemens = conductance(bank, configuration).value;
  findings.compare_simulators(where, "conductance closed form / ngspice", siemens, *current,
                              difference_above(siemens, *current, rounding_floor * largest_conductance(bank)),
                              options.tolerance);
  findings.say("exported text in ngspice, 1 V across the bank, against the closed form, relative");
  return findings.finish();
}

}  // namespace ohmset
