// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/lottery/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "design/subset_sum.h"
#include "sim/error.h"
#include "tools/cli/digest.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t default_units = 20;
constexpr std::size_t default_relu_units = 40;  // its two branches share them
constexpr std::size_t most_units = 64;          // a mask is one 64-bit word

template <class Member>
struct Named {
  const char* name;
  Member member;
};
using Given = std::optional<double> LotteryArguments::*;
using Value = double LotteryQuestion::*;
using Optional = std::optional<double> LotteryQuestion::*;

// The names are those of the command line, in the JSON with "_" for "-".
constexpr std::array<std::pair<Named<Given>, Value>, 5> quantities{
    {{{"unit-conductance", &LotteryArguments::unit_conductance}, &LotteryQuestion::unit_conductance},
     {{"r-word", &LotteryArguments::r_word}, &LotteryQuestion::r_word},
     {{"r-bit", &LotteryArguments::r_bit}, &LotteryQuestion::r_bit},
     {{"r-driver", &LotteryArguments::r_driver}, &LotteryQuestion::r_driver},
     {{"r-sense", &LotteryArguments::r_sense}, &LotteryQuestion::r_sense}}};
constexpr std::array<std::pair<Named<Given>, Optional>, 3> optionals{
    {{{"scale", &LotteryArguments::scale}, &LotteryQuestion::scale},
     {{"fewest-within", &LotteryArguments::fewest_within}, &LotteryQuestion::fewest_within},
     {{"within", &LotteryArguments::within}, &LotteryQuestion::within}}};
constexpr std::array<const char*, 3> constructions{"nearest", "subset-sum", "relu"};

std::string key_of(std::string name) {
  std::ranges::replace(name, '-', '_');
  return name;
}

// The option of the question that was given beside --repeat, "" for none.
std::string given_beside_repeat(const LotteryArguments& given, const Common& common) {
  for (const auto& [named, member] : quantities) {
    if (given.*named.member) return named.name;
  }
  for (const auto& [named, member] : optionals) {
    if (given.*named.member) return named.name;
  }
  if (!given.construction.empty()) return "construction";
  if (given.units) return "units";
  if (given.nonnegative) return "nonnegative";
  if (given.random_inputs) return "random-inputs";
  if (common.seed_given) return "seed";
  return {};
}

void check(const LotteryQuestion& question) {
  const auto refuse = [](std::string_view name, double value, std::string_view expected) {
    throw input_error(fmt::format("--{} {}", name, value), expected);
  };
  for (const auto& [named, member] : quantities) {
    const double value = question.*member;
    if (!(value >= 0.0) || !std::isfinite(value)) refuse(named.name, value, "expected a finite number, at least 0");
  }
  for (const auto& [named, member] : optionals) {
    const std::optional<double> value = question.*member;
    if (value && (!(*value >= 0.0) || !std::isfinite(*value))) {
      refuse(named.name, *value, "expected a finite number, at least 0");
    }
  }
  if (question.scale && *question.scale == 0.0) throw input_error("--scale 0", "expected a number above 0");
  if (question.unit_conductance == 0.0) throw input_error("--unit-conductance 0", "expected a conductance above 0");
  if (question.random_inputs == 0) throw input_error("--random-inputs 0", "expected at least 1");
  const bool sums = question.construction == "subset-sum";
  const std::size_t most = sums ? most_items : most_units;
  if (question.units == 0 || question.units > most) {
    throw input_error(fmt::format("--units {}", question.units),
                      sums ? fmt::format("expected 1 to {}: more, no exact search takes", most)
                           : fmt::format("expected 1 to {}: a mask is one 64-bit word", most));
  }
  if (question.nonnegative && question.construction != "relu") {
    throw input_error("--nonnegative goes with --construction relu",
                      "the others take inputs of either sign as they are");
  }
  if (question.fewest_within && question.construction == "nearest") {
    throw input_error("--fewest-within goes with sums", "--construction nearest keeps one random weight of each");
  }
}

// What JSON holds for a whole number, a negative one refused.
std::uint64_t whole_in(const io::Json& json, const std::string& key) {
  const io::Json& value = json.at(key);
  if (value.is_number_integer() && !value.is_number_unsigned()) {
    throw input_error(fmt::format("{} {}", key, value.dump()), "expected a whole number, at least 0");
  }
  return value.get<std::uint64_t>();
}

LotteryQuestion repeated(const LotteryArguments& given, const Common& common) {
  const std::string beside = given_beside_repeat(given, common);
  if (!beside.empty()) {
    throw input_error(fmt::format("--{} beside --repeat", beside), "the question stands in the file");
  }
  const io::Json document = io::Json::parse(io::read_file(given.repeat), nullptr, false);
  const auto refuse = [&](std::string_view what) -> Error {
    return input_error(Where{given.repeat}, what,
                       "expected what `ohmset lottery --json` printed, or a ticket's lottery.json");
  };
  if (!document.is_object() || !document.contains("question")) throw refuse("has no question");
  const io::Json& json = document["question"];
  if (!json.is_object() || !json.contains("weights_fingerprint")) throw refuse("has no question of a lottery");
  LotteryQuestion question;
  try {
    question.weights = given.weights.empty() ? json.at("weights").get<std::string>() : given.weights;
    question.fingerprint = json.at("weights_fingerprint").get<std::string>();
    question.construction = json.at("construction").get<std::string>();
    question.units = whole_in(json, "units");
    question.nonnegative = json.at("nonnegative").get<bool>();
    question.random_inputs = whole_in(json, "random_inputs");
    question.seed = whole_in(json, "seed");
    for (const auto& [named, member] : quantities) question.*member = json.at(key_of(named.name)).get<double>();
    for (const auto& [named, member] : optionals) {
      const io::Json& value = json.at(key_of(named.name));
      if (!value.is_null()) question.*member = value.get<double>();
    }
  } catch (const io::Json::exception&) {
    throw refuse("the question is damaged");
  } catch (const Error& error) {
    throw input_error(Where{given.repeat}, error.what());
  }
  if (std::ranges::find(constructions, question.construction) == constructions.end()) {
    throw refuse(fmt::format("construction \"{}\"", question.construction));
  }
  try {
    check(question);
  } catch (const Error& error) {
    throw input_error(Where{given.repeat}, error.what());
  }
  return question;
}

// Shape and doubles, the lowest byte first, so that a file of another format or precision with the same numbers is the
// same.
std::string fingerprint_of(const std::vector<std::size_t>& shape, const std::vector<double>& numbers) {
  std::string bytes = fmt::format("{}:", fmt::join(shape, "x"));
  bytes.reserve(bytes.size() + 8 * numbers.size());
  for (const double number : numbers) {
    const auto word = std::bit_cast<std::uint64_t>(number);
    for (unsigned byte = 0; byte < 8; ++byte) bytes.push_back(static_cast<char>(word >> (8 * byte) & 0xFFU));
  }
  return digest(bytes);
}

io::Json json_or_null(const std::optional<double>& value) { return value ? io::json_number(*value) : io::Json(); }

}  // namespace

LotteryQuestion lottery_question(const LotteryArguments& arguments, const Common& common) {
  if (!arguments.repeat.empty()) return repeated(arguments, common);
  if (arguments.weights.empty()) {
    throw input_error("no weights", "expected --weights FILE, or --repeat FILE: see ohmset lottery --help");
  }
  LotteryQuestion question{.weights = arguments.weights, .nonnegative = arguments.nonnegative, .seed = common.seed};
  if (!arguments.construction.empty()) question.construction = arguments.construction;
  question.units = arguments.units.value_or(question.construction == "relu" ? default_relu_units : default_units);
  question.random_inputs = arguments.random_inputs.value_or(question.random_inputs);
  for (const auto& [named, member] : optionals) question.*member = arguments.*named.member;
  for (const auto& [named, member] : quantities) {
    const std::optional<double>& given = arguments.*named.member;
    if (given && arguments.as_crossbar.empty()) {
      throw input_error(fmt::format("--{} goes with --as-crossbar", named.name), "leave it out");
    }
    question.*member = given.value_or(question.*member);
  }
  check(question);
  return question;
}

Layer read_layer(LotteryQuestion& question) {
  const std::string& path = question.weights;
  io::NpyArray<double> array;
  if (io::is_npy(path)) {
    array = io::read_npy_doubles(path);
  } else {
    const Matrix matrix = io::read_matrix(path);
    array = {.shape = {static_cast<std::size_t>(matrix.rows()), static_cast<std::size_t>(matrix.cols())},
             .data = std::vector<double>(matrix.data(), matrix.data() + matrix.size())};
  }
  const std::vector<std::size_t>& shape = array.shape;
  if (shape.size() != 2 && shape.size() != 4) {
    throw input_error(Where{path}, fmt::format("the weights have {} dimensions", shape.size()),
                      "expected 2 (outputs x inputs) or 4 (out channels x in channels x height x width)");
  }
  if (array.data.empty()) throw input_error(Where{path}, "there are no weights", "expected at least one number");
  for (std::size_t k = 0; k < array.data.size(); ++k) {
    if (std::isfinite(array.data[k])) continue;
    throw input_error(Where{path}, fmt::format("entry {} (from 0, in C order) is {}", k, array.data[k]),
                      "expected a finite number");
  }
  const std::string fingerprint = fingerprint_of(shape, array.data);
  if (!question.fingerprint.empty() && question.fingerprint != fingerprint) {
    throw input_error(
        Where{path}, fmt::format("not the weights of the run to repeat (fingerprint {})", fingerprint),
        fmt::format("expected those of fingerprint {}: --weights says where they are now", question.fingerprint));
  }
  question.fingerprint = fingerprint;
  Layer layer{.shape = {.outputs = shape[0], .inputs = shape[1]}, .weights = std::move(array.data)};
  if (shape.size() == 4) {
    layer.shape.height = shape[2];
    layer.shape.width = shape[3];
    layer.shape.convolution = true;
  }
  return layer;
}

LotteryOptions options_of(const LotteryQuestion& question) {
  LotteryOptions options{.units = question.units,
                         .scale = question.scale,
                         .nonnegative = question.nonnegative,
                         .fewest_within = question.fewest_within,
                         .seed = question.seed};
  if (question.construction == "nearest") options.construction = Construction::nearest;
  if (question.construction == "relu") options.construction = Construction::relu;
  return options;
}

TicketCrossbarOptions crossbar_options(const LotteryQuestion& question) {
  TicketCrossbarOptions options;
  options.unit = Siemens{question.unit_conductance};
  options.wires.word = Ohm{question.r_word};
  options.wires.bit = Ohm{question.r_bit};
  options.wires.driver = Ohm{question.r_driver};
  options.wires.sense = Ohm{question.r_sense};
  return options;
}

io::Json json_of(const LotteryQuestion& question) {
  io::Json json;
  json["weights"] = question.weights;
  json["weights_fingerprint"] = question.fingerprint;
  json["construction"] = question.construction;
  json["units"] = question.units;
  json["nonnegative"] = question.nonnegative;
  for (const auto& [named, member] : optionals) json[key_of(named.name)] = json_or_null(question.*member);
  json["random_inputs"] = question.random_inputs;
  for (const auto& [named, member] : quantities) json[key_of(named.name)] = io::json_number(question.*member);
  json["seed"] = question.seed;
  return json;
}

void add_lottery_options(Command& command, LotteryArguments& arguments) {
  command.text("--weights", "FILE", arguments.weights,
               "outputs x inputs (.npy or .csv), or a convolution's channels out x in x height x width (.npy); give "
               "each layer of a network another --seed, or they share their random weights");
  command.choice(
      "--construction", {constructions.begin(), constructions.end()}, arguments.construction,
      "of the random weights of each weight: the nearest, the nearest sum, or sums of products in two layers "
      "with a ReLU between [subset-sum]");
  command.whole("--units", arguments.units,
                "random weights for each weight [20]; relu: hidden units for each input, which its branches for "
                "positive and negative inputs share [40]",
                1);
  command.quantity("--scale", "", arguments.scale,
                   "weights are this times sums of numbers within [-1, 1] [1, or the largest |weight| above]");
  command.flag("--nonnegative", arguments.nonnegative,
               "relu: inputs are never negative, as after a ReLU: half of the hidden units are pruned");
  command.quantity("--fewest-within", "", arguments.fewest_within,
                   "the fewest random weights within this error; the nearest where none are, which is counted and "
                   "does not change the exit code");
  command.quantity("--within", "", arguments.within, "exit code 1 when the largest error of a weight is above this");
  command.whole("--random-inputs", arguments.random_inputs, "on so many the pruned network is run [100]", 1);
  command.text("--inputs", "FILE", arguments.inputs,
               "run it on these too, batch x inputs (of a convolution: patches, channels x height x width each), .npy "
               "or .csv; -o gets outputs.npy and layer_outputs.npy");
  command.text("--repeat", "FILE", arguments.repeat,
               "the question of an earlier run, from its JSON or a ticket's lottery.json; --weights beside it says "
               "where the weights are now");
  command.text("--as-crossbar", "DIR", arguments.as_crossbar,
               "a crossbar design whose open switches are the pruned weights; relu: two of them, first and second");
  command.quantity("--unit-conductance", "S", arguments.unit_conductance,
                   "of --as-crossbar: a random weight of 1 [10u]");
  command.quantity("--r-word", "ohm", arguments.r_word, "of --as-crossbar: one segment of a word line [0]");
  command.quantity("--r-bit", "ohm", arguments.r_bit, "one segment of a bit line [0]");
  command.quantity("--r-driver", "ohm", arguments.r_driver, "between a source and its word line [0]");
  command.quantity("--r-sense", "ohm", arguments.r_sense, "between a bit line and virtual ground [0]");
}

}  // namespace ohmset::cli
