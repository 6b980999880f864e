// ohmset subset-sum: which of some numbers add up to a target, for any finite numbers.
// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <bit>
#include <cmath>

#include "design/large_search.h"
#include "design/many_targets.h"
#include "sim/bank.h"
#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/cli/lists.h"
#include "tools/cli/questions.h"
#include "tools/cli/report.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/matrix_file.h"

namespace ohmset::cli {
namespace {

struct Arguments {
  std::string items{};
  std::string values{};
  std::vector<std::string> targets{};
  std::string targets_file{};
  bool absolute = false;
  QuestionArguments questions{};
};

double finite(const std::string& name, std::string_view text) {
  double value = 0.0;
  try {
    value = parse_quantity(text, "");
  } catch (const Error& error) {
    throw input_error(name, error.what());
  }
  if (!std::isfinite(value)) throw input_error(fmt::format("{} {}", name, text), "expected a finite value");
  return value;
}

std::vector<double> finite_values(const std::string& path) {
  std::vector<double> values = io::read_values(path, "");
  for (const double value : values) {
    if (!std::isfinite(value)) {
      throw input_error(Where{path}, fmt::format("a value of {}", value), "expected finite ones");
    }
  }
  return values;
}

std::vector<double> items_of(const Arguments& arguments) {
  if (arguments.items.empty() == arguments.values.empty()) {
    throw input_error(arguments.items.empty() ? "no items given" : "--items and --values are both given",
                      "expected one of --items and --values");
  }
  if (!arguments.items.empty()) return finite_values(arguments.items);
  std::vector<double> items;
  for (const std::string_view part : parts_of(arguments.values, ',')) items.push_back(finite("--values", part));
  return items;
}

std::vector<double> targets_of(const Arguments& arguments) {
  std::vector<double> targets;
  for (const std::string& text : arguments.targets) targets.push_back(finite("--target", text));
  if (!arguments.targets_file.empty()) {
    for (const double target : finite_values(arguments.targets_file)) targets.push_back(target);
  }
  if (targets.empty()) throw input_error("no target given", "expected --target or --targets");
  return targets;
}

struct Picked {
  Configuration items{};
  double sum = 0.0;
  double error = 0.0;
  double cost = 0.0;
};

struct Answer {
  double target = 0.0;
  std::vector<Picked> picked{};
  std::string method{};
  bool exact = true;
  bool capped = false;
  bool reachable = false;
  double bound = 0.0;  // no allowed subset errs by less
  std::optional<Picked> below{};
  std::optional<Picked> above{};
};

class Solver {
 public:
  Solver(std::vector<double> items, const Questions& questions, bool absolute)
      : items_(std::move(items)), questions_(questions), absolute_(absolute) {
    limits_ = {.at_least = questions.at_least, .at_most = questions.at_most};
    for (const std::size_t k : questions.force_in) limits_.forced_in |= bit(k);
    for (const std::size_t k : questions.force_out) limits_.forced_out |= bit(k);
    const auto forced = static_cast<std::size_t>(std::popcount(limits_.forced_in | limits_.forced_out));
    large_ = items_.size() > forced + most_items;
    if (large_) require_large(forced);
  }

  [[nodiscard]] const std::vector<double>& items() const { return items_; }

  [[nodiscard]] std::vector<Answer> answers(const std::vector<double>& targets) const {
    std::vector<Answer> answers(targets.size());
    if (closest_alone() && targets.size() > 1) {
      const std::vector<Subset> each = closest_to_each(items_, targets);
      for (std::size_t k = 0; k < targets.size(); ++k) {
        answers[k] = about(targets[k]);
        answers[k].method = "sorted sums shared by all targets";
        answers[k].picked.push_back(picked(each[k]));
        answers[k].bound = std::abs(each[k].error);
      }
      return answers;
    }
    tbb::parallel_for(std::size_t{0}, targets.size(), [&](std::size_t k) {
      answers[k] = about(targets[k]);
      large_ ? answer_large(answers[k]) : answer_small(answers[k]);
    });
    return answers;
  }

 private:
  [[nodiscard]] Answer about(double target) const {
    Answer answer{.target = target};
    if (const auto range = range_of_sums(items_, limits_)) {
      answer.reachable = range->least <= target && target <= range->greatest;
    }
    return answer;
  }

  // Nothing but the closest subset is asked for.
  [[nodiscard]] bool closest_alone() const {
    return !large_ && items_.size() <= most_items && questions_.best == 1 && !questions_.any && !questions_.within &&
           !questions_.at_least && !questions_.at_most && questions_.side == Side::either && !questions_.cheapest &&
           !questions_.neighbours && (limits_.forced_in | limits_.forced_out) == 0;
  }

  [[nodiscard]] static std::uint64_t bit(std::size_t k) {
    if (k >= most_masked) {
      throw input_error(fmt::format("item {}", k), fmt::format("expected one of the first {} to force", most_masked));
    }
    return std::uint64_t{1} << k;
  }

  void require_large(std::size_t forced) const {
    const auto refuse = [&](const std::string& expected) {
      throw input_error(fmt::format("{} items to choose from", items_.size() - forced), expected);
    };
    if (items_.size() > most_any_items) refuse(fmt::format("expected at most {}", most_any_items));
    if (items_.size() > most_large_items && !questions_.any) {
      refuse(fmt::format("expected at most {} for the closest subset; more with --any", most_large_items));
    }
    if (questions_.best != 1 || questions_.at_least || questions_.at_most || questions_.side != Side::either ||
        questions_.cheapest || forced != 0) {
      refuse(fmt::format("this question takes at most {}", most_items));
    }
  }

  [[nodiscard]] std::optional<double> within(double target) const {
    if (!questions_.within) return std::nullopt;
    return absolute_ ? *questions_.within : *questions_.within * std::abs(target);
  }

  [[nodiscard]] Picked picked(const Subset& subset) const {
    Configuration items(items_.size());
    for (std::uint64_t rest = subset.mask; rest != 0; rest &= rest - 1) {
      items.set(static_cast<std::size_t>(std::countr_zero(rest)), true);
    }
    return {.items = std::move(items), .sum = subset.sum, .error = subset.error, .cost = subset.cost};
  }

  void answer_small(Answer& answer) const {
    SubsetSumOptions options = limits_;
    options.best = questions_.best;
    options.cap = questions_.cap;
    options.side = questions_.side;
    options.within = within(answer.target);
    const SubsetSumResult result = questions_.cheapest ? cheapest_subset_sums(items_, questions_.costs, -infinity,
                                                                              infinity, answer.target, options)
                                                       : closest_subset_sums(items_, answer.target, options);
    answer.method = result.method;
    answer.exact = result.exact;
    answer.capped = result.capped;
    for (const Subset& subset : result.subsets) answer.picked.push_back(picked(subset));
    if (answer.exact) {
      answer.bound = answer.picked.empty() ? options.within.value_or(infinity) : answer.picked.front().error;
    }
    if (!questions_.neighbours) return;
    answer.below = neighbour(answer, Side::below);
    answer.above = neighbour(answer, Side::above);
    answer.reachable = answer.below && answer.above;
  }

  [[nodiscard]] std::optional<Picked> neighbour(const Answer& answer, Side side) const {
    // The nearest one of all is one of the two.
    if (!questions_.cheapest && questions_.side == Side::either && !answer.picked.empty()) {
      const double error = answer.picked.front().error;
      if (side == Side::below ? error <= 0.0 : error >= 0.0) return answer.picked.front();
    }
    const SubsetSumResult near = side == Side::below ? subset_sums_below(items_, answer.target, 1, limits_)
                                                     : subset_sums_above(items_, answer.target, 1, limits_);
    if (near.subsets.empty()) return std::nullopt;
    return picked(near.subsets.front());
  }

  void answer_large(Answer& answer) const {
    const std::optional<double> eps = within(answer.target);
    if (questions_.any) {
      const AnyWithin any = any_within(items_, answer.target, *eps);
      answer.method = "any-within";
      answer.exact = false;
      if (!any.found) return;
      answer.picked.push_back({.items = Configuration(items_.size()), .sum = any.sum, .error = any.error});
      for (const std::size_t k : any.chosen) answer.picked.front().items.set(k, true);
      return;
    }
    const LargeSearchResult result = closest_of_many(items_, answer.target);
    answer.method = "meet-in-the-middle in windows";
    answer.exact = result.proven;
    if (!eps || std::abs(result.subset.error) <= *eps) answer.picked.push_back(picked(result.subset));
  }

  std::vector<double> items_;
  Questions questions_;
  bool absolute_;
  bool large_ = false;
  SubsetSumOptions limits_{};
};

double bits_of(const Picked& subset, double target) {
  if (target == 0.0) return std::numeric_limits<double>::quiet_NaN();
  return subset.error == 0.0 ? infinity : -std::log2(std::abs(subset.error / target));
}

void add_picked(io::Json& json, const Picked* picked, double target, bool costed) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  json["sum"] = io::json_number(picked != nullptr ? picked->sum : none);
  json["error"] = io::json_number(picked != nullptr ? picked->error : none);
  json["relative_error"] = io::json_number(picked != nullptr && target != 0.0 ? picked->error / target : none);
  json["bits"] = io::json_number(picked != nullptr ? bits_of(*picked, target) : none);
  if (costed) json["cost"] = io::json_number(picked != nullptr ? picked->cost : none);
  json["mask"] = picked != nullptr ? io::Json(picked->items.text()) : io::Json(nullptr);
  json["on"] = picked != nullptr ? io::Json(picked->items.on()) : io::Json::array();
}

io::Json neighbour_json(const std::optional<Picked>& picked) {
  if (!picked) return nullptr;
  io::Json json;
  json["sum"] = io::json_number(picked->sum);
  json["error"] = io::json_number(picked->error);
  json["mask"] = picked->items.text();
  return json;
}

io::Json to_json(const Answer& answer, bool costed) {
  io::Json json;
  json["target"] = io::json_number(answer.target);
  add_picked(json, answer.picked.empty() ? nullptr : answer.picked.data(), answer.target, costed);
  json["alternatives"] = io::Json::array();
  for (std::size_t k = 1; k < answer.picked.size(); ++k) {
    io::Json alternative;
    add_picked(alternative, &answer.picked[k], answer.target, costed);
    json["alternatives"].push_back(std::move(alternative));
  }
  json["method"] = answer.method;
  json["exact"] = answer.exact;
  json["proven"] = answer.exact ? io::Json("exact") : io::json_number(answer.bound);
  json["capped"] = answer.capped;
  json["reachable"] = answer.reachable;
  json["neighbours"]["below"] = neighbour_json(answer.below);
  json["neighbours"]["above"] = neighbour_json(answer.above);
  return json;
}

// In full up to a length that a person reads.
std::string shown(const std::string& text) {
  constexpr std::size_t most = 100;
  return text.size() <= most ? text : fmt::format("{}...", text.substr(0, most));
}

std::string people_table(const std::vector<Answer>& answers, double seconds) {
  std::vector<std::vector<std::string>> rows = {{"target", "sum", "error", "bits", "items", "subset (item 0 first)"}};
  bool capped = false;
  bool exact = true;
  for (const Answer& answer : answers) {
    capped = capped || answer.capped;
    exact = exact && answer.exact;
    if (answer.picked.empty()) rows.push_back({fmt::format("{}", answer.target), "none"});
    bool first = true;
    for (const Picked& picked : answer.picked) {
      const double bits = bits_of(picked, answer.target);
      rows.push_back({first ? fmt::format("{}", answer.target) : "", fmt::format("{}", picked.sum),
                      fmt::format("{:+.2e}", picked.error), std::isnan(bits) ? "-" : fmt::format("{:.2f}", bits),
                      fmt::format("{} of {}", picked.items.count(), picked.items.size()), shown(picked.items.text())});
      first = false;
    }
  }
  std::string text = table(rows, {5});
  text +=
      fmt::format("{} ({}), {}\n", answers.front().method, exact ? "exact" : "not proven best", seconds_text(seconds));
  if (capped) text += "more subsets were within reach than are listed\n";
  return text;
}

int run(const Arguments& arguments, const Common& common) {
  if (!common.output.empty()) io::check_output(common.output, common.force);
  const std::vector<double> targets = targets_of(arguments);
  std::vector<double> items = items_of(arguments);
  const Questions questions = questions_of(arguments.questions, items.size());
  if (arguments.absolute && !questions.within) throw input_error("--absolute alone", "expected --within too");
  const Solver solver(std::move(items), questions, arguments.absolute);

  const Stopwatch watch;
  const std::vector<Answer> answers = solver.answers(targets);
  const double seconds = watch.seconds();

  bool exact = true;
  bool reached = true;
  io::Json json;
  json["items"] = io::json_numbers(solver.items());
  json["results"] = io::Json::array();
  for (const Answer& answer : answers) {
    exact = exact && answer.exact;
    reached = reached && !answer.picked.empty();
    json["results"].push_back(to_json(answer, questions.cheapest));
  }
  json["method"] = answers.front().method;
  json["exact"] = exact;
  if (!common.output.empty()) io::write_file(common.output, io::json_text(json), common.force);
  json["seconds"] = seconds;
  if (common.json) {
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_table(answers, seconds));
  }
  if (!reached) note(common, "ohmset: no subset is within reach of every target");
  return reached ? done : check_failed;
}

}  // namespace

void add_subset_sum(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("subset-sum", "which of some numbers add up to a target", "the answers as JSON",
                             "ohmset subset-sum --values 0.31,-0.74,0.52,0.18,-0.09 --target 0.3 --best 3",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.text("--items", "FILE", arguments->items, "finite numbers, signed or not, from a .csv or .npy file");
  command.text("--values", "LIST", arguments->values, "the items themselves: 1.5,-2,...");
  command.texts("--target", "Z", arguments->targets, "target; repeatable");
  command.text("--targets", "FILE", arguments->targets_file, "targets from a .csv or .npy file");
  command.flag("--absolute", arguments->absolute, "EPS of --within is absolute, not relative to the target");
  add_questions(command, arguments->questions, "item");
}

}  // namespace ohmset::cli
