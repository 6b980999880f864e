// The options that say where an array's wires differ and which ends are connected.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "sim/wires.h"
#include "tools/cli/command_line.h"

namespace ohmset::cli {

struct WireOptions {
  std::optional<double> r_word{};
  std::optional<double> r_bit{};
  std::optional<double> r_driver{};
  std::optional<double> r_sense{};
  std::string word_wires{};  // files
  std::string bit_wires{};
  std::string drivers{};
  std::string senses{};
  std::string drive = "left";
  std::string sense = "bottom";

  [[nodiscard]] bool any_given() const;
};

// Registers --word-wires, --bit-wires, --drivers, --senses, --drive and --sense.
void add_wire_options(Command& command, WireOptions& options);
// And --r-word, --r-bit, --r-driver and --r-sense, for arrays without a design.
void add_uniform_wire_options(Command& command, WireOptions& options);

// Reads the files into `wires`, an array's wires so far. Throws Error{input} for what does not fit the array.
[[nodiscard]] Wires read_wires(const WireOptions& options, Wires wires, std::size_t word_lines, std::size_t bit_lines);

}  // namespace ohmset::cli
