// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/wire_options.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/error.h"
#include "tools/io/matrix_file.h"

namespace ohmset::cli {
namespace {

using Eigen::Index;

Ohm uniform(const std::string& name, const std::optional<double>& value, const std::string& file_option,
            const std::string& file, Ohm before) {
  if (value && !file.empty()) {
    throw input_error(name + " and " + file_option + " are both given", "the file says all of these resistances");
  }
  if (value && !std::isfinite(*value)) throw input_error(name, "expected a finite resistance");
  return value ? Ohm{*value} : before;
}

Matrix read_resistances(const std::string& path) {
  Matrix resistances = io::read_matrix(path, io::Infinities::allowed);
  if (!(resistances.minCoeff() >= 0.0)) {
    throw input_error(Where{path}, fmt::format("a resistance of {}", resistances.minCoeff()), "expected values >= 0");
  }
  return resistances;
}

std::string shape_of(const Matrix& matrix) { return fmt::format("{} x {}", matrix.rows(), matrix.cols()); }

Matrix read_segments(const std::string& path, Index rows, Index columns, const std::string& meaning) {
  Matrix segments = read_resistances(path);
  if (segments.rows() != rows || segments.cols() != columns) {
    throw input_error(Where{path}, fmt::format("the segments are {}", shape_of(segments)),
                      fmt::format("expected {} x {}: {}", rows, columns, meaning));
  }
  return segments;
}

Eigen::VectorXd read_ends(const std::string& path, Index lines, const std::string& of) {
  const Matrix ends = read_resistances(path);
  if (ends.size() != lines || (ends.rows() != 1 && ends.cols() != 1)) {
    throw input_error(Where{path}, fmt::format("the resistances are {}", shape_of(ends)),
                      fmt::format("expected {}, one for each {} line", lines, of));
  }
  return ends.reshaped<Eigen::RowMajor>();
}

}  // namespace

bool WireOptions::any_given() const {
  return !word_wires.empty() || !bit_wires.empty() || !drivers.empty() || !senses.empty() || drive != "left" ||
         sense != "bottom";
}

void add_wire_options(Command& command, WireOptions& options) {
  command.text("--word-wires", "FILE", options.word_wires,
               "every segment of the word lines in ohm, word x bit lines (one more column with --drive both), "
               "inf is broken");
  command.text("--bit-wires", "FILE", options.bit_wires,
               "every segment of the bit lines, word x bit lines (one more row with --sense both)");
  command.text("--drivers", "FILE", options.drivers, "resistance of each word line's driver, inf is not connected");
  command.text("--senses", "FILE", options.senses, "resistance between each bit line and virtual ground");
  command.choice("--drive", {"left", "both"}, options.drive, "the ends of the word lines that are driven [left]");
  command.choice("--sense", {"bottom", "both"}, options.sense,
                 "the ends of the bit lines that are sensed; both: their sum is the output [bottom]");
}

void add_uniform_wire_options(Command& command, WireOptions& options) {
  command.quantity("--r-word", "ohm", options.r_word, "one segment of a word line, with --resistances [0]");
  command.quantity("--r-bit", "ohm", options.r_bit, "one segment of a bit line [0]");
  command.quantity("--r-driver", "ohm", options.r_driver, "between a source and its word line [0]");
  command.quantity("--r-sense", "ohm", options.r_sense, "between a bit line and virtual ground [0]");
}

Wires read_wires(const WireOptions& options, Wires wires, std::size_t word_lines, std::size_t bit_lines) {
  wires.word = uniform("--r-word", options.r_word, "--word-wires", options.word_wires, wires.word);
  wires.bit = uniform("--r-bit", options.r_bit, "--bit-wires", options.bit_wires, wires.bit);
  wires.driver = uniform("--r-driver", options.r_driver, "--drivers", options.drivers, wires.driver);
  wires.sense = uniform("--r-sense", options.r_sense, "--senses", options.senses, wires.sense);
  if (options.drive == "both") wires.driven = DrivenEnds::both;
  if (options.sense == "both") wires.sensed = SensedEnds::both;
  const auto words = static_cast<Index>(word_lines);
  const auto bits = static_cast<Index>(bit_lines);
  if (!options.word_wires.empty()) {
    const bool both = wires.driven == DrivenEnds::both;
    wires.word_segments = read_segments(options.word_wires, words, both ? bits + 1 : bits,
                                        fmt::format("the segments of {} word lines past {} bit lines, driven from {}",
                                                    words, bits, both ? "both ends" : "the left"));
  }
  if (!options.bit_wires.empty()) {
    const bool both = wires.sensed == SensedEnds::both;
    wires.bit_segments = read_segments(options.bit_wires, both ? words + 1 : words, bits,
                                       fmt::format("the segments of {} bit lines past {} word lines, sensed at {}",
                                                   bits, words, both ? "both ends" : "the bottom"));
  }
  if (!options.drivers.empty()) wires.drivers = read_ends(options.drivers, words, "word");
  if (!options.senses.empty()) wires.senses = read_ends(options.senses, bits, "bit");
  return wires;
}

}  // namespace ohmset::cli
