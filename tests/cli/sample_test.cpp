// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/tool.h"

using namespace ohmset::test;
using nlohmann::json;

TEST_CASE("the CSV and the JSON list the same devices, faults included") {
  const TemporaryFolder folder;
  folder.write("bank.toml",
               "[process]\nnominal = 1000\ndistribution = \"normal\"\nsigma = 0.2\ndevice_open = 0.2\n"
               "device_short = 0.2\n[switch]\nr_on = 5\nr_on_sigma = 0.1\nstuck_open = 0.2\nstuck_closed = 0.2\n"
               "[bank]\ndevices = 60\n");
  const ToolRun run = run_tool(folder, "sample bank.toml --json -o die.csv");
  REQUIRE(run.exit_code == 0);
  const json devices = json::parse(run.out)["devices"];
  std::istringstream csv(folder.read("die.csv"));
  std::string line;
  std::getline(csv, line);
  CHECK(line == "device,nominal_ohm,resistance_ohm,tc1,tc2,fault,switch_on_ohm,switch_fault");
  std::set<std::string> faults;
  std::set<std::string> switch_faults;
  for (std::size_t k = 0; k < 60; ++k) {
    REQUIRE(std::getline(csv, line));
    std::vector<std::string> fields;
    std::istringstream row(line + ",");
    for (std::string field; std::getline(row, field, ',');) fields.push_back(field);
    REQUIRE(fields.size() == 8);
    CHECK(std::stoul(fields[0]) == k);
    const json& device = devices[k];
    if (device["resistance_ohm"].is_string()) {
      CHECK(fields[2] == "inf");
      CHECK(device["fault"] == "open");
    } else {
      CHECK(std::stod(fields[2]) == device["resistance_ohm"].get<double>());
      CHECK((device["fault"] == "shorted") == (device["resistance_ohm"] == 0.0));
    }
    CHECK(fields[5] == device["fault"]);
    CHECK(std::stod(fields[6]) == device["switch_on_ohm"].get<double>());
    CHECK(fields[7] == device["switch_fault"]);
    faults.insert(fields[5]);
    switch_faults.insert(fields[7]);
  }
  CHECK(!std::getline(csv, line));
  CHECK(faults == std::set<std::string>{"", "open", "shorted"});
  CHECK(switch_faults == std::set<std::string>{"", "stuck_closed", "stuck_open"});
}

TEST_CASE("another die or seed is another draw, the same ones the same bytes") {
  const TemporaryFolder folder;
  folder.write("bank.toml",
               "[process]\nnominal = 1000\ndistribution = \"lognormal\"\nsigma = 0.2\n[bank]\ndevices = 8\n");
  const auto csv = [&](const std::string& options) {
    REQUIRE(run_tool(folder, "sample bank.toml --quiet --force -o die.csv " + options).exit_code == 0);
    return folder.read("die.csv");
  };
  const std::string first = csv("--seed 1 --die 0");
  CHECK(csv("") == first);
  CHECK(csv("--threads 1") == first);
  CHECK(csv("--die 1") != first);
  CHECK(csv("--seed 2") != first);
}

TEST_CASE("a crossbar's specification is not a bank's") {
  const TemporaryFolder folder;
  folder.write("crossbar.toml", "[process]\nnominal = 1000\n[bank]\ndevices = 8\n[array]\nr_word = 1\n");
  check_refused(folder, "sample crossbar.toml", 2, {"crossbar.toml:5: array belongs to a crossbar's specification"});
}
