// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/support/json.h"
#include "tests/support/tool.h"

using namespace ohmset::test;
using nlohmann::json;

TEST_CASE("combine: a resistance from E96 in three parts, as a table and as JSON") {
  const TemporaryFolder folder;
  const std::string command = "combine --series E96 --target 4.7125k --parts 3";
  const ToolRun table = run_tool(folder, command);
  CHECK(table.exit_code == 0);
  CHECK(table.error.empty());
  for (const char* words :
       {"E96, 1 ohm to 10 megohm: 673 values", "+-1 % (the default of E96)", "exact", "4.64k + 71.5 + 1 "}) {
    CHECK_MESSAGE(contains(table.out, words), words);
  }
  const json result = json_of(run_tool(folder, command + " --json --voltage 5 --best 7"));
  CHECK(result["target"] == 4712.5);
  CHECK(result["exact"] == true);
  CHECK(result["reachable"] == true);
  CHECK(result["tolerance"] == 0.01);
  CHECK(result["seconds"].is_number());
  REQUIRE(result["results"].size() == 7);
  double worst = 0.0;
  for (const json& found : result["results"]) {
    CAPTURE(found["expression"]);
    const std::size_t parts = found["parts"].size();
    CHECK(parts <= 3);
    REQUIRE(found["power_watt"].size() == parts);
    double power = 0.0;
    double squares = 0.0;
    std::size_t hottest = 0;
    for (std::size_t k = 0; k < parts; ++k) {
      const double share = found["power_share"][k];
      power += found["power_watt"][k].get<double>();
      squares += share * share;
      if (share > found["power_share"][hottest]) hottest = k;
    }
    CHECK(power == doctest::Approx(25.0 / found["value"].get<double>()).epsilon(1e-12));
    CHECK(found["rss"].get<double>() == doctest::Approx(0.01 * std::sqrt(squares)).epsilon(1e-12));
    CHECK(found["hottest"] == hottest);
    CHECK(found["worst_case"]["high_ohm"].get<double>() ==
          doctest::Approx(1.01 * found["value"].get<double>()).epsilon(1e-14));
    CHECK(found["worst_case"]["low_ohm"].get<double>() ==
          doctest::Approx(0.99 * found["value"].get<double>()).epsilon(1e-14));
    CHECK(std::abs(found["relative_error"].get<double>()) >= worst);
    worst = std::abs(found["relative_error"].get<double>());
  }
}

TEST_CASE("combine: every part of a measured lot is used at most once, and by name") {
  const TemporaryFolder folder;
  folder.write("lot.csv", "value,quantity,name\n# measured\n1.01k,1,R1\n2.03k,2,\"R2, the blue ones\"\n0.99k,,R3\n");
  const json result =
      json_of(run_tool(folder, "combine --stock lot.csv --target 5.07k --parts 5 --best 100 --json --current 1m"));
  CHECK(result["results"][0]["expression"] == "2.03k + 2.03k + 1.01k");
  CHECK(result["results"][0]["relative_error"] == 0.0);
  CHECK(result["results"][0]["names"] == json({"R2, the blue ones", "R2, the blue ones", "R1"}));
  CHECK(result["tolerance"] == 0.0);
  CHECK(result["results"][0]["power_watt"][2].get<double>() == doctest::Approx(1.01e-3));
  for (const json& found : result["results"]) {
    int ones = 0;
    for (const json& part : found["parts"]) ones += part == 1010.0 ? 1 : 0;
    CHECK(ones <= 1);
    CHECK(found["parts"].size() <= 4);
  }
}

TEST_CASE("combine: a target out of reach gets the nearest, and is said to be out of reach") {
  const TemporaryFolder folder;
  const ToolRun above = run_tool(folder, "combine --series e24 --target 1g --json");
  CHECK(json_of(above)["reachable"] == false);
  CHECK(json_of(above)["results"][0]["expression"] == "10meg + 10meg + 10meg");
  CHECK(contains(above.error, "above"));
  const ToolRun below = run_tool(folder, "combine --series e24 --target 1m --parts 2 --from 10 --json");
  CHECK(json_of(below)["results"][0]["expression"] == "10 || 10");
  CHECK(contains(below.error, "below"));
}

TEST_CASE("combine: the answer does not depend on the number of threads and goes to a file too") {
  const TemporaryFolder folder;
  const std::string command = "combine --series E24 --target 3.14159k --parts 4 --best 20 --quiet --force -o ";
  CHECK(run_tool(folder, command + "one.json --threads 1").exit_code == 0);
  CHECK(run_tool(folder, command + "many.json --threads 4").exit_code == 0);
  json one = json::parse(folder.read("one.json"));
  json many = json::parse(folder.read("many.json"));
  one.erase("seconds");
  many.erase("seconds");
  CHECK(one == many);
  check_refused(folder, "combine --series E24 --target 1k -o one.json", 2, {"one.json"});
}

TEST_CASE("combine: what cannot be meant is refused in one line") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& arguments, std::initializer_list<std::string_view> words) {
    check_refused(folder, "combine " + arguments, 2, words);
  };
  for (const char* target : {"0", "-1", "inf", "nan", "1e20", "1e-15", "x", "4M"}) {
    refused("--series E96 --target " + std::string(target), {"--target"});
  }
  refused("--series E97 --target 1k", {"E97", "did you mean E96?"});
  refused("--series potato --target 1k", {"potato", "E192"});
  refused("--series E96", {"--target"});
  refused("--target 1k", {"--series", "--stock"});
  refused("--series E96 --target 1k --parts 0", {"--parts"});
  refused("--series E96 --target 1k --parts 6", {"--parts", "1 to 5"});
  refused("--series E96 --target 1k --best 0", {"--best"});
  refused("--series E96 --target 1k --best 101", {"--best"});
  refused("--series E96 --target 1k --tolerance 100%", {"--tolerance"});
  refused("--series E96 --target 1k --voltage inf", {"--voltage"});
  refused("--series E96 --target 1k --voltage 1 --current 1", {"--voltage", "--current"});
  refused("--series E96 --target 1k --from 10k --to 1k", {"--from", "--to"});
  refused("--series E96 --target 1k --from 0", {"--from"});
  refused("--series E96 --target 1k --to inf", {"--to"});
  refused("--series E96 --target 1k --from 1.01 --to 1.015", {"no value"});
  refused("--stock none.csv --target 1k", {"none.csv"});
  refused("--series E96 --stock none.csv --target 1k", {"--series", "--stock"});

  const auto stock = [&](std::string_view bytes, std::initializer_list<std::string_view> words) {
    folder.write("stock.csv", bytes);
    refused("--stock stock.csv --target 1k", words);
  };
  folder.write("good.csv", "1k\n");
  refused("--stock good.csv --target 1k --from 1", {"--from", "--series"});
  stock("", {"stock.csv", "no parts"});
  stock("value\n", {"stock.csv", "no parts"});
  stock("1k,0\n", {"stock.csv", "no parts"});
  stock("1k\n0\n", {"stock.csv:2"});
  stock("1k\n-1\n", {"stock.csv:2"});
  stock("1k\ninf\n", {"stock.csv:2"});
  stock("1k\nnan\n", {"stock.csv:2"});
  stock("1k,2.2k\n", {"stock.csv:1", "quantity"});
  stock("1k,-1\n", {"stock.csv:1", "quantity"});
  stock("1k,99999999999999999999999\n", {"stock.csv:1", "quantity"});
  stock("1k\n\n,3\n", {"stock.csv:3"});
}
