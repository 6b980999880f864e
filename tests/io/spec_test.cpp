// SPDX-License-Identifier: Apache-2.0
#include "tools/io/spec.h"

#include <doctest/doctest.h>

#include <random>

#include "sim/error.h"
#include "tests/support/tool.h"

using namespace ohmset;
using namespace ohmset::io;
using ohmset::test::contains;
using ohmset::test::replaced;
using ohmset::test::TemporaryFolder;

namespace {

// Every key of a crossbar's specification.
constexpr const char* complete = R"([process]
nominal = "10k"
distribution = "lognormal"
sigma = 0.3
lot_sigma = 0.05
gradient = [0.01, -0.02]
correlation_length = 0.0
device_open = 0.001
device_short = 0.002
tc1 = { mean = 1e-6, sigma = 20e-6 }
tc2 = { mean = 2e-9 }
drift = { nu = 0.0, nu_sigma = 0.0, t0 = 20.0 }
read_noise = 0.0
[switch]
r_on = "50"
r_off = "1g"
r_on_sigma = 0.1
stuck_open = 0.003
stuck_closed = 0.004
[measurement]
sigma = 1e-3
bits = 12
[bank]
topology = "parallel"
devices = 16
[array]
r_word = "1"
r_bit = 2
r_driver = "0.5"
r_sense = "3ohm"
[mapping]
scheme = "differential"
pair = "sequential"
full_scale = "20u"
)";

std::string bank_refusal(const std::string& text) {
  const TemporaryFolder folder;
  const std::string path = folder.write("s.toml", text);
  try {
    static_cast<void>(read_bank_spec(path));
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    CHECK(std::string(error.what()).starts_with(path));
    return std::string(error.what()).substr(folder.path().size());
  }
  return "";
}

std::string crossbar_refusal(const std::string& text) {
  const TemporaryFolder folder;
  const std::string path = folder.write("s.toml", text);
  try {
    static_cast<void>(read_crossbar_spec(path));
  } catch (const Error& error) {
    CHECK(error.fault() == Fault::input);
    return std::string(error.what()).substr(folder.path().size());
  }
  return "";
}

BankSpec bank(const std::string& text) {
  const TemporaryFolder folder;
  return read_bank_spec(folder.write("s.toml", text)).spec;
}

}  // namespace

TEST_CASE("every key arrives where it belongs") {
  const TemporaryFolder folder;
  const CrossbarSpecFile file = read_crossbar_spec(folder.write("s.toml", complete));
  CHECK(file.text == complete);
  const Fabrication& f = file.spec.bank.fabrication;
  CHECK(f.process.nominals == std::vector{10e3});
  CHECK(f.process.values.empty());
  CHECK(f.process.distribution == Distribution::lognormal);
  CHECK(f.process.sigma == 0.3);
  CHECK(f.process.lot_sigma == 0.05);
  CHECK(f.process.gradient == std::array{0.01, -0.02});
  CHECK(f.process.device_open == 0.001);
  CHECK(f.process.device_short == 0.002);
  CHECK(f.process.tc1.mean == 1e-6);
  CHECK(f.process.tc1.sigma == 20e-6);
  CHECK(f.process.tc2.mean == 2e-9);
  CHECK(f.process.tc2.sigma == 0.0);
  CHECK(f.switches.nominal.on.value == 50.0);
  CHECK(f.switches.nominal.off.value == 1e9);
  CHECK(f.switches.on_sigma == 0.1);
  CHECK(f.switches.stuck_open == 0.003);
  CHECK(f.switches.stuck_closed == 0.004);
  CHECK(f.measurement.sigma == 1e-3);
  CHECK(f.measurement.bits == 12);
  CHECK(file.spec.bank.topology.is_parallel());
  CHECK(file.spec.bank.topology.device_count() == 16);
  CHECK(file.spec.wires.word.value == 1.0);
  CHECK(file.spec.wires.bit.value == 2.0);
  CHECK(file.spec.wires.driver.value == 0.5);
  CHECK(file.spec.wires.sense.value == 3.0);
  CHECK(file.spec.mapping.scheme == Scheme::differential);
  CHECK(file.spec.mapping.pair == Pair::sequential);
  REQUIRE(file.spec.mapping.full_scale);
  CHECK(file.spec.mapping.full_scale->value == doctest::Approx(20e-6).epsilon(1e-15));
}

TEST_CASE("what is left out takes the documented default") {
  const TemporaryFolder folder;
  const CrossbarSpec spec =
      read_crossbar_spec(folder.write("s.toml", "[process]\nnominal = 1000\n[bank]\ndevices = 4\n")).spec;
  CHECK(spec.bank.fabrication.process.distribution == Distribution::none);
  CHECK(spec.bank.fabrication.switches.nominal.on.value == 0.0);
  CHECK(spec.bank.fabrication.switches.nominal.off.value == infinity);
  CHECK(spec.bank.fabrication.measurement.exact());
  CHECK(spec.bank.topology.is_parallel());
  CHECK(spec.wires.word.value == 0.0);
  CHECK(spec.mapping.scheme == Scheme::differential);
  CHECK(!spec.mapping.pair);
  CHECK(!spec.mapping.full_scale);
}

TEST_CASE("every key misspelt is refused, with its line and the right spelling") {
  std::string_view rest = complete;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const std::string text(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(text.size() + 1);
    const std::string key = text.front() == '[' ? text.substr(1, text.size() - 2) : text.substr(0, text.find(' '));
    if (key.size() < 4 || key == "r_off") continue;  // r_of is as near to r_on, tc to tc1 and tc2
    CAPTURE(key);
    const std::string wrong = key.substr(0, key.size() - 1);
    const std::string place = text.front() == '[' ? "[" + key + "]" : "\n" + key + " =";
    std::string spec(complete);
    const std::size_t at = [&] {  // the occurrence on this very line
      std::size_t begin = 0;
      for (std::size_t k = 1; k < line; ++k) begin = spec.find('\n', begin) + 1;
      return spec.find(key, begin);
    }();
    spec.replace(at, key.size(), wrong);
    const std::string refusal = crossbar_refusal(spec);
    CAPTURE(refusal);
    CHECK(contains(refusal, "s.toml:" + std::to_string(line) + ": unknown "));
    CHECK(contains(refusal, "\"" + wrong + "\""));
    CHECK(contains(refusal, "did you mean \"" + key + "\"?"));
  }
}

TEST_CASE("values out of range or of the wrong type name the file, the line and the key") {
  struct Case {
    const char* line;   // of the complete specification
    const char* wrong;  // in its stead
    const char* words;
  };
  for (const Case& c : std::vector<Case>{
           {"nominal = \"10k\"", "nominal = \"10M\"", ":2: process.nominal"},
           {"nominal = \"10k\"", "nominal = \"-10k\"", ":2: process.nominal is \"-10k\""},
           {"nominal = \"10k\"", "nominal = 0", ":2: process.nominal is 0"},
           {"nominal = \"10k\"", "nominal = nan", ":2: process.nominal is nan"},
           {"nominal = \"10k\"", "nominal = inf", ":2: process.nominal is inf"},
           {"nominal = \"10k\"", "nominal = true", "true or false"},
           {"nominal = \"10k\"", "nominal = [1]", "a list"},
           {"nominal = \"10k\"", "nominal = 1979-05-27", "a date or time"},
           {"nominal = \"10k\"", "nominal = \"10kV\"", ":2: process.nominal"},
           {"nominal = \"10k\"", "nominal = \"10k and more\"", ":2: process.nominal"},
           {"\"lognormal\"", "\"lognorml\"", "did you mean \"lognormal\"?"},
           {"\"lognormal\"", "3", ":3: process.distribution is a number"},
           {"\nsigma = 0.3", "\nsigma = -0.3", ":4: process.sigma is -0.3"},
           {"\nsigma = 0.3", "\nsigma = nan", ":4: process.sigma"},
           {"lot_sigma = 0.05", "lot_sigma = -1", ":5: process.lot_sigma"},
           {"[0.01, -0.02]", "[0.01]", ":6: process.gradient has 1 values"},
           {"[0.01, -0.02]", "[0.01, nan]", ":6: process.gradient"},
           {"[0.01, -0.02]", "0.01", ":6: process.gradient is a number"},
           {"correlation_length = 0.0", "correlation_length = -2", ":7: process.correlation_length is -2"},
           {"device_open = 0.001", "device_open = 1.5", ":8: process.device_open is 1.5"},
           {"device_open = 0.001", "device_open = 0.9999", "exceed 1 together"},
           {"sigma = 20e-6", "sigma = -1", ":10: process.tc1.sigma"},
           {"sigma = 20e-6", "sgma = 1", "did you mean \"sigma\"?"},
           {"nu = 0.0,", "mu = 0.05,", "did you mean \"nu\"?"},
           {"nu_sigma = 0.0", "nu_sigma = -1", ":12: process.drift.nu_sigma is -1"},
           {"t0 = 20.0", "t0 = 0", ":12: process.drift.t0 is 0"},
           {"drift = { nu = 0.0, nu_sigma = 0.0, t0 = 20.0 }", "drift = \"pmc\"", ":12: process.drift is \"pmc\""},
           {"drift = { nu = 0.0, nu_sigma = 0.0, t0 = 20.0 }", "drift = 3", ":12: process.drift is neither"},
           {"drift = { nu = 0.0, nu_sigma = 0.0, t0 = 20.0 }", "drift = { model = \"rram\" }",
            ":12: process.drift.model is \"rram\""},
           {"drift = { nu = 0.0, nu_sigma = 0.0, t0 = 20.0 }",
            "drift = { model = \"reram\", programming_noise = true }",
            ":12: process.drift.programming_noise has no effect"},
           {"read_noise = 0.0", "read_noise = -0.01", ":13: process.read_noise is -0.01"},
           {"r_on = \"50\"", "r_on = \"-50\"", ":15: switch.r_on"},
           {"r_on = \"50\"", "r_on = inf", ":15: switch.r_on"},
           {"r_off = \"1g\"", "r_off = 50", "expected r_off > r_on"},
           {"stuck_open = 0.003", "stuck_open = -0.1", ":18: switch.stuck_open"},
           {"stuck_closed = 0.004", "stuck_closed = 1", "exceed 1 together"},
           {"bits = 12", "bits = 33", ":22: measurement.bits is 33"},
           {"bits = 12", "bits = -1", ":22: measurement.bits is -1"},
           {"bits = 12", "bits = 1.5", ":22: measurement.bits is not a whole number"},
           {"topology = \"parallel\"", "topology = \"paralel\"", ":24: bank.topology"},
           {"topology = \"parallel\"", "topology = \"series(4)\"", "bank.topology"},
           {"devices = 16", "devices = 0", ":25: bank.devices is 0"},
           {"devices = 16", "devices = 65", ":25: bank.devices is 65"},
           {"devices = 16", "devices = 1e3", ":25: bank.devices is not a whole number"},
           {"r_word = \"1\"", "r_word = \"inf\"", ":27: array.r_word"},
           {"r_bit = 2", "r_bit = -2", ":28: array.r_bit is -2"},
           {"scheme = \"differential\"", "scheme = \"diff\"", ":32: mapping.scheme"},
           {"pair = \"sequential\"", "pair = \"both\"", ":33: mapping.pair"},
           {"full_scale = \"20u\"", "full_scale = 0", ":34: mapping.full_scale"},
           {"full_scale = \"20u\"", "full_scale = \"20ohm\"", ":34: mapping.full_scale"}}) {
    CAPTURE(c.wrong);
    const std::string refusal = crossbar_refusal(replaced(complete, c.line, c.wrong));
    CAPTURE(refusal);
    CHECK(contains(refusal, "s.toml:"));
    CHECK(contains(refusal, c.words));
  }
}

TEST_CASE("no nominal, or two of them, is one clear line") {
  CHECK(contains(bank_refusal(""), "process.nominal is missing"));
  CHECK(
      contains(bank_refusal("[process]\nsigma = 0.1\n[bank]\ndevices = 3\n"), "s.toml:1: process.nominal is missing"));
  CHECK(contains(bank_refusal("[process]\nnominal = 1\nnominals = [1, 2]\n[bank]\n"), "are both given"));
  CHECK(contains(bank_refusal("process = 3\n"), "s.toml:1: process is a number: expected a table"));
}

TEST_CASE("noise that would have no effect is refused, not ignored") {
  CHECK(
      contains(bank_refusal("[process]\nnominal = 1\nsigma = 0.1\n[bank]\ndevices = 3\n"), "s.toml:3: process.sigma"));
  CHECK(contains(bank_refusal("[process]\nvalues = [1, 2]\nsigma = 0.1\ndistribution = \"normal\"\n"), "measured"));
  CHECK(contains(bank_refusal("[process]\nnominal = 1\nratios = [1]\n[bank]\ndevices = 3\n"),
                 "s.toml:3: process.ratios"));
  CHECK(
      contains(bank_refusal("[process]\nnominal = 1\ndistribution = \"empirical\"\n[bank]\ndevices = 3\n"), "ratios"));
  CHECK(contains(bank_refusal("[process]\nnominal = 1\ndistribution = \"uniform\"\nsigma = 1\n[bank]\ndevices = 3\n"),
                 "s.toml:4: process.sigma"));
}

TEST_CASE("the number of devices comes from whoever says it, and all must agree") {
  CHECK(bank("[process]\nnominals = [1, 2, \"4k\"]\n").topology.device_count() == 3);
  CHECK(bank("[process]\nvalues = [1, 0, inf]\n[bank]\ntopology = \"series\"\n").topology.is_series());
  CHECK(bank("[process]\nnominal = 1\n[bank]\ntopology = \"parallel(series(4), 1)\"\n").topology.device_count() == 5);
  CHECK(bank("[process]\nnominal = 1\n[bank]\ntopology = \"series(4)\"\ndevices = 4\n").topology.device_count() == 4);
  CHECK(contains(bank_refusal("[process]\nnominal = 1\n"), "bank.devices is missing"));
  CHECK(
      contains(bank_refusal("[process]\nnominal = 1\n[bank]\ntopology = \"series(4)\"\ndevices = 5\n"), "s.toml:4: "));
  CHECK(contains(bank_refusal("[process]\nnominals = [1, 2]\n[bank]\ndevices = 3\n"), "s.toml:2: process.nominals"));
  CHECK(contains(bank_refusal("[process]\nnominals = []\n"), "s.toml:2: process.nominals is empty"));
  CHECK(contains(bank_refusal("[process]\nnominals = [1, -2]\n"), "s.toml:2: process.nominals is -2"));
}

TEST_CASE("files that a specification names are looked up beside it") {
  const TemporaryFolder folder;
  folder.write("measured.csv", "9.1k\n10.4k\ninf\n0\n");
  folder.write("ratios.csv", "ratio\n0.9\n1.1\n");
  const BankSpec values = read_bank_spec(folder.write("v.toml", "[process]\nvalues = \"measured.csv\"\n")).spec;
  CHECK(values.fabrication.process.values == std::vector{9100.0, 10400.0, infinity, 0.0});
  const BankSpec ratios = read_bank_spec(folder.write("r.toml",
                                                      "[process]\nnominal = 1\ndistribution = \"empirical\"\n"
                                                      "ratios = \"ratios.csv\"\n[bank]\ndevices = 2\n"))
                              .spec;
  CHECK(ratios.fabrication.process.ratios == std::vector{0.9, 1.1});
  folder.write("measured.csv", "9.1k\n-1\n");
  CHECK_THROWS_WITH_AS(static_cast<void>(read_bank_spec(folder.path("v.toml"))), doctest::Contains("is -1"), Error);
  folder.write("measured.csv", "9.1k\nnine\n");
  CHECK_THROWS_WITH_AS(static_cast<void>(read_bank_spec(folder.path("v.toml"))), doctest::Contains("measured.csv:2"),
                       Error);
  std::filesystem::remove(folder.path("measured.csv"));
  CHECK_THROWS_WITH_AS(static_cast<void>(read_bank_spec(folder.path("v.toml"))), doctest::Contains("v.toml:2"), Error);
}

TEST_CASE("a bank's specification refuses an array's tables") {
  CHECK(contains(bank_refusal("[process]\nnominal = 1\n[bank]\ndevices = 2\n[array]\n"), "s.toml:5: array belongs to"));
  CHECK(contains(bank_refusal("[process]\nnominal = 1\n[bank]\ndevices = 2\n[mapping]\n"), "mapping belongs to"));
}

TEST_CASE("joint pairs need parallel banks") {
  CHECK(contains(
      crossbar_refusal("[process]\nnominal = 1\n[bank]\ntopology = \"series(4)\"\n[mapping]\npair = \"joint\"\n"),
      "s.toml:6: mapping.pair"));
}

TEST_CASE("broken, binary and duplicate TOML names the line") {
  CHECK(contains(bank_refusal("[process]\nnominal = \n"), "s.toml:2: not TOML"));
  CHECK(contains(bank_refusal("[process]\nnominal = 1\nnominal = 2\n"), "s.toml:3: not TOML"));
  CHECK(contains(bank_refusal(std::string("\x7f"
                                          "ELF\0\0\0",
                                          7)),
                 "s.toml:1: "));
  CHECK(!bank_refusal("[process]\nnominal = \"\xff\xfe\"\n").empty());
  CHECK(!bank_refusal(std::string(100'000, '[')).empty());
  CHECK(!bank_refusal("a = " + std::string(100'000, '[')).empty());
  CHECK(!bank_refusal(std::string(1'000'000, 'x')).empty());
}

TEST_CASE("random damage is refused with one line, or read") {
  std::size_t refused = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::string damaged(complete);
    for (std::uint64_t k = 0; k <= seed % 3; ++k) damaged[random() % damaged.size()] = static_cast<char>(random());
    if (!crossbar_refusal(damaged).empty()) ++refused;
  }
  CHECK(refused > 500);
}

TEST_CASE("a topology in the place of the specification's own must have its number of devices") {
  const TemporaryFolder folder;
  const std::string path = folder.write("s.toml", "[process]\nnominal = 1\n[bank]\ndevices = 4\n");
  CHECK(read_bank_spec(path, "series").spec.topology.is_series());
  CHECK(read_bank_spec(path, "parallel(series(2),2)").spec.topology.device_count() == 4);
  CHECK_THROWS_AS(static_cast<void>(read_bank_spec(path, "series(3)")), Error);
}

TEST_CASE("Drift is a table of the power law's numbers, or a model's name") {
  const auto drift_of = [](const std::string& drift) {
    const TemporaryFolder folder;
    return read_crossbar_spec(
               folder.write("s.toml", replaced(complete, "drift = { nu = 0.0, nu_sigma = 0.0, t0 = 20.0 }", drift)))
        .spec.bank.fabrication.process.drift;
  };
  CHECK(drift_of("drift = { nu = 0.0, t0 = 5.0 }").model == DriftModel::none);
  const Drift law = drift_of("drift = { nu = 0.05, nu_sigma = 0.01, t0 = \"5m\" }");
  CHECK(law.model == DriftModel::power_law);
  CHECK(law.nu.mean == 0.05);
  CHECK(law.nu.sigma == 0.01);
  CHECK(law.t0 == 5e-3);
  CHECK(drift_of("drift = { nu_sigma = 0.01 }").t0 == 20.0);
  CHECK(drift_of("drift = \"pcm\"").model == DriftModel::pcm);
  CHECK(drift_of("drift = \"pcm\"").programming_noise);
  CHECK(drift_of("drift = \"reram\"").model == DriftModel::reram);
  CHECK_FALSE(drift_of("drift = { model = \"pcm\", programming_noise = false }").programming_noise);
}

TEST_CASE("A correlation length is of an array, not of a bank") {
  const std::string bank = "[process]\nnominal = 1\ncorrelation_length = 2\nread_noise = 0.01\n[bank]\ndevices = 3\n";
  CHECK(contains(bank_refusal(bank), ":3: process.correlation_length is a crossbar's"));
  const TemporaryFolder folder;
  const Process process = read_crossbar_spec(folder.write("s.toml", bank)).spec.bank.fabrication.process;
  CHECK(process.correlation_length == 2.0);
  CHECK(process.read_noise == 0.01);
}

TEST_CASE("A specification that a design carries is read without the files that it names") {
  const std::string text = "[process]\nvalues = \"gone.csv\"\ntc1 = { sigma = 1e-6 }\n[bank]\ndevices = 2\n";
  const BankSpec spec = carried_bank_spec(text, "d.json", Topology::parse("series(2)"));
  CHECK(spec.topology.is_series());
  CHECK(spec.fabrication.process.tc1.sigma == 1e-6);
  CHECK(spec.fabrication.process.values.empty());
}
