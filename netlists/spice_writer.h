// SPICE text from banks, arrays of banks and networks, by rules that ngspice, Xyce and LTspice all accept.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/bank_array.h"
#include "sim/crossbar.h"
#include "sim/network.h"

namespace ohmset {

// Decks for Xyce and LTspice follow their rules but are not run by us; the deck says so.
enum class Dialect { ngspice, xyce, ltspice };

// resistor: a switch is a resistor of its on or off value (0 ohm merges, infinity omits).
// sw: voltage-controlled switches (ngspice dialect), which need on > 0 and a finite off.
enum class SwitchModel { resistor, sw };

struct NetlistOptions {
  Dialect dialect = Dialect::ngspice;
  SwitchModel switches = SwitchModel::resistor;
  bool flat = false;                      // no subcircuits
  std::string title = "ohmset netlist";   // first line; never empty
  std::vector<std::string> provenance{};  // one comment line each: tool version, seed, spec, die, ...
};

// Where a bank went: for the JSON map.
struct NetlistBank {
  std::size_t word_line = 0;
  std::size_t bit_line = 0;
  std::string instance{};   // "xb3_5"; "" when flat
  std::string word_node{};  // terminals as they stand in the text
  std::string bit_node{};
  std::vector<std::string> elements{};  // element names, device 0 first; "" where the device is omitted (open)
  std::vector<double> values{};         // ohm
};

struct Netlist {
  std::string text{};           // testbench included, ends with ".end\n"
  std::size_t elements = 0;     // instances expanded
  std::size_t subcircuits = 0;  // definitions
  std::vector<NetlistBank> banks{};
};

// A bank between node "p" and ground, driven by 1 V through the ammeter "vport": R = 1 V / i.
[[nodiscard]] Netlist write_bank(const Bank& bank, const Configuration& configuration,
                                 const NetlistOptions& options = {});

// An array with its wires. Nodes w{i}_{j} and b{i}_{j} (joined ones take the name of the first of them), sources
// vin_{i} with `inputs` volts, 0 V sources vsense_{j} into ground. Where both ends are connected: vsensetop_{j}, whose
// current adds to the output, and vend_{i}, 0 V from the source to a word line's second end; neither for a line without
// any resistance. Broken segments are left out. inputs: one per word line; empty: 1 V each.
[[nodiscard]] Netlist write_array(const BankArray& array, const Wires& wires, const std::vector<double>& inputs = {},
                                  const NetlistOptions& options = {});

// Any network, nodes and elements under their own names.
[[nodiscard]] Netlist write_network(const Network& network, const NetlistOptions& options = {});

}  // namespace ohmset
