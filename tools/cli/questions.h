// What can be asked about attainable values, as options that design and subset-sum share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "design/subset_sum.h"
#include "tools/cli/command_line.h"

namespace ohmset::cli {

struct QuestionArguments {
  std::uint64_t best = 1;
  bool all = false;
  bool any = false;
  std::string within{};
  std::optional<std::size_t> at_least{};
  std::optional<std::size_t> at_most{};
  std::optional<std::size_t> exactly{};
  std::string force_in{};
  std::string force_out{};
  bool below = false;
  bool above = false;
  std::string least{};
  std::string cost{};
  std::optional<std::size_t> cap{};
  bool no_neighbours = false;
};

// `thing` is what is chosen: "device", "item".
void add_questions(Command& command, QuestionArguments& arguments, const std::string& thing);

// The same, understood. Throws Error{input} for what contradicts itself.
struct Questions {
  std::size_t best = 1;
  bool any = false;
  std::optional<double> within{};  // as written; relative unless the command says otherwise
  std::optional<std::size_t> at_least{};
  std::optional<std::size_t> at_most{};
  Side side = Side::either;
  std::vector<std::size_t> force_in{};
  std::vector<std::size_t> force_out{};
  bool cheapest = false;
  std::vector<double> costs{};
  std::size_t cap = 100'000;
  bool neighbours = true;
};
// `count` devices or items; every index and cost is checked against it.
[[nodiscard]] Questions questions_of(const QuestionArguments& arguments, std::size_t count);

// Whether anything is asked beyond --best, --within and --at-most.
[[nodiscard]] bool beyond_basic(const QuestionArguments& arguments);

// "0.001" or "0.1%" given to the option `name`. Throws Error{input} that names the option.
[[nodiscard]] double relative_of(const std::string& name, std::string_view text);
// The same, more than 0 and less than 1.
[[nodiscard]] double probability_of(const std::string& name, std::string_view text);

}  // namespace ohmset::cli
