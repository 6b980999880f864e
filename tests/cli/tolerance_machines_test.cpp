// Tolerance runs that are shared among threads and processes, killed and taken up again: the same bytes.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "tests/support/tool.h"

using ohmset::test::contains;
using ohmset::test::run_tool;
using ohmset::test::TemporaryFolder;
using ohmset::test::ToolRun;

namespace {

constexpr const char* spec = R"([process]
nominal = "10k"
distribution = "lognormal"
sigma = 0.3
read_noise = 1e-4
[bank]
devices = 10
)";

const std::string ranks = "env ASAN_OPTIONS=detect_leaks=0 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 ";

// What was found, without the time that it took.
std::string found(const ToolRun& run) {
  CAPTURE(run.error);
  REQUIRE(run.exit_code == 0);
  const std::size_t at = run.out.rfind("\"seconds\"");
  REQUIRE(at != std::string::npos);
  return run.out.substr(0, at);
}

const std::string command = "tolerance spec.toml --target 2k --redesign --limit 1e-4 --json --samples ";

// Starts the tool in the folder and kills it as soon as the checkpoint is there.
void kill_when_saved(const TemporaryFolder& folder, const std::string& arguments, const std::string& file) {
  const std::string script = "cd '" + folder.path() + "' || exit; '" OHMSET_TOOL "' " + arguments +
                             " >killed.txt 2>&1 & pid=$!; while [ ! -s " + file +
                             " ] && kill -0 $pid 2>/dev/null; do :; done; kill -KILL $pid 2>/dev/null; wait $pid";
  static_cast<void>(std::system(("{ " + script + "; } 2>/dev/null").c_str()));
}

}  // namespace

TEST_CASE("any number of threads finds the same bytes") {
  const TemporaryFolder folder;
  folder.write("spec.toml", spec);
  for (const std::string method : {"mc", "lhs", "sobol"}) {
    const std::string one = found(run_tool(folder, command + "5000 --threads 1 --method " + method));
    CHECK(found(run_tool(folder, command + "5000 --threads 3 --method " + method)) == one);
  }
}

#ifdef OHMSET_MPIRUN
TEST_CASE("one, two and four ranks find the same bytes; what fails in all of them is said once") {
  const TemporaryFolder folder;
  folder.write("spec.toml", spec);
  const auto shared = [&](const std::string& size) { return ranks + OHMSET_MPIRUN " --oversubscribe -np " + size; };
  for (const std::string method : {"mc", "sobol"}) {
    const std::string arguments = command + "6000 --method " + method;
    const std::string alone = found(run_tool(folder, arguments));
    for (const std::string size : {"1", "2", "4"}) {
      CAPTURE(size);
      CHECK(found(run_tool(folder, arguments, shared(size))) == alone);
    }
  }
  const ToolRun written = run_tool(folder, command + "3000 -o shared.npy", shared("2"));
  REQUIRE(written.exit_code == 0);
  REQUIRE(run_tool(folder, command + "3000 -o alone.npy").exit_code == 0);
  CHECK(folder.read("shared.npy") == folder.read("alone.npy"));
  const ToolRun refused = run_tool(folder, "tolerance none.toml --target 2k", shared("2"));
  CHECK(refused.exit_code == 2);
  const std::size_t said = refused.error.find("ohmset: none.toml");
  CHECK(said != std::string::npos);
  CHECK(refused.error.find("ohmset: none.toml", said + 1) == std::string::npos);
}
#endif

TEST_CASE("a run that was killed goes on from its checkpoint to the same bytes, whoever takes it up") {
  const TemporaryFolder folder;
  folder.write("spec.toml", spec);
  const std::string arguments = command + "400000";
  const std::string whole = found(run_tool(folder, arguments));
  const std::string saving = arguments + " --checkpoint run.ck --checkpoint-every 0.001";
  kill_when_saved(folder, saving, "run.ck");
  REQUIRE(folder.has("run.ck"));
  CHECK(folder.read("killed.txt").empty());
  const std::string saved = folder.read("run.ck");
  CHECK(found(run_tool(folder, saving)) == whole);
  CHECK_FALSE(folder.has("run.ck"));  // nothing is left to go on with
#ifdef OHMSET_MPIRUN
  folder.write("run.ck", saved);
  CHECK(found(run_tool(folder, saving, ranks + OHMSET_MPIRUN " --oversubscribe -np 2")) == whole);
  CHECK_FALSE(folder.has("run.ck"));
  CHECK_FALSE(folder.has("run.ck.1"));
#endif
}

TEST_CASE("a checkpoint that is damaged, cut short or of another question is refused and left as it is") {
  const TemporaryFolder folder;
  folder.write("spec.toml", spec);
  const std::string saving = command + "400000 --checkpoint run.ck --checkpoint-every 0.001";
  kill_when_saved(folder, saving, "run.ck");
  REQUIRE(folder.has("run.ck"));
  const std::string saved = folder.read("run.ck");
  const auto check_refusal = [&](const std::string& bytes, const std::string& arguments) {
    folder.write("run.ck", bytes);
    const ToolRun run = run_tool(folder, arguments);
    CAPTURE(run.error);
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    CHECK(run.error.starts_with("ohmset: run.ck: "));
    CHECK(run.error.find('\n') == run.error.size() - 1);
    CHECK(folder.read("run.ck") == bytes);
  };
  check_refusal(saved.substr(0, saved.size() / 2), saving);
  check_refusal(saved.substr(0, saved.size() - 1), saving);
  check_refusal(saved + "x", saving);
  check_refusal("", saving);
  check_refusal("a letter that happened to lie there\n", saving);
  for (const std::size_t at : {std::size_t{0}, saved.size() / 3, saved.size() - 2}) {
    std::string damaged = saved;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    check_refusal(damaged, saving);
  }
  // Other samples, another seed, another specification.
  check_refusal(saved, command + "400001 --checkpoint run.ck");
  check_refusal(saved, command + "400000 --seed 2 --checkpoint run.ck");
  folder.write("spec.toml", ohmset::test::replaced(spec, "0.3", "0.31"));
  check_refusal(saved, saving);
}

TEST_CASE("a checkpoint that cannot be written ends the run with one line") {
  const TemporaryFolder folder;
  folder.write("spec.toml", spec);
  const ToolRun run = run_tool(folder, command + "400000 --checkpoint nowhere/run.ck");
  CHECK(run.exit_code == 3);
  CHECK(contains(run.error, "nowhere"));
}

TEST_CASE("a crossbar's checkpoint belongs to what its --spec says, wherever the file lies") {
  const TemporaryFolder folder;
  const std::string array = "[process]\nnominal = \"10k\"\nread_noise = 0.01\n[bank]\ndevices = 4\n";
  folder.write("array.toml", array);
  folder.write("W.csv", "1,-0.5\n0.25,0.75\n");
  REQUIRE(run_tool(folder, "compile array.toml --weights W.csv -o layer").exit_code == 0);
  folder.write("spec.toml", array);
  const std::string question = "tolerance layer --samples 500 --checkpoint run.ck --spec ";
  REQUIRE(run_tool(folder, question + "spec.toml -o /dev/full").exit_code == 3);
  REQUIRE(folder.has("run.ck"));
  folder.write("spec.toml", ohmset::test::replaced(array, "0.01", "0.02"));
  CHECK(run_tool(folder, question + "spec.toml").exit_code == 2);
  folder.write("elsewhere.toml", array);
  CHECK(run_tool(folder, question + "elsewhere.toml").exit_code == 0);
}
