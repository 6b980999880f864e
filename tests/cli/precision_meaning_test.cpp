// ohmset precision: what its curves, rows and notes mean, and options that would mean nothing.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

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

constexpr const char* warm = R"([process]
nominal = "10k"
distribution = "lognormal"
sigma = 0.3
tc1 = { mean = 0.0, sigma = 20e-6 }
drift = { nu = 0.01, nu_sigma = 0.003 }
)";

std::vector<std::string> names_of(const json& result) {
  std::vector<std::string> names;
  for (const json& curve : result["curves"]) names.push_back(curve["name"]);
  return names;
}

json rows_of(const TemporaryFolder& folder, const std::string& options) {
  return json_of(run_tool(folder, "precision " + options + " --json"))["rows"];
}

}  // namespace

TEST_CASE("what measurement leaves is said where it is known, and is what is seen") {
  const TemporaryFolder folder;
  for (const std::string topology : {"parallel", "series", "differential"}) {
    CAPTURE(topology);
    const std::string question =
        "precision --measurement-sigma 1e-4 --devices 30 --instances 400 --topology " + topology;
    const json result = json_of(run_tool(folder, question + " --json"));
    const double said = result["curves"][0]["measurement_ceiling"]["bits_mean"].get<double>();
    CHECK(std::abs(said - result["rows"][0]["bits_mean"].get<double>()) < 0.3);
    CHECK(contains(run_tool(folder, question).out, "measurement noise 0.0001 leaves about"));
  }
  for (const std::string other :
       {"--measurement-sigma 1e-4 --unit ohm", "--measurement-sigma 1e-4 --choose code",
        "--measurement-sigma 1e-4 --choose average", "--measurement-sigma 1e-4 --coverage", "--measurement-bits 8",
        "--topology 'parallel(series(n/2), series(n/2))' --measurement-sigma 1e-4"}) {
    CAPTURE(other);
    const std::string question = "precision --devices 8 " + other;
    CHECK(!json_of(run_tool(folder, question + " --json"))["curves"][0].contains("measurement_ceiling"));
    CHECK(!contains(run_tool(folder, question).out, "measurement noise"));
  }
}

TEST_CASE("contrasts and ceilings have curves for each condition, and say which") {
  const TemporaryFolder folder;
  folder.write("warm.toml", warm);
  const json contrast = json_of(
      run_tool(folder, "precision warm.toml --contrast --temperature 27,85 --devices 10 --instances 100 --json"));
  CHECK(names_of(contrast) == std::vector<std::string>{"search, 27 C", "plain binary code, 27 C",
                                                       "average of all, 27 C", "search, 85 C",
                                                       "plain binary code, 85 C", "average of all, 85 C"});
  CHECK(contrast["rows"][3]["bits_mean"] != contrast["rows"][0]["bits_mean"]);
  for (const std::string celsius : {"27", "85"}) {
    const json alone = rows_of(folder, "warm.toml --temperature " + celsius + " --devices 10 --instances 100");
    CHECK(contrast["rows"][celsius == "27" ? 0 : 3]["bits_mean"] == alone[0]["bits_mean"]);
  }
  const json ceilings = json_of(run_tool(
      folder, "precision warm.toml --ceilings --temperature 27,85 --time 1h,10y --devices 10 --instances 50 --json"));
  // At 27 degrees drift is all there is.
  CHECK(names_of(ceilings) == std::vector<std::string>{"exact", "85 C", "drift, 1 h", "drift, 10 y",
                                                       "all of it, 85 C, 1 h", "all of it, 85 C, 10 y"});
  // Of all these curves one follows the law.
  CHECK(run_tool(folder,
                 "precision warm.toml --ceilings --temperature 85 --devices 6:12:3 --instances 50 --quiet "
                 "--plot law.svg")
            .exit_code == 0);
  CHECK(contains(folder.read("law.svg"), "the law of the mean"));
  const json hot = rows_of(folder, "warm.toml --temperature 85 --time 10y --devices 10 --instances 50");
  CHECK(ceilings["rows"][5]["bits_mean"] == hot[0]["bits_mean"]);
}

TEST_CASE("an average is not asked for targets, and a contrast without it says why") {
  const TemporaryFolder folder;
  folder.write("targets.csv", "1.1k\n1.7k\n");
  check_refused(folder, "precision --choose average --even 5 --banks 10", 2, {"average", "--even"});
  check_refused(folder, "precision --choose average --interval 0.1:0.2", 2, {"average", "--interval"});
  check_refused(folder, "precision --choose average --targets targets.csv", 2, {"average", "--targets"});
  for (const std::string question : {"--even 5 --banks 10", "--interval 0.1:0.2", "--targets targets.csv",
                                     "--topology differential", "--topology 'parallel(series(n/2), series(n/2))'"}) {
    CAPTURE(question);
    const std::string asked = "precision --contrast --devices 8 " + question;
    const json result = json_of(run_tool(folder, asked + " --json"));
    CHECK(names_of(result) == std::vector<std::string>{"search", "plain binary code"});
    CHECK(contains(result["curves"][1]["note"].get<std::string>(), "without the average"));
    CHECK(contains(run_tool(folder, asked).out, "without the average of all: "));
  }
  const ToolRun three = run_tool(folder, "precision --contrast --devices 8 --instances 20");
  CHECK(contains(three.out, "average of all"));
  CHECK(!contains(three.out, "without"));
}

TEST_CASE("banks with nothing to choose from are counted, and are no perfect ones") {
  const TemporaryFolder folder;
  folder.write("open.toml",
               "[process]\nnominal = \"10k\"\nsigma = 0.3\ndistribution = \"lognormal\"\n"
               "device_open = 0.9\n");
  for (const std::string question : {"precision open.toml --devices 4,8 --instances 300",
                                     "precision open.toml --devices 4,8 --coverage --banks 300"}) {
    CAPTURE(question);
    const json result = json_of(run_tool(folder, question + " --json"));
    const auto dead = result["rows"][0]["dead_banks"].get<double>();
    CHECK(std::abs(dead - 300.0 * 0.6561) < 35.0);
    CHECK(result["rows"][0]["error_median"].get<double>() > 0.0);
    const std::string text = run_tool(folder, question).out;
    CHECK(contains(text, std::to_string(static_cast<int>(dead)) + " of 300 banks of 4, "));
    CHECK(contains(text, "nothing to choose from, 0 bits"));
    CHECK(run_tool(folder, question + " --quiet -o values.csv --force").exit_code == 0);
    CHECK(contains(folder.read("values.csv"), "nan,nan,0"));
  }
  CHECK(rows_of(folder, "--devices 8 --instances 20")[0]["dead_banks"] == 0);
  CHECK(!contains(run_tool(folder, "precision --devices 8 --instances 20").out, "nothing to choose"));
}

TEST_CASE("options without effect are refused with one line") {
  const TemporaryFolder folder;
  folder.write("plain.toml", "[process]\nnominal = \"10k\"\nsigma = 0.3\ndistribution = \"lognormal\"\n");
  folder.write("measured.toml", "[process]\nvalues = \"values.csv\"\n");
  folder.write("values.csv", "1k\n1.4k\n2.3k\n3.1k\n5.2k\n");
  check_refused(folder, "precision --temperature 85", 2, {"--temperature 85", "tc1"});
  check_refused(folder, "precision plain.toml --time 1y", 2, {"--time 1y", "drift"});
  check_refused(folder, "precision --contacts-anew", 2, {"--contacts-anew", "--r-on"});
  check_refused(folder, "precision --contacts-anew --r-on 50", 2, {"--contacts-anew", "--r-on-sigma"});
  check_refused(folder, "precision --r-on-sigma 0.3", 2, {"--r-on-sigma 0.3", "--r-on"});
  check_refused(folder, "precision measured.toml --distribution normal --sigma 0.5", 2, {"--distribution", "measured"});
  check_refused(folder, "precision measured.toml --sigma 0.5", 2, {"--sigma", "measured"});
  check_refused(folder, "precision measured.toml --nominal 1k", 2, {"--nominal", "measured"});
  CHECK(run_tool(folder, "precision --devices 4 --instances 5 --contacts-anew --r-on 50 --r-on-sigma 0.3").exit_code ==
        0);
}

TEST_CASE("targets of pairs are siemens, and with --normalize multiples of the full scale") {
  const TemporaryFolder folder;
  folder.write("weights.csv", "0.5\n-2\n1\n");
  folder.write("siemens.csv", "1e-4\n-5e-5\n");
  const std::string pair = "precision --topology differential --devices 8 ";
  const ToolRun run = run_tool(folder, pair + "--targets weights.csv --normalize --banks 5 --json -o values.csv");
  const json result = json_of(run);
  CHECK(result["question"]["targets"] == json({0.25, -1.0, 0.5}));
  const double full_scale = result["rows"][0]["full_scale"].get<double>();
  const std::string values = folder.read("values.csv");
  double target = 0.0;
  for (std::size_t comma = 0, at = 0; comma < 4; ++comma) {
    at = values.find(',', at) + 1;
    target = std::stod(values.substr(at));
  }
  CHECK(target == doctest::Approx(0.25 * full_scale));
  folder.write("result.json", run.out);
  CHECK(json_of(run_tool(folder, "precision --repeat result.json --json"))["rows"] == result["rows"]);
  CHECK(json_of(run_tool(folder, pair + "--targets siemens.csv --json"))["curves"][0]["unit"] == "siemens");
  check_refused(folder, "precision --targets weights.csv --normalize", 2, {"--normalize", "differential"});
}

TEST_CASE("lists of resistances are as long as they are, and a binary code is none of them") {
  const TemporaryFolder folder;
  folder.write("four.toml",
               "[process]\nnominals = [\"1k\", \"2k\", \"3k\", \"5k\"]\nsigma = 0.1\n"
               "distribution = \"lognormal\"\n");
  folder.write("measured.toml", "[process]\nvalues = \"values.csv\"\n");
  folder.write("values.csv", "1k\n1.4k\n2.3k\n3.1k\n5.2k\n");
  const auto devices_of = [&](const std::string& options) {
    std::vector<std::size_t> devices;
    for (const json& row : rows_of(folder, options + " --instances 10")) devices.push_back(row["devices"]);
    return devices;
  };
  CHECK(devices_of("four.toml") == std::vector<std::size_t>{1, 2, 3, 4});
  CHECK(devices_of("four.toml --topology differential") == std::vector<std::size_t>{4, 8});
  CHECK(devices_of("four.toml --nominal 1k").back() == 32);
  CHECK(devices_of("measured.toml --devices 1:5:1").size() == 5);
  check_refused(folder, "precision four.toml --devices 8", 2, {"--devices 8", "4 nominals"});
  check_refused(folder, "precision measured.toml --devices 6", 2, {"--devices 6", "5 measured values"});
  check_refused(folder, "precision four.toml --contrast", 2, {"--contrast", "list"});
  check_refused(folder, "precision measured.toml --contrast", 2, {"--contrast", "list"});
}

TEST_CASE("a bank of measured values is one and the same") {
  const TemporaryFolder folder;
  folder.write("measured.toml", "[process]\nvalues = \"values.csv\"\n");
  folder.write("values.csv", "1k\n1.4k\n2.3k\n3.1k\n5.2k\n");
  const ToolRun run = run_tool(folder, "precision measured.toml --devices 4 --instances 20 --plot one.svg");
  CHECK(contains(run.out, "one measured bank"));
  const std::string picture = folder.read("one.svg");
  CHECK(contains(picture, "20 random targets"));
  CHECK(!contains(picture, "fresh"));
}
