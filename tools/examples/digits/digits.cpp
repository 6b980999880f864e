// What do imprecise devices do to a classifier, and what does selecting among them win back? Prepares the arrays that
// the programmable crossbar is compared with, and prints the table. The circuits themselves are left to ohmset.
//
//   ohmset_digits prepare DESIGN FOLDER          one.npy, averaged.npy: resistances; wires.txt: the design's wires
//   ohmset_digits table EXAMPLE DESIGN FOLDER    reads the products that ohmset mvm wrote, and verify.json
// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "design/compile.h"
#include "sim/error.h"
#include "tools/io/design_file.h"
#include "tools/io/file.h"
#include "tools/io/matrix_file.h"
#include "tools/io/npy.h"

namespace {

using ohmset::Matrix;

// === The devices to compare with ===

// Resistances of an array in which each weight is written once into `count` devices of the side that its sign asks for,
// the other side left open. Device k is the design's own k-th device of that bank, manufacturing noise and all, made
// for 1 / count of the weight's conductance instead of for the process's nominal value.
Matrix written_once(const ohmset::CrossbarDesign& design, std::size_t count) {
  const ohmset::BankArray& array = design.array;
  const std::size_t devices = array.devices();
  const double nominal = design.spec.bank.fabrication.process.nominals.at(0);
  Matrix result = Matrix::Constant(static_cast<Eigen::Index>(array.word_lines),
                                   static_cast<Eigen::Index>(array.bit_lines), ohmset::infinity);
  for (Eigen::Index output = 0; output < design.targets.rows(); ++output) {
    for (Eigen::Index input = 0; input < design.targets.cols(); ++input) {
      const double target = design.targets(output, input);
      if (target == 0.0) {
        continue;
      }
      const Eigen::Index bit_line = 2 * output + (target < 0.0 ? 1 : 0);
      const double* bank =
          &array
               .resistances[array.index(static_cast<std::size_t>(input), static_cast<std::size_t>(bit_line)) * devices];
      double conductance = 0.0;
      for (std::size_t k = 0; k < count; ++k) {
        conductance += std::abs(target) / static_cast<double>(count) * (nominal / bank[k]);
      }
      result(input, bit_line) = 1.0 / conductance;
    }
  }
  return result;
}

int prepare(const std::string& design_path, const std::string& folder) {
  const ohmset::CrossbarDesign design = ohmset::io::read_crossbar_design(design_path).design;
  if (design.spec.mapping.scheme != ohmset::Scheme::differential) {
    throw ohmset::input_error({.file = design_path}, "the weights are not differential cells",
                              "scheme = \"differential\"");
  }
  if (design.spec.bank.fabrication.process.nominals.size() != 1) {
    throw ohmset::input_error({.file = design_path}, "the devices have different nominal values", "one nominal value");
  }
  ohmset::io::write_matrix(folder + "/one.npy", written_once(design, 1), true);
  ohmset::io::write_matrix(folder + "/averaged.npy", written_once(design, design.array.devices()), true);
  const ohmset::Wires& wires = design.spec.wires;
  ohmset::io::write_file(folder + "/wires.txt",
                         fmt::format("--r-word\n{}\n--r-bit\n{}\n--r-driver\n{}\n--r-sense\n{}\n", wires.word.value,
                                     wires.bit.value, wires.driver.value, wires.sense.value),
                         true);
  return 0;
}

// === The classifier ===

struct Classifier {
  Matrix first{};       // hidden units x pixels
  Matrix first_bias{};  // 1 x hidden units
  Matrix second{};      // digits x hidden units
  Matrix second_bias{};
  Matrix images{};  // images x pixels
  std::vector<std::uint8_t> labels{};
};

Classifier read_classifier(const std::string& folder) {
  Classifier c{.first = ohmset::io::read_matrix(folder + "/W1.npy"),
               .first_bias = ohmset::io::read_matrix(folder + "/b1.npy"),
               .second = ohmset::io::read_matrix(folder + "/W2.npy"),
               .second_bias = ohmset::io::read_matrix(folder + "/b2.npy"),
               .images = ohmset::io::read_matrix(folder + "/images.npy"),
               .labels = ohmset::io::read_npy_uint8(folder + "/labels.npy").data};
  const bool fits = c.first_bias.cols() == c.first.rows() && c.second.cols() == c.first.rows() &&
                    c.second_bias.cols() == c.second.rows() && c.images.cols() == c.first.cols() &&
                    static_cast<std::size_t>(c.images.rows()) == c.labels.size();
  if (!fits) {
    throw ohmset::input_error({.file = folder}, "the shapes of the layers, images and labels do not fit");
  }
  return c;
}

// Fraction of images recognised, from the first layer's products (before its bias): the rest is digital.
double accuracy(const Classifier& c, const Matrix& products) {
  const Matrix hidden = (products.rowwise() + c.first_bias.row(0)).cwiseMax(0.0);
  const Matrix scores = (hidden * c.second.transpose()).rowwise() + c.second_bias.row(0);
  std::size_t right = 0;
  for (Eigen::Index image = 0; image < scores.rows(); ++image) {
    Eigen::Index best = 0;
    scores.row(image).maxCoeff(&best);
    right += static_cast<std::size_t>(best) == c.labels[static_cast<std::size_t>(image)] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(scores.rows());
}

// ||products - exact|| / ||exact||, Frobenius: over all images and hidden units.
double relative_error(const Matrix& products, const Matrix& exact) { return (products - exact).norm() / exact.norm(); }

// === The table ===

// Currents that ohmset mvm wrote, one column per output or, from bare resistances, per bit line.
Matrix read_products(const std::string& path, const ohmset::CrossbarDesign& design, Eigen::Index images) {
  Matrix currents = ohmset::io::read_matrix(path);
  if (static_cast<std::size_t>(currents.cols()) == design.array.bit_lines) {
    currents = ohmset::output_differences(design.spec.mapping.scheme, currents);
  }
  if (currents.rows() != images || static_cast<std::size_t>(currents.cols()) != design.outputs) {
    throw ohmset::input_error({.file = path},
                              fmt::format("{} x {} currents do not fit", currents.rows(), currents.cols()),
                              fmt::format("{} x {}", images, design.outputs));
  }
  return currents / design.scale;
}

// The same array with perfect wires, where a current is the sum of its devices' currents.
Matrix without_wires(const Matrix& resistances, const ohmset::CrossbarDesign& design, const Matrix& images) {
  const Matrix differences =
      ohmset::cell_differences(design.spec.mapping.scheme, resistances.unaryExpr([](double r) { return 1.0 / r; }));
  return images * differences.transpose() / design.scale;
}

void print_row(std::string_view name, double recognised, double ideal, double wired) {
  const auto percent = [](double x) { return fmt::format("{:#.3g} %", 100.0 * x); };
  fmt::print("{:<50}{:>8.2f} %{:>14}{:>14}\n", name, 100.0 * recognised, percent(ideal), percent(wired));
}

int table(const std::string& example, const std::string& design_path, const std::string& folder) {
  const Classifier c = read_classifier(example);
  const ohmset::CrossbarDesign design = ohmset::io::read_crossbar_design(design_path).design;
  const Matrix exact = c.images * c.first.transpose();
  const Matrix one = read_products(folder + "/one_products.npy", design, c.images.rows());
  const Matrix averaged = read_products(folder + "/averaged_products.npy", design, c.images.rows());
  const Matrix programmed = read_products(folder + "/products.npy", design, c.images.rows());
  const Matrix one_ideal =
      without_wires(ohmset::io::read_matrix(folder + "/one.npy", ohmset::io::Infinities::allowed), design, c.images);
  const Matrix averaged_ideal = without_wires(
      ohmset::io::read_matrix(folder + "/averaged.npy", ohmset::io::Infinities::allowed), design, c.images);
  const Matrix programmed_ideal = c.images * design.achieved.transpose() / design.scale;

  const std::size_t devices = design.array.devices();
  const double noise = 100.0 * design.spec.bank.fabrication.process.sigma;
  fmt::print("{} x {} weights on a crossbar of {} word lines and {} bit lines, {} test images\n\n", design.outputs,
             design.inputs, design.array.word_lines, design.array.bit_lines, c.images.rows());
  fmt::print("{:<50}{:>10}{:>28}\n", "", "", "relative output error");
  fmt::print("{:<50}{:>10}{:>14}{:>14}\n", "hidden layer on", "accuracy", "perfect wires", "with wires");
  fmt::print("{:<50}{:>8.2f} %{:>14}{:>14}\n", "float model", 100.0 * accuracy(c, exact), "-", "-");
  print_row(fmt::format("1 + 1 devices of {:g} % noise, written once", noise), accuracy(c, one),
            relative_error(one_ideal, exact), relative_error(one, exact));
  print_row(fmt::format("{0} + {0} such devices averaged, none selected", devices), accuracy(c, averaged),
            relative_error(averaged_ideal, exact), relative_error(averaged, exact));
  print_row(fmt::format("{0} + {0} such devices, selected by switches", devices), accuracy(c, programmed),
            relative_error(programmed_ideal, exact), relative_error(programmed, exact));

  const ohmset::CompileSummary summary = ohmset::summarize(design);
  fmt::print("\nprecision of a weight: {:.1f} bits at worst, {:.1f} median (of the largest weight)\n",
             summary.bits_worst, summary.bits_median);
  const auto report = nlohmann::json::parse(ohmset::io::read_file(folder + "/verify.json"));
  fmt::print("largest difference to ngspice {}: {:.1e} relative, over {} comparisons\n",
             report.at("ngspice_version").get<std::string>(), report.at("max_relative_difference").get<double>(),
             report.at("checked").get<std::size_t>());
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[0] == "prepare") {
    return prepare(arguments[1], arguments[2]);
  }
  if (arguments.size() == 4 && arguments[0] == "table") {
    return table(arguments[1], arguments[2], arguments[3]);
  }
  throw ohmset::input_error("usage: ohmset_digits prepare DESIGN FOLDER | ohmset_digits table EXAMPLE DESIGN FOLDER");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const ohmset::Error& error) {
    fmt::print(stderr, "ohmset_digits: {}\n", error.what());
    return error.fault() == ohmset::Fault::input ? 2 : 3;
  } catch (const std::exception& error) {
    fmt::print(stderr, "ohmset_digits: {}\n", error.what());
    return 3;
  }
}
