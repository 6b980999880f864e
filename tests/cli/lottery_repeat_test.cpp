// A lottery's question, from its JSON again.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "tests/support/tickets.h"

using namespace ohmset::test;
using namespace ohmset::test::tickets;

TEST_CASE("a run is repeated from its JSON or its ticket, byte for byte, crossbars and all, on any number of threads") {
  const TemporaryFolder folder;
  provide(folder);
  const auto check_same_files = [&](const std::string& one, const std::string& two) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path(one))) {
      if (!entry.is_regular_file()) continue;
      ++files;
      const std::string name = std::filesystem::relative(entry.path(), folder.path(one)).string();
      CAPTURE(name);
      CHECK(folder.read(one + "/" + name) == folder.read(two + "/" + name));
    }
    CHECK(files >= 4);
  };
  for (const std::string options :
       {"--units 9 --fewest-within 1m --within 2 --random-inputs 17 --as-crossbar bars --unit-conductance 3u --r-word "
        "2 "
        "--r-bit 3 --r-driver 50 --r-sense 4",
        "--construction relu --nonnegative --units 13 --scale 1.25 --as-crossbar bars", "--as-crossbar bars"}) {
    CAPTURE(options);
    const ToolRun first =
        run_tool(folder, "lottery --weights W.npy " + options + " --seed 5 --threads 1 -o one --force --json");
    REQUIRE(first.exit_code == 0);
    folder.write("printed.json", first.out);
    for (const std::string file : {"one/lottery.json", "printed.json"}) {
      CAPTURE(file);
      const ToolRun second =
          run_tool(folder, "lottery --repeat " + file + " --threads 2 -o two --as-crossbar bars2 --force --json");
      CAPTURE(second.error);
      REQUIRE(second.exit_code == 0);
      check_same_files("one", "two");
      check_same_files("bars", "bars2");
      json a = json::parse(first.out);
      json b = json::parse(second.out);
      for (json* answer : {&a, &b}) {
        answer->erase("seconds");
        answer->erase("forward_seconds");
      }
      CHECK(a == b);
    }
  }
  REQUIRE(run_tool(folder, "lottery --weights W.npy --seed 6 -o other --quiet").exit_code == 0);
  REQUIRE(run_tool(folder, "lottery --weights W.npy --seed 5 -o one --force --quiet").exit_code == 0);
  CHECK(folder.read("one/random.npy") != folder.read("other/random.npy"));
}

TEST_CASE("a repeated run wants the weights that it had, wherever they are now, and no other question beside") {
  const TemporaryFolder folder;
  provide(folder);
  REQUIRE(run_tool(folder, "lottery --weights W.npy --units 9 -o one --quiet").exit_code == 0);
  const std::string repeat = "lottery --repeat one/lottery.json ";
  const auto weights = ohmset::io::read_npy_doubles(folder.path("W.npy"));

  // The same numbers elsewhere, in another format too.
  write_npy(folder, "moved.npy", weights.shape, weights.data);
  std::string csv;
  for (std::size_t k = 0; k < weights.data.size(); ++k) {
    csv += fmt::format("{}{}", weights.data[k], (k + 1) % inputs == 0 ? "\n" : ",");
  }
  folder.write("moved.csv", csv);
  std::filesystem::remove(folder.path("W.npy"));
  check_refused(folder, repeat, 2, {"W.npy: cannot be read"});
  for (const std::string name : {"moved.npy", "moved.csv"}) {
    REQUIRE(run_tool(folder, repeat + "--weights " + name + " -o two --force --quiet").exit_code == 0);
    CHECK(folder.read("one/masks.npy") == folder.read("two/masks.npy"));
  }

  // Other numbers, or the same ones in another shape.
  std::vector<double> others = weights.data;
  others[7] = std::nextafter(others[7], 9.0);
  write_npy(folder, "W.npy", weights.shape, others);
  check_refused(folder, repeat + "-o three", 2, {"W.npy: not the weights of the run to repeat"});
  write_npy(folder, "W.npy", {inputs, outputs}, weights.data);
  check_refused(folder, repeat + "-o three", 2, {"W.npy: not the weights of the run to repeat"});
  write_npy(folder, "W.npy", weights.shape, weights.data);
  REQUIRE(run_tool(folder, repeat + "--quiet").exit_code == 0);

  for (const std::string beside : {"--construction relu", "--units 9", "--scale 2", "--nonnegative",
                                   "--fewest-within 0.1", "--within 0.1", "--random-inputs 5", "--unit-conductance 1u",
                                   "--r-word 1", "--r-bit 1", "--r-driver 1", "--r-sense 1", "--seed 1"}) {
    check_refused(folder, repeat + beside, 2, {beside.substr(0, beside.find(' ')), "beside --repeat"});
  }

  const std::string text = folder.read("one/lottery.json");
  const auto damaged = [&](const std::string& from, const std::string& to, std::string_view word) {
    folder.write("damaged.json", replaced(text, from, to));
    check_refused(folder, "lottery --repeat damaged.json -o three", 2, {"damaged.json", word});
  };
  damaged("\"question\"", "\"answer\"", "no question");
  damaged("\"weights_fingerprint\"", "\"weights_print\"", "no question of a lottery");
  damaged("\"random_inputs\": 100", "\"random_inputs\": -1", "random_inputs -1");
  damaged("\"random_inputs\": 100", "\"random_inputs\": \"many\"", "damaged");
  damaged("\"unit_conductance\": ", "\"unit_conductance\": -", "--unit-conductance");
  damaged("\"nonnegative\": false", "\"nonnegative\": true", "--nonnegative");
  folder.write("damaged.json", "{");
  check_refused(folder, "lottery --repeat damaged.json", 2, {"damaged.json", "no question"});
}
