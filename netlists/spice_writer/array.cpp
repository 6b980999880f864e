// An array with its wires, drivers and virtual grounds.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <stdexcept>

#include "netlists/spice_writer/bank_text.h"
#include "netlists/spice_writer/frame.h"

namespace ohmset {
namespace {

// Names of the array's nodes. Where a resistance is 0, the nodes at its ends share the name of their line's first.
class ArrayNodes {
 public:
  ArrayNodes(const BankArray& array, const Wires& wires) : last_word_(array.word_lines - 1), wires_(wires) {}

  [[nodiscard]] std::string word(std::size_t i, std::size_t j) const {
    return fmt::format("w{}_{}", i, wires_.word.value == 0.0 ? 0 : j);
  }
  [[nodiscard]] std::string bit(std::size_t i, std::size_t j) const {
    return fmt::format("b{}_{}", wires_.bit.value == 0.0 ? 0 : i, j);
  }
  // Behind the driver, before the first segment.
  [[nodiscard]] std::string line_start(std::size_t i) const {
    return wires_.word.value == 0.0 ? word(i, 0) : fmt::format("line{}", i);
  }
  [[nodiscard]] std::string input(std::size_t i) const {
    return wires_.driver.value == 0.0 ? line_start(i) : fmt::format("in{}", i);
  }
  // Behind the last segment, before the sense resistance.
  [[nodiscard]] std::string line_end(std::size_t j) const {
    return wires_.bit.value == 0.0 ? bit(last_word_, j) : fmt::format("out{}", j);
  }
  [[nodiscard]] std::string sense(std::size_t j) const {
    return wires_.sense.value == 0.0 ? line_end(j) : fmt::format("sense{}", j);
  }

 private:
  std::size_t last_word_;
  const Wires& wires_;
};

void require_wires(const Wires& wires) {
  for (const Ohm r : {wires.word, wires.bit, wires.driver, wires.sense}) {
    if (!(r.value >= 0.0) || !std::isfinite(r.value)) throw std::invalid_argument("wires need resistances >= 0");
  }
}

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
    text.add(fmt::format("vin_{}", i), nodes.input(i), "0", inputs[i]);
    if (wires.driver.value > 0.0) {
      text.add(fmt::format("rdrv{}", i), nodes.input(i), nodes.line_start(i), wires.driver.value);
    }
    if (wires.word.value == 0.0) continue;
    for (std::size_t j = 0; j < array.bit_lines; ++j) {
      text.add(fmt::format("rw{}_{}", i, j), j == 0 ? nodes.line_start(i) : nodes.word(i, j - 1), nodes.word(i, j),
               wires.word.value);
    }
  }
  return text;
}

Text bit_lines(const BankArray& array, const Wires& wires, const ArrayNodes& nodes) {
  Text text{.text = "* bit lines: segments, sense resistance, virtual ground\n"};
  for (std::size_t j = 0; j < array.bit_lines; ++j) {
    for (std::size_t i = 0; i < array.word_lines && wires.bit.value > 0.0; ++i) {
      const bool last = i + 1 == array.word_lines;
      text.add(fmt::format("rb{}_{}", i, j), nodes.bit(i, j), last ? nodes.line_end(j) : nodes.bit(i + 1, j),
               wires.bit.value);
    }
    if (wires.sense.value > 0.0) {
      text.add(fmt::format("rsense{}", j), nodes.line_end(j), nodes.sense(j), wires.sense.value);
    }
    text.add(fmt::format("vsense_{}", j), nodes.sense(j), "0", 0.0);
  }
  return text;
}

}  // namespace

Netlist write_array(const BankArray& array, const Wires& wires, const std::vector<double>& inputs,
                    const NetlistOptions& options) {
  array.check();
  require_wires(wires);
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
  netlist.subcircuits = options.flat ? 0 : banks.subcircuits();
  netlist.elements = banks.elements() + words.elements + bits.elements + (banks.needs_rail() ? 1 : 0);

  std::string& text = netlist.text;
  text = spice::header(options);
  text += fmt::format("* {} word lines x {} bit lines, every bank {} of {} devices\n", array.word_lines,
                      array.bit_lines, array.topology.text(), array.devices());
  text += "* bank i_j joins word node w<i>_<j> to bit node b<i>_<j>; output j is i(vsense_<j>)\n";
  text += banks.definitions();
  text.reserve(text.size() + words.text.size() + bits.text.size() + banks.body().size() + 200);
  text += words.text;
  text += bits.text;
  text += "* banks\n";
  if (banks.needs_rail()) text += "vctl von 0 1\n";
  text += banks.body();
  text += spice::footer(options.dialect, "vin_0", volts[0]);
  return netlist;
}

}  // namespace ohmset
