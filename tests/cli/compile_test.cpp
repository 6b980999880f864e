// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/support/tool.h"
#include "tools/io/design_file.h"
#include "tools/io/npy.h"

using namespace ohmset::test;
using nlohmann::json;

namespace {

constexpr const char* spec =
    "[process]\nnominal = \"100k\"\ndistribution = \"lognormal\"\nsigma = 0.3\n"
    "[switch]\nr_on = 50\nr_off = \"1g\"\nstuck_open = 0.05\nstuck_closed = 0.05\n[bank]\ndevices = 6\n";
constexpr const char* weights = "1,-0.5,0.25,0\n0.1,0.2,-0.3,0.4\n-1,0.6,-0.7,0.8\n";

void provide(const TemporaryFolder& folder) {
  folder.write("spec.toml", spec);
  folder.write("W.csv", weights);
}

}  // namespace

TEST_CASE("the same specification and seed give the same folder, byte for byte, on any number of threads") {
  const TemporaryFolder folder;
  provide(folder);
  const std::string command = "compile spec.toml --weights W.csv --quiet --seed 3 --die 1 ";
  REQUIRE(run_tool(folder, command + "--threads 1 -o one").exit_code == 0);
  REQUIRE(run_tool(folder, command + "--threads 2 -o two").exit_code == 0);
  REQUIRE(run_tool(folder, "compile spec.toml --weights W.csv --quiet --seed 4 -o other").exit_code == 0);
  for (const std::string name :
       {"design.json", "resistances.npy", "switches.npy", "targets.npy", "achieved.npy", "stuck.npy"}) {
    CAPTURE(name);
    CHECK(folder.read("one/" + name) == folder.read("two/" + name));
  }
  CHECK(folder.read("one/resistances.npy") != folder.read("other/resistances.npy"));
}

#ifdef OHMSET_MPIRUN
TEST_CASE("mpirun's ranks share the work and write the same folder; what fails in all of them is said once") {
  const TemporaryFolder folder;
  provide(folder);
  // Leaks of MPI's own are none of ours; containers have root alone.
  const std::string ranks =
      "env ASAN_OPTIONS=detect_leaks=0 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 " OHMSET_MPIRUN
      " --oversubscribe -np 3";
  const std::string command = "compile spec.toml --weights W.csv --quiet --seed 3 -o ";
  REQUIRE(run_tool(folder, command + "one").exit_code == 0);
  const ToolRun shared = run_tool(folder, command + "shared", ranks);
  CHECK(shared.error.empty());
  REQUIRE(shared.exit_code == 0);
  for (const std::string name :
       {"design.json", "resistances.npy", "switches.npy", "targets.npy", "achieved.npy", "stuck.npy"}) {
    CAPTURE(name);
    CHECK(folder.read("one/" + name) == folder.read("shared/" + name));
  }
  const ToolRun refused = run_tool(folder, "compile none.toml --weights W.csv --quiet -o other", ranks);
  CHECK(refused.exit_code == 2);
  const std::size_t said = refused.error.find("ohmset: none.toml");
  CHECK(said != std::string::npos);
  CHECK(refused.error.find("ohmset: none.toml", said + 1) == std::string::npos);
  CHECK(!folder.has("other"));
}
#endif

TEST_CASE("the summary counts what the arrays hold") {
  const TemporaryFolder folder;
  provide(folder);
  const ToolRun run = run_tool(folder, "compile spec.toml --weights W.csv --json -o layer");
  REQUIRE(run.exit_code == 0);
  const json summary = json::parse(run.out);
  CHECK(summary["cells"] == 12);
  CHECK(summary["devices"] == 4 * 6 * 6);
  CHECK(summary["bits_worst"].get<double>() > 0.0);
  CHECK(summary["bits_median"].get<double>() >= summary["bits_worst"].get<double>());
  CHECK(summary["seconds"].get<double>() >= 0.0);
  // bits = -log2 of the largest error relative to the largest weight, over cells within reach.
  const auto design = ohmset::io::read_crossbar_design(folder.path("layer")).design;
  CHECK(design.targets(0, 0) == doctest::Approx(summary["full_scale"].get<double>()).epsilon(1e-12));
  if (summary["unreachable"] == 0) {
    const double error = (design.achieved - design.targets).cwiseAbs().maxCoeff() / design.full_scale;
    CHECK(summary["weight_error_max"].get<double>() == doctest::Approx(error).epsilon(1e-9));
    CHECK(summary["bits_worst"].get<double>() == doctest::Approx(-std::log2(error)).epsilon(1e-9));
  }
}

TEST_CASE("the switch programs close what the masks insert, and leave stuck switches as they are") {
  const TemporaryFolder folder;
  provide(folder);
  for (const std::string topology : {"parallel(6)", "series(6)", "series(parallel(3),3)"}) {
    CAPTURE(topology);
    folder.write("spec.toml", replaced(spec, "devices = 6", "topology = \"" + topology + "\""));
    const std::string command = "compile spec.toml --weights W.csv --quiet --force -o layer --program ";
    REQUIRE(run_tool(folder, command + "p.mem").exit_code == 0);
    REQUIRE(run_tool(folder, command + "p.csv").exit_code == 0);
    const auto array = ohmset::io::read_crossbar_design(folder.path("layer")).design.array;
    const std::vector<bool> bypass = ohmset::bypassed_by_switch(array.topology);

    std::vector<std::uint64_t> words;
    std::istringstream mem(folder.read("p.mem"));
    for (std::string line; std::getline(mem, line);) {
      if (!line.starts_with("//")) words.push_back(std::stoul(line, nullptr, 16));
    }
    REQUIRE(words.size() == array.switches.size());
    std::istringstream csv(folder.read("p.csv"));
    std::string line;
    std::getline(csv, line);
    CHECK(line == "word_line,bit_line,s0,s1,s2,s3,s4,s5");
    for (std::size_t bank = 0; bank < words.size(); ++bank) {
      std::string expected = std::to_string(bank / array.bit_lines) + "," + std::to_string(bank % array.bit_lines);
      for (std::size_t k = 0; k < 6; ++k) {
        const bool inserted = (array.switches[bank] >> k & 1U) != 0;
        bool closed = inserted != bypass[k];
        if (array.stuck[bank * 6 + k] == 1) closed = false;
        if (array.stuck[bank * 6 + k] == 2) closed = true;
        CHECK((words[bank] >> k & 1U) == (closed ? 1U : 0U));
        expected += closed ? ",1" : ",0";
      }
      REQUIRE(std::getline(csv, line));
      CHECK(line == expected);
    }
    CHECK(!std::getline(csv, line));
  }
}

TEST_CASE("measured dies take the place of drawn ones") {
  const TemporaryFolder folder;
  provide(folder);
  std::vector<double> dies(std::size_t{4} * 6 * 6);
  for (std::size_t k = 0; k < dies.size(); ++k) dies[k] = 80e3 + 500.0 * static_cast<double>(k * 37 % 101);
  folder.write("R.npy", ohmset::io::npy_bytes({4, 6, 6}, dies.data()));
  REQUIRE(run_tool(folder, "compile spec.toml --weights W.csv --measured R.npy --quiet -o layer").exit_code == 0);
  CHECK(ohmset::io::read_crossbar_design(folder.path("layer")).design.array.resistances == dies);

  folder.write("R.npy", ohmset::io::npy_bytes({6, 4, 6}, dies.data()));
  check_refused(folder, "compile spec.toml --weights W.csv --measured R.npy", 2,
                {"R.npy: the array is 6 x 4 x 6", "4 x 6 x 6"});
  dies[5] = -1.0;
  folder.write("R.npy", ohmset::io::npy_bytes({4, 6, 6}, dies.data()));
  check_refused(folder, "compile spec.toml --weights W.csv --measured R.npy", 2, {"R.npy: entry 5", "-1"});
}

TEST_CASE("bad weights, specifications and outputs are refused in one line and leave nothing") {
  const TemporaryFolder folder;
  provide(folder);
  folder.write("nan.csv", "1,nan\n");
  folder.write("ragged.csv", "1,2\n3\n");
  folder.write("empty.npy", "");
  folder.write("many.toml", replaced(spec, "devices = 6", "devices = 65"));
  std::filesystem::create_directory(folder.path("mine"));
  folder.write("mine/thesis.tex", "precious");
  check_refused(folder, "compile spec.toml --weights nan.csv -o layer", 2, {"nan.csv:1: "});
  check_refused(folder, "compile spec.toml --weights ragged.csv -o layer", 2, {"ragged.csv:2: 1 values in this row"});
  check_refused(folder, "compile spec.toml --weights empty.npy -o layer", 2, {"empty.npy: the file is empty"});
  check_refused(folder, "compile spec.toml --weights none.npy -o layer", 2, {"none.npy: cannot be read"});
  check_refused(folder, "compile many.toml --weights W.csv -o layer", 2, {"many.toml:11: bank.devices is 65"});
  check_refused(folder, "compile spec.toml --weights W.csv -o mine", 2, {"mine exists"});
  check_refused(folder, "compile spec.toml --weights W.csv -o mine --force", 2,
                {"mine holds other files (thesis.tex)"});
  check_refused(folder, "compile spec.toml --weights W.csv -o W.csv --force", 2, {"W.csv is a file"});
  check_refused(folder, "compile spec.toml --weights W.csv --program none/p.mem", 3, {"none/p.mem"});
}
