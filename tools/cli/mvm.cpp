// ohmset mvm: what an array computes, with its wires in.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "sim/bank_array.h"
#include "sim/crossbar.h"
#include "sim/error.h"
#include "tools/cli/command_line.h"
#include "tools/cli/report.h"
#include "tools/cli/wire_options.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/matrix_file.h"

namespace ohmset::cli {
namespace {

constexpr std::size_t most_field_bytes = std::size_t{16} << 30U;
const std::vector<std::string> field_files = {"word_voltages.npy", "bit_voltages.npy", "device_currents.npy",
                                              "word_currents.npy", "bit_currents.npy", "device_powers.npy"};
// Of the second ends, batch x lines.
const std::vector<std::string> end_files = {"word_end_currents.npy", "bit_top_currents.npy"};

struct Arguments {
  std::string design{};
  std::string resistances{};
  WireOptions wires{};
  std::string inputs{};
  bool as_weights = false;
  std::string nodes{};
  std::string transfer{};
  std::string solver = "auto";
  std::optional<double> tolerance{};
};

// The array to solve, and how its bit lines become outputs.
struct Task {
  Crossbar crossbar{};
  std::optional<Scheme> scheme{};  // none: every bit line is an output
  double scale = 1.0;

  // batch x bit lines -> batch x outputs
  [[nodiscard]] Matrix outputs(const Matrix& bit_lines) const {
    return scheme ? output_differences(*scheme, bit_lines) : bit_lines;
  }
};

CrossbarOptions solver_options(const Arguments& arguments) {
  CrossbarOptions options;
  if (arguments.solver == "spcg") options.method = CrossbarMethod::spcg;
  if (arguments.solver == "hps") options.method = CrossbarMethod::hps;
  if (arguments.solver == "direct") options.method = CrossbarMethod::direct;
  if (arguments.tolerance) options.tolerance = *arguments.tolerance;
  return options;
}

Task task_of_resistances(const Arguments& arguments) {
  if (arguments.as_weights) throw input_error("--as-weights", "it needs a design, which knows the scale");
  Matrix resistances = io::read_matrix(arguments.resistances, io::Infinities::allowed);
  if (!(resistances.minCoeff() >= 0.0)) {
    throw input_error(Where{arguments.resistances}, fmt::format("a resistance of {}", resistances.minCoeff()),
                      "expected values >= 0");
  }
  Task task;
  task.crossbar.wires = read_wires(arguments.wires, {}, static_cast<std::size_t>(resistances.rows()),
                                   static_cast<std::size_t>(resistances.cols()));
  // Where they lie: a large array is not worth copying.
  double* const values = resistances.data();
  for (Eigen::Index k = 0; k < resistances.size(); ++k) values[k] = values[k] == 0.0 ? infinity : 1.0 / values[k];
  task.crossbar.conductances = std::move(resistances);
  return task;
}

Task task_of_design(const Arguments& arguments) {
  const WireOptions& wires = arguments.wires;
  if (wires.r_word || wires.r_bit || wires.r_driver || wires.r_sense) {
    throw input_error("--r-word, --r-bit, --r-driver and --r-sense go with --resistances", "the design has its wires");
  }
  if (!io::is_crossbar_design(arguments.design)) {
    throw input_error(Where{arguments.design}, "not a crossbar design", "expected the folder that compile -o wrote");
  }
  const CrossbarDesign design = io::read_crossbar_design(arguments.design).design;
  return {.crossbar = {.conductances = conductances(design.array),
                       .wires = read_wires(wires, design.spec.wires, design.array.word_lines, design.array.bit_lines)},
          .scheme = design.spec.mapping.scheme,
          .scale = design.scale};
}

Matrix read_inputs(const std::string& path, Eigen::Index word_lines) {
  const Matrix inputs = io::read_matrix(path);
  if (inputs.cols() != word_lines) {
    throw input_error(Where{path}, fmt::format("the inputs are {} x {} (batch x inputs)", inputs.rows(), inputs.cols()),
                      fmt::format("the array has {} word lines: expected batch x {}", word_lines, word_lines));
  }
  return inputs;
}

void append(std::vector<double>& all, const double* one, Eigen::Index count) {
  all.insert(all.end(), one, one + count);
}

void write_fields(const CrossbarSolver& solver, const Matrix& inputs, const Crossbar& array, const Arguments& arguments,
                  const Common& common) {
  const Matrix& cells = array.conductances;
  const auto batch = static_cast<std::size_t>(inputs.rows());
  const auto word_lines = static_cast<std::size_t>(cells.rows());
  const auto bit_lines = static_cast<std::size_t>(cells.cols());
  if (batch > most_field_bytes / (sizeof(double) * field_files.size()) / (word_lines * bit_lines)) {
    throw input_error("--nodes", fmt::format("{} x {} x {} are too many voltages: expected a smaller batch", batch,
                                             word_lines, bit_lines));
  }
  std::vector<std::vector<double>> fields(field_files.size());
  std::vector<std::vector<double>> ends(end_files.size());
  Progress progress(common, "voltages");
  for (Eigen::Index k = 0; k < inputs.rows(); ++k) {
    const CrossbarFields one = solver.fields(inputs.row(k).transpose());
    const auto matrices = {&one.word_voltages, &one.bit_voltages, &one.device_currents,
                           &one.word_currents, &one.bit_currents, &one.device_powers};
    for (std::size_t f = 0; const Matrix* matrix : matrices) append(fields[f++], matrix->data(), matrix->size());
    append(ends[0], one.word_end_currents.data(), one.word_end_currents.size());
    append(ends[1], one.bit_top_currents.data(), one.bit_top_currents.size());
    progress.show(static_cast<std::size_t>(k) + 1, batch);
  }
  io::FolderFiles files;
  for (std::size_t f = 0; f < fields.size(); ++f) {
    files.emplace_back(field_files[f], io::npy_bytes({batch, word_lines, bit_lines}, fields[f].data()));
    std::vector<double>().swap(fields[f]);
  }
  if (array.wires.driven == DrivenEnds::both) {
    files.emplace_back(end_files[0], io::npy_bytes({batch, word_lines}, ends[0].data()));
  }
  if (array.wires.sensed == SensedEnds::both) {
    files.emplace_back(end_files[1], io::npy_bytes({batch, bit_lines}, ends[1].data()));
  }
  io::write_folder(arguments.nodes, files, common.force, end_files);
}

// What the wires cost: the largest difference to the same array without wires, relative to its largest output.
double error_of_wires(const Task& task, const Matrix& conductances, const Matrix& inputs, const Matrix& outputs) {
  Matrix currents = inputs * conductances;
  if (!currents.allFinite()) currents = crossbar_outputs({.conductances = conductances}, inputs).currents;
  const Matrix expected = task.outputs(currents);
  const double largest = expected.cwiseAbs().maxCoeff();
  const double difference = (outputs - expected).cwiseAbs().maxCoeff();
  return difference == 0.0 ? 0.0 : difference / largest;
}

std::string people_table(const Matrix& outputs, bool amperes) {
  constexpr Eigen::Index most_rows = 10;
  constexpr Eigen::Index most_columns = 8;
  std::vector<std::vector<std::string>> rows = {{"input"}};
  for (Eigen::Index j = 0; j < std::min(outputs.cols(), most_columns); ++j) rows[0].push_back(fmt::format("{}", j));
  for (Eigen::Index k = 0; k < std::min(outputs.rows(), most_rows); ++k) {
    rows.push_back({fmt::format("{}", k)});
    for (Eigen::Index j = 0; j < std::min(outputs.cols(), most_columns); ++j) {
      rows.back().push_back(amperes ? format_engineering(outputs(k, j), "A", 6) : fmt::format("{:.6g}", outputs(k, j)));
    }
  }
  std::string text = table(rows);
  if (outputs.rows() > most_rows || outputs.cols() > most_columns) {
    text += fmt::format("... {} x {} outputs in all: -o FILE writes them\n", outputs.rows(), outputs.cols());
  }
  return text;
}

// Outputs and what is known of them, written and printed.
void multiply(const CrossbarSolver& solver, const Task& task, const Arguments& arguments, const Common& common) {
  const Matrix inputs = read_inputs(arguments.inputs, solver.crossbar().conductances.rows());
  const Stopwatch watch;
  const CrossbarOutputs solved = solver.outputs(inputs);
  Matrix outputs = task.outputs(solved.currents);
  const double seconds = watch.seconds();
  // A difference of two currents may be off by both their errors.
  double error_bound = solved.error_bound * (task.scheme ? 2.0 : 1.0);
  const double wires =
      solved.method == "ideal" ? 0.0 : error_of_wires(task, solver.crossbar().conductances, inputs, outputs);
  const std::size_t unreachable = unreachable_nodes(solver.crossbar());
  if (unreachable > 0) {
    note(common,
         fmt::format("ohmset: no path leads to {} of the array's {} nodes: they have no voltage (nan) and carry "
                     "nothing; bit lines cut off from their ends give 0 A",
                     unreachable, 2 * solver.crossbar().conductances.size()));
  }
  if (arguments.as_weights) {
    outputs /= task.scale;
    error_bound /= task.scale;
  }

  if (!common.output.empty()) io::write_matrix(common.output, outputs, common.force);
  if (!arguments.nodes.empty()) write_fields(solver, inputs, solver.crossbar(), arguments, common);
  if (common.json) {
    io::Json json;
    json["outputs"] = io::json_rows(outputs);
    json["error_bound"] = io::json_number(error_bound);
    json["iterations"] = solved.iterations;
    json["method"] = solved.method;
    json["error_vs_ideal"] = io::json_number(wires);
    json["power_watt"] = io::json_number(solved.power);
    json["unreachable"] = unreachable;
    json["seconds"] = seconds;
    print(io::json_text(json));
  } else if (!common.quiet) {
    std::string text = people_table(outputs, !arguments.as_weights);
    text +=
        fmt::format("error bound {:.2g}{}; {}, {}\n", error_bound, arguments.as_weights ? "" : " A",
                    solved.iterations > 0 ? fmt::format("{} solve in {} iterations", solved.method, solved.iterations)
                                          : solved.method + " solve",
                    seconds_text(seconds));
    text += fmt::format("the wires change the outputs by {:.3g} of the largest; {} drawn from the sources\n", wires,
                        format_engineering(solved.power, "W"));
    print(text);
  }
}

void check_node_files(const Arguments& arguments, const Common& common) {
  std::vector<std::string> files = field_files;
  files.insert(files.end(), end_files.begin(), end_files.end());
  io::check_output_folder(arguments.nodes, common.force, files);
}

int run(const Arguments& arguments, const Common& common) {
  if (arguments.design.empty() == arguments.resistances.empty()) {
    throw input_error(arguments.design.empty() ? "no array given" : "DESIGN and --resistances are both given",
                      "expected a design or --resistances: see ohmset mvm --help");
  }
  if (arguments.inputs.empty() && arguments.transfer.empty()) {
    throw input_error("no inputs given", "expected --inputs or --transfer");
  }
  if (arguments.inputs.empty() && !(common.output.empty() && arguments.nodes.empty() && !common.json)) {
    throw input_error("no inputs given", "-o, --nodes and --json need --inputs");
  }
  if (arguments.tolerance && !(*arguments.tolerance > 0.0)) throw input_error("--tolerance 0", "expected a value > 0");
  if (!common.output.empty()) io::check_matrix_output(common.output, common.force);
  if (!arguments.transfer.empty()) io::check_matrix_output(arguments.transfer, common.force);
  io::check_apart("-o", common.output, "--transfer", arguments.transfer);
  if (!arguments.nodes.empty()) check_node_files(arguments, common);

  Task task = arguments.design.empty() ? task_of_resistances(arguments) : task_of_design(arguments);
  const CrossbarSolver solver(std::move(task.crossbar), solver_options(arguments));
  if (!arguments.inputs.empty()) multiply(solver, task, arguments, common);
  if (!arguments.transfer.empty()) {
    // The transfer matrix's columns are the outputs of unit inputs, so they are differenced as outputs are.
    const Matrix by_input = task.outputs(solver.transfer().transpose());
    io::write_matrix(arguments.transfer, by_input.transpose(), common.force);
  }
  return done;
}

}  // namespace

void add_mvm(CommandLine& line) {
  const auto arguments = std::make_shared<Arguments>();
  Command command =
      line.add("mvm", "analog matrix-vector products, with the wires in", "the outputs, batch x outputs, .npy or .csv",
               "ohmset mvm layer --inputs X.npy --drive both -o I.npy",
               [arguments](const Common& common) { return run(*arguments, common); });
  command.positional("DESIGN", arguments->design, "crossbar design: the folder that compile -o wrote", false);
  command.text("--inputs", "FILE", arguments->inputs, "batch x inputs in volts, .npy or .csv");
  command.flag("--as-weights", arguments->as_weights, "outputs in units of weight times input instead of amperes");
  command.text("--nodes", "DIR", arguments->nodes, "write all voltages and currents, each batch x word x bit lines");
  command.text("--transfer", "FILE", arguments->transfer, "write the transfer matrix, outputs x inputs in siemens");
  command.choice("--solver", {"auto", "spcg", "hps", "direct"}, arguments->solver,
                 "spcg: iterate, for few inputs of a large array; hps: merge into the transfer matrix; direct: factor");
  command.quantity("--tolerance", "", arguments->tolerance, "of the largest output, where iterating ends [1e-12]");
  command.text("--resistances", "FILE", arguments->resistances,
               "an array without a design: word lines x bit lines in ohm, inf is open");
  add_uniform_wire_options(command, arguments->wires);
  add_wire_options(command, arguments->wires);
}

}  // namespace ohmset::cli
