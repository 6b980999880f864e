// ohmset precision, asked again: what a result says of its question, and that it is enough for another run.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "tests/support/json.h"
#include "tests/support/tool.h"

using nlohmann::json;
using ohmset::test::check_refused;
using ohmset::test::contains;
using ohmset::test::json_of;
using ohmset::test::run_tool;
using ohmset::test::TemporaryFolder;
using ohmset::test::ToolRun;

namespace {

json result_of(const ToolRun& run) {
  json result = json_of(run);
  result.erase("seconds");
  return result;
}

constexpr auto measured = "[process]\nvalues = \"values.csv\"\n[switch]\nr_on = 100\n";
constexpr auto measured_values = "9.1k\n10.4k\ninf\n9.7k\n11.2k\n10.9k\n8.3k\n";

}  // namespace

TEST_CASE("a measured bank is asked again from the result alone, open devices too") {
  const TemporaryFolder folder;
  folder.write("measured.toml", measured);
  folder.write("values.csv", measured_values);
  const ToolRun run = run_tool(folder, "precision measured.toml --devices 4,7 --instances 20 --json");
  const json first = result_of(run);
  CHECK(first["question"]["values"].size() == 7);
  CHECK(first["question"]["values"][2] == "inf");
  const TemporaryFolder elsewhere;
  elsewhere.write("result.json", run.out);
  CHECK(result_of(run_tool(elsewhere, "precision --repeat result.json --json")) == first);
}

TEST_CASE("a list of devices is all there is: by default no bank is larger") {
  const TemporaryFolder folder;
  folder.write("measured.toml", measured);
  folder.write("values.csv", measured_values);
  const json rows = json_of(run_tool(folder, "precision measured.toml --instances 10 --json"))["rows"];
  REQUIRE(rows.size() == 7);
  CHECK(rows.back()["devices"] == 7);
  folder.write("four.toml", "[process]\nnominals = [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3, 128e3, 256e3]\n");
  const json more = json_of(run_tool(folder, "precision four.toml --instances 10 --json"))["rows"];
  REQUIRE(more.size() == 2);
  CHECK(more.back()["devices"] == 8);
  CHECK(json_of(run_tool(folder, "precision four.toml --topology differential --instances 10 --json"))["rows"].size() ==
        4);
}

TEST_CASE("the question says everything: what was given, and what stood for the rest") {
  const TemporaryFolder folder;
  const json result = json_of(run_tool(folder, "precision --devices 6 --instances 20 --json"));
  const json& question = result["question"];
  CHECK(question["devices"] == "6");
  CHECK(question["nominal"] == "10k");
  CHECK(question["distribution"] == "lognormal");
  CHECK(question["sigma"] == "0.3");
  CHECK(question["topology"] == "parallel");
  CHECK(question["ladder"] == "equal");
  CHECK(question["r-on"] == "0");
  CHECK(question["r-off"] == "inf");
  CHECK(question["measurement-sigma"] == "0");
  CHECK(question["measurement-bits"].is_null());
  CHECK(question["unit"] == "siemens");
  CHECK(question["interval"] == "0.25:0.75");
  CHECK(question["instances"] == 20);
  CHECK(question["banks"].is_null());
  CHECK(question["confidence"] == "95%");
  CHECK(question["seed"] == 1);
  CHECK(question["signed"] == false);
  CHECK(question["given"] == json{"devices", "instances"});
  CHECK(result["bits_are"] == "-log2 |error / target|");
  CHECK(result["interval"] == json{0.25, 0.75});
  CHECK(result["curves"][0]["index"] == 0);
  const auto interval = [&](const std::string& options) {
    return json_of(run_tool(folder, "precision --devices 6 --json " + options))["interval"];
  };
  CHECK(interval("--signed --instances 5") == json{-1.0, 1.0});
  CHECK(interval("--signed --coverage --banks 5") == json{-0.5, 0.5});
  CHECK(interval("--topology differential --instances 5") == json{-1.0, 1.0});
  CHECK(interval("--interval 0.1:0.2 --instances 5") == json{0.1, 0.2});
  CHECK(interval("--choose average --instances 5").is_null());
}

TEST_CASE("people are told where targets lie") {
  const TemporaryFolder folder;
  const auto told = [&](const std::string& options) {
    return run_tool(folder, "precision --devices 6 " + options).out;
  };
  folder.write("t.csv", "1k\n2k\n");
  CHECK(contains(told("--instances 5"), "targets: one a bank, uniform from 0.25 to 0.75 of the reachable range"));
  CHECK(contains(told("--even 3 --banks 5 --topology differential"),
                 "targets: 3 a bank, evenly spaced from -1 to 1 times the full scale"));
  CHECK(contains(told("--signed --coverage --banks 5"), "targets: any in [-0.5, 0.5]"));
  CHECK(contains(told("--signed --instances 5"), "targets: one a bank, uniform in [-1, 1]"));
  CHECK(contains(told("--targets t.csv"), "targets: 2 given, each on a bank of its own"));
  CHECK(contains(told("--targets t.csv --banks 3"), "targets: 2 given, all on each bank"));
  const std::string limits = told("--instances 5 --r-on 50 --r-on-sigma 0.02 --measurement-sigma 1e-4");
  CHECK(contains(limits, "r_on 50 ohm, contacts 2 %, measured to 0.01 %"));
}

TEST_CASE("other defaults than those of the run change nothing: what stood in is taken from the result") {
  const TemporaryFolder folder;
  json result = json_of(run_tool(folder, "precision --devices 6 --json"));
  // As a tool with other defaults would have written it.
  result["question"]["sigma"] = "0.05";
  result["question"]["instances"] = 40;
  result["question"]["interval"] = "0.4:0.5";
  result["question"]["unit"] = "ohm";
  result["question"]["ladder"] = "geometric:1.5";
  result["question"]["nominal"] = "3k";
  result["question"]["confidence"] = "80%";
  folder.write("other.json", result.dump());
  const json again = json_of(run_tool(folder, "precision --repeat other.json --json"));
  const json asked = json_of(run_tool(folder,
                                      "precision --devices 6 --sigma 0.05 --instances 40 --interval 0.4:0.5 --unit ohm "
                                      "--ladder geometric:1.5 --nominal 3k --confidence 80% --json"));
  CHECK(again["rows"] == asked["rows"]);
  CHECK(again["question"]["given"] == result["question"]["given"]);
}

TEST_CASE("results from before defaults were written are understood") {
  const TemporaryFolder folder;
  folder.write("old.json", R"({"question": {"seed": 3, "devices": "5,7", "sigma": "0.2", "choose": "search",
                               "confidence": "95%", "instances": 30}})");
  CHECK(json_of(run_tool(folder, "precision --repeat old.json --json"))["rows"] ==
        json_of(run_tool(folder, "precision --devices 5,7 --sigma 0.2 --instances 30 --seed 3 --json"))["rows"]);
}

TEST_CASE("what was not printed so is not repeated, nor with a question beside it") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& entries, const std::string& named) {
    CAPTURE(entries);
    folder.write("r.json", "{\"question\": {\"seed\": 1, \"devices\": \"8\"" + entries + "}}");
    check_refused(folder, "precision --repeat r.json", 2, {"r.json", named});
  };
  refused(R"(, "choose": "foo")", "question.choose");
  refused(R"(, "unit": "bar")", "question.unit");
  refused(R"(, "instances": -5)", "question.instances");
  refused(R"(, "instances": 0)", "question.instances");
  refused(R"(, "instances": "5")", "question.instances");
  refused(R"(, "even": 1, "banks": 4)", "question.even");
  refused(R"(, "sigma": 0.3)", "question.sigma");
  refused(R"(, "signed": "yes")", "question.signed");
  refused(R"(, "colour": "red")", "question.colour");
  refused(R"(, "targets": [1e3, "inf"])", "question.targets[1]");
  refused(R"(, "seed": -1)", "question.seed");
  folder.write("r.json", R"({"question": {"devices": "8"}})");
  check_refused(folder, "precision --repeat r.json", 2, {"question.seed"});
  folder.write("r.json", R"({"question": {"seed": 4, "devices": "6", "instances": 5}})");
  CHECK(run_tool(folder, "precision --repeat r.json").exit_code == 0);
  check_refused(folder, "precision --repeat r.json --seed 4", 2, {"--seed", "--repeat"});
  check_refused(folder, "precision --repeat r.json --confidence 95%", 2, {"--confidence"});
  check_refused(folder, "precision --repeat r.json --choose search", 2, {"--choose"});
  check_refused(folder, "precision --repeat r.json --normalize", 2, {"--normalize"});
}

TEST_CASE("coverage has numbers of devices of its own, and says at once when there are too many") {
  const TemporaryFolder folder;
  const json rows = json_of(run_tool(folder, "precision --coverage --banks 1 --json"))["rows"];
  REQUIRE(rows.size() == 6);
  CHECK(rows.back()["devices"] == 24);
  // So many banks of 26 would take minutes.
  check_refused(folder, "precision --coverage --devices 26,28 --banks 100000", 2, {"--coverage", "28", "--devices 26"});
  check_refused(folder, "precision --signed --coverage --devices 4,27", 2, {"--devices 26"});
  // Where switches are stuck there may be few enough to choose from.
  folder.write("stuck.toml", "[process]\nnominal = \"10k\"\n[switch]\nstuck_open = 0.9\n");
  CHECK(run_tool(folder, "precision stuck.toml --coverage --devices 28 --banks 2 --quiet").exit_code == 0);
}

TEST_CASE("what --for-bits proves is said in full, and its exit code is the first curve's") {
  const TemporaryFolder folder;
  const std::string question = "precision --for-bits 8 --probability 90% --confidence 99% --instances 200";
  const ToolRun people = run_tool(folder, question);
  CHECK(people.exit_code == 0);
  CHECK(contains(people.out, "devices give 8 bits or more with a probability of 90%"));
  CHECK(contains(people.out, "with a confidence of 99%, each number tested by itself"));
  CHECK(contains(people.out, "bits: -log2 |error / target|"));
  const json needed = json_of(run_tool(folder, question + " --json"))["needed"][0];
  CHECK(needed["bits"] == 8.0);
  CHECK(needed["probability"] == 0.9);
  CHECK(needed["confidence"] == 0.99);
  // A plain code never gets there; that is what it is compared for.
  const ToolRun contrast = run_tool(folder, question + " --devices 4:16:4 --contrast");
  CHECK(contains(contrast.out, "none of these"));
  CHECK(contrast.exit_code == 0);
  check_refused(folder, "precision --for-bits 4 --topology differential --devices 8,9 --instances 1000", 2, {"9"});
}
