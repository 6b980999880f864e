// Does another simulator agree? Recorded values, Kirchhoff by our own solver and ngspice on the exported text,
// compared.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "netlists/ngspice.h"
#include "netlists/spice_writer.h"

namespace ohmset {

struct Disagreement {
  std::string where{};     // "bank (3, 5)", "bit line 4", "r2", "node n5"
  std::string quantity{};  // "conductance recorded / recomputed", "resistance in netlist / design", ...
  double expected = 0.0;
  double found = 0.0;
  double relative_difference = 0.0;
};

struct CrosscheckReport {
  bool agree = true;
  std::size_t checked = 0;                    // comparisons made
  std::vector<std::string> scope{};           // what was checked, in sentences, for the report
  std::vector<Disagreement> disagreements{};  // worst first, at most 100 kept
  std::size_t disagreement_count = 0;
  double max_relative_difference = 0.0;  // between our Kirchhoff solve and ngspice
  std::string ngspice_version{};
};

struct CrosscheckOptions {
  double tolerance = 1e-9;
  NetlistOptions netlist{};
  NgspiceOptions ngspice{};
  std::optional<std::string> text{};  // check this exported text instead of a fresh export
  std::string text_file = "netlist";  // its name, for messages
  std::size_t tile_word_lines = 0;    // 0: whole up to 64 x 64, else 32 x 32 tiles
  std::size_t tile_bit_lines = 0;
  std::optional<std::size_t> cells{};  // check only this many banks, evenly spread; none: all
  std::function<bool(std::size_t done, std::size_t total)> progress{};
};

// A bank in one configuration; `recorded`: the resistance that the design file states, ohm.
[[nodiscard]] CrosscheckReport crosscheck_bank(const Bank& bank, const Configuration& configuration, Ohm recorded,
                                               const CrosscheckOptions& options = {});

// How recorded differences follow from banks: recorded row o, column i is bank (i, plus(o)) - bank (i, minus(o)).
struct RecordedDifferences {
  Matrix achieved{};                 // outputs x inputs, siemens
  std::vector<std::size_t> plus{};   // bit line per output
  std::vector<std::size_t> minus{};  // bit line per output
};

// An array: every bank alone against the recomputed value, then the array with its wires, whole or in tiles.
[[nodiscard]] CrosscheckReport crosscheck_array(const BankArray& array, const Wires& wires,
                                                const RecordedDifferences& recorded, const std::vector<double>& inputs,
                                                const CrosscheckOptions& options = {});

// Any deck that spice_reader understands: every node voltage and source current.
[[nodiscard]] CrosscheckReport crosscheck_deck(const std::string& text, const std::string& file,
                                               const CrosscheckOptions& options = {});

}  // namespace ohmset
