// ohmset design --robust: what is not known of the devices, and what was gained.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "design/program.h"
#include "tools/cli/command_line.h"
#include "tools/cli/questions.h"
#include "tools/io/json.h"

namespace ohmset::cli {

struct RobustArguments {
  bool robust = false;
  std::string temperatures{};
  std::string times{};
  std::string spread{};         // of devices given as values
  std::string switch_spread{};  // of their switches
};

void add_robust(Command& command, RobustArguments& arguments);
[[nodiscard]] bool any_robust(const RobustArguments& arguments);

// None when no robust choice is asked for. Throws Error{input} for what contradicts itself and when nothing deviates.
// `fabrication` is that of the specification, where there is one.
[[nodiscard]] std::optional<DeviceSpreads> spreads_of(const RobustArguments& arguments,
                                                      const QuestionArguments& questions, const Bank& bank,
                                                      const std::optional<Fabrication>& fabrication);

[[nodiscard]] io::Json spreads_json(const DeviceSpreads& spreads);
// "0.123 %"
[[nodiscard]] std::string spread_text(double relative);
// Lines below the table.
[[nodiscard]] std::string robust_text(const Bank& bank, const std::vector<Design>& designs,
                                      const ProgramOptions& options);

}  // namespace ohmset::cli
