// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/json.h"
#include "tests/support/tool.h"

using namespace ohmset::test;
using nlohmann::json;

namespace {

constexpr const char* noisy_bank =
    "[process]\nnominal = \"10k\"\ndistribution = \"lognormal\"\nsigma = 0.3\nlot_sigma = 0.05\ndevice_open = 0.1\n"
    "[switch]\nr_on = 50\nr_off = \"1g\"\nr_on_sigma = 0.1\nstuck_open = 0.05\nstuck_closed = 0.05\n"
    "[measurement]\nsigma = 1e-3\nbits = 12\n[bank]\ndevices = 14\n";

// The parallel resistance of the devices of a mask, without parasitics, by the textbook.
double parallel(const std::vector<double>& values, const std::string& mask) {
  long double conductance = 0.0L;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (mask[k] == '1') conductance += 1.0L / static_cast<long double>(values[k]);
  }
  return static_cast<double>(1.0L / conductance);
}

}  // namespace

TEST_CASE("the newcomer's first command finds the best of all configurations") {
  const TemporaryFolder folder;
  const std::string command = "design --values 9.1k,10.4k,9.7k,11.2k,10.9k --topology parallel --target 3.3k";
  const std::vector<double> values = {9.1e3, 10.4e3, 9.7e3, 11.2e3, 10.9e3};
  double best = INFINITY;
  for (unsigned mask = 1; mask < 32; ++mask) {
    std::string text;
    for (unsigned k = 0; k < 5; ++k) text += (mask >> k & 1U) != 0 ? '1' : '0';
    best = std::min(best, std::abs(parallel(values, text) - 3300.0));
  }
  const json result = json_of(run_tool(folder, command + " --json"))["results"][0];
  CHECK(std::abs(result["achieved"].get<double>() - 3300.0) == doctest::Approx(best).epsilon(1e-12));
  const std::string mask = result["mask"];
  CHECK(result["achieved"].get<double>() == doctest::Approx(parallel(values, mask)).epsilon(1e-15));
  CHECK(result["relative_error"].get<double>() ==
        doctest::Approx((result["achieved"].get<double>() - 3300.0) / 3300.0).epsilon(1e-12));
  CHECK(result["bits"].get<double>() ==
        doctest::Approx(-std::log2(std::abs(result["relative_error"].get<double>()))).epsilon(1e-12));
  std::vector<std::size_t> on;
  for (std::size_t k = 0; k < mask.size(); ++k) {
    if (mask[k] == '1') on.push_back(k);
  }
  CHECK(result["on"].get<std::vector<std::size_t>>() == on);

  const ToolRun people = run_tool(folder, command);
  CHECK(people.exit_code == 0);
  CHECK(contains(people.out, mask));
  CHECK(contains(people.out, "3.3 kohm"));
  CHECK(people.error.empty());
  CHECK(folder.names().empty());
}

TEST_CASE("the same specification and seed give the same bytes on any number of threads") {
  const TemporaryFolder folder;
  folder.write("bank.toml", noisy_bank);
  const std::string command =
      "design bank.toml --target 3k --target 1.1k --target 777 --best 3 --seed 5 --die 2 --quiet ";
  REQUIRE(run_tool(folder, command + "--threads 1 -o one.json").exit_code == 0);
  REQUIRE(run_tool(folder, command + "--threads 2 -o two.json").exit_code == 0);
  REQUIRE(run_tool(folder, "design bank.toml --target 3k --seed 6 --die 2 --quiet -o other.json").exit_code == 0);
  CHECK(folder.read("one.json") == folder.read("two.json"));
  const json one = json::parse(folder.read("one.json"));
  const json other = json::parse(folder.read("other.json"));
  CHECK(one["devices"] != other["devices"]);
  CHECK(one["spec"] == noisy_bank);
  CHECK(one["results"].size() == 3);
  CHECK(one["results"][0]["alternatives"].size() == 2);
}

TEST_CASE("design draws the devices that sample draws") {
  const TemporaryFolder folder;
  folder.write("bank.toml", noisy_bank);
  const json sampled = json_of(run_tool(folder, "sample bank.toml --seed 9 --die 4 --json"));
  const json designed = json_of(run_tool(folder, "design bank.toml --target 2k --seed 9 --die 4 --json"));
  CHECK(sampled["devices"] == designed["devices"]);
  CHECK(sampled["devices"].size() == 14);
}

TEST_CASE("alternatives come in order, within and at-most hold for each of them") {
  const TemporaryFolder folder;
  const json result = json_of(run_tool(
      folder,
      "design --values 1k,2.2k,3.3k,4.7k,5.6k,6.8k,8.2k --target 1.5k --best 20 --within 5% --at-most 3 --json"))
      ["results"][0];
  double last = std::abs(result["relative_error"].get<double>());
  CHECK(result["alternatives"].size() > 1);
  for (const json& alternative : result["alternatives"]) {
    const double error = std::abs(alternative["relative_error"].get<double>());
    CHECK(error >= last);
    CHECK(error <= 0.05);
    CHECK(alternative["on"].size() <= 3);
    last = error;
  }
}

TEST_CASE("no configuration within reach is exit code 1, said and recorded") {
  const TemporaryFolder folder;
  const std::string command = "design --values 1k,2k --target 1k --target 600 --within 1e-6 ";
  const ToolRun run = run_tool(folder, command + "--json -o design.json");
  CHECK(run.exit_code == 1);
  const json document = json::parse(run.out);
  CHECK(document["results"][0]["mask"] == "10");
  CHECK(document["results"][1]["mask"].is_null());
  CHECK(document["results"][1]["achieved"].is_null());
  CHECK(folder.has("design.json"));
  CHECK(contains(run_tool(folder, command).out, "none"));
  check_refused(folder, "netlist design.json --result 1", 2, {"design.json: result 1 has no configuration"});
  check_refused(folder, "netlist design.json --result 2", 2, {"design.json: no result 2"});
}

TEST_CASE("targets in siemens, from files, of zero and met exactly") {
  const TemporaryFolder folder;
  folder.write("targets.csv", "target\n1m\n0.5m\n");
  folder.write("values.csv", "1k\n2k\ninf\n");
  const json document =
      json_of(run_tool(folder, "design --values values.csv --targets targets.csv --target 0 --conductance --json"));
  CHECK(document["devices"][2]["fault"] == "open");
  const json& results = document["results"];
  REQUIRE(results.size() == 3);
  for (const json& result : results) {
    CHECK(result["unit"] == "siemens");
    if (result["target"] == 0.0) {
      CHECK(result["relative_error"].is_null());
      CHECK(result["bits"].is_null());
      CHECK(result["on"].empty());
    } else {
      CHECK(result["error"] == 0.0);
      CHECK(result["bits"] == "inf");
    }
  }
}

TEST_CASE("topologies: series and trees achieve what the textbook says") {
  const TemporaryFolder folder;
  const json series = json_of(run_tool(folder, "design --values 1k,2k,4k --topology series --target 5k --json"));
  CHECK(series["results"][0]["achieved"] == 5000.0);
  CHECK(series["results"][0]["mask"] == "101");
  const json tree =
      json_of(run_tool(folder, "design --values 1k,2k,3k --topology 'parallel(series(2),1)' --target 1.5k --json"));
  CHECK(tree["results"][0]["achieved"].get<double>() == doctest::Approx(1500.0).epsilon(1e-12));
  check_refused(folder, "design --values 1k,2k --topology 'series(3)' --target 1k", 2, {"--topology"});
  check_refused(folder, "design --values 1k,2k --topology 'ring(2)' --target 1k", 2, {"--topology"});
}

TEST_CASE("bad values, targets and combinations are refused in one line") {
  const TemporaryFolder folder;
  folder.write("bank.toml", noisy_bank);
  folder.write("binary.csv", std::string("\0\1\2\3", 4));
  folder.write("negative.csv", "1k\n-2k\n");
  folder.write("empty.csv", "");
  check_refused(folder, "design --values 1k,2k", 2, {"no target given"});
  check_refused(folder, "design --target 1k", 2, {"no devices given"});
  check_refused(folder, "design bank.toml --values 1k --target 1k", 2, {"both given"});
  check_refused(folder, "design bank.toml --r-on 5 --target 1k", 2, {"--r-on goes with --values"});
  check_refused(folder, "design --values 1k,-2k --target 1k", 2, {"--values"});
  check_refused(folder, "design --values 1k,,2k --target 1k", 2, {"--values"});
  check_refused(folder, "design --values 1k,nan --target 1k", 2, {"--values"});
  check_refused(folder, "design --values 10M --target 1k", 2, {"meg"});
  check_refused(folder, "design --values none.csv --target 1k", 2, {"none.csv: cannot be read"});
  check_refused(folder, "design --values negative.csv --target 1k", 2, {"negative.csv"});
  check_refused(folder, "design --values empty.csv --target 1k", 2, {"empty.csv: no values"});
  check_refused(folder, "design --values binary.csv --target 1k", 2, {"binary.csv:1: "});
  check_refused(folder, "design --values 1k --r-on 5 --r-off 4 --target 1k", 2, {"--r-off"});
  for (const std::string target : {"-1k", "nan", "inf", "1kV", "x", "''"}) {
    check_refused(folder, "design --values 1k --target " + target, 2, {"--target"});
  }
  check_refused(folder, "design --values 1k --targets negative.csv", 2, {"negative.csv: a target of -2000"});
  check_refused(folder, "design none.toml --target 1k", 2, {"none.toml: cannot be read"});
  check_refused(folder, "design . --target 1k", 2, {". is a folder"});
}

TEST_CASE("bad specifications are refused with file and line as the user typed them") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("specs"));
  folder.write("specs/bank.toml", replaced(noisy_bank, "\nsigma = 0.3", "\nsigm = 0.3"));
  check_refused(folder, "design specs/bank.toml --target 1k", 2,
                {"ohmset: specs/bank.toml:4: unknown key \"sigm\"", "did you mean \"sigma\"?"});
  check_refused(folder, "sample specs/bank.toml", 2, {"ohmset: specs/bank.toml:4: "});
  folder.write("empty.toml", "");
  check_refused(folder, "sample empty.toml", 2, {"empty.toml: process.nominal is missing"});
  folder.write("binary.toml", std::string(100, '\0') + "\x1b[31m\n");
  check_refused(folder, "sample binary.toml", 2, {"binary.toml:1: "});
  folder.write("huge.toml", std::string(70'000'000, '\n'));
  check_refused(folder, "sample huge.toml", 2, {"huge.toml: the file is too large"});
}
