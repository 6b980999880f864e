// Reads SPICE decks of resistors, sources, subcircuits and switches: text to elements, elements to a Network.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/network.h"
#include "sim/switched_network.h"

namespace ohmset {

// One element of the flattened deck. Names and nodes inside an instance carry its path: "xb3_5.r2", "xb3_5.m2".
struct SpiceElement {
  char kind = 'r';                             // r, v, i, s (voltage-controlled switch)
  std::string name{};                          // lower case
  std::vector<std::string> nodes{};            // lower case; s: n+ n- control+ control-
  double value = 0.0;                          // ohm, volt or ampere
  std::string model{};                         // for s
  std::map<std::string, double> parameters{};  // tc1, tc2, ...
  std::size_t line = 0;                        // of the instance in the top-level deck
  bool switched = false;  // r with "; ohmset: switch [off=R]" at the end of its line: `value` when closed
  double off = infinity;  // ohm, when open
};

struct SpiceModel {
  std::string name{};
  std::string type{};  // "sw", "r"
  std::map<std::string, double> parameters{};
};

struct SpiceDeck {
  std::string title{};
  std::vector<std::string> comments{};   // the "* " lines before the first element, without "* "
  std::vector<SpiceElement> elements{};  // flattened, in order
  std::map<std::string, SpiceModel> models{};
};

// Throws Error{input} "FILE:LINE: ..." for what is not understood: other elements, 4k7, zero or negative resistors,
// missing values, duplicate names, unknown subcircuits, missing .ends or .end, and for .control, .include, .lib and
// shell escapes, which are refused. Understood dots: .subckt .ends .param (numbers) .model (r, sw) .op .end; analysis
// and print lines of other simulators are skipped. `file` is only for messages. At most 20,000,000 elements after
// flattening.
[[nodiscard]] SpiceDeck read_spice(std::string_view text, const std::string& file = "netlist");

// The deck as a Network. A switch whose control nodes are tied to voltage sources becomes a resistor of its model's ron
// or roff; temperature coefficients act at 27 degrees Celsius, where they do nothing.
[[nodiscard]] Network to_network(const SpiceDeck& deck, const std::string& file = "netlist");

// The deck with its switches free: every s element, whatever controls it, is its model's ron when closed and its roff
// when open (SPICE's 1 ohm and 1e12 ohm where the model does not say), and every marked resistor its value or `off`.
// In the deck's order.
[[nodiscard]] SwitchedNetwork to_switched_network(const SpiceDeck& deck, const std::string& file = "netlist");

}  // namespace ohmset
