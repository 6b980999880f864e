// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "tests/support/tickets.h"

using namespace ohmset::test;
using namespace ohmset::test::tickets;

namespace {

void check_equal(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    CAPTURE(k);
    CHECK(std::abs(a[k] - b[k]) <= 1e-13);
  }
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
      CHECK(answer["weight_count"] == errors.size());
    }
  }
}

TEST_CASE("lottery.json says what the arrays are: those that are there, their shapes, and how they make the weights") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string options :
       {"--units 5", "--construction relu --units 9", "--construction relu --units 9 --nonnegative"}) {
    for (const std::string weights : {"W.npy", "K.npy"}) {
      CAPTURE(options);
      CAPTURE(weights);
      REQUIRE(run_tool(folder, "lottery --weights " + weights + " " + options + " -o t --force --quiet").exit_code ==
              0);
      const json description = json::parse(folder.read("t/lottery.json"));
      std::vector<std::string> named{"lottery.json"};
      for (const auto& [file, what] : description["arrays"].items()) {
        CAPTURE(file);
        named.push_back(file);
        REQUIRE(folder.has("t/" + file));
        const auto shape = what["shape"].get<std::vector<std::size_t>>();
        const bool masks = what["type"] == "uint64";
        CHECK(shape == (masks ? ohmset::io::read_npy_uint64(folder.path("t/" + file)).shape
                              : ohmset::io::read_npy_doubles(folder.path("t/" + file)).shape));
        CHECK(contains(what["what"].get<std::string>(), " "));
      }
      CHECK(named.size() ==
            static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path("t")),
                                                   std::filesystem::directory_iterator())));
      CHECK(description["formula"].contains("achieved_negative") == folder.has("t/achieved_negative.npy"));
      CHECK(description["formula"].contains("network") == contains(options, "relu"));
    }
  }
}

TEST_CASE("weights that --fewest-within does not reach are counted and change no exit code") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string options : {"--units 9", "--construction relu --units 13"}) {
    CAPTURE(options);
    const std::string command = "lottery --weights W.npy --fewest-within 0.01 -o t --force " + options;
    const ToolRun run = run_tool(folder, command + " --json");
    REQUIRE(run.exit_code == 0);
    const Recomputed ticket = recompute(folder, "t", "W.npy");
    std::size_t beyond = 0;
    for (std::size_t k = 0; k < ticket.weights.size(); ++k) {
      const double positive = std::abs(ticket.positive[k] - ticket.weights[k]);
      const double negative = contains(options, "relu") ? std::abs(ticket.negative[k] - ticket.weights[k]) : 0.0;
      beyond += std::max(positive, negative) > 0.01 ? 1 : 0;
    }
    CHECK(beyond > 0);
    CHECK(beyond < ticket.weights.size());
    CHECK(json::parse(run.out)["unreached"] == beyond);
    CHECK(contains(run_tool(folder, command).out, fmt::format("0.01: {} of the weights", beyond)));
  }
  CHECK(!json::parse(run_tool(folder, "lottery --weights W.npy --json").out).contains("unreached"));
}

TEST_CASE("the pruned network runs on the inputs of a file, and its outputs are the ticket's") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string weights : {"W.npy", "K.npy"}) {
    for (const std::string options : {"--units 9", "--construction relu --units 13"}) {
      CAPTURE(weights);
      CAPTURE(options);
      const std::size_t fan_in = weights == "W.npy" ? inputs : 12;
      const std::size_t rows = weights == "W.npy" ? outputs : 3;
      const std::vector<double> x = numbers(4, 7 * fan_in);
      write_npy(folder, "X.npy", {7, fan_in}, x);
      const ToolRun run =
          run_tool(folder, fmt::format("lottery --weights {} {} --inputs X.npy -o t --force --json", weights, options));
      CAPTURE(run.error);
      REQUIRE(run.exit_code == 0);
      const Recomputed ticket = recompute(folder, "t", weights);
      const auto ours = ohmset::io::read_npy_doubles(folder.path("t/outputs.npy"));
      const auto layers = ohmset::io::read_npy_doubles(folder.path("t/layer_outputs.npy"));
      REQUIRE(ours.shape == std::vector<std::size_t>{7, rows});
      REQUIRE(layers.shape == ours.shape);
      double largest = 0.0;
      for (std::size_t k = 0; k < ours.data.size(); ++k) {
        double pruned = 0.0;
        double layer = 0.0;
        for (std::size_t i = 0; i < fan_in; ++i) {
          const double input = x[k / rows * fan_in + i];
          const std::size_t weight = k % rows * fan_in + i;
          const bool branch = contains(options, "relu") && input < 0.0;
          pruned += input * (branch ? ticket.negative : ticket.positive)[weight];
          layer += input * ticket.weights[weight];
        }
        CHECK(ours.data[k] == doctest::Approx(pruned).epsilon(1e-12));
        CHECK(layers.data[k] == doctest::Approx(layer).epsilon(1e-12));
        largest = std::max(largest, std::abs(pruned - layer));
      }
      const json given = json::parse(run.out)["given_inputs"];
      CHECK(given["inputs"] == 7);
      CHECK(given["error_max"].get<double>() == doctest::Approx(largest).epsilon(1e-9));
    }
  }
  write_npy(folder, "X.npy", {2, inputs}, {0.5, 1, 0, 2, 0.5, -1, 0, 2});
  check_refused(folder, "lottery --weights W.npy --inputs X.npy --construction relu --nonnegative -o n", 2,
                {"X.npy: an input is -1", "--nonnegative"});
  check_refused(folder, "lottery --weights K.npy --inputs X.npy -o n", 2, {"X.npy: has 4 columns", "12"});
  check_refused(folder, "lottery --weights W.npy --inputs 100 -o n", 2, {"100: cannot be read"});
}

TEST_CASE("relu has more units where none are asked for: its branches share them") {
  const TemporaryFolder folder;
  provide(folder);
  const auto units = [&](const std::string& options) {
    return json::parse(run_tool(folder, "lottery --weights W.npy --json " + options).out)["units"].get<int>();
  };
  CHECK(units("") == 20);
  CHECK(units("--construction nearest") == 20);
  CHECK(units("--construction relu") == 40);
  CHECK(units("--construction relu --units 20") == 20);
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
  refused("--weights W.npy --units 41 -o t", {"--units 41", "1 to 40"});  // more than any search takes
  refused("--weights W.npy --units 65 --construction nearest", {"--units 65", "1 to 64"});
  write_npy(folder, "huge.npy", {1, 2}, {1e308, -1e308});
  refused("--weights huge.npy -o t", {"huge.npy: weights up to 1e+308"});
  refused("--weights '' -o t", {"--weights \"\""});
  refused("--weights W.npy -o ''", {"-o \"\""});
  refused("--weights W.npy --as-crossbar ''", {"--as-crossbar \"\""});
  refused("--weights W.npy --scale 0", {"--scale 0", "above 0"});
  refused("--weights W.npy --scale inf", {"--scale inf"});
  refused("--weights W.npy --scale -1", {"--scale -1"});
  refused("--weights W.npy --within nan", {"--within"});
  refused("--weights W.npy --construction sum", {"--construction", "sum"});
  refused("--weights W.npy --nonnegative", {"--nonnegative goes with --construction relu"});
  refused("--weights W.npy --construction nearest --fewest-within 0.1", {"--fewest-within"});
  refused("--weights W.npy --random-inputs 0", {"--random-inputs \"0\"", ">= 1"});
  refused("--weights W.npy --r-word 1", {"--as-crossbar"});
  refused("--weights W.npy --as-crossbar b --unit-conductance 0", {"--unit-conductance 0"});
  refused("--weights W.npy --as-crossbar b --r-word inf", {"--r-word inf"});
  refused("--weights W.npy --as-crossbar b -o W.npy --force", {"W.npy is a file"});
  check_refused(folder, "lottery --weights W.npy -o none/t", 3, {"none/t"});
  check_refused(folder, "lottery --weights W.npy --as-crossbar none/b -o t", 3, {"none/b"});
}

TEST_CASE("a ticket and a crossbar that lie in each other are refused before either is there") {
  const TemporaryFolder folder;
  provide(folder);
  std::filesystem::create_directory(folder.path("t3"));
  std::filesystem::create_directory_symlink(folder.path("t3"), folder.path("link"));
  for (const std::string force : {"", " --force"}) {
    for (const auto& [ticket, crossbar] :
         {std::pair("t1", "t1"), std::pair("t1", "./t1/"), std::pair("t1/", "t3/../t1"), std::pair("t3/a", "t3"),
          std::pair("t3", "t3/a"), std::pair("link/a", "t3/a"), std::pair("t3/first", "link")}) {
      CAPTURE(ticket);
      CAPTURE(crossbar);
      const ToolRun run =
          run_tool(folder, fmt::format("lottery --weights W.npy -o {} --as-crossbar {}{}", ticket, crossbar, force));
      CHECK(run.exit_code == 2);
      CHECK(run.out.empty());
      CHECK(std::ranges::count(run.error, '\n') == 1);
      CHECK(!folder.has("t1"));
      CHECK(std::filesystem::is_empty(folder.path("t3")));
    }
  }
  CHECK(run_tool(folder, "lottery --weights W.npy --units 5 -o t3/a --as-crossbar t3/ab --quiet").exit_code == 0);
  CHECK(folder.has("t3/a/lottery.json"));
  CHECK(folder.has("t3/ab/design.json"));
}
