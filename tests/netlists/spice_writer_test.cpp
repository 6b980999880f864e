// Exported texts: what they say reads back as the circuit they came from, in ngspice too.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_writer.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>

#include "netlists/spice_reader.h"
#include "sim/error.h"
#include "sim/nodal.h"

namespace {

using namespace ohmset;

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : engine_(seed) {}
  double uniform() { return std::uniform_real_distribution<>(0.0, 1.0)(engine_); }
  std::uint64_t mask(std::size_t bits) { return engine_() & ((std::uint64_t{1} << bits) - 1); }

 private:
  std::mt19937_64 engine_;
};

struct Drawn {
  Bank bank{};
  Configuration configuration{};
};

// Contact kinds: bit 0: on > 0, bit 1: finite off.
Drawn draw_bank(const std::string& topology, unsigned contact, bool faults, Draws& draws) {
  Drawn drawn;
  drawn.bank.topology = Topology::parse(topology);
  const std::size_t count = drawn.bank.topology.device_count();
  for (std::size_t k = 0; k < count; ++k) {
    Device device;
    device.resistance = Ohm{std::exp(6.0 + 6.0 * draws.uniform())};
    if (faults && draws.uniform() < 0.3) device.resistance = Ohm{draws.uniform() < 0.5 ? 0.0 : infinity};
    if (faults && draws.uniform() < 0.3) device.stuck = draws.uniform() < 0.5 ? Stuck::open : Stuck::closed;
    device.contact.on = Ohm{(contact & 1U) != 0 ? 10.0 + draws.uniform() : 0.0};
    device.contact.off = Ohm{(contact & 2U) != 0 ? 1e8 * (1.0 + draws.uniform()) : infinity};
    device.tc1 = faults ? 1e-4 : 0.0;
    drawn.bank.devices.push_back(device);
  }
  drawn.configuration = Configuration::from_mask(draws.mask(count), count);
  return drawn;
}

double current_through(const std::string& source, const Network& network) {
  const OperatingPoint point = operating_point(network);
  for (std::size_t k = 0; k < network.voltage_sources().size(); ++k) {
    if (network.voltage_sources()[k].name == source) return point.voltage_source_currents[k];
  }
  return std::nan("");
}

BankArray draw_array(std::size_t words, std::size_t bits, const std::string& topology, std::uint64_t seed) {
  Draws draws(seed);
  BankArray array{.word_lines = words, .bit_lines = bits, .topology = Topology::parse(topology)};
  array.resistances.resize(words * bits * array.devices());
  for (double& r : array.resistances) r = std::exp(8.0 + 2.0 * draws.uniform());
  array.switches.resize(words * bits);
  for (std::uint64_t& mask : array.switches) mask = draws.mask(array.devices());
  return array;
}

}  // namespace

TEST_CASE("a bank's text, read back and solved by Kirchhoff, conducts what the closed form says") {
  Draws draws(7);
  std::size_t solved = 0;
  for (const std::string topology :
       {"parallel(5)", "series(4)", "series(parallel(3), parallel(2), 1)", "parallel(series(3), series(2), 2)",
        "series(parallel(2), series(2), parallel(series(2), 1))"}) {
    for (unsigned trial = 0; trial < 64; ++trial) {
      const auto [bank, configuration] = draw_bank(topology, trial % 4, (trial & 4U) != 0, draws);
      NetlistOptions options{.flat = (trial & 8U) != 0};
      if (trial % 4 == 3 && (trial & 16U) != 0) options.switches = SwitchModel::sw;
      const Netlist netlist = write_bank(bank, configuration, options);
      CAPTURE(netlist.text);
      const SpiceDeck deck = read_spice(netlist.text);
      CHECK(deck.elements.size() == netlist.elements);
      const double expected = conductance(bank, configuration).value;
      if (expected == infinity) continue;
      const double found = current_through("vport", to_network(deck));
      CHECK(std::abs(found - expected) <= 1e-12 * expected + 1e-25);  // an open bank: dust of 1e-33
      ++solved;
    }
  }
  CHECK(solved > 250);
}

TEST_CASE("every device's value stands in the text, inserted or not, and comes back to the bit") {
  const BankArray array = draw_array(3, 4, "parallel(6)", 3);
  for (const bool flat : {false, true}) {
    const Netlist netlist = write_array(array, {Ohm{1.0}, Ohm{2.0}, Ohm{3.0}, Ohm{4.0}}, {}, {.flat = flat});
    const SpiceDeck deck = read_spice(netlist.text);
    CHECK(deck.elements.size() == netlist.elements);
    CHECK(netlist.subcircuits == (flat ? 0 : 1));
    std::map<std::string, double> values;
    for (const SpiceElement& element : deck.elements) values[element.name] = element.value;
    REQUIRE(netlist.banks.size() == 12);
    for (const NetlistBank& bank : netlist.banks) {
      for (std::size_t k = 0; k < 6; ++k) {
        const double r = array.resistances[array.index(bank.word_line, bank.bit_line) * 6 + k];
        REQUIRE(values.contains(bank.elements[k]));
        CHECK(values[bank.elements[k]] == r);
        CHECK(bank.values[k] == r);
      }
    }
    CHECK(values["rw2_3"] == 1.0);
    CHECK(values["rb2_3"] == 2.0);
    CHECK(values["rdrv1"] == 3.0);
    CHECK(values["rsense3"] == 4.0);
  }
}

TEST_CASE("all configurations of one bank share one definition, each fault pattern has its own") {
  BankArray array = draw_array(16, 16, "parallel(8)", 5);
  CHECK(write_array(array, {}).subcircuits == 1);
  array.resistances[3] = infinity;
  array.resistances[20] = 0.0;
  CHECK(write_array(array, {}).subcircuits == 3);
}

TEST_CASE("exports keep the rules that all simulators share") {
  BankArray array = draw_array(4, 5, "parallel(series(2), 2)", 11);
  array.resistances[1] = 0.0;
  array.resistances[6] = infinity;
  for (const Dialect dialect : {Dialect::ngspice, Dialect::xyce, Dialect::ltspice}) {
    for (const bool flat : {false, true}) {
      const Netlist netlist =
          write_array(array, {Ohm{1.0}, Ohm{0.0}, Ohm{0.0}, Ohm{1.0}}, {},
                      {.dialect = dialect, .flat = flat, .title = "", .provenance = {"seed 1\n.control\nshell true"}});
      std::istringstream lines(netlist.text);
      std::string line;
      std::getline(lines, line);
      CHECK_FALSE(line.empty());
      bool says_not_run = false;
      while (std::getline(lines, line)) {
        CAPTURE(line);
        REQUIRE_FALSE(line.empty());
        CHECK(line.front() != ' ');
        CHECK_FALSE(line.starts_with(".control"));
        says_not_run = says_not_run || line.find("not run") != std::string::npos;
        if (line.starts_with(".subckt")) CHECK((line + " ").find(" 0 ") == std::string::npos);
        if (line.front() == '*' || line.front() == '.') continue;
        CHECK(line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_ =.+-{}") == std::string::npos);
      }
      CHECK(says_not_run == (dialect != Dialect::ngspice));
      CHECK(netlist.text.ends_with(".end\n"));
      for (const SpiceElement& element : read_spice(netlist.text).elements) {
        if (element.kind == 'r') CHECK(element.value > 0.0);
      }
    }
  }
}

TEST_CASE("nodes that no resistance parts carry the name of their line's first node") {
  const BankArray array = draw_array(2, 3, "parallel(2)", 1);
  const Netlist ideal = write_array(array, {});
  for (const NetlistBank& bank : ideal.banks) {
    CHECK(bank.word_node == fmt::format("w{}_0", bank.word_line));
    CHECK(bank.bit_node == fmt::format("b0_{}", bank.bit_line));
  }
  const Netlist wired = write_array(array, {Ohm{1.0}, Ohm{1.0}, Ohm{0.0}, Ohm{0.0}});
  for (const NetlistBank& bank : wired.banks) {
    CHECK(bank.word_node == fmt::format("w{}_{}", bank.word_line, bank.bit_line));
    CHECK(bank.bit_node == fmt::format("b{}_{}", bank.word_line, bank.bit_line));
  }
}

TEST_CASE("voltage-controlled switches need values and ngspice") {
  const BankArray ideal = draw_array(2, 2, "parallel(2)", 1);
  CHECK_THROWS_AS((void)write_array(ideal, {}, {}, {.switches = SwitchModel::sw}), Error);
  BankArray real = ideal;
  real.contact = {Ohm{50.0}, Ohm{1e9}};
  CHECK_NOTHROW((void)write_array(real, {}, {}, {.switches = SwitchModel::sw}));
  CHECK_THROWS_AS((void)write_array(real, {}, {}, {.dialect = Dialect::xyce, .switches = SwitchModel::sw}), Error);
}

TEST_CASE("a network with any names, shorts and opens reads back as the same circuit") {
  Network network;
  const Node a = network.node("Top Node");
  const Node b = network.node("top_node");
  const Node c = network.node("gnd");
  const Node d = network.node("1");
  network.add_voltage_source("battery", a, 0, Volt{2.0});
  network.add_resistor("x", a, b, Ohm{100.0});
  network.add_resistor("X", b, c, Ohm{0.0});
  network.add_resistor("open", a, c, Ohm{infinity});
  network.add_resistor("", c, d, Ohm{50.0});
  network.add_resistor("r", d, 0, Ohm{50.0});
  network.add_current_source("", 0, d, Ampere{1e-3});
  const Netlist netlist = write_network(network);
  CAPTURE(netlist.text);
  const Network read = to_network(read_spice(netlist.text));
  const OperatingPoint expected = operating_point(network);
  const double found = current_through("vbattery", read);
  CHECK(found == doctest::Approx(expected.voltage_source_currents[0]).epsilon(1e-13));
  CHECK(read.branches().size() == 3);
}

TEST_CASE("stock ngspice runs the exports in batch mode") {
  if (std::system("command -v ngspice > /dev/null 2>&1") != 0) return;
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / fmt::format("ohmset-writer-test-{}", static_cast<long>(::getpid()));
  std::filesystem::create_directory(folder);
  BankArray array = draw_array(3, 4, "parallel(series(2), 2)", 21);
  array.contact = {Ohm{50.0}, Ohm{1e9}};
  array.resistances[2] = 0.0;
  for (const NetlistOptions& options :
       {NetlistOptions{}, NetlistOptions{.flat = true}, NetlistOptions{.switches = SwitchModel::sw},
        NetlistOptions{.switches = SwitchModel::sw, .flat = true}}) {
    const Netlist netlist = write_array(array, {Ohm{1.0}, Ohm{1.0}, Ohm{1.0}, Ohm{1.0}}, {}, options);
    const double expected = current_through("vsense_2", to_network(read_spice(netlist.text)));
    const std::string path = (folder / "deck.cir").string();
    std::ofstream(path) << netlist.text;
    const std::string output = (folder / "out").string();
    REQUIRE(std::system(fmt::format("HOME={} ngspice -b {} > {} 2>&1", folder.string(), path, output).c_str()) == 0);
    std::ifstream file(output);
    double found = std::nan("");
    for (std::string word; file >> word;) {
      if (word == "vsense_2#branch") file >> found;
    }
    CHECK(found == doctest::Approx(expected).epsilon(1e-5));  // as many digits as it prints
  }
  std::filesystem::remove_all(folder);
}
