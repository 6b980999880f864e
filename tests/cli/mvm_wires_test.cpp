// ohmset mvm with wires of every kind.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/crossbar.h"
#include "tests/support/json.h"
#include "tests/support/tool.h"
#include "tools/io/design_file.h"
#include "tools/io/matrix_file.h"

using namespace ohmset::test;
using nlohmann::json;
using ohmset::Matrix;
using ohmset::Ohm;

namespace {

constexpr double inf = ohmset::infinity;

Matrix outputs_of(const json& result) {
  const json& rows = result["outputs"];
  Matrix matrix(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows[0].size()));
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) matrix(i, j) = rows[i][j].get<double>();
  }
  return matrix;
}

std::vector<double> field(const TemporaryFolder& folder, const std::string& name, std::vector<std::size_t> shape) {
  const auto array = ohmset::io::read_npy_doubles(folder.path("nodes/" + name + ".npy"));
  CHECK(array.shape == shape);
  return array.data;
}

double off(const Matrix& x, const Matrix& y) {
  return (x - y).cwiseAbs().maxCoeff() / std::max(y.cwiseAbs().maxCoeff(), 1e-300);
}

}  // namespace

TEST_CASE("segments, drivers and sense resistances from files, both ends: the library's own answer") {
  const TemporaryFolder folder;
  folder.write("R.csv", "1k,2k,5k\n4k,inf,3k\n");
  folder.write("V.csv", "1,-0.5\n0.25,0.75\n");
  folder.write("word.csv", "1,2,3,4\n5,0,inf,6\n");
  Matrix bit(3, 3);
  bit << 1.0, 2.0, 3.0, 0.5, inf, 0.0, 4.0, 5.0, 6.0;
  ohmset::io::write_matrix(folder.path("bit.npy"), bit, false);
  folder.write("drivers.csv", "10,20\n");
  folder.write("senses.csv", "7\n8\ninf\n");
  const json result = json_of(run_tool(folder,
                                       "mvm --resistances R.csv --word-wires word.csv --bit-wires bit.npy --drivers "
                                       "drivers.csv --senses senses.csv --drive both --sense both --inputs V.csv "
                                       "--nodes nodes --transfer T.npy --json"));
  ohmset::Crossbar crossbar{.conductances = Matrix(2, 3)};
  crossbar.conductances << 1e-3, 5e-4, 2e-4, 2.5e-4, 0.0, 1.0 / 3e3;
  crossbar.wires.driven = ohmset::DrivenEnds::both;
  crossbar.wires.sensed = ohmset::SensedEnds::both;
  crossbar.wires.word_segments = Matrix(2, 4);
  crossbar.wires.word_segments << 1.0, 2.0, 3.0, 4.0, 5.0, 0.0, inf, 6.0;
  crossbar.wires.bit_segments = bit;
  crossbar.wires.drivers = Eigen::Vector2d(10.0, 20.0);
  crossbar.wires.senses = Eigen::Vector3d(7.0, 8.0, inf);
  Matrix inputs(2, 2);
  inputs << 1.0, -0.5, 0.25, 0.75;
  const ohmset::CrossbarSolver solver(crossbar);
  CHECK(off(outputs_of(result), solver.outputs(inputs).currents) <= 1e-14);
  CHECK(outputs_of(result)(0, 2) == 0.0);
  CHECK(result["unreachable"] == 0);
  CHECK(off(ohmset::io::read_matrix(folder.path("T.npy")), solver.transfer()) <= 1e-14);
  const auto powers = field(folder, "device_powers", {2, 2, 3});
  const auto ends = field(folder, "word_end_currents", {2, 2});
  const auto tops = field(folder, "bit_top_currents", {2, 3});
  for (Eigen::Index k = 0; k < 2; ++k) {
    const ohmset::CrossbarFields one = solver.fields(inputs.row(k).transpose());
    for (Eigen::Index c = 0; c < 6; ++c) {
      CHECK(powers[static_cast<std::size_t>(6 * k + c)] == doctest::Approx(one.device_powers.data()[c]).epsilon(1e-12));
    }
    for (Eigen::Index i = 0; i < 2; ++i) {
      CHECK(ends[static_cast<std::size_t>(2 * k + i)] == doctest::Approx(one.word_end_currents[i]).epsilon(1e-12));
    }
    for (Eigen::Index j = 0; j < 3; ++j) {
      CHECK(tops[static_cast<std::size_t>(3 * k + j)] == doctest::Approx(one.bit_top_currents[j]).epsilon(1e-12));
    }
  }
  // Driven at one end again: the second ends' files go.
  CHECK(run_tool(folder, "mvm --resistances R.csv --r-word 1 --inputs V.csv --nodes nodes --force").exit_code == 0);
  CHECK_FALSE(folder.has("nodes/word_end_currents.npy"));
  CHECK(folder.has("nodes/device_powers.npy"));
}

TEST_CASE("a device between lines held at both ends, by hand") {
  const TemporaryFolder folder;
  folder.write("R.csv", "1k\n");
  folder.write("V.csv", "2\n");
  const json result = json_of(run_tool(folder,
                                       "mvm --resistances R.csv --r-word 10 --r-bit 20 --r-driver 30 --r-sense 40 "
                                       "--drive both --sense both --inputs V.csv --json --nodes nodes"));
  const double current = 2.0 / (20.0 + 1000.0 + 30.0);
  CHECK(outputs_of(result)(0, 0) == doctest::Approx(current).epsilon(1e-14));
  CHECK(result["power_watt"].get<double>() == doctest::Approx(2.0 * current).epsilon(1e-14));
  CHECK(field(folder, "word_end_currents", {1, 1})[0] == doctest::Approx(-0.5 * current).epsilon(1e-14));
  CHECK(field(folder, "bit_top_currents", {1, 1})[0] == doctest::Approx(-0.5 * current).epsilon(1e-14));
  CHECK(field(folder, "device_powers", {1, 1, 1})[0] == doctest::Approx(1e3 * current * current).epsilon(1e-14));
}

TEST_CASE("a design's wires can be replaced segment by segment") {
  const TemporaryFolder folder;
  folder.write("spec.toml", "[process]\nnominal = \"100k\"\n[bank]\ndevices = 4\n[array]\nr_word = 10\nr_bit = 20\n");
  folder.write("W.csv", "1,-0.5\n0.25,0.75\n");
  folder.write("X.csv", "0.1,0.2\n");
  REQUIRE(run_tool(folder, "compile spec.toml --weights W.csv --quiet -o layer").exit_code == 0);
  const auto run = [&](const std::string& options) {
    return outputs_of(json_of(run_tool(folder, "mvm layer --inputs X.csv --json " + options)));
  };
  const Matrix plain = run("");
  ohmset::io::write_matrix(folder.path("same.npy"), Matrix::Constant(2, 4, 10.0), false);
  CHECK(off(run("--word-wires same.npy"), plain) <= 1e-13);
  ohmset::io::write_matrix(folder.path("other.npy"), Matrix::Constant(2, 4, 1000.0), false);
  CHECK(off(run("--word-wires other.npy"), plain) > 1e-4);
  CHECK(off(run("--sense both"), plain) > 1e-6);
  check_refused(folder, "mvm layer --inputs X.csv --drive both --word-wires same.npy", 2,
                {"same.npy: the segments are 2 x 4", "expected 2 x 5", "both ends"});
}

TEST_CASE("nodes that no path leads to are counted and noted, and give no output") {
  const TemporaryFolder folder;
  folder.write("R.csv", "1k,1k\n1k,1k\n");
  folder.write("V.csv", "1,1\n");
  folder.write("word.csv", "1,inf\n1,inf\n");
  folder.write("senses.csv", "1,inf\n");
  const ToolRun run = run_tool(folder,
                               "mvm --resistances R.csv --word-wires word.csv --senses senses.csv --r-bit 1 --inputs "
                               "V.csv --json --nodes nodes");
  const json result = json_of(run);
  CHECK(result["unreachable"] == 4);
  CHECK(contains(run.error, "no path leads to 4 of the array's 8 nodes"));
  CHECK(run.error.find('\n') == run.error.size() - 1);
  CHECK(outputs_of(result)(0, 0) == doctest::Approx(2.0 / (1000.0 + 2.0 + 2.0)).epsilon(0.01));
  CHECK(outputs_of(result)(0, 1) == 0.0);
  const auto volts = field(folder, "bit_voltages", {1, 2, 2});
  CHECK(std::isnan(volts[1]));
  CHECK(std::isfinite(volts[0]));
  CHECK(run_tool(folder, "mvm --resistances R.csv --word-wires word.csv --inputs V.csv --quiet").error.empty());
}

TEST_CASE("wires that do not fit, and files that are none, are refused in one line") {
  const TemporaryFolder folder;
  folder.write("R.csv", "1k,2k,3k\n1k,2k,3k\n");
  folder.write("V.csv", "1,1\n");
  folder.write("wide.csv", "1,2,3,4\n1,2,3,4\n");
  folder.write("good.csv", "1,2,3\n1,2,3\n");
  folder.write("negative.csv", "1,2,3\n1,-2,3\n");
  folder.write("nan.csv", "1,2,3\n1,nan,3\n");
  folder.write("text.csv", "1,2,3\n1,two,3\n");
  folder.write("two.csv", "1,2\n");
  folder.write("three.csv", "1\n2\n3\n");
  folder.write("empty.npy", "");
  const std::string array = "mvm --resistances R.csv --inputs V.csv ";
  check_refused(folder, array + "--word-wires wide.csv", 2,
                {"wide.csv: the segments are 2 x 4", "expected 2 x 3", "2 word lines past 3 bit lines", "the left"});
  check_refused(folder, array + "--drive both --word-wires good.csv", 2,
                {"good.csv: the segments are 2 x 3", "expected 2 x 4"});
  check_refused(folder, array + "--sense both --bit-wires good.csv", 2,
                {"good.csv: the segments are 2 x 3", "expected 3 x 3", "both ends"});
  check_refused(folder, array + "--bit-wires wide.csv", 2, {"expected 2 x 3", "the bottom"});
  check_refused(folder, array + "--word-wires negative.csv", 2, {"negative.csv: a resistance of -2"});
  check_refused(folder, array + "--bit-wires nan.csv", 2, {"nan.csv"});
  check_refused(folder, array + "--bit-wires text.csv", 2, {"text.csv:2", "two"});
  check_refused(folder, array + "--bit-wires empty.npy", 2, {"empty.npy"});
  check_refused(folder, array + "--bit-wires missing.npy", 2, {"missing.npy"});
  check_refused(folder, array + "--drivers three.csv", 2, {"three.csv", "expected 2, one for each word line"});
  check_refused(folder, array + "--senses two.csv", 2, {"two.csv", "expected 3, one for each bit line"});
  check_refused(folder, array + "--drivers negative.csv", 2, {"negative.csv"});
  check_refused(folder, array + "--word-wires good.csv --r-word 1", 2, {"--r-word and --word-wires are both given"});
  check_refused(folder, array + "--drivers two.csv --r-driver 1", 2, {"--r-driver and --drivers are both given"});
  check_refused(folder, array + "--drive right", 2, {"--drive"});
}
