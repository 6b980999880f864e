// ohmset lottery: approximate a layer of a neural network by pruning a random one.
// SPDX-License-Identifier: Apache-2.0
#include "design/lottery.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

#include "sim/error.h"
#include "sim/units.h"
#include "tools/cli/command_line.h"
#include "tools/cli/lottery/ticket_crossbar.h"
#include "tools/cli/lottery/ticket_folder.h"
#include "tools/cli/report.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/matrix_file.h"

namespace ohmset::cli {
namespace {

struct Arguments {
  std::string weights{};
  std::string construction = "subset-sum";
  std::uint64_t units = 20;
  std::optional<double> scale{};
  bool nonnegative = false;
  std::optional<double> fewest_within{};
  std::optional<double> within{};
  std::uint64_t inputs = 100;
  std::string as_crossbar{};
  std::optional<double> unit_conductance{};
  std::optional<double> r_word{};
  std::optional<double> r_bit{};
  std::optional<double> r_driver{};
  std::optional<double> r_sense{};
};

Layer read_layer(const std::string& path) {
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
  Layer layer{.shape = {.outputs = shape[0], .inputs = shape[1]}, .weights = std::move(array.data)};
  if (shape.size() == 4) {
    layer.shape.height = shape[2];
    layer.shape.width = shape[3];
    layer.shape.convolution = true;
  }
  return layer;
}

void refuse_infinite(const std::string& name, const std::optional<double>& value) {
  if (value && !std::isfinite(*value)) throw input_error(name + " inf", "expected a finite number");
}

void check(const Arguments& arguments) {
  if (arguments.units > 64) {
    throw input_error(fmt::format("--units {}", arguments.units), "expected at most 64: a mask is one 64-bit word");
  }
  refuse_infinite("--scale", arguments.scale);
  if (arguments.scale && *arguments.scale == 0.0) throw input_error("--scale 0", "expected a number above 0");
  refuse_infinite("--fewest-within", arguments.fewest_within);
  refuse_infinite("--within", arguments.within);
  const bool relu = arguments.construction == "relu";
  if (arguments.nonnegative && !relu) {
    throw input_error("--nonnegative goes with --construction relu",
                      "the others take inputs of either sign as they are");
  }
  if (arguments.fewest_within && arguments.construction == "nearest") {
    throw input_error("--fewest-within goes with sums", "--construction nearest keeps one random weight of each");
  }
  const bool wires = arguments.r_word || arguments.r_bit || arguments.r_driver || arguments.r_sense;
  if (arguments.as_crossbar.empty() && (wires || arguments.unit_conductance)) {
    throw input_error("--unit-conductance, --r-word, --r-bit, --r-driver and --r-sense go with --as-crossbar");
  }
  for (const auto& [name, value] :
       {std::pair("--r-word", arguments.r_word), std::pair("--r-bit", arguments.r_bit),
        std::pair("--r-driver", arguments.r_driver), std::pair("--r-sense", arguments.r_sense),
        std::pair("--unit-conductance", arguments.unit_conductance)}) {
    refuse_infinite(name, value);
  }
  if (arguments.unit_conductance && *arguments.unit_conductance == 0.0) {
    throw input_error("--unit-conductance 0", "expected a conductance above 0");
  }
}

LotteryOptions options_of(const Arguments& arguments, const Common& common) {
  LotteryOptions options{.units = arguments.units,
                         .scale = arguments.scale,
                         .nonnegative = arguments.nonnegative,
                         .fewest_within = arguments.fewest_within,
                         .seed = common.seed,
                         .threads = static_cast<int>(common.threads)};
  if (arguments.construction == "nearest") options.construction = Construction::nearest;
  if (arguments.construction == "relu") options.construction = Construction::relu;
  return options;
}

TicketCrossbarOptions crossbar_options(const Arguments& arguments) {
  TicketCrossbarOptions options;
  options.unit = Siemens{arguments.unit_conductance.value_or(options.unit.value)};
  options.wires.word = Ohm{arguments.r_word.value_or(0.0)};
  options.wires.bit = Ohm{arguments.r_bit.value_or(0.0)};
  options.wires.driver = Ohm{arguments.r_driver.value_or(0.0)};
  options.wires.sense = Ohm{arguments.r_sense.value_or(0.0)};
  return options;
}

// Names of what --as-crossbar writes: one design, or two in folders of their own.
std::vector<std::string> crossbar_file_names() {
  std::vector<std::string> names;
  for (const std::string folder : {"", "first/", "second/"}) {
    for (const std::string& name : io::crossbar_design_names()) names.push_back(folder + name);
  }
  return names;
}

struct Answer {
  Layer layer{};
  Ticket ticket{};
  TicketSummary summary{};
  ForwardCheck forward{};
  double seconds = 0.0;
};

io::Json json_or_null(const std::optional<double>& value) { return value ? io::json_number(*value) : io::Json(); }

// Every option that decides the figures: the command line, from its JSON.
io::Json question_json(const Arguments& arguments, const Common& common) {
  io::Json json;
  json["weights"] = arguments.weights;
  json["construction"] = arguments.construction;
  json["units"] = arguments.units;
  json["scale"] = json_or_null(arguments.scale);
  json["nonnegative"] = arguments.nonnegative;
  json["fewest_within"] = json_or_null(arguments.fewest_within);
  json["within"] = json_or_null(arguments.within);
  json["inputs"] = arguments.inputs;
  json["seed"] = common.seed;
  return json;
}

io::Json answer_json(const Arguments& arguments, const Common& common, const Answer& answer) {
  const TicketSummary& summary = answer.summary;
  const ForwardCheck& forward = answer.forward;
  io::Json json;
  json["construction"] = arguments.construction;
  json["shape"] = extents(answer.layer.shape);
  json["weights"] = summary.weights;
  json["units"] = arguments.units;
  json["scale"] = io::json_number(answer.ticket.scale);
  json["seed"] = common.seed;
  json["error_max"] = io::json_number(summary.error_max);
  json["error_median"] = io::json_number(summary.error_median);
  json["error_mean"] = io::json_number(summary.error_mean);
  json["bound"] = io::json_number(summary.bound);
  json["bound_by_rows"] = io::json_number(summary.bound_by_rows);
  json["kept"] = summary.kept;
  json["total"] = summary.total;
  if (arguments.construction == "relu") json["total_dense"] = summary.total_dense;
  if (arguments.within) json["within"] = summary.error_max <= *arguments.within;
  json["forward"] = {{"inputs", forward.inputs},
                     {"output_max", io::json_number(forward.output_max)},
                     {"error_max", io::json_number(forward.error_max)},
                     {"error_rms", io::json_number(forward.error_rms)},
                     {"bound", io::json_number(forward.bound)},
                     {"holds", forward.holds()}};
  json["question"] = question_json(arguments, common);
  return json;
}

std::string people_table(const Arguments& arguments, const Answer& answer) {
  const TicketSummary& summary = answer.summary;
  const ForwardCheck& forward = answer.forward;
  const std::vector<std::size_t> shape = extents(answer.layer.shape);
  const double kept = 100.0 * static_cast<double>(summary.kept) / static_cast<double>(summary.total);
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"weights", fmt::format("{} ({})", summary.weights, fmt::join(shape, " x "))});
  rows.push_back(
      {"construction",
       fmt::format("{}, {} random weights {}, scale {:.6g}", arguments.construction, arguments.units,
                   arguments.construction == "relu" ? "and as many hidden units" : "each", answer.ticket.scale)});
  rows.push_back({"largest error", fmt::format("{:.3g}", summary.error_max)});
  rows.push_back({"median error", fmt::format("{:.3g}", summary.error_median)});
  rows.push_back({"mean error", fmt::format("{:.3g}", summary.error_mean)});
  rows.push_back({"outputs' bound", fmt::format("{:.3g} (by rows {:.3g}), for inputs within {}", summary.bound,
                                                summary.bound_by_rows, arguments.nonnegative ? "[0, 1]" : "[-1, 1]")});
  rows.push_back({"kept", fmt::format("{} of {} random weights ({:.1f} %)", summary.kept, summary.total, kept)});
  if (arguments.construction == "relu") {
    rows.push_back({"", fmt::format("of {} had the first layer been dense", summary.total_dense)});
  }
  rows.push_back({"outputs", fmt::format("off by {:.3g} at most, {:.3g} rms, of {:.3g}, on {} random inputs",
                                         forward.error_max, forward.error_rms, forward.output_max, forward.inputs)});
  const double rate = answer.seconds > 0.0 ? static_cast<double>(summary.weights) / answer.seconds : 0.0;
  rows.push_back({"time", fmt::format("{} ({:.3g} weights/s)", seconds_text(answer.seconds), rate)});
  return table(rows, {0, 1});
}

void write_ticket(const std::string& path, const Ticket& ticket, const io::Json& json, bool force) {
  io::FolderFiles files = ticket_arrays(ticket);
  io::Json description;
  description["format"] = "ohmset lottery ticket";
  description.update(json);
  files.push_back({"lottery.json", io::json_text(description)});
  io::write_folder(path, files, force, ticket_file_names());
}

void write_crossbars(const std::string& path, const std::vector<TicketCrossbar>& crossbars, bool force) {
  io::FolderFiles files;
  for (const TicketCrossbar& crossbar : crossbars) {
    for (io::FolderFile& file : io::crossbar_design_files(crossbar.design, crossbar.summary, crossbar.spec_text)) {
      if (!crossbar.folder.empty()) file.name = crossbar.folder + "/" + file.name;
      files.push_back(std::move(file));
    }
  }
  io::write_folder(path, files, force, crossbar_file_names());
}

int run(const Arguments& arguments, const Common& common) {
  check(arguments);
  if (!common.output.empty()) io::check_output_folder(common.output, common.force, ticket_file_names());
  if (!arguments.as_crossbar.empty()) {
    io::check_output_folder(arguments.as_crossbar, common.force, crossbar_file_names());
  }
  Answer answer{.layer = read_layer(arguments.weights)};
  LotteryOptions options = options_of(arguments, common);
  if (!arguments.as_crossbar.empty()) check_crossbar_sizes(answer.layer.shape, options);
  {
    Progress progress(common, "lottery", "weights");
    options.progress = progress.callback();
    const Stopwatch watch;
    answer.ticket = draw_ticket(answer.layer, options);
    answer.seconds = watch.seconds();
  }
  answer.summary = summarize(answer.layer, answer.ticket);
  answer.forward = run_forward(answer.layer, answer.ticket, arguments.inputs);

  io::Json json = answer_json(arguments, common, answer);
  if (!common.output.empty()) write_ticket(common.output, answer.ticket, json, common.force);
  if (!arguments.as_crossbar.empty()) {
    write_crossbars(arguments.as_crossbar, crossbars_of(answer.layer, answer.ticket, crossbar_options(arguments)),
                    common.force);
  }
  if (common.json) {
    json["seconds"] = answer.seconds;
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_table(arguments, answer));
  }
  if (!answer.forward.holds()) {
    note(common, "ohmset: the pruned network's outputs are off by more than the errors of its weights allow");
    return check_failed;
  }
  if (arguments.within && !(answer.summary.error_max <= *arguments.within)) {
    note(common, fmt::format("ohmset: the largest error is {:.6g}, above --within {:g}", answer.summary.error_max,
                             *arguments.within));
    return check_failed;
  }
  return done;
}

}  // namespace

void add_lottery(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("lottery", "approximate a neural network's layer by pruning a random one",
                             "the ticket's folder", "ohmset lottery --weights W.npy --units 20 -o ticket",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.text("--weights", "FILE", arguments->weights,
               "outputs x inputs (.npy or .csv), or a convolution's channels out x in x height x width (.npy)", true);
  command.choice(
      "--construction", {"nearest", "subset-sum", "relu"}, arguments->construction,
      "of the random weights of each weight: the nearest, the nearest sum, or sums of products in two layers "
      "with a ReLU between [subset-sum]");
  command.whole("--units", arguments->units, "random weights for each weight; relu: hidden units for each input [20]",
                1);
  command.quantity("--scale", "", arguments->scale,
                   "weights are this times sums of numbers within [-1, 1] [1, or the largest |weight| above]");
  command.flag("--nonnegative", arguments->nonnegative,
               "relu: inputs are never negative, as after a ReLU: half of the hidden units are pruned");
  command.quantity("--fewest-within", "", arguments->fewest_within,
                   "the fewest random weights within this error, where the nearest have been kept");
  command.quantity("--within", "", arguments->within, "exit code 1 when the largest error of a weight is above this");
  command.whole("--inputs", arguments->inputs, "random inputs on which the pruned network is run [100]", 1);
  command.text("--as-crossbar", "DIR", arguments->as_crossbar,
               "a crossbar design whose open switches are the pruned weights; relu: two of them, first and second");
  command.quantity("--unit-conductance", "S", arguments->unit_conductance,
                   "of --as-crossbar: a random weight of 1 [10u]");
  command.quantity("--r-word", "ohm", arguments->r_word, "of --as-crossbar: one segment of a word line [0]");
  command.quantity("--r-bit", "ohm", arguments->r_bit, "one segment of a bit line [0]");
  command.quantity("--r-driver", "ohm", arguments->r_driver, "between a source and its word line [0]");
  command.quantity("--r-sense", "ohm", arguments->r_sense, "between a bit line and virtual ground [0]");
}

}  // namespace ohmset::cli
