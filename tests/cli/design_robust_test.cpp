// ohmset design --robust: the least spread by the textbook, what is told, what is refused.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/json.h"
#include "tests/support/tool.h"

using namespace ohmset::test;
using nlohmann::json;

namespace {

constexpr const char* measured_bank =
    "[process]\nnominal = \"10k\"\ndistribution = \"lognormal\"\nsigma = 0.7\n"
    "tc1 = { mean = 0.0, sigma = 20e-6 }\n"
    "[measurement]\nsigma = 1e-3\n[bank]\ndevices = 12\n";

// Of parallel devices with ideal switches, equally well known: sqrt(sum of g^2) / sum of g times the spread of one.
struct Predicted {
  double resistance = 0.0;
  double spread = 0.0;
};
Predicted predicted(const std::vector<double>& values, std::uint64_t mask, double one) {
  long double conductance = 0.0L;
  long double squares = 0.0L;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if ((mask >> k) % 2 == 0) continue;
    const long double g = 1.0L / static_cast<long double>(values[k]);
    conductance += g;
    squares += g * g;
  }
  return {.resistance = static_cast<double>(1.0L / conductance),
          .spread = one * static_cast<double>(std::sqrt(squares) / conductance)};
}

double least_spread(const std::vector<double>& values, double target, double within, double one) {
  double least = INFINITY;
  for (std::uint64_t mask = 1; mask < std::uint64_t{1} << values.size(); ++mask) {
    const Predicted here = predicted(values, mask, one);
    if (std::abs(here.resistance / target - 1.0) <= within) least = std::min(least, here.spread);
  }
  return least;
}

std::vector<double> measured_values(const json& design) {
  std::vector<double> values;
  for (const json& device : design["devices"]) values.push_back(device["measured_ohm"]);
  return values;
}

}  // namespace

TEST_CASE("robust takes the least spread of all configurations within the tolerance, and shows the trade") {
  const TemporaryFolder folder;
  folder.write("bank.toml", measured_bank);
  const std::string command = "design bank.toml --target 2k --target 900 --robust --within 1% ";
  const json design = json_of(run_tool(folder, command + "--best 2 --json"));
  const std::vector<double> values = measured_values(design);
  for (const json& result : design["results"]) {
    const double target = result["target"];
    const double spread = result["predicted_stddev"];
    CHECK(spread == doctest::Approx(least_spread(values, target, 0.01, 1e-3)).epsilon(1e-9));
    CHECK(result["robust"]["within"] == 0.01);
    const json nearest = result["robust"]["nearest"];
    CHECK(nearest["predicted_stddev"].get<double>() >= spread);
    CHECK(std::abs(nearest["relative_error"].get<double>()) < 0.01);
    CHECK(nearest["mask"].get<std::string>().size() == 12);
    for (const json& other : result["alternatives"]) CHECK(other["predicted_stddev"].get<double>() >= spread);
    CHECK(result["exact"] == true);
  }
  CHECK(design["spreads"]["devices"].size() == 12);
  CHECK(design["spreads"]["devices"][3].get<double>() == doctest::Approx(1e-3).epsilon(1e-12));

  const ToolRun people = run_tool(folder, command);
  CHECK(people.exit_code == 0);
  CHECK(contains(people.out, "spread"));
  CHECK(contains(people.out, "nearest"));
  CHECK(contains(people.out, "devices deviate by 0.1 %"));
}

TEST_CASE("heat adds the mismatch of temperature coefficients, and the worst temperature counts") {
  const TemporaryFolder folder;
  folder.write("bank.toml", measured_bank);
  const std::string command = "design bank.toml --target 2k --robust --within 1% --json ";
  const json design = json_of(run_tool(folder, command + "--temperature -40,27,85"));
  const double one = std::hypot(1e-3, 20e-6 * 67.0);
  CHECK(design["spreads"]["devices"][0].get<double>() == doctest::Approx(one).epsilon(1e-12));
  CHECK(design["results"][0]["predicted_stddev"].get<double>() ==
        doctest::Approx(least_spread(measured_values(design), 2e3, 0.01, one)).epsilon(1e-9));
}

TEST_CASE("a robust design is saved, read back and verified as any other") {
  const TemporaryFolder folder;
  folder.write("bank.toml", measured_bank);
  const std::string command = "design bank.toml --target 2k --target 900 --robust --quiet ";
  REQUIRE(run_tool(folder, command + "--threads 1 -o one.json").exit_code == 0);
  REQUIRE(run_tool(folder, command + "--threads 2 -o two.json").exit_code == 0);
  CHECK(folder.read("one.json") == folder.read("two.json"));
  const json design = json::parse(folder.read("one.json"));
  CHECK(design["results"][0]["robust"]["nearest"]["mask"].is_string());
  CHECK(json_of(run_tool(folder, "verify one.json --json"))["disagreements"].empty());
}

TEST_CASE("without a tolerance it is a third of the nearest one's spread, and that is told") {
  const TemporaryFolder folder;
  folder.write("bank.toml", measured_bank);
  const ToolRun people = run_tool(folder, "design bank.toml --target 2k --robust");
  CHECK(people.exit_code == 0);
  CHECK(contains(people.out, "no --within is given"));
  CHECK(contains(people.out, "times the nearest one's spread"));
  CHECK(contains(people.out, "error and spread together"));
  const json result = json_of(run_tool(folder, "design bank.toml --target 2k --robust --json"))["results"][0];
  const double third = result["robust"]["nearest"]["predicted_stddev"].get<double>() / 3.0;
  CHECK(result["robust"]["within"].get<double>() >= third);
}

TEST_CASE("devices given as values are known as well as is said") {
  const TemporaryFolder folder;
  const std::vector<double> values = {1e3, 2.2e3, 4.7e3, 5.1e3, 6.8e3, 8.2e3, 10e3, 12e3, 15e3, 22e3};
  const std::string command = "design --values 1k,2.2k,4.7k,5.1k,6.8k,8.2k,10k,12k,15k,22k --robust --json ";
  const json result = json_of(run_tool(folder, command + "--target 1.5k --within 2% --spread 0.5%"))["results"][0];
  CHECK(result["predicted_stddev"].get<double>() ==
        doctest::Approx(least_spread(values, 1500.0, 0.02, 5e-3)).epsilon(1e-9));
  const std::string of_switches = "--topology series --target 30k --r-on 100 --switch-spread 20% --within 5%";
  const json series = json_of(run_tool(folder, command + of_switches));
  CHECK(series["spreads"]["switches"][0] == 0.2);
}

TEST_CASE("nothing within reach is told as ever") {
  const TemporaryFolder folder;
  const ToolRun run = run_tool(folder, "design --values 1k,1k --target 5k --robust --spread 1% --within 0.1% --json");
  CHECK(run.exit_code == 1);
  const json result = json::parse(run.out)["results"][0];
  CHECK(result["mask"].is_null());
  CHECK(result["predicted_stddev"].is_null());
  CHECK(result["robust"]["nearest"]["mask"].is_string());
}

TEST_CASE("robust refuses what contradicts it, and banks of which nothing deviates") {
  const TemporaryFolder folder;
  folder.write("bank.toml", measured_bank);
  folder.write("known.toml", "[process]\nnominal = \"1k\"\ntc1 = { sigma = 1e-5 }\n[bank]\ndevices = 4\n");
  folder.write("net.cir", "one\nR1 a 0 1k ; ohmset: switch\nR2 a 0 2k\n.end\n");
  const std::string robust = "design bank.toml --target 2k --robust ";
  check_refused(folder, robust + "--any --within 1%", 2, {"--robust", "--any"});
  check_refused(folder, robust + "--least inserted --within 1%", 2, {"--robust", "--least"});
  check_refused(folder, robust + "--spread 1%", 2, {"--spread", "--values"});
  check_refused(folder, robust + "--switch-spread 1%", 2, {"--switch-spread", "--values"});
  check_refused(folder, robust + "--temperature -300", 2, {"temperature"});
  check_refused(folder, robust + "--temperature warm", 2, {"--temperature"});
  check_refused(folder, "design known.toml --target 500 --robust", 2, {"nothing deviates", "--temperature"});
  check_refused(folder, "design bank.toml --target 2k --temperature 85", 2, {"--temperature", "--robust"});
  check_refused(folder, "design bank.toml --target 2k --time 1h", 2, {"--time", "--robust"});
  const std::string values = "design --values 1k,2k --target 700 ";
  check_refused(folder, values + "--robust", 2, {"--spread"});
  check_refused(folder, values + "--robust --spread 0", 2, {"--spread"});
  check_refused(folder, values + "--robust --spread 150%", 2, {"--spread"});
  check_refused(folder, values + "--robust --spread -1%", 2, {"--spread"});
  check_refused(folder, values + "--robust --temperature 85", 2, {"--temperature"});
  check_refused(folder, values + "--spread 1%", 2, {"--spread", "--robust"});
  check_refused(folder, "design net.cir --between a,0 --target 700 --robust", 2, {"netlist"});
  CHECK(run_tool(folder, "design known.toml --target 500 --robust --temperature 85").exit_code == 0);
}
