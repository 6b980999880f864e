// ohmset precision, as a person uses it: the law, ceilings, contrasts, repeated runs, files, refusals.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/json.h"
#include "tests/support/tool.h"
#include "tools/io/matrix_file.h"

using namespace ohmset;
using nlohmann::json;
using ohmset::test::check_refused;
using ohmset::test::contains;
using ohmset::test::json_of;
using ohmset::test::replaced;
using ohmset::test::run_tool;
using ohmset::test::TemporaryFolder;
using ohmset::test::ToolRun;

namespace {

constexpr const char* used = R"([process]
nominal = "10k"
distribution = "lognormal"
sigma = 0.3
tc1 = { mean = 0.0, sigma = 20e-6 }
drift = { nu = 0.01, nu_sigma = 0.003 }
read_noise = 1e-4
[switch]
r_on = 50
r_on_sigma = 0.1
[measurement]
sigma = 1e-3
)";

// Everything but the time that it took.
json result_of(const ToolRun& run) {
  json result = json_of(run);
  result.erase("seconds");
  return result;
}

}  // namespace

TEST_CASE("signed items follow the law, a bit for a device but for a fortieth") {
  const TemporaryFolder folder;
  const json result = json_of(run_tool(folder, "precision --signed --devices 10:22:4 --instances 4000 --json"));
  REQUIRE(result["rows"].size() == 4);
  for (const json& row : result["rows"]) {
    CAPTURE(row["devices"]);
    CHECK(std::abs(row["bits_mean"].get<double>() - row["bits_law"].get<double>()) < 0.15);
    CHECK(row["bits_worst"] <= row["bits_p01"]);
    CHECK(row["bits_p01"] < row["bits_median"]);
    CHECK(row["bits_mean_interval"][0] < row["bits_mean"]);
    CHECK(row["bits_mean"] < row["bits_mean_interval"][1]);
    CHECK(row["banks"] == 4000);
  }
  CHECK(result["slope"].get<double>() == doctest::Approx(0.97).epsilon(0.04));
}

TEST_CASE("a run is repeated from its own JSON to the same bytes, on any number of threads, its files gone") {
  const TemporaryFolder folder;
  folder.write("used.toml", replaced(used, "distribution = \"lognormal\"\nsigma = 0.3",
                                     "distribution = \"empirical\"\nratios = \"ratios.csv\""));
  folder.write("ratios.csv", "0.7\n0.83\n0.91\n1.02\n1.13\n1.31\n1.47\n");
  folder.write("targets.csv", "1.1k\n1.7k\n2.9k\n");
  for (const std::string question :
       {"precision used.toml --devices 6:10:2 --instances 50 --seed 7 --temperature 60 --time 1h --contacts-anew",
        "precision used.toml --devices 8 --banks 20 --targets targets.csv",
        "precision used.toml --devices 8,12 --instances 40 --topology differential",
        "precision --signed --devices 5:9:2 --targets targets.csv --normalize",
        "precision --devices 8 --sigma 0.05,0.1,0.2 --banks 20 --even 11 --ladder geometric:1.3",
        "precision --devices 6,8 --banks 12 --coverage --interval 0.3:0.6"}) {
    CAPTURE(question);
    const ToolRun run = run_tool(folder, question + " --json");
    const json first = result_of(run);
    const TemporaryFolder elsewhere;
    elsewhere.write("result.json", run.out);
    for (const std::string threads : {"1", "3"}) {
      CHECK(result_of(run_tool(elsewhere, "precision --repeat result.json --json --threads " + threads)) == first);
    }
  }
}

TEST_CASE("ceilings: a curve for each cause alone, none better than the exact one, all together the worst") {
  const TemporaryFolder folder;
  folder.write("used.toml", used);
  const json result = json_of(run_tool(
      folder, "precision used.toml --devices 8,16,24 --instances 200 --ceilings --temperature 60 --time 10y --json"));
  std::vector<std::string> names;
  for (const json& curve : result["curves"]) names.push_back(curve["name"]);
  REQUIRE(names.size() == 7);
  CHECK(names.front() == "exact");
  CHECK(names.back() == "all of it");
  const auto mean = [&](const std::string& name, std::size_t devices) {
    for (const json& row : result["rows"]) {
      if (row["curve"] == name && row["devices"] == devices) return row["bits_mean"].get<double>();
    }
    FAIL("no row");
    return 0.0;
  };
  for (const std::string& name : names) {
    CAPTURE(name);
    if (name == "exact") continue;
    CHECK(mean(name, 24) < mean("exact", 24) - 3.0);
    CHECK(mean(name, 24) >= mean("all of it", 24) - 0.3);
  }
  // Relative noise of 1e-3 leaves log2(1000) + log2(n / 2) / 2 bits, less log2(E[g^2] / E[g]^2) / 2 for the spread and
  // 0.03 for the interval; errors are often nearer than their root mean square, by 0.92 bits on average.
  const double rms = std::log2(1000.0) + 0.5 * std::log2(12.0) - 0.5 * 0.09 / std::log(2.0) - 0.0326;
  for (const json& curve : result["curves"]) {
    CAPTURE(curve["name"]);
    REQUIRE(curve.contains("measurement_ceiling") == (curve["name"] == "measurement"));
    if (!curve.contains("measurement_ceiling")) continue;
    CHECK(curve["measurement_ceiling"]["devices"] == 24);
    CHECK(std::abs(curve["measurement_ceiling"]["bits_rms"].get<double>() - rms) < 0.01);
    CHECK(std::abs(curve["measurement_ceiling"]["bits_mean"].get<double>() - rms - 0.9163) < 0.01);
  }
  // The mean of 200 values that spread by 1.6 bits.
  CHECK(std::abs(mean("measurement", 24) - rms - 0.9163) < 0.35);
  // What the law promises, it promises where nothing stops it.
  for (const json& row : result["rows"]) CHECK(row["bits_law"].is_number() == (row["curve"] == "exact"));
  CHECK(result["curves"][1]["stops_paying"].is_number());
  CHECK(result["curves"][0]["stops_paying"].is_null());
}

TEST_CASE("the alternatives at the same number of devices are far behind the search") {
  const TemporaryFolder folder;
  const json result = json_of(run_tool(folder,
                                       "precision --devices 16 --sigma 5% --distribution normal --contrast "
                                       "--ladder geometric:1.2 --instances 300 --json"));
  REQUIRE(result["rows"].size() == 3);
  const auto mean = [&](std::size_t k) { return result["rows"][k]["bits_mean"].get<double>(); };
  CHECK(result["rows"][1]["curve"] == "plain binary code");
  CHECK(result["rows"][2]["curve"] == "average of all");
  CHECK(mean(0) > 13.0);
  // The largest device of a code decides: 5 % of noise, a bit or two better than 1 / 0.05.
  CHECK(mean(1) > 3.0);
  CHECK(mean(1) < 8.0);
  CHECK(mean(2) > 4.0);
  CHECK(mean(2) < 9.0);
}

TEST_CASE("how many devices for so many bits: the first that is proven, exit code 1 when there is none") {
  const TemporaryFolder folder;
  const json found = json_of(run_tool(folder, "precision --for-bits 8 --probability 95% --instances 400 --json"));
  const json& needed = found["needed"][0];
  const auto devices = needed["devices"].get<std::size_t>();
  CHECK(devices >= 10);
  CHECK(devices <= 18);
  CHECK(needed["tried"].back()["devices"] == devices);
  for (const json& tried : needed["tried"]) {
    CHECK((tried["share_lower"] >= 0.95) == (tried["devices"] == devices));
    CHECK(tried["share"] >= tried["share_lower"]);
  }
  // The same banks one by one.
  const std::string again = "precision --devices " + std::to_string(devices) + " --instances 400 --quiet -o values.csv";
  CHECK(run_tool(folder, again).exit_code == 0);
  const Matrix values = io::read_matrix(folder.path("values.csv"), io::Infinities::allowed);
  CHECK((values.col(6).array() >= 8.0).count() == needed["tried"].back()["passed"].get<Eigen::Index>());
  const ToolRun none =
      run_tool(folder, "precision --devices 2:12:2 --measurement-sigma 1% --for-bits 20 --instances 300");
  CHECK(none.exit_code == 1);
  CHECK(contains(none.out, "none of these"));
}

TEST_CASE("bits of pairs are relative to the full scale, whether the option or the specification says differential") {
  const TemporaryFolder folder;
  folder.write("pair.toml", std::string(used) + "[bank]\ntopology = \"differential\"\n");
  const ToolRun by_file = run_tool(folder, "precision pair.toml --devices 8 --instances 20");
  CHECK(contains(by_file.out, "full scale"));
  CHECK(run_tool(folder, "precision pair.toml --topology differential --devices 8 --instances 20").out == by_file.out);
}

TEST_CASE("values, one row each, and the picture are written; nothing is overwritten") {
  const TemporaryFolder folder;
  const std::string question = "precision --devices 6,9 --banks 10 --even 5 --quiet";
  const ToolRun run = run_tool(folder, question + " -o values.csv --plot bits.svg");
  CHECK(run.exit_code == 0);
  CHECK(run.out.empty());
  const Matrix values = io::read_matrix(folder.path("values.csv"), io::Infinities::allowed);
  REQUIRE(values.rows() == 2 * 10 * 5);
  REQUIRE(values.cols() == 7);
  for (Eigen::Index i = 0; i < values.rows(); ++i) {
    CHECK(values(i, 1) == (i < 50 ? 6.0 : 9.0));
    CHECK(values(i, 3) == static_cast<double>(i % 50 / 5));
    CHECK(values(i, 6) == doctest::Approx(-std::log2(std::abs(values(i, 5) / values(i, 4)))));
  }
  CHECK(contains(folder.read("bits.svg"), "<svg"));
  CHECK(contains(folder.read("bits.svg"), "the law"));
  check_refused(folder, question + " -o values.csv", 2, {"values.csv", "--force"});
  check_refused(folder, question + " --plot bits.svg", 2, {"bits.svg", "--force"});
  CHECK(
      run_tool(folder, "precision --devices 8 --sigma 0.01,0.1,1 --instances 30 --quiet --plot spread.png").exit_code ==
      0);
  CHECK(folder.read("spread.png").substr(1, 3) == "PNG");
}

TEST_CASE("what makes no sense is refused with one line") {
  const TemporaryFolder folder;
  folder.write("used.toml", used);
  folder.write("array.toml", std::string(used) + "[array]\nr_word = 1\n");
  folder.write("zero.csv", "1k\n0\n");
  folder.write("nan.csv", "1k\nnan\n");
  folder.write("other.json", "{\"rows\": []}");
  folder.write("damaged.json", "{\"question\": {\"seed\": \"x\"}}");
  folder.write("broken.json", "{\"question\": ");
  check_refused(folder, "precision none.toml", 2, {"none.toml"});
  check_refused(folder, "precision array.toml", 2, {"array.toml", "array"});
  check_refused(folder, "precision --devices 0", 2, {"--devices"});
  check_refused(folder, "precision --devices 8:4:1", 2, {"--devices"});
  check_refused(folder, "precision --devices 4:8", 2, {"first:last:step"});
  check_refused(folder, "precision --devices 4.5", 2, {"--devices"});
  check_refused(folder, "precision --devices 70 --instances 2", 2, {"70"});
  check_refused(folder, "precision --devices 7 --topology differential", 2, {"7"});
  check_refused(folder, "precision --devices 7 --topology 'parallel(series(n/2), series(n/2))'", 2, {"n/2"});
  check_refused(folder, "precision --devices 8 --topology 'parallel(n'", 2, {"unfinished"});
  check_refused(folder, "precision --devices 30 --coverage", 2, {"26"});
  check_refused(folder, "precision --distribution gauss", 2, {"gauss"});
  check_refused(folder, "precision --distribution uniform --sigma 2", 2, {"sigma"});
  check_refused(folder, "precision --distribution none --sigma 0.1", 2, {"--sigma"});
  check_refused(folder, "precision --ladder steep", 2, {"--ladder"});
  check_refused(folder, "precision --ladder geometric:0", 2, {"--ladder"});
  check_refused(folder, "precision --signed --sigma 0.1", 2, {"--signed", "--sigma"});
  check_refused(folder, "precision --signed used.toml", 2, {"--signed"});
  check_refused(folder, "precision --instances 0", 2, {"--instances"});
  check_refused(folder, "precision --instances 5 --even 3", 2, {"--banks"});
  check_refused(folder, "precision --banks 5", 2, {"--banks"});
  check_refused(folder, "precision --even 1 --banks 3", 2, {"--even"});
  check_refused(folder, "precision --targets zero.csv", 2, {"0"});
  check_refused(folder, "precision --targets nan.csv", 2, {"nan.csv"});
  check_refused(folder, "precision --targets gone.csv", 2, {"gone.csv"});
  check_refused(folder, "precision --normalize", 2, {"--targets"});
  check_refused(folder, "precision --interval 0.7:0.3", 2, {"interval"});
  check_refused(folder, "precision --interval 0.7", 2, {"--interval"});
  check_refused(folder, "precision --unit volt", 2, {"--unit"});
  check_refused(folder, "precision --ceilings", 2, {"--ceilings"});
  check_refused(folder, "precision used.toml --temperature -400", 2, {"-400"});
  check_refused(folder, "precision --for-bits 0", 2, {"--for-bits"});
  check_refused(folder, "precision --for-bits 8 --probability 99.99% --instances 100", 2, {"100"});
  check_refused(folder, "precision --probability 99%", 2, {"--for-bits"});
  check_refused(folder, "precision --confidence 2", 2, {"--confidence"});
  check_refused(folder, "precision --plot bits.pdf", 2, {".svg"});
  check_refused(folder, "precision --repeat other.json", 2, {"question"});
  check_refused(folder, "precision --repeat damaged.json", 2, {"damaged"});
  check_refused(folder, "precision --repeat broken.json", 2, {"broken.json"});
  check_refused(folder, "precision --repeat gone.json", 2, {"gone.json"});
  check_refused(folder, "precision --repeat other.json --devices 4", 2, {"--devices"});
  check_refused(folder, "precision --r-on 100 --r-off 50", 2, {"r_off"});
  check_refused(folder, "precision --measurement-bits 40", 2, {"32"});
}
