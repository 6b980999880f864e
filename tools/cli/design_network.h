// ohmset design FILE.cir: which switches of a SPICE netlist close for each target resistance of a port.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/command_line.h"

namespace ohmset::cli {

struct NetworkQuestion {
  std::string file{};
  std::string between{};          // "A,B"
  std::vector<double> targets{};  // ohm or siemens
  bool conductance = false;
  std::uint64_t best = 1;
  std::optional<double> within{};  // relative
  std::optional<std::size_t> at_most{};
  std::optional<double> time_limit{};  // seconds for each target; none: default_time_limit
};

inline constexpr double default_time_limit = 60.0;

// Whether the path is that of a SPICE netlist rather than of a specification: .cir, .sp, .spice, .net, .ckt.
[[nodiscard]] bool names_netlist(std::string_view path);

// Does it and prints it; the exit code.
[[nodiscard]] int design_network(const NetworkQuestion& question, const Common& common);

}  // namespace ohmset::cli
