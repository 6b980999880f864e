// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "tests/support/tool.h"
#include "tools/io/matrix_file.h"

using namespace ohmset::test;
using nlohmann::json;

namespace {

void provide(const TemporaryFolder& folder) {
  folder.write(
      "spec.toml",
      "[process]\nnominal = \"100k\"\ndistribution = \"lognormal\"\nsigma = 0.3\n"
      "[switch]\nr_on = 50\nr_off = \"1g\"\n[bank]\ndevices = 4\n[array]\nr_word = 2\nr_bit = 3\nr_sense = 1\n");
  folder.write("W.csv", "1,-0.5,0.1\n0.25,0.75,-0.9\n");
  REQUIRE(run_tool(folder, "compile spec.toml --weights W.csv --quiet -o layer").exit_code == 0);
  REQUIRE(run_tool(folder,
                   "design --values 9.1k,10.4k,9.7k --target 3.3k --target 5k --best 2 --r-on 50 --r-off 1g "
                   "--quiet -o design.json")
              .exit_code == 0);
}

// The number that follows `name` in the text, made a millionth larger.
std::string nudged(const std::string& text, const std::string& name) {
  const std::size_t at = text.find(name);
  REQUIRE_MESSAGE(at != std::string::npos, name);
  const std::size_t begin = at + name.size();
  std::size_t length = 0;
  const double value = std::stod(text.substr(begin), &length);
  char number[40];
  std::snprintf(number, sizeof number, "%.17g", value * (1.0 + 1e-6));
  return text.substr(0, begin) + number + text.substr(begin + length);
}

}  // namespace

TEST_CASE("sound designs and netlists agree with ngspice") {
  const TemporaryFolder folder;
  provide(folder);
  folder.write("deck.cir", "divider\nv1 in 0 3\nr1 in out 1k\nr2 out 0 2k\n.end\n");
  for (const std::string arguments : {"layer", "layer --switch sw", "layer --tile 2x3", "layer --cells 3",
                                      "design.json", "design.json --switch sw", "design.json --result 1", "deck.cir"}) {
    CAPTURE(arguments);
    const ToolRun run = run_tool(folder, "verify " + arguments + " --json");
    CAPTURE(run.error);
    REQUIRE(run.exit_code == 0);
    const json report = json::parse(run.out);
    CHECK(report["agree"] == true);
    CHECK(report["checked"].get<int>() > 0);
    CHECK(report["disagreements"].empty());
    CHECK(report["max_relative_difference"].get<double>() <= 1e-9);
    CHECK(!report["ngspice_version"].get<std::string>().empty());
    CHECK(!report["scope"].empty());
  }
  const ToolRun people = run_tool(folder, "verify layer");
  CHECK(contains(people.out, "agree: "));
}

TEST_CASE("an exported netlist agrees until one resistor is changed by a millionth, switched off or not") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string design : {"layer", "design.json"}) {
    CAPTURE(design);
    REQUIRE(run_tool(folder, "netlist " + design + " --quiet --force -o x.cir").exit_code == 0);
    CHECK(run_tool(folder, "verify " + design + " --netlist x.cir").exit_code == 0);
    const std::string text = folder.read("x.cir");
    // The devices of the first instance: `r0=` stands in the definition first, with a placeholder.
    const std::size_t instances = text.find("\nx");
    REQUIRE(instances != std::string::npos);
    for (const std::string device : {" r0=", " r1=", " r2="}) {
      CAPTURE(device);
      folder.write("x.cir", text.substr(0, instances) + nudged(text.substr(instances), device));
      const ToolRun run = run_tool(folder, "verify " + design + " --netlist x.cir --json");
      CHECK(run.exit_code == 1);
      const json report = json::parse(run.out);
      CHECK(report["agree"] == false);
      REQUIRE(!report["disagreements"].empty());
      CHECK(contains(report["disagreements"].dump(), "device " + device.substr(2, 1)));
      CHECK(contains(run_tool(folder, "verify " + design + " --netlist x.cir").out, "DISAGREE"));
    }
  }
}

TEST_CASE("recorded values that do not follow from the devices are reported by name") {
  const TemporaryFolder folder;
  provide(folder);
  json design = json::parse(folder.read("design.json"));
  const double achieved = design["results"][1]["achieved"];
  design["results"][1]["achieved"] = achieved * (1.0 + 1e-6);
  folder.write("design.json", design.dump());
  const ToolRun bank = run_tool(folder, "verify design.json --json");
  CHECK(bank.exit_code == 1);
  CHECK(contains(json::parse(bank.out)["disagreements"].dump(), "result 1"));
  CHECK(run_tool(folder, "verify design.json --result 0 --quiet").exit_code == 0);

  ohmset::Matrix recorded = ohmset::io::read_matrix(folder.path("layer/achieved.npy"));
  recorded(1, 2) *= 1.0 + 1e-6;
  ohmset::io::write_matrix(folder.path("layer/achieved.npy"), recorded, true);
  const ToolRun array = run_tool(folder, "verify layer --json");
  CHECK(array.exit_code == 1);
  CHECK(!json::parse(array.out)["disagreements"].empty());
}

TEST_CASE("bad options and files are refused in one line, and decks never run commands") {
  const TemporaryFolder folder;
  provide(folder);
  folder.write("shell.cir", "title\nv1 a 0 1\nr1 a 0 1k\n.control\nshell touch harmed\n.endc\n.end\n");
  folder.write("empty.cir", "");
  check_refused(folder, "verify none", 2, {"none: cannot be read"});
  check_refused(folder, "verify empty.cir", 2, {"empty.cir"});
  check_refused(folder, "verify shell.cir", 2, {"shell.cir:4: "});
  CHECK(!folder.has("harmed"));
  check_refused(folder, "verify design.json --tile 4x4", 2, {"--tile and --cells are for arrays"});
  check_refused(folder, "verify layer --tile 4", 2, {"--tile"});
  check_refused(folder, "verify layer --tile 0x4", 2, {"--tile"});
  check_refused(folder, "verify layer --tolerance 0", 2, {"--tolerance"});
  check_refused(folder, "verify layer --result 0", 2, {"--result"});
  check_refused(folder, "verify layer --netlist none.cir", 2, {"none.cir: cannot be read"});
  check_refused(folder, "verify design.json --result 7", 2, {"no result 7"});
}
