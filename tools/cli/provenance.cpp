// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/provenance.h"

#include <fmt/format.h>

#include "sim/error.h"

namespace ohmset::cli {

std::vector<std::string> provenance(std::uint64_t seed, std::uint64_t die, const std::string& spec_text) {
  std::vector<std::string> lines = {"made by ohmset " OHMSET_VERSION, fmt::format("seed {}, die {}", seed, die)};
  lines.emplace_back(spec_text.empty() ? "devices given as values" : "specification:");
  std::string line;
  for (const char c : spec_text + "\n") {
    // Comments of a netlist are plain text on one line each.
    if (c == '\n' && !line.empty()) lines.push_back("  " + line);
    if (c == '\n') line.clear();
    if (c == '\t') line += "  ";
    if (c >= ' ') line += c <= '~' ? c : '?';
  }
  return lines;
}

SwitchModel switch_model_named(const std::string& name) {
  return name == "sw" ? SwitchModel::sw : SwitchModel::resistor;
}

const Design& chosen_result(const io::BankDesignFile& file, std::size_t index, const std::string& path) {
  if (index >= file.results.size()) {
    throw input_error(Where{path}, fmt::format("no result {}", index),
                      fmt::format("the design has {}, counted from 0", file.results.size()));
  }
  if (file.results[index].choices.empty()) {
    throw input_error(Where{path}, fmt::format("result {} has no configuration", index),
                      "nothing was within reach of its target");
  }
  return file.results[index];
}

std::string target_text(const Design& design) {
  return format_engineering(design.target, design.unit == TargetUnit::ohm ? OhmUnit::name : SiemensUnit::name, 8);
}

}  // namespace ohmset::cli
