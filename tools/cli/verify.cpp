// ohmset verify: do recorded values, our own solver and ngspice agree?
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "netlists/crosscheck.h"
#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/cli/provenance.h"
#include "tools/cli/report.h"
#include "tools/cli/wire_options.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/json.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t most_shown = 10;
constexpr std::size_t most_kept = 100;

struct Arguments {
  std::string file{};
  std::string netlist{};
  std::string switches = "resistor";
  std::optional<double> tolerance{};
  std::string tile{};
  std::optional<std::size_t> cells{};
  std::optional<std::size_t> result{};
  WireOptions wires{};
};

CrosscheckOptions options_of(const Arguments& arguments, const Common& common) {
  CrosscheckOptions options;
  if (arguments.tolerance) options.tolerance = *arguments.tolerance;
  if (!(options.tolerance > 0.0 && std::isfinite(options.tolerance))) {
    throw input_error("--tolerance", "expected a finite value > 0");
  }
  options.netlist.switches = switch_model_named(arguments.switches);
  options.ngspice.workers = static_cast<int>(common.threads);
  if (!arguments.netlist.empty()) {
    options.text = io::read_file(arguments.netlist);
    options.text_file = arguments.netlist;
  }
  if (!arguments.tile.empty()) {
    const auto [rows, columns] = pair_of("--tile", arguments.tile, 'x');
    options.tile_word_lines = whole_of("--tile", rows, 1);
    options.tile_bit_lines = whole_of("--tile", columns, 1);
  }
  options.cells = arguments.cells;
  return options;
}

// Several reports as one: `which` goes before every place.
void merge(CrosscheckReport& all, const CrosscheckReport& one, const std::string& which) {
  all.agree = all.agree && one.agree;
  all.checked += one.checked;
  for (const std::string& scope : one.scope) {
    if (std::find(all.scope.begin(), all.scope.end(), scope) == all.scope.end()) all.scope.push_back(scope);
  }
  for (Disagreement disagreement : one.disagreements) {
    disagreement.where = which + disagreement.where;
    all.disagreements.push_back(std::move(disagreement));
  }
  std::stable_sort(all.disagreements.begin(), all.disagreements.end(),
                   [](const auto& a, const auto& b) { return a.relative_difference > b.relative_difference; });
  if (all.disagreements.size() > most_kept) all.disagreements.resize(most_kept);
  all.disagreement_count += one.disagreement_count;
  all.max_relative_difference = std::max(all.max_relative_difference, one.max_relative_difference);
  all.ngspice_version = one.ngspice_version;
}

CrosscheckReport check_bank(const Arguments& arguments, const CrosscheckOptions& options, const Common& common) {
  const io::BankDesignFile file = io::read_bank_design(arguments.file);
  // A netlist is of one result, the first unless another is named; without one every result is checked.
  const bool one = arguments.result || options.text;
  const std::size_t first = arguments.result.value_or(0);
  if (one) static_cast<void>(chosen_result(file, first, arguments.file));
  const std::size_t end = one ? first + 1 : file.results.size();
  CrosscheckReport report;
  Progress progress(common, "verify");
  std::size_t choices = 0;
  for (std::size_t k = first; k < end; ++k) {
    const Design& design = file.results[k];
    for (std::size_t c = 0; c < (options.text ? 1 : design.choices.size()); ++c, ++choices) {
      const Choice& choice = design.choices[c];
      const Ohm recorded = design.unit == TargetUnit::ohm ? Ohm{choice.achieved} : to_ohm(Siemens{choice.achieved});
      const std::string alternative = c == 0 ? "" : fmt::format(", alternative {}", c - 1);
      merge(report, crosscheck_bank(file.bank, choice.configuration, recorded, options),
            fmt::format("result {}{}: ", k, alternative));
    }
    progress.show(k + 1 - first, end - first);
  }
  if (choices == 0) throw input_error(Where{arguments.file}, "the design has no configuration", "nothing to verify");
  if (choices > 1) report.scope.push_back(fmt::format("that for each of {} configurations", choices));
  return report;
}

CrosscheckReport check_crossbar(const Arguments& arguments, CrosscheckOptions options, const Common& common) {
  const CrossbarDesign design = io::read_crossbar_design(arguments.file).design;
  RecordedDifferences recorded{.achieved = design.achieved};
  const bool offset = design.spec.mapping.scheme == Scheme::offset;
  for (std::size_t output = 0; output < design.outputs; ++output) {
    recorded.plus.push_back(offset ? output : 2 * output);
    recorded.minus.push_back(offset ? design.outputs : 2 * output + 1);
  }
  Progress progress(common, "verify");
  options.progress = progress.callback();
  const std::vector<double> inputs(design.array.word_lines, 1.0);
  const Wires wires = read_wires(arguments.wires, design.spec.wires, design.array.word_lines, design.array.bit_lines);
  return crosscheck_array(design.array, wires, recorded, inputs, options);
}

bool is_bank_design(const std::string& path) {
  const std::string text = io::read_file(path);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return path.ends_with(".json") || (first != std::string::npos && text[first] == '{');
}

CrosscheckReport check(const Arguments& arguments, const Common& common) {
  const CrosscheckOptions options = options_of(arguments, common);
  const bool crossbar = io::is_crossbar_design(arguments.file);
  if (!crossbar && (!arguments.tile.empty() || arguments.cells)) {
    throw input_error("--tile and --cells are for arrays", "expected a crossbar design's folder");
  }
  if (!crossbar && arguments.wires.any_given()) {
    throw input_error("wires are for arrays", "expected a crossbar design's folder");
  }
  if (crossbar && arguments.result) throw input_error("--result is for bank designs", "expected a design.json");
  if (crossbar) return check_crossbar(arguments, options, common);
  if (is_bank_design(arguments.file)) return check_bank(arguments, options, common);
  if (options.text || arguments.result) {
    throw input_error("--netlist and --result go with a design", "expected a design, not a netlist");
  }
  return crosscheck_deck(io::read_file(arguments.file), arguments.file, options);
}

std::string document(const CrosscheckReport& report, double seconds) {
  io::Json json;
  json["agree"] = report.agree;
  json["checked"] = report.checked;
  json["scope"] = report.scope;
  json["disagreements"] = io::Json::array();
  for (const Disagreement& disagreement : report.disagreements) {
    io::Json entry;
    entry["where"] = disagreement.where;
    entry["quantity"] = disagreement.quantity;
    entry["expected"] = io::json_number(disagreement.expected);
    entry["found"] = io::json_number(disagreement.found);
    entry["relative_difference"] = io::json_number(disagreement.relative_difference);
    json["disagreements"].push_back(std::move(entry));
  }
  json["disagreement_count"] = report.disagreement_count;
  json["max_relative_difference"] = io::json_number(report.max_relative_difference);
  json["ngspice_version"] = report.ngspice_version;
  json["seconds"] = seconds;
  return io::json_text(json);
}

std::string people_text(const CrosscheckReport& report, double seconds) {
  std::string text = "checked:\n";
  for (const std::string& scope : report.scope) text += "  " + scope + "\n";
  if (!report.disagreements.empty()) {
    std::vector<std::vector<std::string>> rows = {{"disagreement", "quantity", "expected", "found", "difference"}};
    for (std::size_t k = 0; k < std::min(report.disagreements.size(), most_shown); ++k) {
      const Disagreement& one = report.disagreements[k];
      rows.push_back({one.where, one.quantity, fmt::format("{:.12g}", one.expected), fmt::format("{:.12g}", one.found),
                      fmt::format("{:.2g}", one.relative_difference)});
    }
    text += table(rows, {0, 1});
    if (report.disagreement_count > most_shown) {
      text += fmt::format("... and {} more\n", report.disagreement_count - most_shown);
    }
  }
  text += fmt::format("{}: {} comparisons, {} disagreements, largest difference to ngspice {} {:.2g} ({})\n",
                      report.agree ? "agree" : "DISAGREE", report.checked, report.disagreement_count,
                      report.ngspice_version, report.max_relative_difference, seconds_text(seconds));
  return text;
}

int run(const Arguments& arguments, const Common& common) {
  if (!common.output.empty()) io::check_output(common.output, common.force);
  const Stopwatch watch;
  const CrosscheckReport report = check(arguments, common);
  const double seconds = watch.seconds();
  if (!common.output.empty()) io::write_file(common.output, document(report, seconds), common.force);
  if (common.json) {
    print(document(report, seconds));
  } else if (!common.quiet) {
    print(people_text(report, seconds));
  }
  return report.agree ? done : check_failed;
}

}  // namespace

void add_verify(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command =
      line.add("verify", "cross-check a design or a netlist with ngspice", "the report as JSON", "ohmset verify layer",
               [arguments](const Common& common) { return run(*arguments, common); });
  command.positional("DESIGN", arguments->file, "a bank's design.json, a crossbar design's folder or a SPICE netlist");
  command.text("--netlist", "FILE", arguments->netlist,
               "check this netlist, exported earlier, against the design instead of a fresh export");
  command.choice("--switch", {"resistor", "sw"}, arguments->switches,
                 "switches as resistors or voltage-controlled ones [resistor]");
  command.quantity("--tolerance", "", arguments->tolerance, "largest relative difference that agrees [1e-9]");
  command.text("--tile", "RxC", arguments->tile,
               "check an array with its wires in tiles of R x C [whole up to 64x64, else 32x32]");
  command.whole("--cells", arguments->cells, "check only N banks one by one, evenly spread [all]", 1);
  command.whole("--result", arguments->result, "which result of a bank design, from 0 [all; with --netlist: 0]");
  add_wire_options(command, arguments->wires);
}

}  // namespace ohmset::cli
