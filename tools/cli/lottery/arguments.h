// What `ohmset lottery` is asked: its options, and the question that they or an earlier run's JSON make.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "design/lottery.h"
#include "tools/cli/command_line.h"
#include "tools/cli/lottery/ticket_crossbar.h"
#include "tools/io/json.h"

namespace ohmset::cli {

// As given on the command line; empty where nothing was said.
struct LotteryArguments {
  std::string weights{};
  std::string construction{};
  std::optional<std::size_t> units{};
  std::optional<double> scale{};
  bool nonnegative = false;
  std::optional<double> fewest_within{};
  std::optional<double> within{};
  std::optional<std::size_t> random_inputs{};
  std::optional<double> unit_conductance{};
  std::optional<double> r_word{};
  std::optional<double> r_bit{};
  std::optional<double> r_driver{};
  std::optional<double> r_sense{};
  // Of the run and not of the question: where things are and what is written.
  std::string repeat{};
  std::string inputs{};
  std::string as_crossbar{};
};

// Everything that decides the figures and the files, nothing left to defaults.
struct LotteryQuestion {
  std::string weights{};      // path
  std::string fingerprint{};  // of the weights; "" until they were read
  std::string construction = "subset-sum";
  std::size_t units = 0;
  std::optional<double> scale{};  // none: by the weights
  bool nonnegative = false;
  std::optional<double> fewest_within{};
  std::optional<double> within{};
  std::size_t random_inputs = 100;
  double unit_conductance = 10e-6;
  double r_word = 0.0;
  double r_bit = 0.0;
  double r_driver = 0.0;
  double r_sense = 0.0;
  std::uint64_t seed = 1;
};

void add_lottery_options(Command& command, LotteryArguments& arguments);

// Throws Error{input} for what contradicts itself, or --repeat's file.
[[nodiscard]] LotteryQuestion lottery_question(const LotteryArguments& arguments, const Common& common);

// Reads the weights; their fingerprint becomes the question's, or must be the one that it has. Throws Error{input}
// naming the file.
[[nodiscard]] Layer read_layer(LotteryQuestion& question);

[[nodiscard]] LotteryOptions options_of(const LotteryQuestion& question);
[[nodiscard]] TicketCrossbarOptions crossbar_options(const LotteryQuestion& question);

// What --repeat reads: the keys are the options' names.
[[nodiscard]] io::Json json_of(const LotteryQuestion& question);

}  // namespace ohmset::cli
