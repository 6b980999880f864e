// Who is judged by `ohmset tolerance`, read from its files: a bank's design, a crossbar's design or a bare
// specification.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "design/monte_carlo.h"
#include "design/tolerance.h"
#include "sim/matrix.h"
#include "tools/cli/command_line.h"
#include "tools/cli/conditions.h"
#include "tools/cli/digest.h"
#include "tools/io/json.h"

namespace ohmset::cli {

struct SubjectArguments {
  std::string path{};
  std::string spec{};  // spreads for a design, instead of those it carries
  std::vector<std::string> targets{};
  bool conductance = false;
  std::optional<std::size_t> result{};  // of a bank's design; none: all
  bool redesign = false;
  bool blind = false;
  bool around_measured = false;
  std::string temperatures{};
  std::string times{};
  std::string inputs{};  // of a crossbar
  std::optional<std::size_t> random_inputs{};
  std::string error = "largest";
  std::string at{};  // of a crossbar: "INPUT,OUTPUT" for corners and sensitivities
};

// Rows of a table, and the same as JSON.
struct Answer {
  std::vector<std::vector<std::string>> rows{};
  io::Json json = io::Json::array();
};

struct Subject {
  std::string title{};       // one line for people
  std::string population{};  // "a die over its life", ...
  io::Json about{};          // kind, population, targets, conditions, what is drawn
  std::vector<std::string> drawn{};
  std::vector<std::string> series{};  // names
  std::vector<io::Json> series_about{};
  std::string fingerprint{};  // of everything that decides a sample's values
  std::string error{};        // what a value is

  Experiment experiment{};
  std::function<std::vector<std::uint32_t>()> ranking{};
  std::function<Answer(std::span<const double> point)> replay{};
  std::function<Answer(double sigmas)> corners{};
  std::function<Answer(std::size_t most)> sensitivities{};                           // about so many rows, all as JSON
  std::function<Matrix(const SamplingPlan& plan, std::size_t samples)> error_map{};  // crossbars alone
};

// Throws Error{input} for what contradicts itself or the files.
[[nodiscard]] Subject read_subject(const SubjectArguments& arguments, const Common& common);

// Of a bank's design or a bare specification; of a crossbar's design.
[[nodiscard]] Subject bank_subject(const SubjectArguments& arguments, const Common& common);
[[nodiscard]] Subject crossbar_subject(const SubjectArguments& arguments, const Common& common);

// The row and the JSON of a corner, in `unit`; what the JSON begins with is up to the caller.
void add_corner(Answer& answer, const std::string& name, const Corner& corner, std::string_view unit,
                const Condition& condition, io::Json begin);
[[nodiscard]] std::string_view name_of(Population population);
// Every number of it that decides what is drawn, for digests.
[[nodiscard]] std::string digits_of(const Fabrication& fabrication);
// Relative errors for people: "+1.2 %", "-3.4 ppm"; spreads without a sign.
[[nodiscard]] std::string error_text(double relative);
[[nodiscard]] std::string magnitude_text(double relative);

}  // namespace ohmset::cli
