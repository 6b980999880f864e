// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/error.h"
#include "tools/cli/lists.h"
#include "tools/io/matrix_file.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t most_answers = 10'000'000;

std::vector<std::size_t> indices_of(const std::string& name, std::string_view text, std::size_t count) {
  std::vector<std::size_t> indices;
  if (text.empty()) return indices;
  for (const std::string_view part : parts_of(text, ',')) {
    indices.push_back(whole_of(name, part));
    if (indices.back() >= count) {
      throw input_error(fmt::format("{} {}", name, indices.back()), fmt::format("there are {}, counted from 0", count));
    }
  }
  return indices;
}

[[noreturn]] void both(std::string_view a, std::string_view b) {
  throw input_error(fmt::format("{} and {} are both given", a, b), "expected one of them");
}

std::vector<double> costs_of(const std::string& path, std::size_t count) {
  std::vector<double> costs = io::read_values(path, "");
  if (costs.size() != count) {
    throw input_error(Where{path}, fmt::format("{} costs", costs.size()), fmt::format("expected {}", count));
  }
  for (const double cost : costs) {
    if (!std::isfinite(cost)) throw input_error(Where{path}, fmt::format("a cost of {}", cost), "expected finite ones");
  }
  return costs;
}

}  // namespace

void add_questions(Command& command, QuestionArguments& arguments, const std::string& thing) {
  command.whole("--best", arguments.best, "the N best of each target [1]", 1);
  command.text("--within", "EPS", arguments.within, "only with a relative error of at most EPS, e.g. 1e-6 or 0.1%");
  command.flag("--all", arguments.all, "all of them, with --within; at most --cap");
  command.flag("--any", arguments.any, "any one within EPS");
  command.whole("--at-most", arguments.at_most, fmt::format("at most N inserted {}s", thing));
  command.whole("--at-least", arguments.at_least, fmt::format("at least N inserted {}s", thing));
  command.whole("--exactly", arguments.exactly, fmt::format("exactly N inserted {}s", thing));
  command.text("--force-in", "LIST", arguments.force_in, fmt::format("{}s that must be inserted, e.g. 0,3", thing));
  command.text("--force-out", "LIST", arguments.force_out, fmt::format("{}s that must not be", thing));
  command.flag("--below", arguments.below, "only values at or below the target");
  command.flag("--above", arguments.above, "only values at or above the target");
  command.choice("--least", {"inserted"}, arguments.least,
                 fmt::format("fewest inserted {}s first, then the least error; with --within", thing));
  command.text("--cost", "FILE", arguments.cost,
               fmt::format("least cost first, one per {} in a .csv or .npy file; with --within", thing));
  command.whole("--cap", arguments.cap, "never more than N answers for each target [100000]", 1);
  command.flag("--no-neighbours", arguments.no_neighbours,
               "do not look for the nearest values below and above: faster for many targets");
}

Questions questions_of(const QuestionArguments& arguments, std::size_t count) {
  Questions questions{.best = arguments.all ? std::numeric_limits<std::size_t>::max() : arguments.best,
                      .any = arguments.any,
                      .at_least = arguments.at_least,
                      .at_most = arguments.at_most,
                      .force_in = indices_of("--force-in", arguments.force_in, count),
                      .force_out = indices_of("--force-out", arguments.force_out, count),
                      .cheapest = !arguments.least.empty() || !arguments.cost.empty(),
                      .cap = arguments.cap.value_or(100'000),
                      .neighbours = !arguments.no_neighbours};
  if (!arguments.within.empty()) questions.within = relative_of("--within", arguments.within);
  if (arguments.all && arguments.best != 1) both("--all", "--best");
  if (arguments.all && arguments.any) both("--all", "--any");
  if (arguments.any && arguments.best != 1) both("--any", "--best");
  if (arguments.below && arguments.above) both("--below", "--above");
  if (!arguments.least.empty() && !arguments.cost.empty()) both("--least", "--cost");
  if (arguments.any && questions.cheapest) both("--any", arguments.least.empty() ? "--cost" : "--least");
  const bool needs_within = arguments.all || arguments.any || questions.cheapest;
  if (needs_within && !questions.within) {
    const std::string_view name = arguments.all             ? "--all"
                                  : arguments.any           ? "--any"
                                  : arguments.least.empty() ? "--cost"
                                                            : "--least";
    throw input_error(fmt::format("{} alone", name), "expected --within too");
  }
  if (arguments.exactly) {
    if (arguments.at_least) both("--exactly", "--at-least");
    if (arguments.at_most) both("--exactly", "--at-most");
    questions.at_least = questions.at_most = arguments.exactly;
  }
  for (const std::size_t k : questions.force_in) {
    if (std::count(questions.force_out.begin(), questions.force_out.end(), k) != 0) {
      throw input_error(fmt::format("--force-in {}", k), "it is forced out as well");
    }
  }
  if (questions.cap > most_answers) {
    throw input_error(fmt::format("--cap {}", questions.cap), fmt::format("expected at most {}", most_answers));
  }
  if (!arguments.cost.empty()) questions.costs = costs_of(arguments.cost, count);
  questions.side = arguments.below ? Side::below : arguments.above ? Side::above : Side::either;
  return questions;
}

bool beyond_basic(const QuestionArguments& arguments) {
  return arguments.all || arguments.any || arguments.at_least || arguments.exactly || !arguments.force_in.empty() ||
         !arguments.force_out.empty() || arguments.below || arguments.above || !arguments.least.empty() ||
         !arguments.cost.empty() || arguments.cap;
}

double relative_of(const std::string& name, std::string_view text) {
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const double value = quantity_of(name, text, "") / (percent ? 100.0 : 1.0);
  if (!std::isfinite(value)) throw input_error(fmt::format("{} {}", name, text), "expected a finite value");
  return value;
}

double probability_of(const std::string& name, std::string_view text) {
  const double value = relative_of(name, text);
  if (!(value > 0.0 && value < 1.0)) {
    throw input_error(fmt::format("{} {}", name, text), "expected a probability between 0 and 1, or percent");
  }
  return value;
}

}  // namespace ohmset::cli
