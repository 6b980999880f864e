// What every command has in common: help, exit codes, one-line errors, outputs all or nothing.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "tests/support/tool.h"

using namespace ohmset::test;

namespace {

const std::vector<std::string> commands = {"sample", "design", "compile", "mvm", "solve", "netlist", "verify"};

// The files that the examples of the help name.
void provide_example_files(const TemporaryFolder& folder) {
  folder.write("bank.toml",
               "[process]\nnominal = \"10k\"\ndistribution = \"lognormal\"\nsigma = 0.3\n[bank]\ndevices = 12\n");
  folder.write("crossbar.toml",
               "[process]\nnominal = \"100k\"\ndistribution = \"lognormal\"\nsigma = 0.3\n[bank]\ndevices = 4\n"
               "[array]\nr_word = 1\nr_bit = 1\n");
  folder.write("W.csv", "1,-0.5,0.25\n0.75,0,-1\n");
  folder.write("X.csv", "0.1,0.2,0.3\n0,-0.1,0.1\n");
  folder.write("bridge.cir", "a bridge\nr1 a c 1k\nr2 c b 2k\nr3 a d 2.2k\nr4 d b 1k\nr5 c d 100\n.end\n");
}

std::string example_of(const std::string& help) {
  const std::size_t at = help.find("Example:\n  ohmset ");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = at + std::string_view("Example:\n  ohmset ").size();
  return help.substr(begin, help.find('\n', begin) - begin);
}

}  // namespace

TEST_CASE("the version is one line") {
  const TemporaryFolder folder;
  const ToolRun run = run_tool(folder, "--version");
  CHECK(run.exit_code == 0);
  CHECK(run.out == "ohmset 0.1.0\n");
  CHECK(run.error.empty());
}

TEST_CASE("the help lists the commands, and each command's example runs") {
  const TemporaryFolder folder;
  provide_example_files(folder);
  const ToolRun help = run_tool(folder, "--help");
  CHECK(help.exit_code == 0);
  // Ordered so that each finds what it needs: compile writes the folder that mvm, netlist and verify read.
  for (const std::string& command : commands) {
    CAPTURE(command);
    CHECK(contains(help.out, "\n  " + command + " "));
    const ToolRun own = run_tool(folder, command + " --help");
    CHECK(own.exit_code == 0);
    CHECK(contains(own.out, "Usage: ohmset " + command));
    std::string example = example_of(own.out);
    CHECK(example.starts_with(command));
    CAPTURE(example);
    for (const auto& [npy, csv] : {std::pair("W.npy", "W.csv"), std::pair("X.npy", "X.csv")}) {
      if (contains(example, npy)) example = replaced(example, npy, csv);
    }
    const ToolRun run = run_tool(folder, example);
    CAPTURE(run.error);
    CHECK(run.exit_code == 0);
    CHECK(run.error.empty());
    CHECK(!run.out.empty());
  }
}

TEST_CASE("misspelt commands and options are answered with the right spelling") {
  const TemporaryFolder folder;
  check_refused(folder, "", 2, {"no command given"});
  check_refused(folder, "dezign --target 1", 2, {"unknown command \"dezign\"", "did you mean \"design\"?"});
  check_refused(folder, "qqqqqqqqq", 2, {"unknown command \"qqqqqqqqq\"", "see ohmset --help"});
  check_refused(folder, "design --values 1k --tarjet 3", 2, {"unknown option --tarjet", "did you mean --target?"});
  check_refused(folder, "--nonsense", 2, {"--nonsense"});
  check_refused(folder, "design a.toml b.toml --target 1", 2, {"\"b.toml\" is one argument too many"});
  check_refused(folder, "compile crossbar.toml", 2, {"--weights", "see ohmset compile --help"});
  check_refused(folder, "sample", 2, {"SPEC", "see ohmset sample --help"});
  check_refused(folder, "design --values 1k --target", 2, {"--target"});
  check_refused(folder, "design --values 1k --target 1k --best 1 --best 2", 2, {"--best"});
}

TEST_CASE("numbers on the command line are checked and named") {
  const TemporaryFolder folder;
  const std::string design = "design --values 1k,2k --target 1k ";
  for (const std::string option : {"--seed -1", "--seed 1.5", "--seed x", "--seed 99999999999999999999", "--threads -1",
                                   "--threads 1e9", "--threads 1000000", "--best 0", "--best -3", "--at-most -1",
                                   "--die x", "--within -1", "--within nan", "--within x", "--r-on -5", "--r-on 5M"}) {
    check_refused(folder, design + option, 2, {option.substr(0, option.find(' '))});
  }
}

TEST_CASE("an existing output is refused before the work and replaced by force") {
  const TemporaryFolder folder;
  provide_example_files(folder);
  folder.write("out", "precious");
  for (const std::string& command : {std::string("sample bank.toml"), std::string("design bank.toml --target 3k"),
                                     std::string("solve bridge.cir --between a,b")}) {
    check_refused(folder, command + " -o out", 2, {"out exists", "--force"});
    CHECK(folder.read("out") == "precious");
  }
  CHECK(run_tool(folder, "sample bank.toml -o out --force").exit_code == 0);
  CHECK(folder.read("out").starts_with("device,"));
}

TEST_CASE("an empty text or path is refused: it is not an option that was left out") {
  const TemporaryFolder folder;
  provide_example_files(folder);
  REQUIRE(run_tool(folder, "compile crossbar.toml --weights W.csv -o layer").exit_code == 0);
  for (const std::string command :
       {"sample bank.toml", "design bank.toml --target 3k", "compile crossbar.toml --weights W.csv",
        "mvm layer --inputs X.csv", "solve bridge.cir", "netlist layer", "verify layer", "precision", "lottery",
        "tolerance bank.toml --target 3k --redesign", "combine --target 3k"}) {
    check_refused(folder, command + " -o ''", 2, {"-o \"\"", "nothing stands there"});
    check_refused(folder, command + " --output=", 2, {"-o"});
  }
  check_refused(folder, "sample ''", 2, {"SPEC \"\""});
  check_refused(folder, "design bank.toml --target 3k --target ''", 2, {"--target \"\""});
  check_refused(folder, "lottery --weights W.csv --as-crossbar ''", 2, {"--as-crossbar \"\""});
}

TEST_CASE("outputs that cannot be written are the world's fault") {
  const TemporaryFolder folder;
  provide_example_files(folder);
  check_refused(folder, "sample bank.toml -o none/die.csv", 3, {"none/die.csv: cannot be written"});
  check_refused(folder, "sample bank.toml -o /proc/die.csv", 3, {"/proc/die.csv: cannot be written"});
  check_refused(folder, "compile crossbar.toml --weights W.csv -o none/layer", 3, {"none/layer"});
  check_refused(folder, "sample bank.toml -o /dev/full", 3, {"/dev/full: cannot be written"});
}

TEST_CASE("a stdout that cannot be written is the world's fault") {
  const TemporaryFolder folder;
  provide_example_files(folder);
  for (const std::string command :
       {"--version", "--help", "design --help", "sample bank.toml", "sample bank.toml --json", "netlist --help"}) {
    CAPTURE(command);
    // The redirection of run_tool comes last and would win: hence the inner shell.
    const ToolRun run = run_tool(folder, "", "sh -c '\"$0\" " + command + " >/dev/full'");
    CHECK(run.exit_code == 3);
    CHECK(contains(run.error, "stdout cannot be written"));
  }
}

TEST_CASE("with --json stdout is one document; with --quiet a table is not printed") {
  const TemporaryFolder folder;
  provide_example_files(folder);
  REQUIRE(run_tool(folder, "design bank.toml --target 3k -o design.json").exit_code == 0);
  REQUIRE(run_tool(folder, "compile crossbar.toml --weights W.csv -o layer").exit_code == 0);
  for (const std::string command :
       {"sample bank.toml", "design bank.toml --target 3k", "compile crossbar.toml --weights W.csv",
        "mvm layer --inputs X.csv", "solve bridge.cir --between a,b", "solve bridge.cir", "netlist layer",
        "netlist design.json", "verify layer", "verify design.json", "verify bridge.cir"}) {
    CAPTURE(command);
    const ToolRun json = run_tool(folder, command + " --json");
    CAPTURE(json.error);
    CHECK(nlohmann::json::accept(json.out));
    const bool is_bridge_without_source = command == "solve bridge.cir" || command == "verify bridge.cir";
    if (!is_bridge_without_source) CHECK(json.exit_code == 0);
    CHECK(json.error.empty());
    if (command.starts_with("netlist")) continue;  // its text is what was asked for
    CHECK(run_tool(folder, command + " --quiet").out.empty());
  }
}
