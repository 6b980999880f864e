// The question of `ohmset precision` as JSON, and back: what another run needs to come to the same result.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "sim/error.h"
#include "tools/cli/precision/arguments.h"
#include "tools/io/design_file/json_reader.h"
#include "tools/io/file.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

using Text = std::string PrecisionArguments::*;
using Flag = bool PrecisionArguments::*;
using Whole = std::optional<std::size_t> PrecisionArguments::*;
struct NamedText {
  const char* name;
  Text member;
  std::array<std::string_view, 3> words{};  // one of these, where there are any
};
struct NamedFlag {
  const char* name;
  Flag member;
};
struct NamedWhole {
  const char* name;
  Whole member;
  std::size_t least;
};

// Every option that shapes the question, but for files, whose contents stand in the result. The names are those of the
// command line.
constexpr std::array<NamedText, 18> texts{{{"devices", &PrecisionArguments::devices},
                                           {"nominal", &PrecisionArguments::nominal},
                                           {"distribution", &PrecisionArguments::distribution},
                                           {"sigma", &PrecisionArguments::sigmas},
                                           {"ladder", &PrecisionArguments::ladder},
                                           {"topology", &PrecisionArguments::topology},
                                           {"r-on", &PrecisionArguments::r_on},
                                           {"r-off", &PrecisionArguments::r_off},
                                           {"r-on-sigma", &PrecisionArguments::r_on_sigma},
                                           {"measurement-sigma", &PrecisionArguments::measurement_sigma},
                                           {"choose", &PrecisionArguments::choose, {"search", "code", "average"}},
                                           {"unit", &PrecisionArguments::unit, {"ohm", "siemens"}},
                                           {"interval", &PrecisionArguments::interval},
                                           {"temperature", &PrecisionArguments::temperatures},
                                           {"time", &PrecisionArguments::times},
                                           {"for-bits", &PrecisionArguments::for_bits},
                                           {"probability", &PrecisionArguments::probability},
                                           {"confidence", &PrecisionArguments::confidence}}};
constexpr std::array<NamedFlag, 6> flags{{{"signed", &PrecisionArguments::signed_items},
                                          {"normalize", &PrecisionArguments::normalize},
                                          {"coverage", &PrecisionArguments::coverage},
                                          {"contacts-anew", &PrecisionArguments::contacts_anew},
                                          {"ceilings", &PrecisionArguments::ceilings},
                                          {"contrast", &PrecisionArguments::contrast}}};
constexpr std::array<NamedWhole, 4> wholes{{{"measurement-bits", &PrecisionArguments::measurement_bits, 1},
                                            {"instances", &PrecisionArguments::instances, 1},
                                            {"banks", &PrecisionArguments::banks, 1},
                                            {"even", &PrecisionArguments::even, 2}}};
constexpr std::array<std::string_view, 7> others = {"seed", "given", "targets", "spec", "nominals", "values", "ratios"};

std::vector<std::string> given_options(const PrecisionArguments& arguments) {
  std::vector<std::string> names;
  for (const auto& [name, member, words] : texts) {
    if (!(arguments.*member).empty()) names.emplace_back(name);
  }
  for (const auto& [name, member] : flags) {
    if (arguments.*member) names.emplace_back(name);
  }
  for (const auto& [name, member, least] : wholes) {
    if (arguments.*member) names.emplace_back(name);
  }
  return names;
}

void refuse_question_beside(const PrecisionArguments& arguments, const Common& common) {
  const auto refuse = [](const std::string& what) {
    throw input_error(what + " beside --repeat", "the question stands in the result");
  };
  if (!arguments.spec.empty()) refuse(arguments.spec);
  if (common.seed_given) refuse("--seed");
  if (!arguments.targets.empty()) refuse("--targets");
  if (const auto given = given_options(arguments); !given.empty()) refuse("--" + given.front());
}

bool known(std::string_view key) {
  const auto is_key = [key](const auto& option) { return option.name == key; };
  return std::ranges::any_of(texts, is_key) || std::ranges::any_of(flags, is_key) ||
         std::ranges::any_of(wholes, is_key) || std::ranges::find(others, key) != others.end();
}

std::vector<double> numbers_of(const io::JsonEntry& entry, bool infinity_allowed) {
  std::vector<double> numbers;
  for (const io::JsonEntry& item : entry.list()) {
    numbers.push_back(item.number());
    if (std::isinf(numbers.back()) && !infinity_allowed) item.refuse("is infinite", "expected a finite number");
  }
  return numbers;
}

std::string word_of(const io::JsonEntry& entry, const NamedText& option) {
  std::string text = entry.text();
  const bool any = option.words.front().empty();
  const auto fits = [&](std::string_view word) { return !word.empty() && word == text; };
  if (!any && std::ranges::none_of(option.words, fits)) {
    entry.refuse(fmt::format("is \"{}\"", text), "expected a word that the option takes");
  }
  return text;
}

// What stood for an option that was not given goes to the defaults, so that messages and tables name what was given
// alone. Results of before they were told apart have what was given, and today's defaults.
void take_options(const io::JsonEntry& question, PrecisionInput& input) {
  std::vector<std::string> given;
  const bool told = question.has("given");
  if (told) {
    for (const io::JsonEntry& name : question["given"].list()) given.push_back(name.text());
  }
  const auto place = [&](const char* name) -> PrecisionArguments& {
    const bool is_given = !told || std::ranges::find(given, name) != given.end();
    return is_given ? input.arguments : input.defaults;
  };
  for (const NamedText& option : texts) {
    if (question.has(option.name)) place(option.name).*option.member = word_of(question[option.name], option);
  }
  for (const auto& [name, member] : flags) {
    if (question.has(name)) input.arguments.*member = question[name].boolean();
  }
  for (const auto& [name, member, least] : wholes) {
    if (!question.has(name)) continue;
    const std::uint64_t value = question[name].whole();
    if (value < least) question[name].refuse(fmt::format("is {}", value), fmt::format("expected {} or more", least));
    place(name).*member = value;
  }
  if (!told) input.defaults = defaults_of(input);
}

void take_spec(const io::JsonEntry& question, PrecisionInput& input, const std::string& file) {
  if (!question.has("spec")) return;
  io::FamilySpecFile spec = io::carried_family_spec(question["spec"].text(), file);
  Process& process = spec.fabrication.process;
  if (question.has("ratios")) process.ratios = numbers_of(question["ratios"], false);
  if (question.has("nominals")) process.nominals = numbers_of(question["nominals"], false);
  if (question.has("values")) process.values = numbers_of(question["values"], true);
  input.fabrication = std::move(spec.fabrication);
  input.spec_topology = std::move(spec.topology);
  input.spec_text = std::move(spec.text);
}

}  // namespace

PrecisionInput repeated(const PrecisionArguments& arguments, const Common& common) {
  refuse_question_beside(arguments, common);
  const std::string& file = arguments.repeat;
  const io::Json document = io::Json::parse(io::read_file(file), nullptr, false);
  constexpr auto expected = "expected what `ohmset precision --json` printed";
  if (document.is_discarded()) throw input_error(Where{file}, "not JSON", expected);
  if (!document.is_object() || !document.contains("question") || !document["question"].is_object()) {
    throw input_error(Where{file}, "has no question", expected);
  }
  for (const auto& [key, value] : document["question"].items()) {
    if (!known(key)) throw input_error(Where{file}, fmt::format("question.{} is not known", key), expected);
  }
  const io::JsonEntry question = io::JsonEntry(&document, file)["question"];
  PrecisionInput input;
  input.seed = question["seed"].whole();
  if (question.has("targets")) input.targets = numbers_of(question["targets"], false);
  take_spec(question, input, file);
  take_options(question, input);
  return input;
}

io::Json json_of(const PrecisionInput& input) {
  io::Json json;
  json["seed"] = input.seed;
  for (const auto& [name, member, words] : texts) {
    const std::string& value = input.value(member);
    json[name] = value.empty() ? io::Json() : io::Json(value);
  }
  for (const auto& [name, member] : flags) json[name] = input.arguments.*member;
  for (const auto& [name, member, least] : wholes) {
    const std::optional<std::size_t>& given = input.arguments.*member;
    const std::optional<std::size_t>& value = given ? given : input.defaults.*member;
    json[name] = value ? io::Json(*value) : io::Json();
  }
  json["given"] = given_options(input.arguments);
  if (!input.targets.empty()) json["targets"] = io::json_numbers(input.targets);
  if (input.fabrication) {
    const Process& process = input.fabrication->process;
    json["spec"] = input.spec_text;
    if (process.nominals.size() > 1) json["nominals"] = io::json_numbers(process.nominals);
    if (!process.values.empty()) json["values"] = io::json_numbers(process.values);
    if (!process.ratios.empty()) json["ratios"] = io::json_numbers(process.ratios);
  }
  return json;
}

}  // namespace ohmset::cli
