// ohmset combine: which few resistors of a drawer make a resistance.
// SPDX-License-Identifier: Apache-2.0
#include "design/combine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "design/series.h"
#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/cli/report.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/stock_file.h"

namespace ohmset::cli {
namespace {

struct Arguments {
  std::string series{};
  std::string stock{};
  std::string target{};
  std::optional<double> from{};
  std::optional<double> to{};
  std::uint64_t parts = 3;
  std::uint64_t best = 5;
  std::string tolerance{};
  std::optional<double> voltage{};
  std::optional<double> current{};
};

// What there is to choose from, and how precise it is.
struct Drawer {
  std::string name{};
  io::StockFile stock{};
  double tolerance = 0.0;
  std::string tolerance_from{};
};

double in_range(const std::string& option, double ohm) {
  if (ohm >= least_stock_ohm && ohm <= most_stock_ohm) return ohm;
  throw input_error(fmt::format("{} {} ohm", option, ohm),
                    fmt::format("expected {} to {} ohm", least_stock_ohm, most_stock_ohm));
}

// "0.01" or "1%", below 1.
double tolerance_of(std::string_view text) {
  const std::string given(text);
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  const double value = quantity_of("--tolerance", text, "") * (percent ? 0.01 : 1.0);
  if (!(value < 1.0)) throw input_error("--tolerance " + given, "expected less than 100%, e.g. 1%");
  return value;
}

Drawer series_drawer(const Arguments& arguments) {
  const Series series = series_named(arguments.series);
  const double from = in_range("--from", arguments.from.value_or(1.0));
  const double to = in_range("--to", arguments.to.value_or(10e6));
  if (from > to) throw input_error(fmt::format("--from {} ohm is above --to {} ohm", from, to));
  const std::string name(series_name(series));
  Drawer drawer{
      .name = fmt::format("{}, {} to {}", name, format_engineering(from, "ohm"), format_engineering(to, "ohm")),
      .tolerance = series_tolerance(series),
      .tolerance_from = "the default of " + name};
  for (const double ohm : series_values(series, Ohm{from}, Ohm{to})) drawer.stock.values.push_back({Ohm{ohm}});
  if (drawer.stock.values.empty()) {
    throw input_error(fmt::format("no value of {} from {} to {} ohm", name, from, to), "expected a wider range");
  }
  return drawer;
}

Drawer drawer_of(const Arguments& arguments) {
  if (arguments.series.empty() == arguments.stock.empty()) {
    throw input_error(arguments.series.empty() ? "no parts given" : "--series and --stock are both given",
                      "expected --series E96 or --stock FILE");
  }
  Drawer drawer;
  if (!arguments.series.empty()) {
    drawer = series_drawer(arguments);
  } else {
    for (const auto& [given, name] :
         {std::pair(arguments.from.has_value(), "--from"), std::pair(arguments.to.has_value(), "--to")}) {
      if (given) throw input_error(fmt::format("{} goes with --series", name), "a stock file is taken whole");
    }
    drawer = {.name = arguments.stock,
              .stock = io::read_stock(arguments.stock),
              .tolerance_from = "measured parts, unless --tolerance says otherwise"};
  }
  if (!arguments.tolerance.empty()) {
    drawer.tolerance = tolerance_of(arguments.tolerance);
    drawer.tolerance_from = "given";
  }
  return drawer;
}

// A combination with what is derived from it.
struct Row {
  const Combination* combination = nullptr;
  std::vector<double> shares{};
  Deviation deviation{};
  std::optional<double> power{};  // watt, of the whole circuit
  std::size_t hottest = 0;        // position in the expression

  Row(const Combination& found, const Drawer& drawer, const Arguments& arguments)
      : combination(&found),
        shares(power_shares(found.circuit, drawer.stock.values)),
        deviation(ohmset::deviation(shares, drawer.tolerance)) {
    if (arguments.voltage) power = *arguments.voltage * *arguments.voltage / found.value;
    if (arguments.current) power = *arguments.current * *arguments.current * found.value;
    hottest = static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
  }
};

io::Json json_of(const Row& row, const Drawer& drawer, double target) {
  const Combination& found = *row.combination;
  io::Json json;
  json["expression"] = found.expression;
  io::Json parts = io::Json::array();
  io::Json names = io::Json::array();
  io::Json powers = io::Json::array();
  for (std::size_t k = 0; k < found.parts.size(); ++k) {
    parts.push_back(drawer.stock.values[found.parts[k]].resistance.value);
    if (!drawer.stock.names.empty()) names.push_back(drawer.stock.names[found.parts[k]]);
    if (row.power) powers.push_back(io::json_number(*row.power * row.shares[k]));
  }
  json["parts"] = parts;
  if (!names.empty()) json["names"] = names;
  json["value"] = found.value;
  json["relative_error"] = found.relative_error;
  const double t = row.deviation.worst_case;
  json["worst_case"] = {{"low_ohm", found.value * (1.0 - t)},
                        {"high_ohm", found.value * (1.0 + t)},
                        {"low_relative_error", (found.value * (1.0 - t) - target) / target},
                        {"high_relative_error", (found.value * (1.0 + t) - target) / target}};
  json["rss"] = row.deviation.root_sum_square;
  json["power_share"] = io::json_numbers(row.shares);
  if (row.power) json["power_watt"] = powers;
  json["hottest"] = row.hottest;
  return json;
}

std::string percent(double relative) { return fmt::format("{:.3g} %", relative * 100.0); }

std::string hottest_text(const Row& row, const Drawer& drawer) {
  const std::size_t part = row.combination->parts[row.hottest];
  std::string text = format_engineering(drawer.stock.values[part].resistance.value, "ohm");
  if (!drawer.stock.names.empty() && !drawer.stock.names[part].empty()) text += " " + drawer.stock.names[part];
  const double share = row.shares[row.hottest];
  text += fmt::format(": {:.0f} %", share * 100.0);
  return row.power ? text + ", " + format_engineering(*row.power * share, "W", 3) : text;
}

// The parts' names in the expression's order.
std::string names_text(const Combination& found, const Drawer& drawer) {
  std::string text;
  for (const std::size_t part : found.parts) {
    text += (text.empty() ? "" : " ") + (drawer.stock.names[part].empty() ? "-" : drawer.stock.names[part]);
  }
  return text;
}

std::string people_table(const std::vector<Row>& rows, const Drawer& drawer, const Arguments& arguments,
                         const CombineResult& result, double target, double seconds) {
  std::size_t available = 0;
  for (const StockValue& value : drawer.stock.values) available += value.quantity > 0 ? 1 : 0;
  std::string text =
      fmt::format("{}: {} values; target {}, at most {} parts of {} ({})\n", drawer.name, available,
                  format_engineering(target, "ohm", 8), arguments.parts,
                  drawer.tolerance > 0.0 ? "+-" + percent(drawer.tolerance) : "no tolerance", drawer.tolerance_from);
  std::vector<std::vector<std::string>> cells = {
      {"combination", "value", "relative error", "worst case", "rss", "most power in"}};
  const bool named = !drawer.stock.names.empty();
  if (named) cells[0].push_back("parts");
  for (const Row& row : rows) {
    const Combination& found = *row.combination;
    cells.push_back({found.expression, format_engineering(found.value, "ohm", 10),
                     found.relative_error == 0.0 ? "0" : fmt::format("{:+.2e}", found.relative_error),
                     "+-" + percent(row.deviation.worst_case), "+-" + percent(row.deviation.root_sum_square),
                     hottest_text(row, drawer)});
    if (named) cells.back().push_back(names_text(found, drawer));
  }
  text += table(cells, {0, 5, 6});
  text +=
      fmt::format("{}, {}\n",
                  result.exact ? "exact: no circuit of these parts comes nearer"
                               : "not proven best: circuits of many parts use only the values nearest to the target",
                  seconds_text(seconds));
  return text;
}

void check_drive(const Arguments& arguments) {
  if (arguments.voltage && arguments.current) {
    throw input_error("--voltage and --current are both given", "expected one of them");
  }
  for (const auto& [value, name] :
       {std::pair(arguments.voltage, "--voltage"), std::pair(arguments.current, "--current")}) {
    if (value && !(*value <= 1e9)) throw input_error(fmt::format("{} {}", name, *value), "expected at most 1e9");
  }
}

int run(const Arguments& arguments, const Common& common) {
  if (!common.output.empty()) io::check_output(common.output, common.force);
  const double target = in_range("--target", quantity_of("--target", arguments.target, "ohm"));
  if (arguments.parts > most_combined_parts) {
    throw input_error(fmt::format("--parts {}", arguments.parts), fmt::format("expected 1 to {}", most_combined_parts));
  }
  if (arguments.best > most_combinations) {
    throw input_error(fmt::format("--best {}", arguments.best), fmt::format("expected 1 to {}", most_combinations));
  }
  check_drive(arguments);
  const Drawer drawer = drawer_of(arguments);

  const Stopwatch watch;
  const CombineResult result =
      combine(drawer.stock.values, Ohm{target}, {.parts = arguments.parts, .best = arguments.best});
  const double seconds = watch.seconds();
  std::vector<Row> rows;
  for (const Combination& found : result.combinations) rows.emplace_back(found, drawer, arguments);

  const bool reachable = target >= result.least * (1.0 - 1e-12) && target <= result.most * (1.0 + 1e-12);
  io::Json json;
  json["target"] = target;
  json["stock"] = drawer.name;
  json["tolerance"] = drawer.tolerance;
  json["results"] = io::Json::array();
  for (const Row& row : rows) json["results"].push_back(json_of(row, drawer, target));
  json["least_ohm"] = result.least;
  json["most_ohm"] = result.most;
  json["reachable"] = reachable;
  json["exact"] = result.exact;
  json["seconds"] = seconds;
  if (!common.output.empty()) io::write_file(common.output, io::json_text(json), common.force);
  if (common.json) {
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_table(rows, drawer, arguments, result, target, seconds));
  }
  if (!reachable) {
    note(common, fmt::format("ohmset: the target is {} what {} of these parts can make ({} to {})",
                             target < result.least ? "below" : "above", arguments.parts,
                             format_engineering(result.least, "ohm"), format_engineering(result.most, "ohm")));
  }
  return done;
}

}  // namespace

void add_combine(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("combine", "make a resistance of a few stock parts in series and parallel",
                             "the combinations as JSON", "ohmset combine --series E96 --target 4.712k --parts 3",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.text("--series", "NAME", arguments->series, "parts of a standard series: E3 E6 E12 E24 E48 E96 E192");
  command.quantity("--from", "ohm", arguments->from, "the smallest of them [1]");
  command.quantity("--to", "ohm", arguments->to, "the largest of them [10meg]");
  command.text("--stock", "FILE", arguments->stock,
               "parts that are there: a .csv of value[,quantity[,name]] lines or a .npy; each is used at most once");
  command.text("--target", "R", arguments->target, "e.g. 4.712k", true);
  command.whole("--parts", arguments->parts, "at most N parts, up to 5 [3]", 1);
  command.whole("--best", arguments->best, "the N best combinations, up to 100 [5]", 1);
  command.text("--tolerance", "T", arguments->tolerance,
               "of each part, e.g. 1% [E3 40%, E6 20%, E12 10%, E24 5%, E48 2%, E96 1%, E192 0.5%; --stock 0]");
  command.quantity("--voltage", "V", arguments->voltage, "across the combination: shows powers");
  command.quantity("--current", "A", arguments->current, "through the combination: shows powers");
}

}  // namespace ohmset::cli
