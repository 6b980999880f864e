// What stands around a circuit.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_writer/frame.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "sim/error.h"

namespace ohmset::spice {
namespace {

constexpr std::array<std::string_view, 3> dialects{"ngspice", "xyce", "ltspice"};
constexpr std::string_view mark = "ohmset export:";

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  }
  return line;
}

}  // namespace

void append_number(std::string& text, double value) { fmt::format_to(std::back_inserter(text), "{:.17g}", value); }

std::string header(const NetlistOptions& options) {
  std::string title = one_line(options.title);
  if (title.find_first_not_of(' ') == std::string::npos) title = "ohmset netlist";
  std::string text = title + "\n";
  // "#" would make the comment a command in ngspice.
  for (const std::string& line : options.provenance) text += "* " + one_line(line) + "\n";
  const std::string_view dialect = dialects[static_cast<std::size_t>(options.dialect)];
  text += fmt::format("* {} dialect={} switches={} flat={}\n", mark, dialect,
                      options.switches == SwitchModel::sw ? "sw" : "resistor", options.flat ? "yes" : "no");
  if (options.dialect != Dialect::ngspice) text += "* not run by ohmset in this dialect\n";
  return text;
}

std::string footer(Dialect dialect, std::string_view source, double volt) {
  std::string text = "* testbench\n";
  if (dialect == Dialect::xyce && !source.empty()) {
    text += fmt::format(".dc {0} {1:.17g} {1:.17g} 1\n.print dc v(*) i(*)\n", source, volt);
  } else {
    text += ".op\n";
  }
  return text + ".end\n";
}

std::optional<NetlistOptions> options_in(const std::vector<std::string>& comments) {
  for (const std::string& comment : comments) {
    if (!comment.starts_with(mark)) continue;
    const auto says = [&](std::string_view key, std::string_view value) {
      return (comment + " ").find(fmt::format(" {}={} ", key, value)) != std::string::npos;
    };
    NetlistOptions options;
    for (std::size_t i = 0; i < dialects.size(); ++i) {
      if (says("dialect", dialects[i])) options.dialect = static_cast<Dialect>(i);
    }
    options.switches = says("switches", "sw") ? SwitchModel::sw : SwitchModel::resistor;
    options.flat = says("flat", "yes");
    return options;
  }
  return std::nullopt;
}

void check(const NetlistOptions& options) {
  if (options.switches == SwitchModel::sw && options.dialect != Dialect::ngspice) {
    throw input_error("voltage-controlled switches are written for ngspice only",
                      "expected resistors as switches in other dialects");
  }
}

}  // namespace ohmset::spice
