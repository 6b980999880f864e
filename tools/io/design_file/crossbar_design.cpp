// Crossbar designs: a folder of design.json and NPY arrays.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>

#include "sim/error.h"
#include "tools/io/design_file.h"
#include "tools/io/design_file/json_reader.h"
#include "tools/io/file.h"
#include "tools/io/json.h"
#include "tools/io/matrix_file.h"
#include "tools/io/spec.h"

namespace ohmset::io {
namespace {

constexpr std::size_t most_json_bytes = std::size_t{1} << 28U;
constexpr std::uint64_t most_lines = 10'000'000;

Json description(const CrossbarDesign& design, const CompileSummary& summary, const std::string& spec_text) {
  const BankArray& array = design.array;
  Json json;
  json["format"] = "ohmset crossbar design";
  json["seed"] = design.seed;
  json["die"] = design.die;
  json["outputs"] = design.outputs;
  json["inputs"] = design.inputs;
  json["word_lines"] = array.word_lines;
  json["bit_lines"] = array.bit_lines;
  json["devices"] = array.devices();
  json["topology"] = array.topology.text();
  json["scheme"] = design.spec.mapping.scheme == Scheme::offset ? "offset" : "differential";
  json["scale"] = json_number(design.scale);
  json["full_scale"] = json_number(design.full_scale);
  json["common_mode"] = json_number(design.common_mode);
  json["wires"] = {{"r_word", design.spec.wires.word.value},
                   {"r_bit", design.spec.wires.bit.value},
                   {"r_driver", design.spec.wires.driver.value},
                   {"r_sense", design.spec.wires.sense.value}};
  json["switch"] = {{"r_on", json_number(array.contact.on.value)}, {"r_off", json_number(array.contact.off.value)}};
  json["summary"] = to_json(summary);
  json["spec"] = spec_text;
  return json;
}

std::string shape_text(const std::vector<std::size_t>& shape) { return fmt::format("{}", fmt::join(shape, " x ")); }

template <class T>
std::vector<T> shaped(NpyArray<T> array, const std::string& file, const std::vector<std::size_t>& shape) {
  if (array.shape != shape) {
    throw input_error(Where{file}, "the array is " + shape_text(array.shape), "design.json says " + shape_text(shape));
  }
  return std::move(array.data);
}

template <class T, class Allowed>
void check_values(const std::vector<T>& values, const std::string& file, std::string_view expected,
                  const Allowed& allowed) {
  const auto found = std::find_if_not(values.begin(), values.end(), allowed);
  if (found == values.end()) return;
  throw input_error(Where{file}, fmt::format("entry {} (from 0, in C order) is {}", found - values.begin(), *found),
                    fmt::format("expected {}", expected));
}

Matrix read_differences(const std::string& file, const CrossbarDesign& design) {
  const std::vector<double> values = shaped(read_npy_doubles(file), file, {design.outputs, design.inputs});
  Matrix matrix(static_cast<Eigen::Index>(design.outputs), static_cast<Eigen::Index>(design.inputs));
  std::copy(values.begin(), values.end(), matrix.data());
  return matrix;
}

std::uint64_t extent(const JsonEntry& root, std::string_view key) {
  const std::uint64_t value = root[key].whole();
  if (value == 0 || value > most_lines) root[key].refuse(fmt::format("is {}", value), "expected 1 to 10,000,000");
  return value;
}

Ohm wire(const JsonEntry& wires, std::string_view key) {
  const double value = wires[key].resistance();
  if (!std::isfinite(value)) wires[key].refuse("is infinite", "expected a finite resistance");
  return Ohm{value};
}

// design.json; the arrays come after it.
CrossbarDesignFile read_description(const std::string& path) {
  const std::string file = path + "/design.json";
  const Json json = parse_json(read_file(file, most_json_bytes), file);
  const JsonEntry root(&json, file);
  CrossbarDesignFile result{.spec_text = root["spec"].text()};
  CrossbarDesign& design = result.design;
  BankArray& array = design.array;
  design.seed = root["seed"].whole();
  design.die = root["die"].whole();
  design.outputs = extent(root, "outputs");
  design.inputs = extent(root, "inputs");
  array.word_lines = extent(root, "word_lines");
  array.bit_lines = extent(root, "bit_lines");
  const std::uint64_t devices = extent(root, "devices");
  if (devices > most_cell_devices) root["devices"].refuse(fmt::format("is {}", devices), "expected at most 64");
  try {
    array.topology = Topology::parse(root["topology"].text(), devices);
  } catch (const Error& error) {
    root["topology"].refuse("is malformed", error.what());
  }

  design.spec = carried_crossbar_spec(result.spec_text, file + " (spec)", array.topology);
  const std::string scheme = root["scheme"].text();
  if (scheme != "differential" && scheme != "offset") {
    root["scheme"].refuse(fmt::format("is \"{}\"", scheme), "expected \"differential\" or \"offset\"");
  }
  design.spec.mapping.scheme = scheme == "offset" ? Scheme::offset : Scheme::differential;
  const JsonEntry wires = root["wires"];
  design.spec.wires = {.word = wire(wires, "r_word"),
                       .bit = wire(wires, "r_bit"),
                       .driver = wire(wires, "r_driver"),
                       .sense = wire(wires, "r_sense")};
  array.contact = {.on = Ohm{root["switch"]["r_on"].resistance()}, .off = Ohm{root["switch"]["r_off"].resistance()}};
  if (!(array.contact.off > array.contact.on)) root["switch"]["r_off"].refuse("is not above switch.r_on");

  design.scale = root["scale"].number();
  if (!(design.scale > 0.0 && std::isfinite(design.scale))) {
    root["scale"].refuse(fmt::format("is {}", design.scale), "expected a positive number");
  }
  design.full_scale = root["full_scale"].number();
  design.common_mode = root["common_mode"].number();
  if (array.word_lines != design.inputs) root["word_lines"].refuse("differs from inputs");
  if (array.bit_lines != bit_lines_for(design.spec.mapping.scheme, design.outputs)) {
    root["bit_lines"].refuse(
        fmt::format("is {}", array.bit_lines),
        fmt::format("{} outputs need {}", design.outputs, bit_lines_for(design.spec.mapping.scheme, design.outputs)));
  }
  return result;
}

bool exists(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0;
}

}  // namespace

const std::vector<std::string>& crossbar_design_names() {
  static const std::vector<std::string> names = {"design.json",  "resistances.npy", "switches.npy", "targets.npy",
                                                 "achieved.npy", "switch_on.npy",   "stuck.npy"};
  return names;
}

FolderFiles crossbar_design_files(const CrossbarDesign& design, const CompileSummary& summary,
                                  const std::string& spec_text) {
  const BankArray& array = design.array;
  const std::vector<std::size_t> banks = {array.word_lines, array.bit_lines};
  const std::vector<std::size_t> devices = {array.word_lines, array.bit_lines, array.devices()};
  const std::vector<std::size_t> weights = {design.outputs, design.inputs};
  FolderFiles files;
  // The arrays may fill most of the memory: they are written from where they lie.
  const auto add = [&](const std::string& name, const std::vector<std::size_t>& shape, const auto* data) {
    NpyParts parts = npy_parts(shape, data);
    files.push_back({name, std::move(parts.header), parts.data});
  };
  files.push_back({"design.json", json_text(description(design, summary, spec_text))});
  add("resistances.npy", devices, array.resistances.data());
  add("switches.npy", banks, array.switches.data());
  add("targets.npy", weights, design.targets.data());
  add("achieved.npy", weights, design.achieved.data());
  if (!array.switch_on.empty()) add("switch_on.npy", devices, array.switch_on.data());
  if (!array.stuck.empty()) add("stuck.npy", devices, array.stuck.data());
  return files;
}

void check_crossbar_output(const std::string& path, bool force) {
  check_output_folder(path, force, crossbar_design_names());
}

void write_crossbar_design(const std::string& path, const CrossbarDesign& design, const CompileSummary& summary,
                           const std::string& spec_text, bool force) {
  write_folder(path, crossbar_design_files(design, summary, spec_text), force, crossbar_design_names());
}

CrossbarDesignFile read_crossbar_design(const std::string& path) {
  CrossbarDesignFile result = read_description(path);
  CrossbarDesign& design = result.design;
  BankArray& array = design.array;
  const std::vector<std::size_t> banks = {array.word_lines, array.bit_lines};
  const std::vector<std::size_t> devices = {array.word_lines, array.bit_lines, array.devices()};
  const auto resistance = [](double r) { return r >= 0.0; };

  std::string file = path + "/resistances.npy";
  array.resistances = shaped(read_npy_doubles(file), file, devices);
  check_values(array.resistances, file, "a resistance >= 0", resistance);

  file = path + "/switches.npy";
  array.switches = shaped(read_npy_uint64(file), file, banks);
  const std::uint64_t all = array.devices() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << array.devices()) - 1;
  check_values(array.switches, file, fmt::format("a mask of {} devices", array.devices()),
               [all](std::uint64_t mask) { return (mask & ~all) == 0; });

  file = path + "/switch_on.npy";
  if (exists(file)) {
    array.switch_on = shaped(read_npy_doubles(file), file, devices);
    check_values(array.switch_on, file, "a resistance >= 0 and below r_off",
                 [&](double r) { return r >= 0.0 && r < array.contact.off.value; });
  }
  file = path + "/stuck.npy";
  if (exists(file)) {
    array.stuck = shaped(read_npy_uint8(file), file, devices);
    check_values(array.stuck, file, "0, 1 or 2", [](std::uint8_t stuck) { return stuck <= 2; });
  }

  file = path + "/targets.npy";
  design.targets = read_differences(file, design);
  if (!design.targets.allFinite()) throw input_error(Where{file}, "a target is not finite");
  design.achieved = read_differences(path + "/achieved.npy", design);
  return result;
}

bool is_crossbar_design(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace ohmset::io
