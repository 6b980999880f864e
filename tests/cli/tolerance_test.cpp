// ohmset tolerance, as a person uses it: figures against closed forms, files, exit codes, refusals.
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
using ohmset::test::run_tool;
using ohmset::test::TemporaryFolder;
using ohmset::test::ToolRun;

namespace {

// Eight devices in series, all of them inserted for 8 kohm: errors are normal, of 1 % / sqrt(8).
constexpr const char* chain = R"([process]
nominal = "1k"
distribution = "normal"
sigma = 0.01
[bank]
topology = "series"
devices = 8
)";
constexpr double chain_sigma = 0.01 / 2.8284271247461903;

constexpr const char* living = R"([process]
nominal = "10k"
distribution = "lognormal"
sigma = 0.3
lot_sigma = 0.02
tc1 = { mean = 1e-5, sigma = 20e-6 }
drift = { nu = 0.01, nu_sigma = 0.003 }
read_noise = 1e-4
[switch]
r_on = 50
r_on_sigma = 0.1
[measurement]
sigma = 1e-4
[bank]
devices = 12
)";

void provide(const TemporaryFolder& folder) {
  folder.write("chain.toml", chain);
  folder.write("living.toml", living);
  const ToolRun made = run_tool(folder, "design living.toml --target 2k --target 3k -o design.json");
  REQUIRE(made.exit_code == 0);
}

double normal_share_within(double limit, double sigma) { return std::erf(limit / sigma / std::sqrt(2.0)); }

}  // namespace

TEST_CASE("a series chain of normal devices has the mean, spread and yield of theory") {
  const TemporaryFolder folder;
  provide(folder);
  const std::string command = "tolerance chain.toml --target 8k --samples 40000 --limit 0.3% --limit 1% --json";
  for (const std::string method : {"mc", "lhs", "sobol"}) {
    CAPTURE(method);
    const json result = json_of(run_tool(folder, command + " --method " + method));
    CHECK(result["population"] == "blind");
    const double samples = result["samples"];
    CHECK(samples >= 40000);
    CHECK(std::abs(result["mean"].get<double>()) < 5.0 * chain_sigma / std::sqrt(samples));
    CHECK(result["stddev"].get<double>() == doctest::Approx(chain_sigma).epsilon(0.02));
    CHECK(std::abs(result["skewness"].get<double>()) < 0.07);
    CHECK(std::abs(result["kurtosis"].get<double>()) < 0.13);
    REQUIRE(result["yields"].size() == 2);
    for (const json& yield : result["yields"]) {
      const double expected = normal_share_within(yield["limit"], chain_sigma);
      CHECK(yield["yield"].get<double>() == doctest::Approx(expected).epsilon(0.02));
      CHECK(yield["interval"][0] <= yield["yield"]);
      CHECK(yield["interval"][1] >= yield["yield"]);
    }
    CHECK(result["yield"] == result["yields"][0]["yield"]);
    CHECK(result["yield_interval"] == result["yields"][0]["interval"]);
    // The median is 0, the 99 % quantile 2.326 sigma.
    CHECK(result["quantiles"]["0.99"].get<double>() == doctest::Approx(2.3263 * chain_sigma).epsilon(0.03));
    CHECK(result["quantile_intervals"]["0.5"][0] <= result["quantiles"]["0.5"]);
  }
}

TEST_CASE("samples written to a file are those that the figures tell of, and each can be replayed") {
  const TemporaryFolder folder;
  provide(folder);
  const std::string command =
      "tolerance design.json --temperature -40,125 --time 20,1h --samples 500 --limit 0.2% --method lhs ";
  const json result = json_of(run_tool(folder, command + "-o samples.npy --json"));
  REQUIRE(run_tool(folder, command + "-o samples.csv --quiet").exit_code == 0);
  const Matrix samples = io::read_matrix(folder.path("samples.npy"));
  REQUIRE(samples == io::read_matrix(folder.path("samples.csv")));
  // Two targets in four conditions, and the worst of the eight.
  REQUIRE(samples.cols() == 9);
  REQUIRE(samples.rows() == result["samples"].get<Eigen::Index>());
  REQUIRE(result["series"].size() == 9);
  for (Eigen::Index k = 0; k < 9; ++k) {
    const json& series = result["series"][static_cast<std::size_t>(k)];
    CHECK(series["mean"].get<double>() == doctest::Approx(samples.col(k).mean()).epsilon(1e-12));
    CHECK(series["least"].get<double>() == samples.col(k).minCoeff());
    const auto passed = (samples.col(k).array().abs() <= 0.002).count();
    CHECK(series["yields"][0]["passed"].get<Eigen::Index>() == passed);
  }
  for (Eigen::Index row = 0; row < samples.rows(); ++row) {
    Eigen::Index worst = 0;
    samples.row(row).head(8).cwiseAbs().maxCoeff(&worst);
    CHECK(samples(row, 8) == samples(row, worst));
  }
  for (const int number : {0, 17, 495}) {
    const json sample = json_of(run_tool(folder, command + "--json --replay " + std::to_string(number)));
    REQUIRE(sample["values"].size() == 9);
    for (std::size_t k = 0; k < 9; ++k) {
      CHECK(sample["values"][k].get<double>() == samples(number, static_cast<Eigen::Index>(k)));
    }
    REQUIRE(sample["devices"].size() == 12);
    CHECK(sample["devices"][0]["aged_ohm"].size() == 4);
  }
}

TEST_CASE("a die's devices stay, its life scatters; dies of the specification scatter more, redesigned ones less") {
  const TemporaryFolder folder;
  provide(folder);
  const auto stddev = [&](const std::string& options) {
    return json_of(run_tool(folder, "tolerance " + options + " --samples 2000 --json"))["stddev"].get<double>();
  };
  const double life = stddev("design.json --result 0");
  const double blind = stddev("design.json --result 0 --blind");
  const double redesigned = stddev("design.json --result 0 --redesign");
  CHECK(blind > 0.05);
  CHECK(redesigned < 0.02 * blind);
  CHECK(life < 1e-3);
  CHECK(life > 1e-5);
  const double measured = stddev("design.json --result 0 --around-measured");
  CHECK(measured > life);
}

TEST_CASE("corners lie outside of all samples; sensitivities name what scatters, and shares sum to 1") {
  const TemporaryFolder folder;
  provide(folder);
  const json result = json_of(run_tool(
      folder, "tolerance design.json --temperature 125 --samples 3000 --corners --sigmas 5 --sensitivity --json"));
  REQUIRE(result["corners"].size() == 2);
  for (std::size_t k = 0; k < 2; ++k) {
    CHECK(result["corners"][k]["exact"] == true);
    CHECK(result["corners"][k]["sigmas"] == 5.0);
    CHECK(result["corners"][k]["low_error"] < result["series"][k]["least"]);
    CHECK(result["corners"][k]["high_error"] > result["series"][k]["greatest"]);
  }
  double share = 0.0;
  double variance = 0.0;
  for (const json& one : result["sensitivities"]) {
    if (one["target"] != 2000.0) continue;
    share += one["share"].get<double>();
    variance += std::pow(one["stddev"].get<double>(), 2.0);
  }
  CHECK(share == doctest::Approx(1.0));
  CHECK(std::sqrt(variance) == doctest::Approx(result["series"][0]["stddev"].get<double>()).epsilon(0.06));
}

TEST_CASE("the required yield decides the exit code by the interval's lower bound") {
  const TemporaryFolder folder;
  provide(folder);
  const std::string command = "tolerance chain.toml --target 8k --limit 1% --samples 2000 --quiet ";
  const double yield = normal_share_within(0.01, chain_sigma);
  CHECK(run_tool(folder, command + "--require-yield " + std::to_string(yield - 0.02)).exit_code == 0);
  CHECK(run_tool(folder, command + "--require-yield 99.9%").exit_code == 1);
}

TEST_CASE("sampling goes on until the yield's interval is narrow enough") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string method : {"mc", "sobol"}) {
    const json result = json_of(run_tool(folder,
                                         "tolerance chain.toml --target 8k --limit 0.3% --samples 100 "
                                         "--until-interval 2% --json --method " +
                                             method));
    const double width = result["yield_interval"][1].get<double>() - result["yield_interval"][0].get<double>();
    CHECK(width <= 0.02);
    CHECK(result["narrow_enough"] == true);
    CHECK(result["samples"] > 100);
  }
}

TEST_CASE("pictures are SVG or PNG, with axes in words") {
  const TemporaryFolder folder;
  provide(folder);
  const std::string command = "tolerance design.json --temperature -40,25 --limit 0.1% --samples 1000 --quiet --plot ";
  REQUIRE(run_tool(folder, command + "p.svg").exit_code == 0);
  const std::string picture = folder.read("p.svg");
  for (const std::string text : {"<svg", "relative error, ", "% of the samples", "limit", "worst of all"}) {
    CHECK_MESSAGE(contains(picture, text), text);
  }
  REQUIRE(run_tool(folder, command + "p.png").exit_code == 0);
  CHECK(folder.read("p.png").starts_with("\x89PNG"));
  CHECK(run_tool(folder, command + "p.png").exit_code == 2);
  CHECK(run_tool(folder, command + "p.png --force").exit_code == 0);
  // No gnuplot: one line, and no picture.
  const ToolRun missing = run_tool(folder, command + "q.svg", "env PATH=/nowhere");
  CHECK(missing.exit_code == 3);
  CHECK(contains(missing.error, "gnuplot"));
  CHECK_FALSE(folder.has("q.svg"));
}

TEST_CASE("a crossbar's outputs are judged with its wires, and its picture shows where errors come from") {
  const TemporaryFolder folder;
  folder.write("array.toml", std::string(living) + "[array]\nr_word = 1\nr_bit = 1\nr_driver = 10\nr_sense = 10\n");
  folder.write("W.csv", "0.5,-1,0.25\n-0.75,1,0.1\n");
  folder.write("X.csv", "0.1,0.2,-0.1\n0,0.2,0.1\n");
  REQUIRE(run_tool(folder, "compile array.toml --weights W.csv -o layer").exit_code == 0);
  const std::string command = "tolerance layer --temperature 25,85 --samples 300 --limit 0.5% --json ";
  const json result = json_of(run_tool(folder, command + "--inputs X.csv --corners --sensitivity --plot p.svg"));
  CHECK(result["subject"] == "crossbar");
  CHECK(result["series"].size() == 3);
  CHECK(result["series"][2]["mean"] >= result["series"][0]["mean"]);
  CHECK(result["corners"][0]["exact"] == false);
  CHECK(result["sensitivities"].size() >= 12);
  CHECK(contains(folder.read("p.svg"), "where the errors come from"));
  // Dies that the switches were not chosen for are far off; chosen anew, they are not.
  const double blind = json_of(run_tool(folder, command + "--blind"))["mean"];
  const double redesigned = json_of(run_tool(folder, command + "--redesign"))["mean"];
  CHECK(blind > 10.0 * redesigned);
  const json sample = json_of(run_tool(folder, "tolerance layer --inputs X.csv --replay 5 --json"));
  CHECK(sample["conditions"][0]["outputs"].size() == 2);
}

TEST_CASE("where nothing is random one sample says it all, and a note says so") {
  const TemporaryFolder folder;
  folder.write("quiet.toml", "[process]\nnominal = 1000\n[bank]\ndevices = 3\n");
  REQUIRE(run_tool(folder, "design quiet.toml --target 500 -o d.json").exit_code == 0);
  const ToolRun run = run_tool(folder, "tolerance d.json --samples 50 --limit 1% --json");
  CHECK(contains(run.error, "nothing is random"));
  CHECK(json_of(run)["stddev"] == 0.0);
  CHECK(json_of(run)["yield"] == 1.0);
}

TEST_CASE("what makes no sense is refused in one line") {
  const TemporaryFolder folder;
  provide(folder);
  const std::string of_spec = "tolerance chain.toml --target 8k ";
  check_refused(folder, "tolerance chain.toml", 2, {"expected --target"});
  check_refused(folder, "tolerance none.json", 2, {"none.json"});
  check_refused(folder, "tolerance chain.toml --target 0", 2, {"--target 0"});
  check_refused(folder, of_spec + "--samples 0", 2, {"--samples"});
  check_refused(folder, of_spec + "--samples 1000000000000000000", 2, {"samples"});
  check_refused(folder, of_spec + "--samples 1e18", 2, {"--samples"});
  check_refused(folder, of_spec + "--limit -1%", 2, {"--limit"});
  check_refused(folder, of_spec + "--limit nan", 2, {"--limit"});
  check_refused(folder, of_spec + "--require-yield 90%", 2, {"--limit"});
  check_refused(folder, of_spec + "--limit 1% --require-yield 190%", 2, {"--require-yield 190%"});
  check_refused(folder, of_spec + "--until-interval 1%", 2, {"--limit"});
  check_refused(folder, of_spec + "--confidence 1", 2, {"--confidence"});
  check_refused(folder, of_spec + "--quantiles 0.5,2", 2, {"--quantiles 2"});
  check_refused(folder, of_spec + "--temperature hot", 2, {"--temperature"});
  check_refused(folder, of_spec + "--temperature -300", 2, {"-300"});
  check_refused(folder, of_spec + "--temperature 0:10:-1", 2, {"first:last:step"});
  check_refused(folder, of_spec + "--temperature 0:1e9:1", 2, {"first:last:step"});
  check_refused(folder, of_spec + "--time 0", 2, {"0 s"});
  check_refused(folder, of_spec + "--method qmc", 2, {"mc|lhs|sobol"});
  check_refused(folder, of_spec + "--method lhs --replicates 1", 2, {"--replicates"});
  check_refused(folder, of_spec + "--redesign --blind", 2, {"--redesign", "--blind"});
  check_refused(folder, of_spec + "--inputs X.npy", 2, {"--inputs"});
  check_refused(folder, of_spec + "--sigmas 0", 2, {"--sigmas"});
  check_refused(folder, of_spec + "--plot p.pdf", 2, {".svg or .png"});
  check_refused(folder, of_spec + "--plot nowhere/p.svg", 3, {"nowhere"});
  check_refused(folder, "tolerance design.json --target 2k", 2, {"--target"});
  check_refused(folder, "tolerance design.json --result 2", 2, {"--result 2"});
  folder.write("values.json", run_tool(folder, "design --values 1k,2k,3k --target 1.5k --json").out);
  check_refused(folder, "tolerance values.json", 2, {"--spec"});
  CHECK(run_tool(folder, "tolerance values.json --spec chain.toml --samples 10").exit_code == 2);
}

TEST_CASE("a full disk costs the files, not the figures") {
  const TemporaryFolder folder;
  provide(folder);
  const ToolRun run =
      run_tool(folder, "tolerance chain.toml --target 8k --samples 500 --json -o /dev/full --checkpoint run.ck");
  CHECK(run.exit_code == 3);
  CHECK(contains(run.error, "/dev/full"));
  CHECK(json::parse(run.out)["samples"] == 500);
  // And what was found stays, to be written elsewhere.
  REQUIRE(folder.has("run.ck"));
  const ToolRun again =
      run_tool(folder, "tolerance chain.toml --target 8k --samples 500 --json -o s.npy --checkpoint run.ck");
  CHECK(json_of(again)["mean"] == json::parse(run.out)["mean"]);
  CHECK_FALSE(folder.has("run.ck"));
  CHECK(io::read_matrix(folder.path("s.npy")).rows() == 500);
}
