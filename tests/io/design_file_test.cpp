// SPDX-License-Identifier: Apache-2.0
#include "tools/io/design_file.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "sim/error.h"
#include "tests/support/refusal.h"
#include "tests/support/tool.h"
#include "tools/io/npy.h"
#include "tools/io/spec.h"

using namespace ohmset;
using namespace ohmset::io;
using ohmset::test::contains;
using ohmset::test::refusal;
using ohmset::test::TemporaryFolder;

namespace {

// A bank with an open and a shorted device and switches stuck either way.
BankDesignFile bank_design() {
  BankDesignFile file{.spec_text = "[process]\n", .seed = ~std::uint64_t{0}, .die = 7};
  file.bank.topology = Topology::parallel(5);
  const double values[] = {9123.456789012345, infinity, 0.1 + 0.2, 10e3, 0.0};
  for (std::size_t k = 0; k < 5; ++k) {
    file.bank.devices.push_back({.nominal = Ohm{10e3},
                                 .resistance = Ohm{values[k]},
                                 .measured = Ohm{values[k] * 1.001},
                                 .tc1 = 1e-6 / 3.0,
                                 .tc2 = -1e-9,
                                 .contact = {.on = Ohm{50.0 + static_cast<double>(k)}, .off = Ohm{1e9}},
                                 .stuck = static_cast<Stuck>(k % 3)});
  }
  file.results.push_back({.target = 3300.0,
                          .choices = {{.configuration = Configuration::from_text("10110"),
                                       .achieved = 3301.2,
                                       .error = 1.2,
                                       .relative_error = 1.2 / 3300.0,
                                       .bits = 11.4},
                                      {.configuration = Configuration::from_text("00110"), .achieved = infinity}},
                          .method = "meet-in-the-middle",
                          .exact = false});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  file.results.push_back({.target = 0.0,
                          .unit = TargetUnit::siemens,
                          .choices = {{.configuration = Configuration(5), .relative_error = nan, .bits = infinity}}});
  file.results.push_back({.target = 1.0});
  return file;
}

const char* const crossbar_text =
    "[process]\nnominal = \"100k\"\ndistribution = \"lognormal\"\nsigma = 0.3\n"
    "[switch]\nr_on = 50\nr_off = \"1g\"\nr_on_sigma = 0.1\nstuck_open = 0.02\nstuck_closed = 0.02\n"
    "[bank]\ndevices = 6\n[array]\nr_word = 1\nr_sense = 2\n";

struct Compiled {
  CrossbarDesign design{};
  std::string text{};
};

Compiled compiled(const TemporaryFolder& folder, const std::string& text = crossbar_text) {
  const CrossbarSpecFile spec = read_crossbar_spec(folder.write("spec.toml", text));
  Matrix weights(3, 4);
  weights << 1, -0.5, 0.25, 0, 0.1, 0.2, -0.3, 0.4, -1, 0.6, -0.7, 0.8;
  return {.design = compile(spec.spec, weights, {.seed = 5, .die = 2}), .text = spec.text};
}

}  // namespace

TEST_CASE("a bank design reads back as it was") {
  const TemporaryFolder folder;
  const BankDesignFile file = bank_design();
  const BankDesignFile read = read_bank_design(folder.write("d.json", bank_design_json(file)));
  CHECK(bank_design_json(read) == bank_design_json(file));
  CHECK(read.seed == file.seed);
  CHECK(read.bank.topology.text() == file.bank.topology.text());
  REQUIRE(read.bank.devices.size() == 5);
  for (std::size_t k = 0; k < 5; ++k) {
    CHECK(read.bank.devices[k].resistance == file.bank.devices[k].resistance);
    CHECK(read.bank.devices[k].measured == file.bank.devices[k].measured);
    CHECK(read.bank.devices[k].contact.on == file.bank.devices[k].contact.on);
    CHECK(read.bank.devices[k].stuck == file.bank.devices[k].stuck);
    CHECK(read.bank.devices[k].tc1 == file.bank.devices[k].tc1);
  }
  REQUIRE(read.results.size() == 3);
  CHECK(read.results[0].choices.size() == 2);
  CHECK(read.results[0].choices[0].configuration == file.results[0].choices[0].configuration);
  CHECK(read.results[0].choices[1].achieved == infinity);
  CHECK(std::isnan(read.results[1].choices[0].relative_error));
  CHECK(read.results[2].choices.empty());
}

TEST_CASE("a bank design without one of its entries is refused, or is the same without it") {
  const TemporaryFolder folder;
  const nlohmann::json whole = nlohmann::json::parse(bank_design_json(bank_design()));
  for (const std::string key : {"seed", "die", "topology", "devices", "results"}) {
    CAPTURE(key);
    nlohmann::json without = whole;
    without.erase(key);
    CHECK(contains(refusal([&] { static_cast<void>(read_bank_design(folder.write("d.json", without.dump()))); }), key));
  }
  for (const std::string key : {"nominal_ohm", "resistance_ohm"}) {
    CAPTURE(key);
    nlohmann::json without = whole;
    without["devices"][3].erase(key);
    CHECK(contains(refusal([&] { static_cast<void>(read_bank_design(folder.write("d.json", without.dump()))); }),
                   "devices[3]." + key));
  }
}

TEST_CASE("a bank design with a wrong entry is refused by the entry's name") {
  const TemporaryFolder folder;
  const nlohmann::json whole = nlohmann::json::parse(bank_design_json(bank_design()));
  const auto with = [&](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json changed = whole;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    return refusal([&] { static_cast<void>(read_bank_design(folder.write("d.json", changed.dump()))); });
  };
  CHECK(contains(with("/devices/0/resistance_ohm", -1.0), "devices[0].resistance_ohm is -1"));
  CHECK(contains(with("/devices/0/resistance_ohm", "many"), "devices[0].resistance_ohm is string"));
  CHECK(contains(with("/devices/0/resistance_ohm", nullptr), "devices[0].resistance_ohm is null"));
  CHECK(contains(with("/devices/0/fault", "open"), "devices[0].fault"));
  CHECK(contains(with("/devices/0/switch_fault", "loose"), "devices[0].switch_fault"));
  CHECK(contains(with("/devices/0/switch_off_ohm", 1.0), "switch_off_ohm is not above"));
  CHECK(contains(with("/devices", nlohmann::json::array()), "devices is empty"));
  CHECK(contains(with("/devices", 3), "devices is number: expected a list"));
  CHECK(contains(with("/devices/2", 3), "devices[2] is number: expected an object"));
  CHECK(contains(with("/topology", "series(4)"), "topology"));
  CHECK(contains(with("/topology", "circle"), "topology"));
  CHECK(contains(with("/seed", -1), "seed is not a whole number"));
  CHECK(contains(with("/seed", 1.5), "seed is not a whole number"));
  CHECK(contains(with("/results/0/mask", "1011"), "results[0].mask"));
  CHECK(contains(with("/results/0/mask", "10112"), "results[0].mask"));
  CHECK(contains(with("/results/0/on", {0, 1, 2}), "results[0].on disagrees with mask"));
  CHECK(contains(with("/results/0/unit", "volt"), "results[0].unit"));
  CHECK(contains(with("/results/0/achieved", nullptr), "results[0].achieved"));
  CHECK(contains(with("/results/0/alternatives/0/mask", 7), "results[0].alternatives[0].mask"));
}

TEST_CASE("what is no JSON is refused with its line, wherever it is cut") {
  const TemporaryFolder folder;
  const std::string whole = bank_design_json(bank_design());
  for (std::size_t length = 0; length + 2 < whole.size(); length += 37) {
    CAPTURE(length);
    CHECK(!refusal([&] {
             static_cast<void>(read_bank_design(folder.write("d.json", whole.substr(0, length))));
           }).empty());
  }
  CHECK(contains(refusal([&] { static_cast<void>(read_bank_design(folder.write("d.json", "{\n\"seed\": ,"))); }),
                 "d.json:2: not JSON"));
  CHECK(!refusal([&] { static_cast<void>(read_bank_design(folder.write("d.json", "{\"seed\": 1e999}"))); }).empty());
  CHECK(!refusal([&] {
           static_cast<void>(read_bank_design(folder.write("d.json", std::string(500'000, '['))));
         }).empty());
  CHECK(!refusal([&] { static_cast<void>(read_bank_design(folder.write("d.json", "[]"))); }).empty());
}

TEST_CASE("a crossbar design reads back as it was, and its arrays are enough to recompute what it achieved") {
  const TemporaryFolder folder;
  for (const std::string mapping : {"", "[mapping]\nscheme = \"offset\"\n", "[mapping]\npair = \"sequential\"\n"}) {
    CAPTURE(mapping);
    const Compiled made = compiled(folder, crossbar_text + mapping);
    const CrossbarDesign& design = made.design;
    write_crossbar_design(folder.path("layer"), design, summarize(design), made.text, true);
    const CrossbarDesignFile file = read_crossbar_design(folder.path("layer"));
    const CrossbarDesign& read = file.design;
    CHECK(file.spec_text == made.text);
    CHECK(read.seed == 5);
    CHECK(read.die == 2);
    CHECK(read.outputs == 3);
    CHECK(read.inputs == 4);
    CHECK(read.scale == design.scale);
    CHECK(read.full_scale == design.full_scale);
    CHECK(read.common_mode == design.common_mode);
    CHECK(read.spec.mapping.scheme == design.spec.mapping.scheme);
    CHECK(read.spec.wires.sense.value == 2.0);
    CHECK(read.spec.bank.fabrication.process.sigma == 0.3);
    CHECK(read.array.resistances == design.array.resistances);
    CHECK(read.array.switches == design.array.switches);
    CHECK(!read.array.switch_on.empty());
    CHECK(read.array.switch_on == design.array.switch_on);
    CHECK(!read.array.stuck.empty());
    CHECK(read.array.stuck == design.array.stuck);
    CHECK(read.targets == design.targets);
    CHECK(read.achieved == design.achieved);
    CHECK(cell_differences(read.spec.mapping.scheme, conductances(read.array)) == design.achieved);
  }
}

TEST_CASE("a design replaces an older one that had more arrays, without leaving them") {
  const TemporaryFolder folder;
  const Compiled with_faults = compiled(folder);
  const Compiled without = compiled(folder, "[process]\nnominal = 1000\n[bank]\ndevices = 6\n");
  write_crossbar_design(folder.path("layer"), with_faults.design, summarize(with_faults.design), with_faults.text,
                        false);
  CHECK(folder.has("layer/stuck.npy"));
  CHECK_THROWS_AS(
      write_crossbar_design(folder.path("layer"), without.design, summarize(without.design), without.text, false),
      Error);
  write_crossbar_design(folder.path("layer"), without.design, summarize(without.design), without.text, true);
  CHECK(!folder.has("layer/stuck.npy"));
  CHECK(!folder.has("layer/switch_on.npy"));
  CHECK(read_crossbar_design(folder.path("layer")).design.array.stuck.empty());
  CHECK(is_crossbar_design(folder.path("layer")));
  CHECK(!is_crossbar_design(folder.path("spec.toml")));
}

TEST_CASE("a crossbar design with missing arrays, other shapes or impossible values is refused by file") {
  const TemporaryFolder folder;
  const Compiled made = compiled(folder);
  const std::string path = folder.path("layer");
  const auto refused = [&] { return refusal([&] { static_cast<void>(read_crossbar_design(path)); }); };
  const auto renew = [&] { write_crossbar_design(path, made.design, summarize(made.design), made.text, true); };

  for (const std::string name : {"design.json", "resistances.npy", "switches.npy", "targets.npy", "achieved.npy"}) {
    CAPTURE(name);
    renew();
    std::filesystem::remove(path + "/" + name);
    CHECK(contains(refused(), name));
    folder.write("layer/" + name, "");
    CHECK(contains(refused(), name));
  }
  const double one = 1.0;
  for (const std::string name : {"resistances.npy", "targets.npy", "achieved.npy", "switch_on.npy"}) {
    CAPTURE(name);
    renew();
    folder.write("layer/" + name, npy_bytes({1, 1}, &one));
    CHECK(contains(refused(), name + ": the array is 1 x 1: design.json says "));
  }
  renew();
  std::vector<double> resistances = made.design.array.resistances;
  resistances[17] = -1.0;
  folder.write("layer/resistances.npy", npy_bytes({4, 6, 6}, resistances.data()));
  CHECK(contains(refused(), "entry 17 (from 0, in C order) is -1"));
  renew();
  std::vector<std::uint64_t> switches = made.design.array.switches;
  switches[3] = 64;  // device 6 of 6
  folder.write("layer/switches.npy", npy_bytes({4, 6}, switches.data()));
  CHECK(contains(refused(), "entry 3 (from 0, in C order) is 64"));
  renew();
  std::vector<std::uint8_t> stuck = made.design.array.stuck;
  stuck[9] = 3;
  folder.write("layer/stuck.npy", npy_bytes({4, 6, 6}, stuck.data()));
  CHECK(contains(refused(), "entry 9 (from 0, in C order) is 3"));
}

TEST_CASE("a crossbar's description with a wrong or missing entry is refused by the entry's name") {
  const TemporaryFolder folder;
  const Compiled made = compiled(folder);
  const std::string path = folder.path("layer");
  write_crossbar_design(path, made.design, summarize(made.design), made.text, true);
  const nlohmann::json whole = nlohmann::json::parse(folder.read("layer/design.json"));
  const auto with = [&](const nlohmann::json& changed) {
    folder.write("layer/design.json", changed.dump());
    return refusal([&] { static_cast<void>(read_crossbar_design(path)); });
  };
  CHECK(with(whole).empty());
  for (const std::string key : {"seed", "die", "outputs", "inputs", "word_lines", "bit_lines", "devices", "topology",
                                "scheme", "scale", "full_scale", "common_mode", "wires", "switch", "spec"}) {
    CAPTURE(key);
    nlohmann::json changed = whole;
    changed.erase(key);
    CHECK(contains(with(changed), key + " is missing"));
    changed = whole;
    changed[key] = nlohmann::json::array();
    CHECK(contains(with(changed), key));
  }
  const auto set = [&](const std::string& pointer, const nlohmann::json& value) {
    nlohmann::json changed = whole;
    changed[nlohmann::json::json_pointer(pointer)] = value;
    return with(changed);
  };
  CHECK(contains(set("/outputs", 4), "bit_lines is 6: 4 outputs need 8"));
  CHECK(contains(set("/inputs", 5), "word_lines differs from inputs"));
  CHECK(contains(set("/inputs", 18446744073709551615U), "inputs is 18446744073709551615"));
  CHECK(contains(set("/devices", 65), "devices is 65"));
  CHECK(contains(set("/devices", 5), "topology"));
  CHECK(contains(set("/scheme", "both"), "scheme is \"both\""));
  CHECK(contains(set("/wires/r_bit", -1), "wires.r_bit is -1"));
  CHECK(contains(set("/wires/r_bit", "inf"), "wires.r_bit is infinite"));
  CHECK(contains(set("/switch/r_off", 1), "switch.r_off"));
  CHECK(contains(set("/scale", 0), "scale is 0"));
  CHECK(contains(set("/spec", "[proces]\n"), "unknown table \"proces\""));
}

TEST_CASE("a design stands on its own: files that its specification named may be gone") {
  const TemporaryFolder folder;
  folder.write("r.csv", "0.5\n1\n2\n");
  const Compiled made = compiled(folder,
                                 "[process]\nnominal = 1000\ndistribution = \"empirical\"\nratios = \"r.csv\"\n"
                                 "[bank]\ndevices = 6\n");
  std::filesystem::remove(folder.path("r.csv"));
  write_crossbar_design(folder.path("layer"), made.design, summarize(made.design), made.text, false);
  CHECK(read_crossbar_design(folder.path("layer")).design.achieved == made.design.achieved);
}
