// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/json.h"
#include "tests/support/tool.h"

using namespace ohmset::test;
using nlohmann::json;

TEST_CASE("effective resistances: a balanced bridge, an open and a shorted port") {
  const TemporaryFolder folder;
  folder.write("b.cir", "bridge\nr1 a c 1k\nr2 c b 1k\nr3 a d 1k\nr4 d b 1k\nr5 c d 123\nr6 x y 5\nvs b e 0\n.end\n");
  const json ports =
      json_of(run_tool(folder, "solve b.cir --between A,b --between c,d --between a,x --between b,e --json"))["ports"];
  CHECK(ports[0]["between"] == "A,b");
  CHECK(ports[0]["effective_resistance_ohm"].get<double>() == doctest::Approx(1000.0).epsilon(1e-13));
  CHECK(ports[1]["effective_resistance_ohm"].get<double>() ==
        doctest::Approx(1.0 / (1.0 / 123.0 + 2.0 / 2000.0)).epsilon(1e-13));
  CHECK(ports[2]["effective_resistance_ohm"] == "inf");
  CHECK(ports[3]["effective_resistance_ohm"] == 0.0);
}

TEST_CASE("the operating point of a divider, and Tellegen's theorem") {
  const TemporaryFolder folder;
  folder.write("d.cir", "divider\nv1 in 0 3\nr1 in out 1k\nr2 out 0 2k\ni1 0 out 1m\n.end\n");
  const json document = json_of(run_tool(folder, "solve d.cir --op --json"));
  // out: 3 V through the divider plus 1 mA into 1k || 2k.
  CHECK(document["nodes"]["out"].get<double>() == doctest::Approx(2.0 + 2.0 / 3.0).epsilon(1e-13));
  CHECK(document["nodes"]["0"] == 0.0);
  double power = 0.0;
  for (const auto& branch : document["branches"]) power += branch["power"].get<double>();
  CHECK(document["branches"].size() == 4);
  CHECK(std::abs(power) <= 1e-15);
  const ToolRun people = run_tool(folder, "solve d.cir");
  CHECK(people.exit_code == 0);
  CHECK(contains(people.out, "2.6666667 V"));
}

TEST_CASE("every port tells how it was solved and how far off it may be") {
  const TemporaryFolder folder;
  // A box of 12 x 12 x 12 nodes.
  std::string text = "box\n";
  const auto node = [](int x, int y, int z) { return " n" + std::to_string((x * 12 + y) * 12 + z); };
  int count = 0;
  const auto resistor = [&](const std::string& a, const std::string& b) {
    text += 'r' + std::to_string(count++) + a + b + " 2k\n";
  };
  for (int x = 0; x < 12; ++x) {
    for (int y = 0; y < 12; ++y) {
      for (int z = 0; z < 12; ++z) {
        if (x < 11) resistor(node(x, y, z), node(x + 1, y, z));
        if (y < 11) resistor(node(x, y, z), node(x, y + 1, z));
        if (z < 11) resistor(node(x, y, z), node(x, y, z + 1));
      }
    }
  }
  folder.write("box.cir", text + "v1 n0 0 1\nr n1727 0 1\n.end\n");
  const std::string command = "solve box.cir --between n0,n1727 --op --json --method ";
  const json exact = json_of(run_tool(folder, command + "automatic"));
  const json iterated = json_of(run_tool(folder, command + "conjugate-gradients"));
  CHECK(exact["ports"][0]["method"] == "elimination");
  CHECK(iterated["ports"][0]["method"] == "conjugate-gradients");
  CHECK(iterated["method"] == "conjugate-gradients");
  const double r = exact["ports"][0]["effective_resistance_ohm"].get<double>();
  const double bound = iterated["ports"][0]["error_bound_ohm"].get<double>();
  CHECK(bound > 0.0);
  CHECK(bound <= 1e-10 * r);
  CHECK(std::abs(iterated["ports"][0]["effective_resistance_ohm"].get<double>() - r) <= bound);
  REQUIRE(iterated["nodes"].size() == exact["nodes"].size());
  for (const auto& [name, voltage] : exact["nodes"].items()) {
    REQUIRE(std::abs(iterated["nodes"][name].get<double>() - voltage.get<double>()) <=
            iterated["error_bound"].get<double>());
  }
  REQUIRE(iterated["branches"].size() == static_cast<std::size_t>(count) + 2);
  CHECK(contains(run_tool(folder, "solve box.cir --between n0,n5").out, "error at most"));
  check_refused(folder, "solve box.cir --method guess", 2, {"guess"});
}

TEST_CASE("decks and nodes that are not understood are refused with file and line") {
  const TemporaryFolder folder;
  folder.write("c.cir", "title\nr1 a 0 1k\nc1 a 0 1n\n.end\n");
  folder.write("shell.cir", "title\nr1 a 0 1k\n.control\nshell touch harmed\n.endc\n.end\n");
  folder.write("good.cir", "title\nr1 alpha 0 1k\n.end\n");
  folder.write("zero.cir", "title\nr1 a 0 0\n.end\n");
  folder.write("k.cir", "title\nr1 a 0 4k7\n.end\n");
  folder.write("empty.cir", "");
  folder.write("binary.cir", std::string("\0\1\2\xff\n\n\0", 7));
  folder.write("loop.cir", "title\nv1 a 0 1\nv2 a 0 2\n.end\n");
  check_refused(folder, "solve c.cir", 2, {"c.cir:3: "});
  check_refused(folder, "solve shell.cir", 2, {"shell.cir:3: "});
  CHECK(!folder.has("harmed"));
  check_refused(folder, "solve zero.cir", 2, {"zero.cir:2: "});
  check_refused(folder, "solve k.cir", 2, {"k.cir:2: "});
  check_refused(folder, "solve empty.cir", 2, {"empty.cir"});
  check_refused(folder, "solve binary.cir", 2, {"binary.cir"});
  check_refused(folder, "solve none.cir", 2, {"none.cir: cannot be read"});
  check_refused(folder, "solve loop.cir", 2, {"loop.cir"});
  check_refused(folder, "solve good.cir --between alfa,0", 2, {"no node \"alfa\"", "did you mean \"alpha\"?"});
  for (const std::string between : {"alpha", "alpha,", ",alpha", "alpha,0,0"}) {
    check_refused(folder, "solve good.cir --between " + between, 2, {"--between"});
  }
  CHECK(json_of(run_tool(
            folder, "solve good.cir --between alpha,gnd --json"))["ports"][0]["effective_resistance_ohm"] == 1000.0);
}
