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
