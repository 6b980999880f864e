// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/design_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "design/switched_network.h"
#include "netlists/spice_reader.h"
#include "netlists/spice_writer.h"
#include "sim/error.h"
#include "tools/cli/node_name.h"
#include "tools/cli/report.h"
#include "tools/io/file.h"
#include "tools/io/json.h"

namespace ohmset::cli {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::vector<std::string> names_of(const SwitchedNetwork& switched, const std::vector<std::size_t>& switches) {
  std::vector<std::string> names;
  names.reserve(switches.size());
  for (const std::size_t k : switches) {
    names.push_back(switched.network.branches()[switched.switches[k].branch].name);
  }
  return names;
}

void add_choice(io::Json& json, const SwitchedNetwork& switched, const Choice& choice) {
  json["achieved"] = io::json_number(choice.achieved);
  json["error"] = io::json_number(choice.error);
  json["relative_error"] = io::json_number(choice.relative_error);
  json["bits"] = io::json_number(choice.bits);
  json["mask"] = choice.configuration.text();
  json["on"] = choice.configuration.on();
  json["on_names"] = names_of(switched, choice.configuration.on());
}

io::Json result_json(const SwitchedNetwork& switched, const SwitchedDesign& design) {
  io::Json json;
  json["target"] = io::json_number(design.target);
  json["unit"] = io::unit_name(design.unit);
  if (design.choices.empty()) {
    for (const char* key : {"achieved", "error", "relative_error", "bits", "mask"}) json[key] = nullptr;
    json["on"] = io::Json::array();
    json["on_names"] = io::Json::array();
  } else {
    add_choice(json, switched, design.choices.front());
  }
  json["alternatives"] = io::Json::array();
  for (std::size_t k = 1; k < design.choices.size(); ++k) {
    io::Json alternative;
    add_choice(alternative, switched, design.choices[k]);
    json["alternatives"].push_back(std::move(alternative));
  }
  json["method"] = design.method;
  json["exact"] = design.proven;
  json["proven"] = design.proven;
  json["bound"] = io::json_number(design.bound);
  json["reachable"] = design.reachable;
  json["lowest"] = io::json_number(design.lowest);
  json["highest"] = io::json_number(design.highest);
  json["visited"] = design.visited;
  return json;
}

io::Json document(const NetworkQuestion& question, const SwitchedNetwork& switched,
                  const std::vector<SwitchedDesign>& designs, double seconds) {
  const auto proven = [](const SwitchedDesign& design) { return design.proven; };
  io::Json json;
  json["format"] = "ohmset network design";
  json["netlist"] = question.file;
  json["between"] = question.between;
  json["switches"] = io::Json::array();
  for (const SwitchBranch& contact : switched.switches) {
    io::Json entry;
    entry["name"] = switched.network.branches()[contact.branch].name;
    entry["on_ohm"] = io::json_number(contact.on.value);
    entry["off_ohm"] = io::json_number(contact.off.value);
    json["switches"].push_back(std::move(entry));
  }
  json["results"] = io::Json::array();
  for (const SwitchedDesign& design : designs) json["results"].push_back(result_json(switched, design));
  json["method"] = designs.front().method;
  json["exact"] = std::all_of(designs.begin(), designs.end(), proven);
  json["seconds"] = seconds;
  return json;
}

std::string shown(const std::string& text) {
  constexpr std::size_t most = 100;
  return text.size() <= most ? text : text.substr(0, most) + "...";
}

std::vector<std::string> row(const SwitchedDesign& design, const Choice& choice, bool first) {
  const std::string_view unit = design.unit == TargetUnit::ohm ? OhmUnit::name : SiemensUnit::name;
  return {first ? format_engineering(design.target, unit, 8) : "",
          format_engineering(choice.achieved, unit, 10),
          std::isnan(choice.relative_error) ? "-" : fmt::format("{:+.2e}", choice.relative_error),
          std::isnan(choice.bits) ? "-" : fmt::format("{:.2f}", choice.bits),
          fmt::format("{} of {}", choice.configuration.count(), choice.configuration.size()),
          shown(choice.configuration.text())};
}

std::string verdict(const SwitchedDesign& design) {
  const std::string_view unit = design.unit == TargetUnit::ohm ? OhmUnit::name : SiemensUnit::name;
  if (design.proven) return "proven: no configuration is nearer";
  return fmt::format("not proven: time ran out; no configuration errs by less than {}",
                     format_engineering(design.bound, unit, 3));
}

std::string people_table(const SwitchedNetwork& switched, const std::vector<SwitchedDesign>& designs, double seconds) {
  std::vector<std::vector<std::string>> rows = {
      {"target", "achieved", "relative error", "bits", "closed", "configuration (first switch first)"}};
  std::string closed;
  std::string verdicts;
  for (const SwitchedDesign& design : designs) {
    const std::string_view unit = design.unit == TargetUnit::ohm ? OhmUnit::name : SiemensUnit::name;
    const std::string target = format_engineering(design.target, unit, 8);
    if (design.choices.empty()) {
      rows.push_back({target, "none"});
    } else {
      const auto names = names_of(switched, design.choices.front().configuration.on());
      closed += fmt::format("{}: close {}\n", target,
                            names.empty() ? "nothing" : shown(fmt::format("{}", fmt::join(names, " "))));
    }
    for (std::size_t k = 0; k < design.choices.size(); ++k) rows.push_back(row(design, design.choices[k], k == 0));
    verdicts += fmt::format("{}: {}\n", target, verdict(design));
  }
  return fmt::format("{} switches, {} branches\n", switched.switches.size(), switched.network.branches().size()) +
         table(rows, {5}) + closed + verdicts + fmt::format("{}\n", seconds_text(seconds));
}

// The first target's best configuration, ready for any simulator.
std::string netlist_text(const NetworkQuestion& question, const SwitchedNetwork& switched,
                         const SwitchedDesign& design) {
  NetlistOptions options{.title = fmt::format("{} between {}", question.file, question.between)};
  if (design.choices.empty()) throw input_error("no configuration is within reach", "nothing to write");
  const Choice& best = design.choices.front();
  options.provenance = {fmt::format("closed switches: {}", fmt::join(names_of(switched, best.configuration.on()), " ")),
                        fmt::format("effective value {:.17g} {} for the target {:.17g}", best.achieved,
                                    io::unit_name(design.unit), design.target)};
  return write_network(network_in(switched, best.configuration), options).text;
}

}  // namespace

bool names_netlist(std::string_view path) {
  const std::string name = lower(std::string(path));
  constexpr std::array<std::string_view, 5> endings{".cir", ".sp", ".spice", ".net", ".ckt"};
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

int design_network(const NetworkQuestion& question, const Common& common) {
  if (!common.output.empty()) io::check_output(common.output, common.force);
  if (question.between.empty()) throw input_error("no port given", "expected --between A,B for a netlist");
  const SpiceDeck deck = read_spice(io::read_file(question.file), question.file);
  const SwitchedNetwork switched = to_switched_network(deck, question.file);
  if (switched.switches.empty()) {
    throw input_error(Where{question.file}, "no switch in the netlist",
                      "expected S elements, or resistors with \"; ohmset: switch\" at the end of their line");
  }
  const auto [a, b] = pair_of("--between", question.between, ',');
  const Port port{.a = node_named(switched.network, a, question.file),
                  .b = node_named(switched.network, b, question.file)};
  const SwitchedOptions options{.unit = question.conductance ? TargetUnit::siemens : TargetUnit::ohm,
                                .best = question.best,
                                .within = question.within,
                                .at_most = question.at_most,
                                .time_limit = question.time_limit.value_or(default_time_limit)};
  std::vector<SwitchedDesign> designs;
  const Stopwatch watch;
  Progress progress(common, "design");
  for (const double target : question.targets) {
    try {
      designs.push_back(program_network(switched, port, target, options));
    } catch (const Error& error) {
      throw input_error(Where{question.file}, error.what());
    }
    progress.show(designs.size(), question.targets.size());
  }
  const double seconds = watch.seconds();

  const io::Json json = document(question, switched, designs, seconds);
  if (!common.output.empty()) {
    const bool as_netlist = names_netlist(common.output);
    io::write_file(common.output, as_netlist ? netlist_text(question, switched, designs.front()) : io::json_text(json),
                   common.force);
  }
  if (common.json) {
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_table(switched, designs, seconds));
  }
  const bool reached =
      std::all_of(designs.begin(), designs.end(), [](const SwitchedDesign& d) { return !d.choices.empty(); });
  if (!reached) note(common, "ohmset: no configuration is within reach of every target");
  return reached ? done : check_failed;
}

}  // namespace ohmset::cli
