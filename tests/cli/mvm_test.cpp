// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/json.h"
#include "tests/support/tool.h"
#include "tools/io/design_file.h"
#include "tools/io/matrix_file.h"

using namespace ohmset::test;
using nlohmann::json;
using ohmset::Matrix;

namespace {

void provide_layer(const TemporaryFolder& folder, const std::string& tables = {}) {
  folder.write(
      "spec.toml",
      "[process]\nnominal = \"100k\"\ndistribution = \"lognormal\"\nsigma = 0.3\n[bank]\ndevices = 8\n" + tables);
  folder.write("W.csv", "1,-0.5,0.25,0\n0.1,0.2,-0.3,0.4\n-1,0.6,-0.7,0.8\n");
  folder.write("X.csv", "0.1,0.2,0.3,0.4\n-0.1,0,0.1,1\n");
  REQUIRE(run_tool(folder, "compile spec.toml --weights W.csv --quiet --force -o layer").exit_code == 0);
}

Matrix matrix_of(const json& rows) {
  Matrix matrix(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(rows[0].size()));
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) matrix(i, j) = rows[i][j].get<double>();
  }
  return matrix;
}

}  // namespace

TEST_CASE("without wires the outputs are the achieved weights times the inputs, in either mapping") {
  const TemporaryFolder folder;
  for (const std::string mapping : {"", "[mapping]\nscheme = \"offset\"\n"}) {
    CAPTURE(mapping);
    provide_layer(folder, mapping);
    const auto design = ohmset::io::read_crossbar_design(folder.path("layer")).design;
    const Matrix inputs = ohmset::io::read_matrix(folder.path("X.csv"));
    const Matrix expected = inputs * design.achieved.transpose();
    const json result = json_of(run_tool(folder, "mvm layer --inputs X.csv --json -o I.npy --force"));
    const Matrix outputs = matrix_of(result["outputs"]);
    CHECK((outputs - expected).cwiseAbs().maxCoeff() <= 1e-13 * expected.cwiseAbs().maxCoeff());
    CHECK(ohmset::io::read_matrix(folder.path("I.npy")) == outputs);
    CHECK(result["error_vs_ideal"] == 0.0);
    CHECK(result["method"] == "ideal");
    const Matrix weights =
        matrix_of(json_of(run_tool(folder, "mvm layer --inputs X.csv --as-weights --json"))["outputs"]);
    CHECK((weights - outputs / design.scale).cwiseAbs().maxCoeff() <= 1e-14);
  }
}

TEST_CASE("with wires, the transfer matrix and the voltages explain the outputs") {
  const TemporaryFolder folder;
  provide_layer(folder, "[array]\nr_word = 10\nr_bit = 20\nr_driver = 5\nr_sense = 7\n");
  const json result =
      json_of(run_tool(folder, "mvm layer --inputs X.csv --json --nodes nodes --transfer T.npy -o I.npy"));
  const Matrix outputs = matrix_of(result["outputs"]);
  const double largest = outputs.cwiseAbs().maxCoeff();
  const Matrix inputs = ohmset::io::read_matrix(folder.path("X.csv"));
  const Matrix transfer = ohmset::io::read_matrix(folder.path("T.npy"));
  REQUIRE(transfer.rows() == 3);
  REQUIRE(transfer.cols() == 4);
  CHECK((inputs * transfer.transpose() - outputs).cwiseAbs().maxCoeff() <= 1e-12 * largest);
  CHECK(result["error_bound"].get<double>() <= 1e-11 * largest);
  CHECK(result["error_vs_ideal"].get<double>() > 1e-5);
  CHECK(result["power_watt"].get<double>() > 0.0);

  const auto field = [&](const std::string& name) {
    const auto array = ohmset::io::read_npy_doubles(folder.path("nodes/" + name + ".npy"));
    CHECK(array.shape == std::vector<std::size_t>{2, 4, 6});
    return array.data;
  };
  const auto bit_currents = field("bit_currents");
  const auto word_currents = field("word_currents");
  const auto word_voltages = field("word_voltages");
  const auto bit_voltages = field("bit_voltages");
  const auto device_currents = field("device_currents");
  const auto at = [](std::size_t batch, std::size_t word, std::size_t bit) { return (batch * 4 + word) * 6 + bit; };
  const auto design = ohmset::io::read_crossbar_design(folder.path("layer")).design;
  const Matrix conductances = ohmset::conductances(design.array);
  for (std::size_t batch = 0; batch < 2; ++batch) {
    for (std::size_t output = 0; output < 3; ++output) {
      const double difference = bit_currents[at(batch, 3, 2 * output)] - bit_currents[at(batch, 3, 2 * output + 1)];
      CHECK(std::abs(difference - outputs(static_cast<int>(batch), static_cast<int>(output))) <= 1e-12 * largest);
    }
    for (std::size_t word = 0; word < 4; ++word) {
      // Ohm's law from the source through driver and first segment.
      const double drop = inputs(static_cast<int>(batch), static_cast<int>(word)) - word_voltages[at(batch, word, 0)];
      CHECK(std::abs(drop - 15.0 * word_currents[at(batch, word, 0)]) <= 1e-13);
      for (std::size_t bit = 0; bit < 6; ++bit) {
        const double voltage = word_voltages[at(batch, word, bit)] - bit_voltages[at(batch, word, bit)];
        const double current = conductances(static_cast<int>(word), static_cast<int>(bit)) * voltage;
        CHECK(std::abs(device_currents[at(batch, word, bit)] - current) <= 1e-12 * largest);
        // Kirchhoff's current law at the word node.
        const double next = bit + 1 < 6 ? word_currents[at(batch, word, bit + 1)] : 0.0;
        CHECK(std::abs(word_currents[at(batch, word, bit)] - next - device_currents[at(batch, word, bit)]) <=
              1e-12 * largest);
      }
    }
  }
}

TEST_CASE("a bare array of resistances: two dividers by hand, opens included") {
  const TemporaryFolder folder;
  folder.write("R.csv", "1k,inf\n");
  folder.write("V.csv", "1\n2\n");
  const json result = json_of(run_tool(
      folder, "mvm --resistances R.csv --r-word 10 --r-bit 20 --r-driver 30 --r-sense 40 --inputs V.csv --json"));
  const Matrix outputs = matrix_of(result["outputs"]);
  REQUIRE(outputs.rows() == 2);
  REQUIRE(outputs.cols() == 2);
  CHECK(outputs(0, 0) == doctest::Approx(1.0 / 1100.0).epsilon(1e-13));
  CHECK(outputs(1, 0) == doctest::Approx(2.0 / 1100.0).epsilon(1e-13));
  CHECK(outputs(0, 1) == 0.0);
  CHECK(result["error_vs_ideal"].get<double>() == doctest::Approx(100.0 / 1100.0).epsilon(1e-12));
  CHECK(result["power_watt"].get<double>() == doctest::Approx((1.0 + 4.0) / 1100.0 / 2.0).epsilon(1e-12));
}

TEST_CASE("the solver and its tolerance can be chosen, and the answer names who gave it") {
  const TemporaryFolder folder;
  std::string rows;
  std::string volts;
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 36; ++j) rows += std::to_string(1000 + (37 * i + 101 * j) % 9000) + (j < 35 ? "," : "\n");
    volts += (i > 0 ? "," : "") + std::to_string(0.1 + 0.01 * i);
  }
  folder.write("R.csv", rows);
  folder.write("V.csv", volts + "\n");
  const std::string array =
      "mvm --resistances R.csv --r-word 1 --r-bit 2 --r-driver 10 --r-sense 5 --inputs V.csv --json";
  const json iterated = json_of(run_tool(folder, array));
  const json factored = json_of(run_tool(folder, array + " --solver direct"));
  const json rough = json_of(run_tool(folder, array + " --solver spcg --tolerance 1e-3"));
  CHECK(iterated["method"] == "spcg");
  CHECK(factored["method"] == "direct");
  CHECK(factored["iterations"] == 0);
  CHECK(rough["method"] == "spcg");
  CHECK(iterated["iterations"].get<int>() > rough["iterations"].get<int>());
  const Matrix truth = matrix_of(factored["outputs"]);
  const double bound = iterated["error_bound"].get<double>();
  CHECK(bound > 0.0);
  CHECK(bound <= 1e-12 * truth.maxCoeff());
  CHECK((matrix_of(iterated["outputs"]) - truth).cwiseAbs().maxCoeff() <=
        bound + factored["error_bound"].get<double>());
  CHECK(rough["error_bound"].get<double>() > 1e3 * bound);
  CHECK((matrix_of(rough["outputs"]) - truth).cwiseAbs().maxCoeff() <= rough["error_bound"].get<double>());
  CHECK(run_tool(folder, array + " --solver magic").exit_code == 2);
}

TEST_CASE("shapes, values and combinations that do not fit are refused in one line") {
  const TemporaryFolder folder;
  provide_layer(folder);
  folder.write("wide.csv", "1,2,3,4,5\n");
  folder.write("nan.csv", "1,2,3,nan\n");
  folder.write("R.csv", "1k,-2k\n");
  folder.write("good.csv", "1k,2k\n");
  folder.write("one.csv", "1\n");
  check_refused(folder, "mvm layer --inputs wide.csv", 2, {"wide.csv: the inputs are 1 x 5", "4 word lines"});
  check_refused(folder, "mvm layer --inputs nan.csv", 2, {"nan.csv:1: "});
  check_refused(folder, "mvm layer", 2, {"no inputs given"});
  check_refused(folder, "mvm --inputs X.csv", 2, {"no array given"});
  check_refused(folder, "mvm layer --resistances R.csv --inputs X.csv", 2, {"both given"});
  check_refused(folder, "mvm layer --inputs X.csv --r-word 1", 2, {"go with --resistances"});
  check_refused(folder, "mvm spec.toml --inputs X.csv", 2, {"spec.toml: not a crossbar design"});
  check_refused(folder, "mvm none --inputs X.csv", 2, {"none"});
  check_refused(folder, "mvm --resistances R.csv --inputs one.csv", 2, {"R.csv: a resistance of -2000"});
  check_refused(folder, "mvm --resistances good.csv --inputs one.csv --r-word -1", 2, {"--r-word"});
  check_refused(folder, "mvm --resistances good.csv --inputs one.csv --r-word inf", 2, {"--r-word"});
  check_refused(folder, "mvm --resistances good.csv --inputs one.csv --as-weights", 2, {"--as-weights"});
  check_refused(folder, "mvm --resistances good.csv --inputs one.csv --tolerance 0", 2, {"--tolerance"});
  check_refused(folder, "mvm layer --inputs X.csv --nodes none/nodes", 3, {"none/nodes"});
  check_refused(folder, "mvm layer --inputs X.csv --nodes layer --force", 2, {"layer holds other files"});
}
