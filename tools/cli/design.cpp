// ohmset design: which switches of a bank close for each target.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/stat.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "design/program.h"
#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/cli/design_network.h"
#include "tools/cli/design_report.h"
#include "tools/cli/lists.h"
#include "tools/cli/questions.h"
#include "tools/cli/report.h"
#include "tools/cli/robust.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/matrix_file.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

struct Arguments {
  std::string spec{};
  std::string values{};
  std::string topology{};
  std::vector<std::string> targets{};
  std::string targets_file{};
  bool conductance = false;
  std::optional<double> r_on{};
  std::optional<double> r_off{};
  QuestionArguments questions{};
  RobustArguments robust{};
  std::uint64_t die = 0;
  std::string between{};
  std::optional<double> time_limit{};
};

// A list on the command line wins over a file of that name.
std::vector<double> values_of(const std::string& text) {
  std::vector<double> values;
  try {
    for (const std::string_view part : parts_of(text, ',')) values.push_back(parse_ohm(part).value);
    return values;
  } catch (const Error& error) {
    struct stat status {};
    const bool is_file = stat(text.c_str(), &status) == 0;
    if (!is_file && text.find(',') == std::string::npos && text.find_first_of("./") != std::string::npos) {
      return io::read_values(text, "ohm");  // says that there is no such file
    }
    if (!is_file) throw input_error("--values", error.what());
  }
  values = io::read_values(text, "ohm");
  for (const double value : values) {
    if (value < 0.0) throw input_error(Where{text}, fmt::format("{} ohm", value), "expected a resistance >= 0");
  }
  return values;
}

Bank bank_of_values(const Arguments& arguments) {
  const std::vector<double> values = values_of(arguments.values);
  const Switch contact{.on = Ohm{arguments.r_on.value_or(0.0)}, .off = Ohm{arguments.r_off.value_or(infinity)}};
  if (!(contact.off > contact.on)) throw input_error("--r-off", "expected a value above --r-on");
  Bank bank;
  for (const double value : values) {
    bank.devices.push_back(
        {.nominal = Ohm{value}, .resistance = Ohm{value}, .measured = Ohm{value}, .contact = contact});
  }
  try {
    bank.topology = Topology::parse(arguments.topology.empty() ? "parallel" : arguments.topology, values.size());
  } catch (const Error& error) {
    throw input_error("--topology", error.what());
  }
  return bank;
}

struct Given {
  io::BankDesignFile file{};
  std::optional<Fabrication> fabrication{};  // of a specification
};

Given bank_of(const Arguments& arguments, const Common& common) {
  Given given{.file = {.seed = common.seed, .die = arguments.die}};
  if (arguments.spec.empty() == arguments.values.empty()) {
    throw input_error(arguments.spec.empty() ? "no devices given" : "SPEC and --values are both given",
                      "expected a specification or --values: see ohmset design --help");
  }
  if (!arguments.values.empty()) {
    given.file.bank = bank_of_values(arguments);
    return given;
  }
  for (const auto& [asked, name] :
       {std::pair(arguments.r_on.has_value(), "--r-on"), std::pair(arguments.r_off.has_value(), "--r-off")}) {
    if (asked) throw input_error(fmt::format("{} goes with --values", name), "the specification has [switch]");
  }
  const auto topology = arguments.topology.empty() ? std::nullopt : std::optional(arguments.topology);
  const io::BankSpecFile spec = io::read_bank_spec(arguments.spec, topology);
  given.file.spec_text = spec.text;
  given.file.bank = fabricate(spec.spec, {.seed = common.seed, .die = arguments.die});
  given.fabrication = spec.spec.fabrication;
  return given;
}

std::vector<double> targets_of(const Arguments& arguments) {
  const std::string unit = arguments.conductance ? "S" : "ohm";
  std::vector<double> targets;
  for (const std::string& text : arguments.targets) {
    targets.push_back(quantity_of("--target", text, unit));
    if (!std::isfinite(targets.back())) throw input_error("--target " + text, "expected a finite value");
  }
  if (!arguments.targets_file.empty()) {
    for (const double target : io::read_values(arguments.targets_file, unit)) {
      if (!(target >= 0.0) || !std::isfinite(target)) {
        throw input_error(Where{arguments.targets_file}, fmt::format("a target of {}", target),
                          "expected finite values >= 0");
      }
      targets.push_back(target);
    }
  }
  if (targets.empty()) throw input_error("no target given", "expected --target or --targets");
  return targets;
}

std::vector<Design> program_all(const Bank& bank, const std::vector<double>& targets, const ProgramOptions& options,
                                const Common& common) {
  std::vector<Design> designs(targets.size());
  Progress progress(common, "design");
  std::mutex reporting;
  std::size_t finished = 0;
  tbb::parallel_for(std::size_t{0}, targets.size(), [&](std::size_t k) {
    designs[k] = program(bank, targets[k], options);
    const std::scoped_lock lock(reporting);
    progress.show(++finished, targets.size());
  });
  return designs;
}

// The question about a netlist; its switches and values stand in it.
NetworkQuestion network_question(const Arguments& arguments) {
  const bool others = !arguments.values.empty() || !arguments.topology.empty() || arguments.r_on || arguments.r_off;
  if (others) throw input_error("a netlist is given", "its switches and values stand in it: see ohmset design --help");
  if (beyond_basic(arguments.questions) || any_robust(arguments.robust)) {
    throw input_error("a question that netlists do not answer", "expected --best, --within and --at-most alone");
  }
  NetworkQuestion question{.file = arguments.spec,
                           .between = arguments.between,
                           .targets = targets_of(arguments),
                           .conductance = arguments.conductance,
                           .best = arguments.questions.best,
                           .at_most = arguments.questions.at_most,
                           .time_limit = arguments.time_limit};
  const std::string& within = arguments.questions.within;
  if (!within.empty()) question.within = relative_of("--within", within);
  return question;
}

ProgramOptions options_of(const Arguments& arguments, std::size_t devices) {
  Questions questions = questions_of(arguments.questions, devices);
  return {.unit = arguments.conductance ? TargetUnit::siemens : TargetUnit::ohm,
          .best = questions.best,
          .within = questions.within,
          .at_least = questions.at_least,
          .at_most = questions.at_most,
          .side = questions.side,
          .force_in = std::move(questions.force_in),
          .force_out = std::move(questions.force_out),
          .any = questions.any,
          .cheapest = questions.cheapest,
          .costs = std::move(questions.costs),
          .cap = questions.cap,
          .neighbours = questions.neighbours};
}

int run(const Arguments& arguments, const Common& common) {
  if (names_netlist(arguments.spec)) return design_network(network_question(arguments), common);
  if (!arguments.between.empty() || arguments.time_limit) {
    throw input_error(arguments.between.empty() ? "--time-limit" : "--between", "expected a netlist: a .cir file");
  }
  if (!common.output.empty()) io::check_output(common.output, common.force);
  const std::vector<double> targets = targets_of(arguments);
  auto [file, fabrication] = bank_of(arguments, common);
  ProgramOptions options = options_of(arguments, file.bank.devices.size());
  options.robust = spreads_of(arguments.robust, arguments.questions, file.bank, fabrication);

  const Stopwatch watch;
  file.results = program_all(file.bank, targets, options, common);
  const double seconds = watch.seconds();

  bool exact = true;
  bool reached = true;
  for (const Design& design : file.results) {
    exact = exact && design.exact;
    reached = reached && !design.choices.empty();
  }
  if (!common.output.empty()) io::write_file(common.output, io::bank_design_json(file), common.force);
  if (common.json) {
    io::Json json = io::to_json(file);
    json["method"] = file.results.front().method;
    json["exact"] = exact;
    json["seconds"] = seconds;
    if (options.robust) json["spreads"] = spreads_json(*options.robust);
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_table(file, options, seconds));
  }
  if (!reached) note(common, "ohmset: no configuration is within reach of every target");
  return reached ? done : check_failed;
}

}  // namespace

void add_design(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("design", "choose the switches of a bank for target resistances", "the design as JSON",
                             "ohmset design --values 9.1k,10.4k,9.7k,11.2k,10.9k --topology parallel --target 3.3k",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.positional("SPEC", arguments->spec,
                     "bank specification (TOML), or a SPICE netlist (.cir): its S elements and the resistors whose\n"
                     "lines end with \"; ohmset: switch\" or \"; ohmset: switch off=1g\" are the switches",
                     false);
  command.text("--values", "LIST|FILE", arguments->values, "devices as they are: 1k,2.2k,... or a .csv or .npy file");
  command.text("--topology", "EXPR", arguments->topology,
               "parallel, series or an expression such as parallel(series(4),series(4)) [parallel]");
  command.texts("--target", "R", arguments->targets, "target, e.g. 3.3k; repeatable");
  command.text("--targets", "FILE", arguments->targets_file, "targets from a .csv or .npy file");
  command.flag("--conductance", arguments->conductance, "targets are in siemens");
  command.quantity("--r-on", "ohm", arguments->r_on, "a closed switch, with --values [0]");
  command.quantity("--r-off", "ohm", arguments->r_off, "an open switch, with --values [inf]");
  add_questions(command, arguments->questions, "device");
  add_robust(command, arguments->robust);
  command.text("--between", "A,B", arguments->between, "of a netlist: the nodes whose effective resistance is meant");
  command.quantity("--time-limit", "s", arguments->time_limit,
                   "of a netlist: seconds for each target; the best so far and what is proven [60]");
  command.whole("--die", arguments->die, "which die of the specification to draw [0]");
}

}  // namespace ohmset::cli
