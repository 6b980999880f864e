// Pictures as the tool asks gnuplot for them: a stand-in keeps the script. And outputs that would get in each other's
// way, or lie about what they are.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/tool.h"

using ohmset::test::check_refused;
using ohmset::test::contains;
using ohmset::test::run_tool;
using ohmset::test::TemporaryFolder;
using ohmset::test::ToolRun;

namespace {

// Its answer is no picture; the last script that it was given stands in the file "script".
void provide_gnuplot(const TemporaryFolder& folder) {
  folder.write("gnuplot", "#!/bin/sh\ncat >\"" + folder.path("script") + "\"\necho drawn\n");
  REQUIRE(std::system(("chmod +x '" + folder.path("gnuplot") + "'").c_str()) == 0);
}

std::string script_of(const TemporaryFolder& folder, const std::string& question,
                      const std::string& picture = "p.svg") {
  const ToolRun run =
      run_tool(folder, question + " --quiet --force --plot " + picture, "PATH=\"" + folder.path() + ":$PATH\"");
  CAPTURE(run.error);
  REQUIRE(run.exit_code == 0);
  return folder.read("script");
}

// The rows of a block of data; nan where a number is not one.
std::vector<std::vector<double>> block(const std::string& script, const std::string& name) {
  const std::string begin = "$" + name + " << EOD\n";
  const std::size_t at = script.find(begin);
  REQUIRE_MESSAGE(at != std::string::npos, name);
  std::istringstream lines(script.substr(at + begin.size()));
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(lines, line) && line != "EOD";) {
    if (line.empty()) continue;
    std::istringstream words(line);
    rows.emplace_back();
    for (std::string word; words >> word;) rows.back().push_back(word == "NaN" ? std::nan("") : std::stod(word));
  }
  return rows;
}

double number_after(const std::string& script, const std::string& words) {
  const std::size_t at = script.find(words);
  REQUIRE_MESSAGE(at != std::string::npos, words);
  return std::stod(script.substr(at + words.size()));
}

}  // namespace

TEST_CASE("infinite bits are marked at the picture's edge, where the band ends too") {
  const TemporaryFolder folder;
  provide_gnuplot(folder);
  const std::string script = script_of(folder, "precision --distribution none --devices 4,8 --banks 2 --even 5");
  const double top = number_after(script, "set yrange [0:");
  const auto rows = block(script, "line0");
  REQUIRE(rows.size() == 2);
  for (const auto& row : rows) {
    CHECK(std::isnan(row[1]));  // the mean
    CHECK(row[6] == doctest::Approx(top));
    CHECK(row[5] <= top);
  }
  const auto marks = block(script, "mean0up");
  REQUIRE(marks.size() == 2);
  CHECK(marks[0][0] == 4.0);
  CHECK(marks[0][1] == doctest::Approx(top));
  CHECK(contains(script, "at the edge: infinite"));
  CHECK(!contains(script_of(folder, "precision --devices 4,8 --instances 20"), "infinite"));
}

TEST_CASE("negative bits, a spread of 0 and a single number of devices are in the picture") {
  const TemporaryFolder folder;
  provide_gnuplot(folder);
  const std::string negative =
      script_of(folder, "precision --choose average --sigma 0.1,0.5,2,5 --devices 8 --instances 100");
  const double bottom = number_after(negative, "set yrange [");
  for (const auto& row : block(negative, "line0")) {
    for (const std::size_t column : {1U, 2U, 3U, 4U, 5U}) CHECK(row[column] >= bottom);
  }
  CHECK(bottom < 0.0);
  CHECK(contains(negative, "\"0.1\" 0.1, \"0.5\" 0.5, \"2\" 2, \"5\" 5"));

  const std::string zero = script_of(folder, "precision --sigma 0,0.1,0.2 --devices 8 --instances 50");
  const auto rows = block(zero, "line0");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0][0] > 0.0);
  CHECK(rows[0][0] < 0.06);
  CHECK(number_after(zero, "set xrange [") < rows[0][0]);
  CHECK(contains(zero, "set xtics (\"0\" 0.05"));
  CHECK(block(zero, "bars").size() == 1);

  const std::string one = script_of(folder, "precision --devices 8 --instances 50");
  const auto bars = block(one, "bars");
  REQUIRE(bars.size() == 1);
  CHECK(bars[0][1] < 8.0);
  CHECK(bars[0][2] > 8.0);
  CHECK(bars[0][3] < bars[0][4]);
  CHECK(contains(one, "set xtics (\"8\" 8)"));
}

TEST_CASE("a band over several targets of each bank is one of values, and titles say what was asked") {
  const TemporaryFolder folder;
  provide_gnuplot(folder);
  const std::string script = script_of(
      folder, "precision --devices 4,8 --banks 20 --even 5 --interval 0.3:0.6 --r-on 50 --measurement-sigma 1e-3");
  CHECK(contains(script, "from 5 % to 95 % of the values"));
  CHECK(contains(script, "5 a bank, evenly spaced from 0.3 to 0.6 of the reachable range"));
  CHECK(contains(script, "r_on 50 ohm, measured to 0.1 %"));
  CHECK(contains(script_of(folder, "precision --devices 4,8 --instances 20"), "from 5 % to 95 % of the banks"));
}

TEST_CASE("ceilings: where a curve stops to pay there is a ring, and curves differ in more than their colours") {
  const TemporaryFolder folder;
  provide_gnuplot(folder);
  const std::string script =
      script_of(folder,
                "precision --devices 4:20:4 --measurement-sigma 1e-3 --r-on 50 --r-on-sigma 0.1 --instances 100 "
                "--ceilings");
  const auto ring = block(script, "stop1");
  REQUIRE(ring.size() == 1);
  bool on_curve = false;
  for (const auto& row : block(script, "line1")) on_curve = on_curve || (row[0] == ring[0][0] && row[1] == ring[0][1]);
  CHECK(on_curve);
  CHECK(!contains(script, "$stop0"));  // the exact curve never does
  CHECK(contains(script, "pointtype 7 "));
  CHECK(contains(script, "pointtype 5 "));
}

TEST_CASE("a PNG is the same picture in more pixels: one font for both, scaled") {
  const TemporaryFolder folder;
  provide_gnuplot(folder);
  const std::string question = "precision --devices 4,8 --instances 20";
  const std::string svg = script_of(folder, question, "p.svg");
  const std::string png = script_of(folder, question, "p.png");
  CHECK(contains(svg, "svg size 980,540 font 'sans,14'"));
  CHECK(contains(png, "pngcairo size 1470,810 font 'sans,14' fontscale 1.5"));
  CHECK(svg.substr(svg.find('\n')) == png.substr(png.find('\n')));
}

TEST_CASE("without gnuplot nothing is computed, and nothing written") {
  const TemporaryFolder folder;
  const ToolRun run =
      run_tool(folder, "precision --devices 4 --instances 5 -o values.csv --plot p.svg", "PATH=" + folder.path());
  CHECK(run.exit_code == 3);
  CHECK(contains(run.error, "gnuplot cannot be run"));
  CHECK(folder.names().empty());
}

TEST_CASE("a matrix is written to .npy or .csv alone, and never to the picture's name") {
  const TemporaryFolder folder;
  folder.write("bank.toml",
               "[bank]\ndevices = 4\n[process]\nnominal = \"10k\"\ndistribution = \"normal\"\nsigma = 0.1\n");
  folder.write("R.csv", "1000,2000\n3000,4000\n");
  folder.write("X.csv", "1,0\n");
  const auto before = folder.names();
  for (const std::string& command :
       {std::string("precision --devices 4 --instances 5"), std::string("tolerance bank.toml --target 3k --samples 10"),
        std::string("mvm --resistances R.csv --inputs X.csv")}) {
    CAPTURE(command);
    check_refused(folder, command + " -o values.txt", 2, {"values.txt", ".npy or .csv"});
  }
  check_refused(folder, "mvm --resistances R.csv --inputs X.csv --transfer G.dat", 2, {"G.dat", ".npy or .csv"});
  check_refused(folder, "mvm --resistances R.csv --inputs X.csv -o G.npy --transfer ./G.npy", 2, {"-o", "--transfer"});
  check_refused(folder, "precision --devices 4 --instances 5 -o same.svg --plot same.svg", 2, {"same.svg"});
  CHECK(folder.names() == before);
  CHECK(run_tool(folder, "precision --devices 4 --instances 5 --quiet -o /dev/null").exit_code == 0);
  CHECK(run_tool(folder, "tolerance bank.toml --target 3k --samples 10 --quiet -o V.CSV").exit_code == 0);
  CHECK(contains(folder.read("V.CSV"), "\n"));
}

TEST_CASE("all values: no spread is nan, a spread of 0 is 0") {
  const TemporaryFolder folder;
  const auto sigma_of = [&](const std::string& question) {
    REQUIRE(run_tool(folder, "precision --devices 4 --instances 3 --quiet --force -o v.csv " + question).exit_code ==
            0);
    std::istringstream fields(folder.read("v.csv"));
    std::string field;
    for (int k = 0; k < 3; ++k) std::getline(fields, field, ',');
    return field;
  };
  CHECK(sigma_of("--signed") == "nan");
  CHECK(sigma_of("--sigma 0") == "0");
  CHECK(sigma_of("--sigma 0.2") == "0.2");
}
