// A bank under judgement: its answers as tables and JSON.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "design/tolerance.h"
#include "tools/cli/tolerance/bank_question.h"
#include "tools/cli/tolerance/subject.h"
#include "tools/io/design_file.h"

namespace ohmset::cli {
namespace {

std::string_view unit_of(const Aim& aim) {
  return aim.unit == TargetUnit::ohm ? std::string_view(OhmUnit::name) : std::string_view(SiemensUnit::name);
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
  answer.rows.emplace_back();
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
    const std::string name =
        fmt::format("{} at {}", format_engineering(aim.target, unit_of(aim), 8), text_of(condition));
    add_corner(answer, name, corner, unit_of(aim), condition,
               {{"target", io::json_number(aim.target)}, {"unit", io::unit_name(aim.unit)}});
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
  BankQuestion question = bank_question(arguments);
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
