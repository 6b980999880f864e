// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/random.h"
#include "tests/support/tool.h"
#include "tools/io/design_file.h"
#include "tools/io/matrix_file.h"
#include "tools/io/npy.h"

using namespace ohmset::test;
using nlohmann::json;
using ohmset::Matrix;

namespace {

std::vector<double> numbers(std::uint64_t seed, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    values[k] = 2.0 * ohmset::to_uniform(ohmset::philox_block({.seed = seed, .cell = k}, 0).at(0)) - 1.0;
  }
  return values;
}

void write_npy(const TemporaryFolder& folder, const std::string& name, const std::vector<std::size_t>& shape,
               const std::vector<double>& values) {
  folder.write(name, ohmset::io::npy_bytes(shape, values.data()));
}

constexpr std::size_t outputs = 5;
constexpr std::size_t inputs = 4;
// A dense layer and a convolution of 3 x 2 channels with 2 x 3 taps; some weights are larger than 1.
void provide(const TemporaryFolder& folder) {
  std::vector<double> dense = numbers(1, outputs * inputs);
  for (double& w : dense) w *= 1.5;
  write_npy(folder, "W.npy", {outputs, inputs}, dense);
  write_npy(folder, "K.npy", {3, 2, 2, 3}, numbers(2, 36));
}

bool bit(std::uint64_t mask, std::size_t k) { return (mask >> k & 1U) != 0; }

// A ticket's folder, added up from its arrays by definition.
struct Recomputed {
  std::vector<double> weights{};
  std::vector<double> positive{};
  std::vector<double> negative{};
  std::uint64_t kept = 0;
};

std::uint64_t kept_hidden(const TemporaryFolder& folder, const std::string& ticket) {
  std::uint64_t kept = 0;
  for (const std::uint64_t mask : ohmset::io::read_npy_uint64(folder.path(ticket + "/hidden_masks.npy")).data) {
    kept += static_cast<std::uint64_t>(std::popcount(mask));
  }
  return kept;
}

Recomputed recompute(const TemporaryFolder& folder, const std::string& ticket, const std::string& weights) {
  const json description = json::parse(folder.read(ticket + "/lottery.json"));
  const bool relu = description["construction"] == "relu";
  const auto units = description["units"].get<std::size_t>();
  const auto scale = description["scale"].get<double>();
  const auto target = ohmset::io::read_npy_doubles(folder.path(weights));
  const auto masks = ohmset::io::read_npy_uint64(folder.path(ticket + "/masks.npy"));
  const auto random = ohmset::io::read_npy_doubles(folder.path(ticket + "/random.npy"));
  CHECK(masks.shape == target.shape);
  std::vector<std::size_t> shape = target.shape;
  shape.push_back(units);
  CHECK(random.shape == shape);
  const std::vector<double> hidden =
      relu ? ohmset::io::read_npy_doubles(folder.path(ticket + "/hidden.npy")).data : std::vector<double>();
  Recomputed result{.weights = target.data, .kept = relu ? kept_hidden(folder, ticket) : 0};
  const std::size_t taps = target.shape.size() == 4 ? target.shape[2] * target.shape[3] : 1;
  for (std::size_t weight = 0; weight < masks.data.size(); ++weight) {
    std::array<double, 2> sums{};
    for (std::size_t k = 0; k < units; ++k) {
      if (!bit(masks.data[weight], k)) continue;
      ++result.kept;
      const double u = relu ? hidden[weight / taps % target.shape[1] * units + k] : 1.0;
      sums.at(u > 0.0 ? 0 : 1) += random.data[weight * units + k] * u;
    }
    result.positive.push_back(scale * sums[0]);
    result.negative.push_back(scale * sums[1]);
  }
  return result;
}

void check_equal(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    CAPTURE(k);
    CHECK(std::abs(a[k] - b[k]) <= 1e-13);
  }
}

Matrix product(const TemporaryFolder& folder, const std::string& design, const Matrix& x) {
  ohmset::io::write_matrix(folder.path("x.npy"), x, true);
  const ToolRun run = run_tool(folder, "mvm " + design + " --inputs x.npy --as-weights -o y.npy --force --quiet");
  CAPTURE(run.error);
  REQUIRE(run.exit_code == 0);
  return ohmset::io::read_matrix(folder.path("y.npy"));
}

Matrix random_matrix(std::uint64_t seed, std::size_t rows, std::size_t columns) {
  Matrix matrix(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(columns));
  std::ranges::copy(numbers(seed, rows * columns), matrix.data());
  return matrix;
}

Matrix as_rows(const std::vector<double>& values, std::size_t rows) {
  return Eigen::Map<const Matrix>(values.data(), static_cast<Eigen::Index>(rows),
                                  static_cast<Eigen::Index>(values.size() / rows));
}

void check_close(const Matrix& a, const Matrix& b) {
  REQUIRE(a.rows() == b.rows());
  REQUIRE(a.cols() == b.cols());
  CHECK((a - b).cwiseAbs().maxCoeff() <= 1e-12);
}

void check_verified(const TemporaryFolder& folder, const std::string& design) {
  const ToolRun run = run_tool(folder, "verify " + design + " --json");
  CAPTURE(run.error);
  REQUIRE(run.exit_code == 0);
  const json report = json::parse(run.out);
  CHECK(report["checked"].get<int>() > 0);
  CHECK(report["disagreements"].empty());
}

}  // namespace

TEST_CASE("the arrays of a ticket's folder are enough to recompute what it achieves and every figure") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string weights : {"W.npy", "K.npy"}) {
    for (const std::string options :
         {"nearest --units 7", "subset-sum --units 9", "subset-sum --units 9 --scale 0.7",
          "subset-sum --units 9 --fewest-within 0.05", "relu --units 13", "relu --units 13 --nonnegative"}) {
      CAPTURE(weights);
      CAPTURE(options);
      const ToolRun run = run_tool(
          folder, fmt::format("lottery --weights {} --construction {} -o ticket --force --json", weights, options));
      CAPTURE(run.error);
      REQUIRE(run.exit_code == 0);
      const json answer = json::parse(run.out);
      const Recomputed ticket = recompute(folder, "ticket", weights);
      check_equal(ohmset::io::read_npy_doubles(folder.path("ticket/achieved.npy")).data, ticket.positive);
      const bool both = contains(options, "relu") && !contains(options, "nonnegative");
      CHECK(folder.has("ticket/achieved_negative.npy") == both);
      CHECK(folder.has("ticket/hidden.npy") == contains(options, "relu"));
      if (both) {
        check_equal(ohmset::io::read_npy_doubles(folder.path("ticket/achieved_negative.npy")).data, ticket.negative);
      }
      CHECK(answer["kept"] == ticket.kept);

      std::vector<double> errors;
      for (std::size_t k = 0; k < ticket.weights.size(); ++k) {
        errors.push_back(std::abs(ticket.positive[k] - ticket.weights[k]));
        if (both) errors[k] = std::max(errors[k], std::abs(ticket.negative[k] - ticket.weights[k]));
      }
      const std::size_t rows = answer["shape"][0];
      const std::size_t fan_in = errors.size() / rows;
      double by_rows = 0.0;
      for (std::size_t row = 0; row < rows; ++row) {
        double sum = 0.0;
        for (std::size_t k = 0; k < fan_in; ++k) sum += errors[row * fan_in + k];
        by_rows = std::max(by_rows, sum);
      }
      const double largest = *std::ranges::max_element(errors);
      CHECK(answer["error_max"].get<double>() == doctest::Approx(largest).epsilon(1e-9));
      CHECK(answer["bound"].get<double>() == doctest::Approx(static_cast<double>(fan_in) * largest).epsilon(1e-9));
      CHECK(answer["bound_by_rows"].get<double>() == doctest::Approx(by_rows).epsilon(1e-9));
      CHECK(answer["forward"]["holds"] == true);
      CHECK(answer["forward"]["error_max"].get<double>() <= answer["forward"]["bound"].get<double>());
      CHECK(answer["forward"]["error_max"].get<double>() > 0.0);
      CHECK(answer["weights"] == errors.size());
    }
  }
}

TEST_CASE("a run can be repeated from its JSON, byte for byte, on any number of threads") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string options : {"--units 9 --fewest-within 1m --within 2 --inputs 17",
                                    "--construction relu --nonnegative --units 13 --scale 1.25"}) {
    CAPTURE(options);
    const ToolRun first =
        run_tool(folder, "lottery --weights W.npy " + options + " --seed 5 --threads 1 -o one --force --json");
    REQUIRE(first.exit_code == 0);
    const json question = json::parse(folder.read("one/lottery.json"))["question"];
    std::string again = "lottery --threads 2 -o two --force --json";
    for (const auto& [key, value] : question.items()) {
      std::string name = key;
      std::ranges::replace(name, '_', '-');
      if (value.is_null() || value == false) continue;
      again += " --" + name;
      if (value != true) again += " " + (value.is_string() ? value.get<std::string>() : value.dump());
    }
    const ToolRun second = run_tool(folder, again);
    CAPTURE(second.error);
    REQUIRE(second.exit_code == 0);
    json a = json::parse(first.out);
    json b = json::parse(second.out);
    a.erase("seconds");
    b.erase("seconds");
    CHECK(a == b);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path("one"))) {
      const std::string name = entry.path().filename().string();
      CAPTURE(name);
      CHECK(folder.read("one/" + name) == folder.read("two/" + name));
    }
    REQUIRE(run_tool(folder, again + " --seed 6").exit_code == 2);  // said twice
  }
  REQUIRE(run_tool(folder, "lottery --weights W.npy --seed 6 -o other --quiet").exit_code == 0);
  REQUIRE(run_tool(folder, "lottery --weights W.npy --seed 5 -o one --force --quiet").exit_code == 0);
  CHECK(folder.read("one/random.npy") != folder.read("other/random.npy"));
}

TEST_CASE("an error above --within is the exit code 1, and CSV weights are taken") {
  const TemporaryFolder folder;
  folder.write("W.csv", "0.5,-0.25\n0.125,0.75\n");
  CHECK(run_tool(folder, "lottery --weights W.csv --units 16 --within 0.1 --quiet").exit_code == 0);
  const ToolRun run = run_tool(folder, "lottery --weights W.csv --units 16 --within 0.1n");
  CHECK(run.exit_code == 1);
  CHECK(contains(run.error, "ohmset: the largest error is"));
  CHECK(contains(run.out, "random weights"));
}

TEST_CASE("a pruned weight is an open switch: the crossbar of a sum multiplies by the ticket's weights") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string weights : {"W.npy", "K.npy"}) {
    for (const std::string options : {"subset-sum --units 9", "nearest --units 7 --unit-conductance 3u"}) {
      CAPTURE(weights);
      CAPTURE(options);
      REQUIRE(
          run_tool(folder,
                   fmt::format("lottery --weights {} --construction {} -o ticket --as-crossbar bars --force --quiet",
                               weights, options))
              .exit_code == 0);
      const Recomputed ticket = recompute(folder, "ticket", weights);
      const std::size_t rows = weights == "W.npy" ? outputs : 3;
      const Matrix achieved = as_rows(ticket.positive, rows);
      const Matrix x = random_matrix(7, 6, static_cast<std::size_t>(achieved.cols()));
      check_close(product(folder, "bars", x), x * achieved.transpose());
      check_verified(folder, "bars");
      CHECK(run_tool(folder, "netlist bars -o bars.cir --force --quiet").exit_code == 0);

      // Every random weight is one device, on the side of its sign; its switch is closed where the mask keeps it.
      const auto design = ohmset::io::read_crossbar_design(folder.path("bars")).design;
      const double unit = contains(options, "3u") ? 3e-6 : 10e-6;
      const auto random = ohmset::io::read_npy_doubles(folder.path("ticket/random.npy")).data;
      const auto masks = ohmset::io::read_npy_uint64(folder.path("ticket/masks.npy")).data;
      const std::size_t units = design.array.devices();
      for (std::size_t weight = 0; weight < masks.size(); ++weight) {
        const std::size_t columns = masks.size() / rows;
        for (std::size_t k = 0; k < units; ++k) {
          const double item = random[weight * units + k];
          for (const bool minus : {false, true}) {
            const std::size_t bank = design.array.index(weight % columns, 2 * (weight / columns) + (minus ? 1 : 0));
            const bool there = (item < 0.0) == minus;
            const double conductance = 1.0 / design.array.resistances[bank * units + k];
            CHECK(std::abs(conductance - (there ? std::abs(item) * unit : 0.0)) <= 1e-15 * unit);
            CHECK(bit(design.array.switches[bank], k) == (there && bit(masks[weight], k)));
          }
        }
      }
      CHECK(design.targets(1, 2) == doctest::Approx(as_rows(ticket.weights, rows)(1, 2) * design.scale));
    }
  }
}

TEST_CASE("relu's two crossbars with a ReLU between compute what the pruned random network does") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string weights : {"W.npy", "K.npy"}) {
    for (const std::string options : {"--units 11", "--units 11 --nonnegative --scale 1.7"}) {
      CAPTURE(weights);
      CAPTURE(options);
      REQUIRE(run_tool(folder,
                       fmt::format(
                           "lottery --weights {} --construction relu {} -o ticket --as-crossbar bars --force --quiet",
                           weights, options))
                  .exit_code == 0);
      const Recomputed ticket = recompute(folder, "ticket", weights);
      const std::size_t rows = weights == "W.npy" ? outputs : 3;
      const std::size_t taps = weights == "W.npy" ? 1 : 6;
      const std::size_t channels = ticket.weights.size() / rows / taps;
      Matrix x = random_matrix(8, 6, channels * taps);
      if (contains(options, "nonnegative")) x = x.cwiseAbs();

      // The first layer reads one pixel of every channel at a time.
      const auto batch = static_cast<std::size_t>(x.rows());
      Matrix hidden(x.rows(), static_cast<Eigen::Index>(channels * 11 * taps));
      for (std::size_t tap = 0; tap < taps; ++tap) {
        Matrix pixel(x.rows(), static_cast<Eigen::Index>(channels));
        for (std::size_t c = 0; c < channels; ++c) {
          pixel.col(static_cast<Eigen::Index>(c)) = x.col(static_cast<Eigen::Index>(c * taps + tap));
        }
        const Matrix y = product(folder, "bars/first", pixel);
        REQUIRE(static_cast<std::size_t>(y.cols()) == channels * 11);
        for (std::size_t row = 0; row < batch; ++row) {
          for (std::size_t unit = 0; unit < channels * 11; ++unit) {
            hidden(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(unit * taps + tap)) =
                std::max(0.0, y(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(unit)));
          }
        }
      }
      const Matrix expected = x.cwiseMax(0.0) * as_rows(ticket.positive, rows).transpose() +
                              x.cwiseMin(0.0) * as_rows(ticket.negative, rows).transpose();
      check_close(product(folder, "bars/second", hidden), expected);
      for (const std::string part : {"bars/first", "bars/second"}) {
        check_verified(folder, part);
        CHECK(run_tool(folder, "netlist " + part + " -o bars.cir --force --quiet").exit_code == 0);
      }
    }
  }
}

TEST_CASE("the crossbar's wires are those asked for, and ngspice agrees with them") {
  const TemporaryFolder folder;
  provide(folder);
  REQUIRE(run_tool(folder,
                   "lottery --weights W.npy --units 6 --as-crossbar bars --r-word 2 --r-bit 3 --r-driver 50 "
                   "--r-sense 4 --quiet")
              .exit_code == 0);
  const ohmset::Wires wires = ohmset::io::read_crossbar_design(folder.path("bars")).design.spec.wires;
  CHECK(wires.word.value == 2.0);
  CHECK(wires.bit.value == 3.0);
  CHECK(wires.driver.value == 50.0);
  CHECK(wires.sense.value == 4.0);
  check_verified(folder, "bars");
  const ToolRun run = run_tool(folder, "tolerance bars --samples 20 --random-inputs 2 --json --quiet");
  CAPTURE(run.error);
  CHECK(run.exit_code == 0);
}

TEST_CASE("one crossbar takes the place of two and the other way round, and nothing else is overwritten") {
  const TemporaryFolder folder;
  provide(folder);
  const std::string command = "lottery --weights W.npy --units 6 --as-crossbar bars --quiet --force";
  REQUIRE(run_tool(folder, command + " --construction relu -o ticket").exit_code == 0);
  CHECK(folder.has("bars/first/design.json"));
  CHECK(folder.has("ticket/hidden.npy"));
  REQUIRE(run_tool(folder, command + " -o ticket").exit_code == 0);
  CHECK(!folder.has("bars/first"));
  CHECK(folder.has("bars/design.json"));
  CHECK(!folder.has("ticket/hidden.npy"));
  REQUIRE(run_tool(folder, command + " --construction relu").exit_code == 0);
  CHECK(folder.has("bars/second/design.json"));
  CHECK(!folder.has("bars/design.json"));
  check_refused(folder, "lottery --weights W.npy --as-crossbar bars", 2, {"bars exists", "--force"});
  check_refused(folder, "lottery --weights W.npy -o ticket", 2, {"ticket exists", "--force"});
  folder.write("bars/second/thesis.tex", "precious");
  check_refused(folder, command, 2, {"bars holds other files (second/thesis.tex)"});
  for (const std::string& name : folder.names()) CHECK(!contains(name, ".tmp"));
}

TEST_CASE("bad weights, options and outputs of a lottery are refused in one line and leave nothing") {
  const TemporaryFolder folder;
  provide(folder);
  write_npy(folder, "three.npy", {2, 2, 2}, numbers(1, 8));
  write_npy(folder, "nan.npy", {1, 2}, {0.5, std::nan("")});
  write_npy(folder, "none.npy", {0, 2}, {});
  folder.write("text.csv", "0.5,half\n");
  const auto refused = [&](const std::string& options, std::initializer_list<std::string_view> words) {
    check_refused(folder, "lottery " + options, 2, words);
  };
  refused("--weights three.npy -o t", {"three.npy: the weights have 3 dimensions", "expected 2"});
  refused("--weights nan.npy -o t", {"nan.npy: entry 1", "nan", "finite"});
  refused("--weights none.npy -o t", {"none.npy: there are no weights"});
  refused("--weights text.csv -o t", {"text.csv:1: "});
  refused("--weights missing.npy -o t", {"missing.npy: cannot be read"});
  refused("--units 5", {"--weights"});
  refused("--weights W.npy --units 0", {"--units \"0\"", ">= 1"});
  refused("--weights W.npy --units 100", {"--units 100", "at most 64"});
  refused("--weights W.npy --units 64 -o t", {"64"});  // more than any search takes
  refused("--weights W.npy --scale 0", {"--scale 0", "above 0"});
  refused("--weights W.npy --scale inf", {"--scale inf"});
  refused("--weights W.npy --scale -1", {"--scale -1"});
  refused("--weights W.npy --within nan", {"--within"});
  refused("--weights W.npy --construction sum", {"--construction", "sum"});
  refused("--weights W.npy --nonnegative", {"--nonnegative goes with --construction relu"});
  refused("--weights W.npy --construction nearest --fewest-within 0.1", {"--fewest-within"});
  refused("--weights W.npy --inputs 0", {"--inputs \"0\"", ">= 1"});
  refused("--weights W.npy --r-word 1", {"--as-crossbar"});
  refused("--weights W.npy --as-crossbar b --unit-conductance 0", {"--unit-conductance 0"});
  refused("--weights W.npy --as-crossbar b --r-word inf", {"--r-word inf"});
  refused("--weights W.npy --as-crossbar b -o W.npy --force", {"W.npy is a file"});
  check_refused(folder, "lottery --weights W.npy -o none/t", 3, {"none/t"});
  check_refused(folder, "lottery --weights W.npy --as-crossbar none/b -o t", 3, {"none/b"});
}
