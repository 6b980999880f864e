// ohmset lottery: approximate a layer of a neural network by pruning a random one.
// SPDX-License-Identifier: Apache-2.0
#include "design/lottery.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "sim/error.h"
#include "tools/cli/lottery/arguments.h"
#include "tools/cli/lottery/report.h"
#include "tools/cli/lottery/ticket_crossbar.h"
#include "tools/cli/lottery/ticket_folder.h"
#include "tools/cli/report.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"

namespace ohmset::cli {
namespace {

// Names of what --as-crossbar writes: one design, or two in folders of their own.
std::vector<std::string> crossbar_file_names() {
  std::vector<std::string> names;
  for (const std::string folder : {"", "first/", "second/"}) {
    for (const std::string& name : io::crossbar_design_names()) names.push_back(folder + name);
  }
  return names;
}

// The parts of a path's one true name; "a/" is "a".
std::vector<std::filesystem::path> parts_of_path(const std::string& path) {
  std::error_code ignored;
  std::filesystem::path whole = std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
  if (whole.empty()) whole = path;
  std::vector<std::filesystem::path> parts(whole.begin(), whole.end());
  if (!parts.empty() && parts.back().empty()) parts.pop_back();
  return parts;
}

// A folder within the other would be one of its files, and be refused after the other is there.
void refuse_one_in_the_other(const std::string& output, const std::string& crossbar) {
  const auto a = parts_of_path(output);
  const auto b = parts_of_path(crossbar);
  const auto [in_a, in_b] = std::ranges::mismatch(a, b);
  if (in_a == a.end() || in_b == b.end()) {
    throw input_error(fmt::format("-o {} and --as-crossbar {} are the same or lie in each other", output, crossbar),
                      "expected two folders apart");
  }
}

void check_outputs(const LotteryArguments& arguments, const Common& common) {
  if (!common.output.empty()) io::check_output_folder(common.output, common.force, ticket_file_names());
  if (arguments.as_crossbar.empty()) return;
  io::check_output_folder(arguments.as_crossbar, common.force, crossbar_file_names());
  if (!common.output.empty()) refuse_one_in_the_other(common.output, arguments.as_crossbar);
}

Matrix read_inputs(const std::string& path, const LotteryQuestion& question, const LayerShape& shape) {
  Matrix inputs = io::read_matrix(path);
  if (static_cast<std::size_t>(inputs.cols()) != shape.fan_in()) {
    throw input_error(Where{path}, fmt::format("has {} columns", inputs.cols()),
                      fmt::format("an output of the layer reads {} inputs", shape.fan_in()));
  }
  const auto* const negative =
      std::find_if(inputs.data(), inputs.data() + inputs.size(), [](double x) { return x < 0; });
  if (question.nonnegative && negative != inputs.data() + inputs.size()) {
    throw input_error(Where{path}, fmt::format("an input is {}", *negative),
                      "expected none below 0: --nonnegative prunes what carries them");
  }
  return inputs;
}

Matrix run_layer(const Layer& layer, const Matrix& inputs) {
  const auto fan_in = static_cast<Eigen::Index>(layer.shape.fan_in());
  Matrix out = Matrix::Zero(inputs.rows(), static_cast<Eigen::Index>(layer.shape.outputs));
  for (Eigen::Index row = 0; row < out.rows(); ++row) {
    for (Eigen::Index output = 0; output < out.cols(); ++output) {
      const double* const weights = layer.weights.data() + output * fan_in;
      double sum = 0.0;
      for (Eigen::Index k = 0; k < fan_in; ++k) sum += weights[k] * inputs(row, k);
      out(row, output) = sum;
    }
  }
  return out;
}

Ticket drawn(const LotteryQuestion& question, const Layer& layer, const Common& common) {
  LotteryOptions options = options_of(question);
  options.threads = static_cast<int>(common.threads);
  Progress progress(common, "lottery", "weights");
  options.progress = progress.callback();
  try {
    return draw_ticket(layer, options);
  } catch (const Error& error) {
    if (error.fault() != Fault::input) throw;
    throw input_error(Where{question.weights}, error.what());
  }
}

LotteryAnswer answered(LotteryQuestion& question, const LotteryArguments& arguments, const Common& common) {
  LotteryAnswer answer{.layer = read_layer(question)};
  Matrix inputs;
  if (!arguments.as_crossbar.empty()) check_crossbar_sizes(answer.layer.shape, options_of(question));
  if (!arguments.inputs.empty()) inputs = read_inputs(arguments.inputs, question, answer.layer.shape);
  const Stopwatch watch;
  answer.ticket = drawn(question, answer.layer, common);
  answer.seconds = watch.seconds();
  question.scale = answer.ticket.scale;
  answer.summary = summarize(answer.layer, answer.ticket);
  if (question.fewest_within) {
    answer.unreached = unreached_weights(answer.layer, answer.ticket, *question.fewest_within);
  }
  {
    Progress progress(common, "lottery", "weights run");
    const Stopwatch running;
    answer.forward = run_forward(answer.layer, answer.ticket, question.random_inputs, progress.callback());
    answer.forward_seconds = running.seconds();
  }
  if (!arguments.inputs.empty()) {
    answer.given = GivenRun{.path = arguments.inputs,
                            .outputs = run_ticket(answer.ticket, inputs),
                            .layer_outputs = run_layer(answer.layer, inputs)};
  }
  return answer;
}

void write_ticket(const std::string& path, const LotteryAnswer& answer, const io::Json& json, bool force) {
  io::FolderFiles files = ticket_arrays(answer.ticket);
  if (answer.given) {
    files.push_back({"outputs.npy", io::npy_bytes(answer.given->outputs)});
    files.push_back({"layer_outputs.npy", io::npy_bytes(answer.given->layer_outputs)});
  }
  io::Json description;
  description["format"] = "ohmset lottery ticket";
  description.update(json);
  description.update(arrays_json(answer.ticket));
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

int run(const LotteryArguments& arguments, const Common& common) {
  LotteryQuestion question = lottery_question(arguments, common);
  check_outputs(arguments, common);
  const LotteryAnswer answer = answered(question, arguments, common);

  // Both are there before either is written: what is refused leaves nothing.
  std::vector<TicketCrossbar> crossbars;
  if (!arguments.as_crossbar.empty()) {
    crossbars = crossbars_of(answer.layer, answer.ticket, crossbar_options(question));
  }
  io::Json json = json_report(question, answer);
  if (!common.output.empty()) write_ticket(common.output, answer, json, common.force);
  if (!arguments.as_crossbar.empty()) write_crossbars(arguments.as_crossbar, crossbars, common.force);
  if (common.json) {
    json["seconds"] = answer.seconds;
    json["forward_seconds"] = answer.forward_seconds;
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_report(question, answer));
  }
  if (!answer.forward.holds()) {
    note(common, "ohmset: the pruned network's outputs are not those that its weights and their errors allow");
    return check_failed;
  }
  if (question.within && !(answer.summary.error_max <= *question.within)) {
    note(common, fmt::format("ohmset: the largest error is {:.6g}, above --within {:g}", answer.summary.error_max,
                             *question.within));
    return check_failed;
  }
  return done;
}

}  // namespace

void add_lottery(CommandLine& line) {
  const auto arguments = std::make_shared<LotteryArguments>();
  Command command = line.add("lottery", "approximate a neural network's layer by pruning a random one",
                             "the ticket's folder", "ohmset lottery --weights W.npy --units 20 -o ticket",
                             [arguments](const Common& common) { return run(*arguments, common); });
  add_lottery_options(command, *arguments);
}

}  // namespace ohmset::cli
