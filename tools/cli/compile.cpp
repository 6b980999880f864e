// ohmset compile: choose the switches of a whole crossbar for a weight matrix.
// SPDX-License-Identifier: Apache-2.0
#include "design/compile.h"

#include <fmt/format.h>

#include <optional>
#include <span>

#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/cli/ranks.h"
#include "tools/cli/report.h"
#include "tools/cli/switch_program.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/matrix_file.h"
#include "tools/io/spec.h"

namespace ohmset::cli {
namespace {

struct Arguments {
  std::string spec{};
  std::string weights{};
  std::string measured{};
  std::string program{};
  std::uint64_t die = 0;
};

// Resistances of real dies, of the shape that the weights need.
std::vector<double> read_measured(const std::string& path, const CrossbarSpec& spec, const Matrix& weights) {
  io::NpyArray<double> array = io::read_npy_doubles(path);
  const std::vector<std::size_t> needed = {static_cast<std::size_t>(weights.cols()),
                                           bit_lines_for(spec.mapping.scheme, static_cast<std::size_t>(weights.rows())),
                                           spec.bank.topology.device_count()};
  if (array.shape != needed) {
    throw input_error(Where{path}, fmt::format("the array is {}", fmt::join(array.shape, " x ")),
                      fmt::format("the weights ({} x {}) need {} (word lines x bit lines x devices)", weights.rows(),
                                  weights.cols(), fmt::join(needed, " x ")));
  }
  for (std::size_t k = 0; k < array.data.size(); ++k) {
    if (array.data[k] >= 0.0) continue;
    throw input_error(Where{path}, fmt::format("entry {} (from 0, in C order) is {}", k, array.data[k]),
                      "expected a resistance >= 0");
  }
  return std::move(array.data);
}

std::string people_table(const CrossbarDesign& design, const CompileSummary& summary, double seconds) {
  const BankArray& array = design.array;
  const std::string scheme = design.spec.mapping.scheme == Scheme::offset ? "offset" : "differential";
  std::vector<std::vector<std::string>> rows;
  rows.push_back({"weights", fmt::format("{} ({} outputs x {} inputs)", summary.cells, design.outputs, design.inputs)});
  rows.push_back({"array", fmt::format("{} word lines x {} bit lines, {}", array.word_lines, array.bit_lines, scheme)});
  rows.push_back(
      {"devices", fmt::format("{} ({} a bank, {})", summary.devices, array.devices(), array.topology.text())});
  rows.push_back({"full scale", format_engineering(design.full_scale, "S", 6)});
  rows.push_back({"worst cell", fmt::format("{:.2f} bits", summary.bits_worst)});
  rows.push_back({"median cell", fmt::format("{:.2f} bits", summary.bits_median)});
  rows.push_back({"largest error", fmt::format("{:.3g} of the largest weight", summary.weight_error_max)});
  rows.push_back({"unreachable", fmt::format("{} cells", summary.unreachable)});
  const double rate = seconds > 0.0 ? static_cast<double>(summary.cells) / seconds : 0.0;
  rows.push_back({"time", fmt::format("{} ({:.3g} cells/s)", seconds_text(seconds), rate)});
  return table(rows, {0, 1});
}

struct Input {
  io::CrossbarSpecFile spec{};
  Matrix weights{};
  CompileOptions options{};
};

Input read_input(const Arguments& arguments, const Common& common) {
  Input input{.spec = io::read_crossbar_spec(arguments.spec), .weights = io::read_matrix(arguments.weights)};
  input.options = {.seed = common.seed, .die = arguments.die, .threads = static_cast<int>(common.threads)};
  if (!arguments.measured.empty()) {
    input.options.measured = read_measured(arguments.measured, input.spec.spec, input.weights);
  }
  return input;
}

void collect(const Ranks& ranks, BankArray& array) {
  const auto whole = [&](auto& values) { ranks.collect(std::as_writable_bytes(std::span(values)), array.word_lines); };
  whole(array.resistances);
  whole(array.switches);
  whole(array.switch_on);
  whole(array.stuck);
}

void report(const Arguments& arguments, const Common& common, const Input& input, const CrossbarDesign& design,
            double seconds) {
  const CompileSummary summary = summarize(design);
  if (!common.output.empty()) {
    io::write_crossbar_design(common.output, design, summary, input.spec.text, common.force);
  }
  if (!arguments.program.empty()) write_switch_program(arguments.program, design, common.force);
  if (common.json) {
    io::Json json = io::to_json(summary);
    json["outputs"] = design.outputs;
    json["inputs"] = design.inputs;
    json["word_lines"] = design.array.word_lines;
    json["bit_lines"] = design.array.bit_lines;
    json["scale"] = io::json_number(design.scale);
    json["full_scale"] = io::json_number(design.full_scale);
    json["common_mode"] = io::json_number(design.common_mode);
    json["seed"] = design.seed;
    json["die"] = design.die;
    json["seconds"] = seconds;
    print(io::json_text(json));
  } else if (!common.quiet) {
    print(people_table(design, summary, seconds));
  }
}

int run(const Arguments& arguments, const Common& common) {
  const Ranks ranks;
  Input input;
  CrossbarDesign design;
  double seconds = 0.0;
  const auto prepare_all = [&] {
    if (ranks.first() && !common.output.empty()) io::check_crossbar_output(common.output, common.force);
    if (ranks.first() && !arguments.program.empty()) io::check_output(arguments.program, common.force);
    input = read_input(arguments, common);
  };
  if (const std::optional<int> code = ranks.together(prepare_all)) return *code;

  const Stopwatch watch;
  const auto choose_share = [&] {
    std::optional<Progress> progress;
    if (ranks.first()) {
      progress.emplace(common, "compile", "weights");
      input.options.progress = progress->callback();
    }
    design = prepare(input.spec.spec, input.weights, input.options);
    const auto [first, last] = ranks.share(design.inputs);
    choose_switches(design, first, last, input.options);
  };
  if (const std::optional<int> code = ranks.together(choose_share)) return *code;
  collect(ranks, design.array);

  const auto finish = [&] {
    if (!ranks.first()) return;
    settle(design);
    seconds = watch.seconds();
    report(arguments, common, input, design, seconds);
  };
  return ranks.together(finish).value_or(done);
}

}  // namespace

void add_compile(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command = line.add("compile", "choose the switches of a whole crossbar for a weight matrix",
                             "the design's folder", "ohmset compile crossbar.toml --weights W.npy -o layer",
                             [arguments](const Common& common) { return run(*arguments, common); });
  command.positional("SPEC", arguments->spec, "crossbar specification (TOML)");
  command.text("--weights", "FILE", arguments->weights, "outputs x inputs, .npy or .csv", true);
  command.whole("--die", arguments->die, "which die to draw [0]");
  command.text("--measured", "FILE", arguments->measured,
               "real dies instead of drawn ones: .npy, word lines x bit lines x devices, ohm");
  command.text("--program", "FILE", arguments->program,
               "switch states for the hardware: .csv, or .mem (one hex word a bank, bit 0 = device 0, 1 = closed)");
}

}  // namespace ohmset::cli
