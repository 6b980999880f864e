// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests/support/tickets.h"
#include "tools/io/design_file.h"
#include "tools/io/matrix_file.h"

using namespace ohmset::test;
using namespace ohmset::test::tickets;
using ohmset::Matrix;

namespace {

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
      std::uint64_t closed = 0;
      for (const std::string part : {"bars/first", "bars/second"}) {
        for (const std::uint64_t mask : ohmset::io::read_crossbar_design(folder.path(part)).design.array.switches) {
          closed += mask;
        }
        check_verified(folder, part);
        CHECK(run_tool(folder, "netlist " + part + " -o bars.cir --force --quiet").exit_code == 0);
      }
      CHECK(closed == ticket.kept);
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
}

TEST_CASE("ngspice agrees with crossbars whose tiles are all open, as layers with dead inputs have them") {
  const TemporaryFolder folder;
  std::vector<double> dead(40 * 6, 0.0);
  const std::vector<double> live = numbers(9, 36);
  std::ranges::copy(live, dead.end() - 36);
  write_npy(folder, "dead.npy", {40, 6}, dead);
  write_npy(folder, "zero.npy", {3, 3}, std::vector<double>(9, 0.0));
  for (const std::string options : {"dead.npy --units 8", "dead.npy --units 8 --unit-conductance 1", "zero.npy"}) {
    CAPTURE(options);
    REQUIRE(run_tool(folder, "lottery --as-crossbar bars --quiet --force --weights " + options).exit_code == 0);
    check_verified(folder, "bars");
  }
}

TEST_CASE("a pruned crossbar's random weights spread around their own resistances, and around no nominal one") {
  const TemporaryFolder folder;
  provide(folder);
  REQUIRE(run_tool(folder, "lottery --weights W.npy --units 16 --as-crossbar bars --r-word 2 --r-bit 3 --quiet")
              .exit_code == 0);
  const std::string tolerance = "tolerance bars --samples 200 --random-inputs 3 ";
  for (const std::string population : {"--blind", "--redesign"}) {
    check_refused(folder, tolerance + population, 2,
                  {"bars: its devices are not those", "--around-measured", "--spec"});
    folder.write("other.toml",
                 "[process]\nnominal = \"100k\"\ndistribution = \"normal\"\nsigma = 0.05\n"
                 "[bank]\ndevices = 16\ntopology = \"parallel\"\n");
    check_refused(folder, tolerance + population + " --spec other.toml", 2, {"bars: its devices are not those"});
  }
  const auto judged = [&](const std::string& options) {
    const ToolRun run = run_tool(folder, tolerance + options + " --json --quiet");
    CAPTURE(run.error);
    REQUIRE(run.exit_code == 0);
    return json::parse(run.out);
  };
  const auto spread = [&](const std::string& distribution) {
    folder.write("spread.toml", "[process]\nnominal = 1\n" + distribution +
                                    "[bank]\ndevices = 16\ntopology = \"parallel\"\n[array]\nr_word = 2\nr_bit = 3\n");
    return std::string("--around-measured --spec spread.toml");
  };
  // Without a spread they are the design's own; the nominal value that a spread is relative to does not matter.
  const double own = judged("")["mean"];
  const json none = judged(spread(""));
  CHECK(none["stddev"] == 0.0);
  CHECK(none["mean"].get<double>() == own);
  CHECK(none["around_measured"] == true);
  const double small = judged(spread("distribution = \"normal\"\nsigma = 0.005\n"))["mean"];
  const double large = judged(spread("distribution = \"normal\"\nsigma = 0.05\n"))["mean"];
  CHECK(large > own);
  CHECK(large > 3.0 * small);
  CHECK(large < 1.0);
  // Switches chosen anew for each die make up for what it is: far better than those of the design.
  const double anew = judged("--redesign " + spread("distribution = \"normal\"\nsigma = 0.05\n"))["mean"];
  CHECK(anew < 0.3 * large);
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

TEST_CASE("crossbars of more than 1 GiB are refused with their size, before the ticket is drawn") {
  const TemporaryFolder folder;
  write_npy(folder, "wide.npy", {1, 1200}, numbers(3, 1200));
  // 1200 inputs by 1200 * 20 hidden units: two banks of one device each, 24 bytes a bank.
  check_refused(folder, "lottery --weights wide.npy --construction relu --units 20 --as-crossbar bars", 2,
                {"--as-crossbar", "1200 inputs by 24000 outputs with 1 device a bank takes 1.29 GiB", "--units"});
  CHECK(!folder.has("bars"));
  // 1 x 1200 with 20 random weights each is small.
  CHECK(run_tool(folder, "lottery --weights wide.npy --units 12 --as-crossbar bars --quiet").exit_code == 0);
}
