// A bank under judgement: its question from files and options, its answers as tables and JSON.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "design/program.h"
#include "design/tolerance.h"
#include "sim/error.h"
#include "tools/cli/tolerance/subject.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

std::string_view unit_of(const Aim& aim) {
  return aim.unit == TargetUnit::ohm ? std::string_view(OhmUnit::name) : std::string_view(SiemensUnit::name);
}

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

// The bank that the specification would make if nothing scattered.
Bank nominal_bank(BankSpec spec) {
  Process& process = spec.fabrication.process;
  process.distribution = Distribution::none;
  process.sigma = 0.0;
  process.lot_sigma = 0.0;
  process.device_open = 0.0;
  process.device_short = 0.0;
  spec.fabrication.switches.on_sigma = 0.0;
  spec.fabrication.switches.stuck_open = 0.0;
  spec.fabrication.switches.stuck_closed = 0.0;
  spec.fabrication.measurement = {};
  return fabricate(spec, {});
}

BankQuestion question_of_spec(const SubjectArguments& arguments) {
  BankQuestion question{.spec = io::read_bank_spec(arguments.path).spec,
                        .population = arguments.redesign ? Population::redesigned : Population::blind,
                        .aims = aims_of_targets(arguments)};
  if (question.aims.empty()) throw input_error(arguments.path + " is a specification", "expected --target R too");
  if (arguments.result) throw input_error("--result goes with a design", "expected --target");
  if (arguments.around_measured) throw input_error("--around-measured goes with a design", "its die is measured");
  if (question.population == Population::blind) {
    const Bank nominal = nominal_bank(question.spec);
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

std::string digits_of(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += fmt::format("{} ", value);
  return text;
}

// Everything that decides what a sample is worth, in words.
std::string fingerprint_of(const BankQuestion& question) {
  const Fabrication& f = question.spec.fabrication;
  const Process& p = f.process;
  std::string text = fmt::format("bank {} {} {} ", question.spec.topology.text(), name_of(question.population),
                                 question.around_measured);
  text += digits_of(p.nominals) + digits_of(p.values) + digits_of(p.ratios);
  text += fmt::format("{} {} {} {} {} {} ", name_of(p.distribution), p.sigma, p.lot_sigma, p.device_open,
                      p.device_short, p.read_noise);
  text += fmt::format("{} {} {} {} ", p.tc1.mean, p.tc1.sigma, p.tc2.mean, p.tc2.sigma);
  text += fmt::format("{} {} {} {} {} ", static_cast<int>(p.drift.model), p.drift.nu.mean, p.drift.nu.sigma, p.drift.t0,
                      p.drift.programming_noise);
  text += fmt::format("{} {} {} {} {} ", f.switches.nominal.on.value, f.switches.nominal.off.value, f.switches.on_sigma,
                      f.switches.stuck_open, f.switches.stuck_closed);
  text += fmt::format("{} {} ", f.measurement.sigma, f.measurement.bits);
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

std::string cause_text(Cause cause) { return std::string(name_of(cause)); }

Answer replayed(const BankSamples& samples, std::span<const double> point) {
  const BankQuestion& question = samples.question();
  const BankSample sample = samples.replay(point);
  Answer answer;
  answer.json = io::Json::object();
  answer.json["devices"] = io::Json::array();
  std::vector<std::string> header = {"device", "resistance", "measured", "switch", "fault"};
  for (const Condition& condition : question.conditions) header.push_back(text_of(condition));
  answer.rows.push_back(header);
  for (std::size_t k = 0; k < sample.bank.devices.size(); ++k) {
    const Device& device = sample.bank.devices[k];
    io::Json json = io::to_json(device);
    json["aged_ohm"] = io::Json::array();
    std::string fault(io::fault_name(device));
    if (device.stuck != Stuck::free) fault += (fault.empty() ? "" : ", ") + std::string(io::switch_fault_name(device));
    std::vector<std::string> row = {std::to_string(k), format_engineering(device.resistance, 8),
                                    format_engineering(device.measured, 8), format_engineering(device.contact.on, 5),
                                    fault};
    for (const Bank& aged : sample.aged) {
      json["aged_ohm"].push_back(io::json_number(aged.devices[k].resistance.value));
      row.push_back(format_engineering(aged.devices[k].resistance, 8));
    }
    answer.json["devices"].push_back(std::move(json));
    answer.rows.push_back(std::move(row));
  }
  answer.rows.push_back({});
  answer.json["results"] = io::Json::array();
  const std::size_t conditions = question.conditions.size();
  for (std::size_t a = 0; a < question.aims.size(); ++a) {
    const Aim& aim = question.aims[a];
    for (std::size_t c = 0; c < conditions; ++c) {
      const double achieved = sample.achieved[a * conditions + c];
      const double error = sample.values[a * conditions + c];
      io::Json json{{"target", io::json_number(aim.target)},        {"unit", io::unit_name(aim.unit)},
                    {"condition", json_of(question.conditions[c])}, {"mask", sample.configurations[a].text()},
                    {"achieved", io::json_number(achieved)},        {"relative_error", io::json_number(error)}};
      answer.json["results"].push_back(std::move(json));
      answer.rows.push_back({fmt::format("target {} at {}", format_engineering(aim.target, unit_of(aim), 8),
                                         text_of(question.conditions[c])),
                             format_engineering(achieved, unit_of(aim), 10), error_text(error)});
    }
  }
  answer.json["values"] = io::json_numbers(sample.values);
  return answer;
}

Answer corner_answer(const BankQuestion& question, double sigmas) {
  Answer answer;
  answer.rows.push_back({"corners", "lowest", "error", "highest", "error"});
  for (const Corner& corner : corners(question, sigmas)) {
    const Aim& aim = question.aims[corner.aim];
    const Condition& condition = question.conditions[corner.condition];
    answer.rows.push_back({fmt::format("{} at {}", format_engineering(aim.target, unit_of(aim), 8), text_of(condition)),
                           format_engineering(corner.low, unit_of(aim), 8), error_text(corner.low_error),
                           format_engineering(corner.high, unit_of(aim), 8), error_text(corner.high_error)});
    answer.json.push_back({{"target", io::json_number(aim.target)},
                           {"unit", io::unit_name(aim.unit)},
                           {"condition", json_of(condition)},
                           {"sigmas", corner.sigmas},
                           {"low", io::json_number(corner.low)},
                           {"high", io::json_number(corner.high)},
                           {"low_error", io::json_number(corner.low_error)},
                           {"high_error", io::json_number(corner.high_error)},
                           {"exact", corner.exact}});
  }
  return answer;
}

Answer sensitivity_answer(const BankQuestion& question, std::size_t most) {
  Answer answer;
  answer.rows.push_back({"sensitivities", "cause", "device", "slope", "std dev", "share"});
  most = std::max<std::size_t>(3, most / (question.aims.size() * question.conditions.size()));
  for (std::size_t a = 0; a < question.aims.size(); ++a) {
    const Aim& aim = question.aims[a];
    for (std::size_t c = 0; c < question.conditions.size(); ++c) {
      const std::string where =
          fmt::format("{} at {}", format_engineering(aim.target, unit_of(aim), 8), text_of(question.conditions[c]));
      std::size_t shown = 0;
      for (const Sensitivity& s : sensitivities(question, a, c)) {
        const bool lot = s.variable.cause == Cause::lot;
        if (shown++ < most) {
          answer.rows.push_back({shown == 1 ? where : "", cause_text(s.variable.cause),
                                 lot ? "all" : std::to_string(s.variable.device), fmt::format("{:+.4f}", s.slope),
                                 magnitude_text(s.stddev), fmt::format("{:.2f} %", s.share * 100.0)});
        }
        io::Json json{{"target", io::json_number(aim.target)}, {"condition", json_of(question.conditions[c])}};
        json["cause"] = cause_text(s.variable.cause);
        if (!lot) json["device"] = s.variable.device;
        json["slope"] = io::json_number(s.slope);
        json["stddev"] = io::json_number(s.stddev);
        json["share"] = io::json_number(s.share);
        answer.json.push_back(std::move(json));
      }
    }
  }
  return answer;
}

void name_series(const BankQuestion& question, Subject& subject) {
  for (const Aim& aim : question.aims) {
    for (const Condition& condition : question.conditions) {
      std::string name = question.aims.size() > 1 ? format_engineering(aim.target, unit_of(aim), 8) + " " : "";
      subject.series.push_back(name + text_of(condition));
      subject.series_about.push_back({{"name", subject.series.back()},
                                      {"target", io::json_number(aim.target)},
                                      {"unit", io::unit_name(aim.unit)},
                                      {"condition", json_of(condition)}});
    }
  }
  if (subject.series.size() == 1) return;
  subject.series.emplace_back("worst of all");
  subject.series_about.push_back({{"name", "worst of all"}});
}

}  // namespace

Subject bank_subject(const SubjectArguments& arguments, const Common&) {
  refuse_crossbar_options(arguments);
  const bool design = is_design(arguments.path);
  if (!design && !arguments.spec.empty()) {
    throw input_error("--spec goes with a design", "the specification is given already");
  }
  BankQuestion question = design ? question_of_design(arguments) : question_of_spec(arguments);
  question.conditions = conditions_of(arguments);
  const std::size_t conditions = question.conditions.size();

  Subject subject;
  const auto samples = std::make_shared<const BankSamples>(std::move(question));
  const BankQuestion& asked = samples->question();
  name_series(asked, subject);
  std::string targets;
  for (const Aim& aim : asked.aims) {
    targets += (targets.empty() ? "" : ", ") + format_engineering(aim.target, unit_of(aim), 8);
  }
  if (asked.aims.size() > 4) targets = fmt::format("{} targets", asked.aims.size());
  subject.title = fmt::format("{}: {} devices, {}, target {}", arguments.path, asked.spec.topology.device_count(),
                              asked.spec.topology.text(), targets);
  switch (asked.population) {
    case Population::die:
      subject.population = asked.around_measured ? "one die as its measurement knows it" : "one die over its life";
      break;
    case Population::blind:
      subject.population = "dies that all take the same configuration";
      break;
    case Population::redesigned:
      subject.population = "dies that each take the configuration that suits them";
      break;
  }
  std::vector<std::string>& drawn = subject.drawn;
  for (const Variable& variable : samples->variables()) {
    const std::string name = cause_text(variable.cause);
    if (std::ranges::find(drawn, name) == drawn.end()) drawn.push_back(name);
  }
  subject.error = "relative error";
  subject.fingerprint = fingerprint_of(asked);
  subject.about = {
      {"subject", "bank"}, {"population", name_of(asked.population)}, {"topology", asked.spec.topology.text()}};
  subject.about["drawn"] = drawn;
  subject.about["dimensions"] = samples->variables().size();
  subject.about["conditions"] = io::Json::array();
  for (std::size_t c = 0; c < conditions; ++c) subject.about["conditions"].push_back(json_of(asked.conditions[c]));

  subject.experiment = samples->experiment();
  subject.experiment.evaluate = [samples](std::uint64_t, std::size_t count, std::span<const double> points,
                                          std::span<double> values) { samples->evaluate(count, points, values); };
  subject.ranking = [samples] { return ranking(*samples); };
  subject.replay = [samples](std::span<const double> point) { return replayed(*samples, point); };
  subject.corners = [samples](double sigmas) { return corner_answer(samples->question(), sigmas); };
  subject.sensitivities = [samples](std::size_t most) { return sensitivity_answer(samples->question(), most); };
  return subject;
}

}  // namespace ohmset::cli
