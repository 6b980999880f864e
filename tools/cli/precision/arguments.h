// The options of `ohmset precision`, and the same as JSON: a run can be repeated from what it printed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/process.h"
#include "tools/cli/command_line.h"
#include "tools/io/json.h"

namespace ohmset::cli {

// "" and none where they are not given.
struct PrecisionArguments {
  std::string spec{};  // path
  std::string devices{};
  bool signed_items = false;
  std::string nominal{};
  std::string distribution{};
  std::string sigmas{};  // one or several
  std::string ladder{};
  std::string topology{};
  std::string r_on{};
  std::string r_off{};
  std::string r_on_sigma{};
  std::string measurement_sigma{};
  std::optional<std::size_t> measurement_bits{};
  std::string choose{};
  std::optional<std::size_t> instances{};
  std::optional<std::size_t> banks{};
  std::optional<std::size_t> even{};
  std::vector<std::string> targets{};  // paths
  bool normalize = false;
  std::string unit{};
  std::string interval{};
  bool coverage = false;
  std::string temperatures{};
  std::string times{};
  bool contacts_anew = false;
  bool ceilings = false;
  bool contrast = false;
  std::string for_bits{};
  std::string probability{};
  std::string confidence{};
  // Not part of the question.
  std::string repeat{};  // path of a result
  std::string plot{};
};

void add_precision_options(Command& command, PrecisionArguments& arguments);

// What decides the result of a run, files read: all that another run needs.
struct PrecisionInput {
  PrecisionArguments arguments{};  // those given
  PrecisionArguments defaults{};   // what stands for those that are not given
  std::uint64_t seed = 1;
  std::optional<Fabrication> fabrication{};  // of the specification
  std::string spec_topology{};
  std::string spec_text{};
  std::vector<double> targets{};

  // What is given, or what stands for it; "" for neither.
  [[nodiscard]] const std::string& value(std::string PrecisionArguments::*option) const {
    return (arguments.*option).empty() ? defaults.*option : arguments.*option;
  }
};

// Reads the files that the options name, or the result that they say to repeat. Throws Error{input}.
[[nodiscard]] PrecisionInput read_precision_input(const PrecisionArguments& arguments, const Common& common);

// What stands for the options that are not given, by those that are, the specification and the targets. But for the
// unit, which the topology decides.
[[nodiscard]] PrecisionArguments defaults_of(const PrecisionInput& input);
[[nodiscard]] bool makes_pairs(const PrecisionInput& input);

// The question: every option's value, null for none, with the names of those that were given.
[[nodiscard]] io::Json json_of(const PrecisionInput& input);
// The question that an earlier run printed. Throws Error{input} for options of the question beside it, and for a file
// that was not printed so. requires arguments.repeat
[[nodiscard]] PrecisionInput repeated(const PrecisionArguments& arguments, const Common& common);

}  // namespace ohmset::cli
