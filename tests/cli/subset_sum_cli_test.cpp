// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/tool.h"

using namespace ohmset::test;
using Json = nlohmann::json;

namespace {

Json answer_of(const TemporaryFolder& folder, const std::string& arguments, int exit_code = 0) {
  CAPTURE(arguments);
  const ToolRun run = run_tool(folder, arguments + " --json");
  CHECK(run.error.empty() == (exit_code == 0));
  REQUIRE(run.exit_code == exit_code);
  return Json::parse(run.out);
}

}  // namespace

TEST_CASE("subset-sum: signed items, a negative target, all keys") {
  const TemporaryFolder folder;
  folder.write("items.csv", "0.5,-0.25,1e-3\n4\n");
  const Json json = answer_of(folder, "subset-sum --items items.csv --target -0.2 --best 2");
  CHECK(json["items"] == Json::parse("[0.5, -0.25, 0.001, 4.0]"));
  CHECK(json["exact"] == true);
  CHECK(json["seconds"].get<double>() >= 0.0);
  REQUIRE(json["results"].size() == 1);
  const Json& result = json["results"][0];
  CHECK(result["target"] == -0.2);
  CHECK(result["sum"] == -0.249);
  CHECK(std::abs(result["error"].get<double>() + 0.049) < 1e-16);
  CHECK(result["mask"] == "0110");
  CHECK(result["on"] == Json::parse("[1, 2]"));
  CHECK(result["proven"] == "exact");
  CHECK(result["reachable"] == true);
  CHECK(result["capped"] == false);
  CHECK(result["method"] == "meet-in-the-middle");
  CHECK(result["neighbours"]["below"]["mask"] == "0110");
  CHECK(result["neighbours"]["above"]["sum"] == 0.0);
  REQUIRE(result["alternatives"].size() == 1);
  CHECK(result["alternatives"][0]["mask"] == "0100");
  CHECK(answer_of(folder, "subset-sum --items items.csv --target=-0.2")["results"][0]["mask"] == "0110");
}

TEST_CASE("subset-sum: each question") {
  const TemporaryFolder folder;
  folder.write("costs.csv", "1\n1\n1\n9\n");
  const std::string base = "subset-sum --values 1,2,4,8 --target 6.4 ";
  const auto first = [&](const std::string& options) {
    return answer_of(folder, base + options)["results"][0]["mask"].get<std::string>();
  };
  CHECK(first("") == "0110");
  CHECK(first("--above") == "1110");
  CHECK(first("--below --exactly 1") == "0010");
  CHECK(first("--at-least 3") == "1110");
  CHECK(first("--at-most 1") == "0001");
  CHECK(first("--force-in 0 --force-out 1") == "1010");
  CHECK(first("--within 30% --least inserted") == "0001");
  CHECK(first("--within 1.7 --absolute --cost costs.csv") == "0110");
  CHECK(first("--within 1 --absolute --any") == "0110");
  const Json all = answer_of(folder, base + "--all --within 1.5 --absolute --no-neighbours");
  CHECK(all["results"][0]["alternatives"].size() == 2);
  CHECK(all["results"][0]["neighbours"]["below"].is_null());
  const Json cut = answer_of(folder, base + "--all --within 1.5 --absolute --cap 2");
  CHECK(cut["results"][0]["capped"] == true);
  CHECK(cut["results"][0]["alternatives"].size() == 1);
  const Json none = answer_of(folder, base + "--within 1e-6", 1);
  CHECK(none["results"][0]["mask"].is_null());
  CHECK(none["results"][0]["neighbours"]["below"]["sum"] == 6.0);
  const Json out = answer_of(folder, "subset-sum --values 1,2 --target 1e9");
  CHECK(out["results"][0]["reachable"] == false);
  CHECK(out["results"][0]["neighbours"]["above"].is_null());
}

TEST_CASE("subset-sum: many targets give each what it gets alone, on any number of threads") {
  const TemporaryFolder folder;
  std::mt19937_64 random(4);
  std::string items;
  std::string targets;
  for (int k = 0; k < 18; ++k) {
    items += std::to_string(std::uniform_real_distribution<double>(-1.0, 1.0)(random)) + "\n";
    targets += std::to_string(std::uniform_real_distribution<double>(-1.0, 1.0)(random)) + "\n";
  }
  folder.write("items.csv", items);
  folder.write("targets.csv", targets);
  Json together = answer_of(folder, "subset-sum --items items.csv --targets targets.csv");
  Json single = answer_of(folder, "subset-sum --items items.csv --targets targets.csv --threads 1");
  together.erase("seconds");
  single.erase("seconds");
  CHECK(together == single);
  REQUIRE(together["results"].size() == 18);
  const Json alone =
      answer_of(folder, "subset-sum --items items.csv --target " + together["results"][5]["target"].dump());
  CHECK(alone["results"][0] == together["results"][5]);
}

TEST_CASE("subset-sum: the closest alone of many targets shares its lists, and is what each gets alone") {
  const TemporaryFolder folder;
  std::mt19937_64 random(5);
  const auto numbers = [&](int count) {
    std::string text;
    for (int k = 0; k < count; ++k) {
      text += std::to_string(std::uniform_real_distribution<double>(-1.0, 1.0)(random)) + "\n";
    }
    return text;
  };
  for (const int items : {5, 14, 22}) {
    CAPTURE(items);
    folder.write("items.csv", numbers(items));
    folder.write("targets.csv", numbers(12) + "99\n0\n");  // also one out of reach, and one reached by no item
    const std::string base = "subset-sum --items items.csv --no-neighbours ";
    const Json together = answer_of(folder, base + "--targets targets.csv");
    Json single = answer_of(folder, base + "--targets targets.csv --threads 1");
    CHECK(together["method"] == "sorted sums shared by all targets");
    CHECK(together["results"] == single["results"]);
    REQUIRE(together["results"].size() == 14);
    for (Json result : together["results"]) {
      Json alone = answer_of(folder, base + "--target=" + result["target"].dump())["results"][0];
      CHECK(alone["method"] == "meet-in-the-middle");
      alone.erase("method");
      result.erase("method");
      CHECK(alone == result);
    }
  }
  folder.write("tiny.csv", "1e-310,2e-310,3e-310,4e-310,5e-310,6e-310,7e-310,8e-310,9e-310,1e-309\n");
  CHECK(answer_of(folder, "subset-sum --items tiny.csv --target 1.1e-309")["method"] ==
        "meet-in-the-middle in integers");
}

TEST_CASE("subset-sum: bad input is one line") {
  const TemporaryFolder folder;
  folder.write("empty.csv", "");
  folder.write("inf.csv", "1,inf\n");
  folder.write("two.csv", "1,2\n");
  std::string many = "1";
  for (int k = 0; k < 64; ++k) many += ",1";
  check_refused(folder, "subset-sum --values 1,2", 2, {"no target given"});
  check_refused(folder, "subset-sum --target 1", 2, {"no items given"});
  check_refused(folder, "subset-sum --values 1,2 --items two.csv --target 1", 2, {"both given"});
  check_refused(folder, "subset-sum --values 1,2 --target inf", 2, {"--target inf", "finite"});
  check_refused(folder, "subset-sum --values 1,nan --target 1", 2, {"--values"});
  check_refused(folder, "subset-sum --items empty.csv --target 1", 2, {"empty.csv"});
  check_refused(folder, "subset-sum --items inf.csv --target 1", 2, {"inf.csv", "finite"});
  check_refused(folder, "subset-sum --values " + many + " --target 1", 2, {"65 items", "64"});
  check_refused(folder, "subset-sum --values 1,2 --target 1 --any", 2, {"--any alone", "--within"});
  check_refused(folder, "subset-sum --values 1,2 --target 1 --below --above", 2, {"--below", "--above"});
  check_refused(folder, "subset-sum --values 1,2 --target 1 --force-in 2", 2, {"--force-in 2"});
  check_refused(folder, "subset-sum --values 1,2 --target 1 --force-in 0 --force-out 0", 2, {"--force-in 0"});
  check_refused(folder, "subset-sum --values 1,2,3 --target 1 --within 1 --cost two.csv", 2, {"two.csv", "expected 3"});
  check_refused(folder, "subset-sum --values 1,2 --target 1 --exactly 1 --at-most 1", 2, {"--exactly", "--at-most"});
}

TEST_CASE("design: the same questions in ohms, with stuck or unknown devices refused") {
  const TemporaryFolder folder;
  const std::string base = "design --values 1k,2k,4k --topology series --target 3.3k ";
  const Json json = answer_of(folder, base);
  const Json& result = json["results"][0];
  CHECK(result["achieved"] == 3000.0);
  CHECK(result["proven"] == "exact");
  CHECK(result["reachable"] == true);
  CHECK(result["neighbours"]["below"]["mask"] == "110");
  CHECK(result["neighbours"]["above"]["achieved"] == 4000.0);
  const auto first = [&](const std::string& options) {
    return answer_of(folder, base + options)["results"][0]["mask"].get<std::string>();
  };
  CHECK(first("--above") == "001");
  CHECK(first("--exactly 1") == "001");
  CHECK(first("--force-in 1 --force-out 0") == "010");
  CHECK(first("--within 30% --least inserted") == "001");
  CHECK(first("--within 10% --any") == "110");
  CHECK(answer_of(folder, base + "--all --within 100%")["results"][0]["alternatives"].size() == 6);
  check_refused(folder, base + "--force-in 3", 2, {"--force-in 3", "counted from 0"});
  check_refused(folder, base + "--all", 2, {"--all alone"});
  check_refused(folder, "design --values 1k,2k --target inf", 2, {"finite"});
}
