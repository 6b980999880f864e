// An array with its wires, drivers and virtual grounds.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "netlists/spice_writer/bank_text.h"
#include "netlists/spice_writer/frame.h"
#include "sim/joints.h"

namespace ohmset {
namespace {

// The nodes of one line: from outside over the end of its driver (or sense resistance) past the crosspoints to the
// other end. Where a resistance is 0, the nodes at its ends share a name: the first crosspoint's, else the one further
// inside.
class LineNodes {
 public:
  // resistances: driver, segments, driver. names: one more than resistances.
  LineNodes(std::vector<double> resistances, std::vector<std::string> names)
      : resistances_(std::move(resistances)), names_(std::move(names)) {
    const std::size_t last = names_.size() - 1;
    for (std::size_t first = 0; first <= last;) {
      std::size_t end = first + 1;
      while (end <= last && resistances_[end - 1] == 0.0) ++end;
      const std::size_t chosen = end <= 2 ? end - 1 : std::max<std::size_t>(first, 2);
      const std::string name = names_[chosen];
      std::fill(names_.begin() + static_cast<std::ptrdiff_t>(first), names_.begin() + static_cast<std::ptrdiff_t>(end),
                name);
      first = end;
    }
  }

  [[nodiscard]] const std::string& crosspoint(std::size_t k) const { return names_[k + 2]; }
  [[nodiscard]] const std::string& first() const { return names_.front(); }
  [[nodiscard]] const std::string& last() const { return names_.back(); }

  // Calls write(k, node before, node after, resistance) for every resistance k that is neither 0 nor broken.
  template <class Write>
  void for_each_resistor(const Write& write) const {
    for (std::size_t k = 0; k < resistances_.size(); ++k) {
      if (resistances_[k] > 0.0 && std::isfinite(resistances_[k])) write(k, names_[k], names_[k + 1], resistances_[k]);
    }
  }

 private:
  std::vector<double> resistances_;
  std::vector<std::string> names_;
};

LineNodes word_line(const BankArray& array, const Wires& wires, std::size_t i) {
  const bool both = wires.driven == DrivenEnds::both;
  std::vector<double> resistances = {wires.driver_of(i)};
  std::vector<std::string> names = {fmt::format("in{}", i), fmt::format("line{}", i)};
  for (std::size_t j = 0; j < array.bit_lines; ++j) {
    resistances.push_back(wires.word_segment(i, j));
    names.push_back(fmt::format("w{}_{}", i, j));
  }
  resistances.push_back(both ? wires.word_end(i) : infinity);
  resistances.push_back(both ? wires.driver_of(i) : infinity);
  names.push_back(fmt::format("lineend{}", i));
  names.push_back(fmt::format("inend{}", i));
  return {std::move(resistances), std::move(names)};
}

LineNodes bit_line(const BankArray& array, const Wires& wires, std::size_t j) {
  const bool both = wires.sensed == SensedEnds::both;
  std::vector<double> resistances = {both ? wires.sense_of(j) : infinity, both ? wires.bit_top(j) : infinity};
  std::vector<std::string> names = {fmt::format("sensetop{}", j), fmt::format("outtop{}", j)};
  for (std::size_t i = 0; i < array.word_lines; ++i) {
    resistances.push_back(wires.bit_segment(i, j));
    names.push_back(fmt::format("b{}_{}", i, j));
  }
  resistances.push_back(wires.sense_of(j));
  names.push_back(fmt::format("out{}", j));
  names.push_back(fmt::format("sense{}", j));
  return {std::move(resistances), std::move(names)};
}

struct ArrayNodes {
  std::vector<LineNodes> words{};
  std::vector<LineNodes> bits{};

  ArrayNodes(const BankArray& array, const Wires& wires) {
    for (std::size_t i = 0; i < array.word_lines; ++i) words.push_back(word_line(array, wires, i));
    for (std::size_t j = 0; j < array.bit_lines; ++j) bits.push_back(bit_line(array, wires, j));
  }
  [[nodiscard]] const std::string& word(std::size_t i, std::size_t j) const { return words[i].crosspoint(j); }
  [[nodiscard]] const std::string& bit(std::size_t i, std::size_t j) const { return bits[j].crosspoint(i); }
};

struct Text {
  std::string text{};
  std::size_t elements = 0;

  void add(std::string_view name, const std::string& a, const std::string& b, double value) {
    fmt::format_to(std::back_inserter(text), "{} {} {} {:.17g}\n", name, a, b, value);
    ++elements;
  }
};

Text word_lines(const BankArray& array, const Wires& wires, const std::vector<double>& inputs,
                const ArrayNodes& nodes) {
  Text text{.text = "* word lines: source, driver, segments\n"};
  for (std::size_t i = 0; i < array.word_lines; ++i) {
    const LineNodes& line = nodes.words[i];
    text.add(fmt::format("vin_{}", i), line.first(), "0", inputs[i]);
    line.for_each_resistor([&](std::size_t k, const std::string& a, const std::string& b, double r) {
      const std::string name = k == 0                     ? fmt::format("rdrv{}", i)
                               : k == array.bit_lines + 2 ? fmt::format("rdrvend{}", i)
                                                          : fmt::format("rw{}_{}", i, k - 1);
      text.add(name, a, b, r);
    });
    // What the second end carries: an ammeter, but for a line that is a single node.
    if (wires.driven == DrivenEnds::both && line.last() != line.first()) {
      text.add(fmt::format("vend_{}", i), line.first(), line.last(), 0.0);
    }
  }
  return text;
}

Text bit_lines(const BankArray& array, const Wires& wires, const ArrayNodes& nodes) {
  Text text{.text = "* bit lines: segments, sense resistance, virtual ground\n"};
  for (std::size_t j = 0; j < array.bit_lines; ++j) {
    const LineNodes& line = nodes.bits[j];
    line.for_each_resistor([&](std::size_t k, const std::string& a, const std::string& b, double r) {
      const std::string name = k == 0                      ? fmt::format("rsensetop{}", j)
                               : k == 1                    ? fmt::format("rbtop{}", j)
                               : k == array.word_lines + 2 ? fmt::format("rsense{}", j)
                                                           : fmt::format("rb{}_{}", k - 2, j);
      text.add(name, a, b, r);
    });
    text.add(fmt::format("vsense_{}", j), line.last(), "0", 0.0);
    if (wires.sensed == SensedEnds::both && line.last() != line.first()) {
      text.add(fmt::format("vsensetop_{}", j), line.first(), "0", 0.0);
    }
  }
  return text;
}

// Simulators want a path to ground from every node: one node of each piece that none leads to is tied to it by a
// resistor, in which nothing flows.
Text ties(const BankArray& array, const Wires& wires, const ArrayNodes& nodes) {
  Text text;
  const Crossbar crossbar{.conductances = conductances(array), .wires = wires};
  if (unreachable_nodes(crossbar) == 0) return text;
  text.text = "* pieces that no path leads to\n";
  const std::size_t cells = array.word_lines * array.bit_lines;
  const std::size_t ground = 2 * cells;
  Joints joints(ground + 1);
  const auto join = [&](std::size_t a, std::size_t b, double resistance) {
    if (std::isfinite(resistance)) joints.join(a, b, 0);
  };
  for (std::size_t i = 0; i < array.word_lines; ++i) {
    for (std::size_t j = 0; j < array.bit_lines; ++j) {
      const std::size_t cell = array.index(i, j);
      const bool last = i + 1 == array.word_lines;
      join(j == 0 ? ground : cell - 1, cell, wires.word_segment(i, j) + (j == 0 ? wires.driver_of(i) : 0.0));
      join(cells + cell, last ? ground : cells + cell + array.bit_lines,
           wires.bit_segment(i, j) + (last ? wires.sense_of(j) : 0.0));
      if (crossbar.conductances.data()[cell] > 0.0) joints.join(cell, cells + cell, 0);
      if (i == 0 && wires.sensed == SensedEnds::both) join(cells + cell, ground, wires.bit_top(j) + wires.sense_of(j));
    }
    if (wires.driven == DrivenEnds::both) {
      join(array.index(i, array.bit_lines - 1), ground, wires.word_end(i) + wires.driver_of(i));
    }
  }
  for (std::size_t node = 0; node < ground; ++node) {
    if (!joints.join(node, ground, 0)) continue;
    const std::size_t i = node % cells / array.bit_lines;
    const std::size_t j = node % array.bit_lines;
    text.add(fmt::format("rtie{}", text.elements), node < cells ? nodes.word(i, j) : nodes.bit(i, j), "0", 1.0);
  }
  return text;
}

}  // namespace

Netlist write_array(const BankArray& array, const Wires& wires, const std::vector<double>& inputs,
                    const NetlistOptions& options) {
  array.check();
  require_valid(wires, array.word_lines, array.bit_lines);
  spice::check(options);
  if (array.word_lines == 0 || array.bit_lines == 0) throw std::invalid_argument("write_array: an array without lines");
  if (!inputs.empty() && inputs.size() != array.word_lines) {
    throw std::invalid_argument("write_array: one input per word line");
  }
  const std::vector<double> volts = inputs.empty() ? std::vector<double>(array.word_lines, 1.0) : inputs;
  const ArrayNodes nodes(array, wires);
  spice::BankText banks(array.topology, options, array.switch_on.empty() ? std::optional(array.contact) : std::nullopt);
  Netlist netlist;
  netlist.banks.reserve(array.switches.size());
  for (std::size_t i = 0; i < array.word_lines; ++i) {
    for (std::size_t j = 0; j < array.bit_lines; ++j) {
      netlist.banks.push_back(banks.add(fmt::format("{}_{}", i, j), nodes.word(i, j), nodes.bit(i, j),
                                        spice::leaves_of(array, i, j, banks.bypassed())));
      netlist.banks.back().word_line = i;
      netlist.banks.back().bit_line = j;
    }
  }
  const Text words = word_lines(array, wires, volts, nodes);
  const Text bits = bit_lines(array, wires, nodes);
  const Text islands = ties(array, wires, nodes);
  netlist.subcircuits = options.flat ? 0 : banks.subcircuits();
  netlist.elements =
      banks.elements() + words.elements + bits.elements + islands.elements + (banks.needs_rail() ? 1 : 0);

  std::string& text = netlist.text;
  text = spice::header(options);
  text += fmt::format("* {} word lines x {} bit lines, every bank {} of {} devices\n", array.word_lines,
                      array.bit_lines, array.topology.text(), array.devices());
  text += "* bank i_j joins word node w<i>_<j> to bit node b<i>_<j>; output j is i(vsense_<j>)";
  text += wires.sensed == SensedEnds::both ? " + i(vsensetop_<j>)\n" : "\n";
  text += banks.definitions();
  text.reserve(text.size() + words.text.size() + bits.text.size() + banks.body().size() + 200);
  text += words.text;
  text += bits.text;
  text += islands.text;
  text += "* banks\n";
  if (banks.needs_rail()) text += "vctl von 0 1\n";
  text += banks.body();
  text += spice::footer(options.dialect, "vin_0", volts[0]);
  return netlist;
}

}  // namespace ohmset
