// ohmset design on SPICE netlists whose switches are marked.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "netlists/spice_reader.h"
#include "sim/nodal.h"
#include "tests/support/json.h"
#include "tests/support/tool.h"

using namespace ohmset::test;
using nlohmann::json;

namespace {

constexpr const char* bridge = OHMSET_SOURCE_DIR "/netlists/gallery/trimmed_bridge.cir";

}  // namespace

TEST_CASE("the gallery's bridge is trimmed to the best of its 256 configurations") {
  const TemporaryFolder folder;
  const std::string command = std::string("design '") + bridge + "' --between A,b --target 1.4k";
  const json document = json_of(run_tool(folder, command + " --best 3 --json"));
  std::ifstream file(bridge);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const ohmset::SwitchedNetwork switched = ohmset::to_switched_network(ohmset::read_spice(text));
  const ohmset::Port port{.a = *switched.network.find("a"), .b = *switched.network.find("b")};
  std::vector<double> errors;
  for (std::uint64_t mask = 0; mask < 256; ++mask) {
    const auto closed = ohmset::Configuration::from_mask(mask, 8);
    errors.push_back(std::abs(effective_resistance(network_in(switched, closed), port).value - 1400.0));
  }
  std::sort(errors.begin(), errors.end());
  const json& result = document["results"][0];
  CHECK(std::abs(result["error"].get<double>()) == doctest::Approx(errors[0]).epsilon(1e-12));
  REQUIRE(result["alternatives"].size() == 2);
  CHECK(std::abs(result["alternatives"][1]["error"].get<double>()) == doctest::Approx(errors[2]).epsilon(1e-12));
  CHECK(result["proven"] == true);
  CHECK(result["exact"] == true);
  CHECK(document["exact"] == true);
  CHECK(document["switches"].size() == 8);
  const std::string mask = result["mask"];
  std::vector<std::string> names;
  for (std::size_t k = 0; k < 8; ++k) {
    if (mask[k] == '1') names.push_back(document["switches"][k]["name"]);
  }
  CHECK(result["on_names"].get<std::vector<std::string>>() == names);

  const ToolRun people = run_tool(folder, command);
  CHECK(people.exit_code == 0);
  CHECK(contains(people.out, mask));
  CHECK(contains(people.out, "proven"));
  for (const std::string& name : names) CHECK(contains(people.out, name));
}

TEST_CASE("the chosen configuration is written as a netlist that has the resistance") {
  const TemporaryFolder folder;
  const std::string command = std::string("design '") + bridge + "' --between a,b --target 1.4k";
  const json result = json_of(run_tool(folder, command + " --json -o chosen.cir"))["results"][0];
  const json solved = json_of(run_tool(folder, "solve chosen.cir --between a,b --json"));
  CHECK(solved["ports"][0]["effective_resistance_ohm"].get<double>() ==
        doctest::Approx(result["achieved"].get<double>()).epsilon(1e-13));
}

TEST_CASE("questions about netlists that cannot be answered are refused in a line") {
  const TemporaryFolder folder;
  folder.write("none.cir", "t\nr1 a 0 1k\n.end\n");
  folder.write("one.cir", "t\nr1 a 0 1k ; ohmset: switch\n.end\n");
  check_refused(folder, "design one.cir --target 1k", 2, {"--between A,B"});
  check_refused(folder, "design one.cir --between a --target 1k", 2, {"--between"});
  check_refused(folder, "design one.cir --between a,c --target 1k", 2, {"one.cir: no node \"c\""});
  check_refused(folder, "design one.cir --between a,0", 2, {"no target"});
  check_refused(folder, "design one.cir --between a,0 --target inf", 2, {"expected a finite value"});
  check_refused(folder, "design one.cir --between a,0 --target 1k --r-on 5", 2, {"netlist"});
  check_refused(folder, "design one.cir --between a,0 --target 1k --time-limit nan", 2, {"--time-limit"});
  check_refused(folder, "design none.cir --between a,0 --target 1k", 2, {"none.cir: no switch in the netlist"});
  check_refused(folder, "design missing.cir --between a,0 --target 1k", 2, {"missing.cir"});
  check_refused(folder, "design --values 1k,2k --between a,0 --target 1k", 2, {"--between", "netlist"});
  const json open = json_of(run_tool(folder, "design one.cir --between a,0 --target 0 --conductance --json"));
  CHECK(open["results"][0]["mask"] == "0");
  CHECK(open["results"][0]["achieved"] == 0.0);
  CHECK(run_tool(folder, "design one.cir --between a,0 --target 3k --within 1%").exit_code == 1);
}
