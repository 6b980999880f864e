// A crossbar under judgement: its question from files and options, its answers as tables and JSON.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "design/crossbar_tolerance.h"
#include "sim/error.h"
#include "sim/process/draws.h"
#include "sim/random.h"
#include "tools/cli/tolerance/subject.h"
#include "tools/io/design_file.h"
#include "tools/io/matrix_file.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

constexpr double random_volts = 0.2;
constexpr std::size_t default_inputs = 16;

void refuse_bank_options(const SubjectArguments& arguments) {
  for (const auto& [given, name] :
       {std::pair(!arguments.targets.empty(), "--target"), std::pair(arguments.conductance, "--conductance"),
        std::pair(arguments.result.has_value(), "--result")}) {
    if (given) throw input_error(fmt::format("{} is not for a crossbar's design", name), "leave it out");
  }
}

// Whether the specification that the design carries tells what its devices are like: those of a process that does not
// spread are nominal ones.
bool made_by_its_process(const CrossbarDesign& design) {
  const Process& process = design.spec.bank.fabrication.process;
  if (draws::devices_vary(process) || process.lot_sigma > 0.0 || !process.values.empty()) return true;
  // Of an empirical process the design carries no ratios: its devices are whatever they are.
  if (process.distribution == Distribution::empirical || process.nominals.empty()) return true;
  const BankArray& array = design.array;
  const ArrayShape shape{.word_lines = array.word_lines, .bit_lines = array.bit_lines};
  const std::size_t each = array.devices();
  for (std::size_t k = 0; k < array.resistances.size(); ++k) {
    const double resistance = array.resistances[k];
    if (draws::is_faulty(resistance)) continue;
    const double nominal =
        draws::nominal_of(process, k % each) * draws::gradient_factor(process, shape.site(k / each, 0, 0));
    if (std::abs(resistance - nominal) > 1e-9 * nominal) return false;
  }
  return true;
}

// Voltages between -0.2 and 0.2 V.
Matrix random_inputs(std::size_t count, std::size_t word_lines, std::uint64_t seed) {
  Matrix inputs(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(word_lines));
  for (std::size_t input = 0; input < count; ++input) {
    for (std::size_t line = 0; line < word_lines; ++line) {
      const Stream stream{.seed = seed, .die = 0, .cell = input, .device = line};
      inputs(static_cast<Eigen::Index>(input), static_cast<Eigen::Index>(line)) =
          random_volts * (2.0 * uniform(stream, Draw::choice) - 1.0);
    }
  }
  return inputs;
}

Matrix inputs_of(const SubjectArguments& arguments, std::size_t word_lines, std::uint64_t seed) {
  if (arguments.inputs.empty()) {
    const std::size_t count = arguments.random_inputs.value_or(default_inputs);
    return random_inputs(count, word_lines, seed);
  }
  if (arguments.random_inputs) throw input_error("--inputs and --random-inputs are both given", "expected one of them");
  Matrix inputs = io::read_matrix(arguments.inputs);
  if (static_cast<std::size_t>(inputs.cols()) != word_lines) {
    throw input_error(Where{arguments.inputs}, fmt::format("has {} columns", inputs.cols()),
                      fmt::format("the design has {} inputs", word_lines));
  }
  return inputs;
}

std::pair<std::size_t, std::size_t> place_of(const SubjectArguments& arguments, const CrossbarQuestion& question) {
  if (arguments.at.empty()) return {0, 0};
  const auto [input, output] = pair_of("--at", arguments.at, ',');
  const std::pair<std::size_t, std::size_t> place{whole_of("--at", input), whole_of("--at", output)};
  if (place.first >= static_cast<std::size_t>(question.inputs.rows()) || place.second >= question.design.outputs) {
    throw input_error("--at " + arguments.at, fmt::format("there are {} inputs and {} outputs, counted from 0",
                                                          question.inputs.rows(), question.design.outputs));
  }
  return place;
}

template <class T>
std::string_view bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string_view bytes_of(const Matrix& matrix) {
  return {reinterpret_cast<const char*>(matrix.data()), static_cast<std::size_t>(matrix.size()) * sizeof(double)};
}

std::string fingerprint_of(const CrossbarQuestion& question, const std::string& spec_text) {
  const CrossbarDesign& design = question.design;
  std::string text =
      fmt::format("{}{} {} {} {} {} ", name_of(question.population), question.around_own ? " around its own" : "",
                  static_cast<int>(question.error), design.scale, design.full_scale, design.common_mode);
  text += digits_of(design.spec.bank.fabrication);
  for (const Condition& c : question.conditions) text += fmt::format("{} {} ", c.celsius, c.seconds.value_or(-1.0));
  for (const std::string_view bytes :
       {std::string_view(spec_text), bytes_of(design.array.resistances), bytes_of(design.array.switches),
        bytes_of(design.array.switch_on), bytes_of(design.array.stuck), bytes_of(design.targets),
        bytes_of(question.inputs)}) {
    text += digest(bytes);
  }
  return "crossbar " + digest(text);
}

Answer replayed(const CrossbarSamples& samples, std::span<const double> point) {
  const CrossbarSample sample = samples.replay(point);
  Answer answer;
  answer.json = io::Json::object();
  answer.json["word_lines"] = sample.made.word_lines;
  answer.json["bit_lines"] = sample.made.bit_lines;
  answer.json["devices"] = sample.made.devices();
  answer.json["resistances_ohm"] = io::json_numbers(sample.made.resistances);
  answer.json["switches"] = sample.made.switches;
  answer.json["conditions"] = io::Json::array();
  answer.rows.push_back({"condition", "largest output", "error"});
  for (std::size_t c = 0; c < sample.outputs.size(); ++c) {
    const Condition& condition = samples.question().conditions[c];
    answer.json["conditions"].push_back({{"condition", json_of(condition)},
                                         {"conductances", io::json_rows(sample.conductances[c])},
                                         {"outputs", io::json_rows(sample.outputs[c])},
                                         {"error", io::json_number(sample.values[c])}});
    answer.rows.push_back({text_of(condition), format_engineering(sample.outputs[c].cwiseAbs().maxCoeff(), "A", 8),
                           error_text(sample.values[c])});
  }
  answer.json["values"] = io::json_numbers(sample.values);
  return answer;
}

Answer corner_answer(const CrossbarQuestion& question, std::size_t input, std::size_t output, double sigmas) {
  Answer answer;
  answer.rows.push_back({fmt::format("corners of output {}, input {} (estimates)", output, input), "lowest", "error",
                         "highest", "error"});
  for (const Corner& corner : corners(question, input, output, sigmas)) {
    const Condition& condition = question.conditions[corner.condition];
    add_corner(answer, text_of(condition), corner, "A", condition, {{"input", input}, {"output", output}});
  }
  return answer;
}

Answer sensitivity_answer(const CrossbarQuestion& question, std::size_t input, std::size_t output, std::size_t most) {
  Answer answer;
  answer.rows.push_back({fmt::format("sensitivities of output {}, input {}", output, input), "word line", "bit line",
                         "slope", "std dev", "share"});
  most = std::max<std::size_t>(3, most / question.conditions.size());
  for (std::size_t c = 0; c < question.conditions.size(); ++c) {
    std::size_t shown = 0;
    for (const BankSensitivity& s : sensitivities(question, input, output, c)) {
      if (shown++ < most) {
        answer.rows.push_back({shown == 1 ? text_of(question.conditions[c]) : "", std::to_string(s.word),
                               std::to_string(s.bit), fmt::format("{:+.3e}", s.slope), magnitude_text(s.stddev),
                               fmt::format("{:.2f} %", s.share * 100.0)});
      }
      answer.json.push_back({{"input", input},
                             {"output", output},
                             {"condition", json_of(question.conditions[c])},
                             {"word_line", s.word},
                             {"bit_line", s.bit},
                             {"slope", io::json_number(s.slope)},
                             {"stddev", io::json_number(s.stddev)},
                             {"share", io::json_number(s.share)}});
    }
  }
  return answer;
}

void name_series(const CrossbarQuestion& question, Subject& subject) {
  for (const Condition& condition : question.conditions) {
    subject.series.push_back(text_of(condition));
    subject.series_about.push_back({{"name", subject.series.back()}, {"condition", json_of(condition)}});
  }
  if (subject.series.size() == 1) return;
  subject.series.emplace_back("worst of all");
  subject.series_about.push_back({{"name", "worst of all"}});
}

}  // namespace

Subject crossbar_subject(const SubjectArguments& arguments, const Common& common) {
  refuse_bank_options(arguments);
  io::CrossbarDesignFile file = io::read_crossbar_design(arguments.path);
  CrossbarQuestion question{.design = std::move(file.design)};
  std::string spec_text = std::move(file.spec_text);
  if ((arguments.blind || arguments.redesign) && !arguments.around_measured && !made_by_its_process(question.design)) {
    throw input_error(
        fmt::format("{}: its devices are not those of its specification's process, which new dies would be",
                    arguments.path),
        "expected --around-measured beside, and --spec FILE with the spread around the design's own resistances");
  }
  if (!arguments.spec.empty()) {
    io::CrossbarSpecFile given = io::read_crossbar_spec(arguments.spec);
    question.design.spec = std::move(given.spec);
    spec_text = std::move(given.text);
  }
  if (arguments.redesign) question.population = Population::redesigned;
  if (arguments.blind || (arguments.around_measured && !arguments.redesign)) question.population = Population::blind;
  question.around_own = arguments.around_measured;
  question.inputs = inputs_of(arguments, question.design.inputs, common.seed);
  question.error = arguments.error == "rms" ? OutputError::rms : OutputError::largest;
  question.conditions = conditions_of(arguments.temperatures, arguments.times);
  const auto [input, output] = place_of(arguments, question);

  Subject subject;
  subject.fingerprint = fingerprint_of(question, spec_text);
  const auto samples = std::make_shared<const CrossbarSamples>(std::move(question));
  const CrossbarQuestion& asked = samples->question();
  name_series(asked, subject);
  const BankArray& array = asked.design.array;
  subject.title = fmt::format("{}: {} word lines x {} bit lines, {} devices a bank, {} inputs", arguments.path,
                              array.word_lines, array.bit_lines, array.devices(), asked.inputs.rows());
  switch (asked.population) {
    case Population::die:
      subject.population = "one die over its life";
      break;
    case Population::blind:
      subject.population = asked.around_own ? "dies around the design's own devices, all with its switches"
                                            : "dies that all take the same switches";
      break;
    case Population::redesigned:
      subject.population = asked.around_own ? "dies around the design's own devices, each compiled anew"
                                            : "dies that are each compiled anew";
      break;
  }
  subject.error = fmt::format("{} output error / largest output", arguments.error);
  subject.about = {{"subject", "crossbar"},           {"population", name_of(asked.population)},
                   {"error", arguments.error},        {"inputs", asked.inputs.rows()},
                   {"outputs", asked.design.outputs}, {"dimensions", samples->dimensions()}};
  if (asked.around_own) subject.about["around_measured"] = true;
  subject.about["conditions"] = io::Json::array();
  for (const Condition& condition : asked.conditions) subject.about["conditions"].push_back(json_of(condition));

  subject.experiment = samples->experiment();
  subject.experiment.evaluate = [samples](std::uint64_t, std::size_t count, std::span<const double> points,
                                          std::span<double> values) { samples->evaluate(count, points, values); };
  subject.ranking = [samples] { return ranking(*samples); };
  subject.replay = [samples](std::span<const double> point) { return replayed(*samples, point); };
  subject.corners = [samples, input = input, output = output](double sigmas) {
    return corner_answer(samples->question(), input, output, sigmas);
  };
  subject.sensitivities = [samples, input = input, output = output](std::size_t most) {
    return sensitivity_answer(samples->question(), input, output, most);
  };
  subject.error_map = [samples](const SamplingPlan& plan, std::size_t count) {
    return error_map(*samples, plan, 0, count);
  };
  return subject;
}

}  // namespace ohmset::cli
