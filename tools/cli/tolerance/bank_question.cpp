// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/tolerance/bank_question.h"

#include <fmt/format.h>

#include <cmath>

#include "design/program.h"
#include "sim/error.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

std::vector<Aim> aims_of_targets(const SubjectArguments& arguments) {
  std::vector<Aim> aims;
  for (const std::string& text : arguments.targets) {
    const double target = quantity_of("--target", text, arguments.conductance ? "S" : "ohm");
    if (!(target > 0.0 && std::isfinite(target))) {
      throw input_error("--target " + text, "expected a positive, finite value: tolerances are relative to it");
    }
    aims.push_back({.target = target, .unit = arguments.conductance ? TargetUnit::siemens : TargetUnit::ohm});
  }
  return aims;
}

BankQuestion question_of_spec(const SubjectArguments& arguments) {
  BankQuestion question{.spec = io::read_bank_spec(arguments.path).spec,
                        .population = arguments.redesign ? Population::redesigned : Population::blind,
                        .aims = aims_of_targets(arguments)};
  if (question.aims.empty()) throw input_error(arguments.path + " is a specification", "expected --target R too");
  if (arguments.result) throw input_error("--result goes with a design", "expected --target");
  if (arguments.around_measured) throw input_error("--around-measured goes with a design", "its die is measured");
  if (question.population == Population::blind) {
    const Bank nominal =
        fabricate({.fabrication = without_spread(question.spec.fabrication), .topology = question.spec.topology}, {});
    for (Aim& aim : question.aims) {
      Design design = program(nominal, aim.target, {.unit = aim.unit});
      aim.configuration = std::move(design.choices.at(0).configuration);
    }
  }
  return question;
}

std::vector<Aim> aims_of_design(const io::BankDesignFile& file, const SubjectArguments& arguments) {
  if (arguments.result && *arguments.result >= file.results.size()) {
    throw input_error(fmt::format("--result {}", *arguments.result),
                      fmt::format("{} has {} results, counted from 0", arguments.path, file.results.size()));
  }
  std::vector<Aim> aims;
  for (std::size_t k = 0; k < file.results.size(); ++k) {
    const Design& design = file.results[k];
    if (arguments.result && *arguments.result != k) continue;
    if (design.choices.empty() || !(design.target > 0.0)) {
      if (!arguments.result) continue;
      throw input_error(fmt::format("--result {}", k), "has no configuration, or a target of 0");
    }
    aims.push_back({.target = design.target, .unit = design.unit, .configuration = design.choices[0].configuration});
  }
  if (aims.empty()) throw input_error(arguments.path, "no result has a configuration and a target above 0");
  return aims;
}

BankQuestion question_of_design(const SubjectArguments& arguments) {
  if (!arguments.targets.empty()) throw input_error("--target goes with a specification", "the design has its targets");
  io::BankDesignFile file = io::read_bank_design(arguments.path);
  BankQuestion question{.population = Population::die, .around_measured = arguments.around_measured};
  if (arguments.redesign) question.population = Population::redesigned;
  if (arguments.blind) question.population = Population::blind;
  if (question.population != Population::die && arguments.around_measured) {
    throw input_error("--around-measured goes with the design's own die", "leave out --redesign and --blind");
  }
  if (!arguments.spec.empty()) {
    question.spec = io::read_bank_spec(arguments.spec, file.bank.topology.text()).spec;
  } else if (!file.spec_text.empty()) {
    question.spec = io::carried_bank_spec(file.spec_text, arguments.path, file.bank.topology);
  } else {
    throw input_error(arguments.path + " carries no specification, and so no spreads",
                      "expected --spec FILE: a bank specification with what scatters");
  }
  Process& process = question.spec.fabrication.process;
  if (question.population == Population::die && process.nominals.empty() && process.values.empty()) {
    // Its devices stand in the design; the file with their values is not needed.
    for (const Device& device : file.bank.devices) process.values.push_back(device.resistance.value);
  }
  question.aims = aims_of_design(file, arguments);
  question.die = std::move(file.bank);
  return question;
}

void refuse_crossbar_options(const SubjectArguments& arguments) {
  for (const auto& [given, name] :
       {std::pair(!arguments.inputs.empty(), "--inputs"),
        std::pair(arguments.random_inputs.has_value(), "--random-inputs"), std::pair(!arguments.at.empty(), "--at"),
        std::pair(arguments.error != "largest", "--error")}) {
    if (given) throw input_error(fmt::format("{} goes with a crossbar's design", name), "a bank has none");
  }
}

bool is_design(const std::string& path) {
  if (path.ends_with(".json")) return true;
  if (path.ends_with(".toml")) return false;
  const std::string bytes = io::read_file(path);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  return first != std::string::npos && bytes[first] == '{';
}

}  // namespace

BankQuestion bank_question(const SubjectArguments& arguments) {
  refuse_crossbar_options(arguments);
  const bool design = is_design(arguments.path);
  if (!design && !arguments.spec.empty()) {
    throw input_error("--spec goes with a design", "the specification is given already");
  }
  BankQuestion question = design ? question_of_design(arguments) : question_of_spec(arguments);
  question.conditions = conditions_of(arguments.temperatures, arguments.times);
  return question;
}

std::string fingerprint_of(const BankQuestion& question) {
  std::string text = fmt::format("bank {} {} {} ", question.spec.topology.text(), name_of(question.population),
                                 question.around_measured);
  text += digits_of(question.spec.fabrication);
  for (const Device& d : question.die.devices) {
    text += fmt::format("{} {} {} {} {} ", d.resistance.value, d.measured.value, d.contact.on.value,
                        d.contact.off.value, static_cast<int>(d.stuck));
  }
  for (const Aim& aim : question.aims) {
    text += fmt::format("{} {} {} ", aim.target, static_cast<int>(aim.unit), aim.configuration.text());
  }
  for (const Condition& c : question.conditions) text += fmt::format("{} {} ", c.celsius, c.seconds.value_or(-1.0));
  return "bank " + digest(text);
}

}  // namespace ohmset::cli
