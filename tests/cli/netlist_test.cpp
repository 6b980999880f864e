// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/tool.h"

using namespace ohmset::test;
using nlohmann::json;

namespace {

void provide(const TemporaryFolder& folder) {
  folder.write("spec.toml",
               "[process]\nnominal = \"100k\"\ndistribution = \"lognormal\"\nsigma = 0.3\n"
               "[switch]\nr_on = 50\nr_off = \"1g\"\n[bank]\ndevices = 4\n[array]\nr_word = 2\nr_bit = 3\n");
  folder.write("W.csv", "1,-0.5\n0.25,0.75\n");
  REQUIRE(run_tool(folder, "compile spec.toml --weights W.csv --seed 8 --die 3 --quiet -o layer").exit_code == 0);
  REQUIRE(run_tool(folder,
                   "design --values 9.1k,10.4k,9.7k --target 3.3k --target 5k --r-on 50 --r-off 1g --quiet "
                   "-o design.json")
              .exit_code == 0);
}

}  // namespace

TEST_CASE("the text says where it came from, and goes to stdout or to the file alike") {
  const TemporaryFolder folder;
  provide(folder);
  const ToolRun run = run_tool(folder, "netlist layer");
  REQUIRE(run.exit_code == 0);
  CHECK(run.error.empty());
  CHECK(contains(run.out, "* made by ohmset 0.1.0\n* seed 8, die 3\n"));
  CHECK(contains(run.out, "nominal = \"100k\""));
  CHECK(run.out.ends_with(".end\n"));
  const ToolRun written = run_tool(folder, "netlist layer -o layer.cir --map map.json");
  CHECK(written.exit_code == 0);
  CHECK(folder.read("layer.cir") == run.out);
  const json map = json::parse(folder.read("map.json"));
  CHECK(map.size() == 2 * 4);
  for (const json& bank : map) {
    CHECK(bank["elements"].size() == 4);
    CHECK(bank["values"].size() == 4);
    CHECK(contains(run.out, bank["instance"].get<std::string>()));
  }
}

TEST_CASE("what the exported bank resists, by our own reader and solver, is what the design achieved") {
  const TemporaryFolder folder;
  provide(folder);
  const json results = json::parse(folder.read("design.json"))["results"];
  for (const std::string options : {"", " --flat", " --switch sw", " --dialect xyce", " --dialect ltspice"}) {
    for (const std::string result : {"0", "1"}) {
      CAPTURE(options);
      CAPTURE(result);
      REQUIRE(run_tool(folder, "netlist design.json --force --quiet -o b.cir --result " + result + options).exit_code ==
              0);
      const ToolRun solved = run_tool(folder, "solve b.cir --op --json");
      CAPTURE(solved.error);
      REQUIRE(solved.exit_code == 0);
      const double current = json::parse(solved.out)["branches"]["vport"]["current"];
      CHECK(1.0 / std::abs(current) ==
            doctest::Approx(results[std::stoul(result)]["achieved"].get<double>()).epsilon(1e-11));
    }
  }
}

TEST_CASE("the same design gives the same text, and --json counts its elements") {
  const TemporaryFolder folder;
  provide(folder);
  const json document = json::parse(run_tool(folder, "netlist layer --json").out);
  CHECK(document["subcircuits"] == 1);
  CHECK(document["elements"].get<int>() > 2 * 4 * 4);
  CHECK(document["text"] == run_tool(folder, "netlist layer").out);
  const json flat = json::parse(run_tool(folder, "netlist layer --flat --json").out);
  CHECK(flat["subcircuits"] == 0);
}

TEST_CASE("unknown dialects, switches and designs are refused in one line") {
  const TemporaryFolder folder;
  provide(folder);
  check_refused(folder, "netlist layer --dialect pspice", 2, {"--dialect \"pspice\"", "ngspice|xyce|ltspice"});
  check_refused(folder, "netlist layer --switch nmos", 2, {"--switch \"nmos\""});
  check_refused(folder, "netlist layer --switch sw --dialect xyce", 2, {"--switch sw"});
  check_refused(folder, "netlist none.json", 2, {"none.json: cannot be read"});
  check_refused(folder, "netlist spec.toml", 2, {"spec.toml:1: not JSON"});
  check_refused(folder, "netlist layer -o none/layer.cir", 3, {"none/layer.cir"});
  check_refused(folder, "netlist layer -o W.csv", 2, {"W.csv exists"});
}
