// Three witnesses agree on what is right, and name what was altered.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/crosscheck.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>

#include "netlists/spice_reader.h"
#include "sim/error.h"
#include "sim/nodal.h"

namespace {

using namespace ohmset;

const Wires wires{Ohm{1.0}, Ohm{2.0}, Ohm{10.0}, Ohm{5.0}};

BankArray draw_array(std::size_t words, std::size_t bits, const std::string& topology, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<> uniform(0.0, 1.0);
  BankArray array{.word_lines = words, .bit_lines = bits, .topology = Topology::parse(topology)};
  array.resistances.resize(words * bits * array.devices());
  for (double& r : array.resistances) r = std::exp(8.0 + 2.0 * uniform(engine));
  array.switches.resize(words * bits);
  for (std::uint64_t& mask : array.switches) mask = engine() & ((std::uint64_t{1} << array.devices()) - 1);
  return array;
}

RecordedDifferences recorded_of(const BankArray& array) {
  RecordedDifferences recorded;
  const Matrix banks = conductances(array);
  const auto outputs = static_cast<Eigen::Index>(array.bit_lines / 2);
  recorded.achieved.resize(outputs, static_cast<Eigen::Index>(array.word_lines));
  for (Eigen::Index o = 0; o < outputs; ++o) {
    recorded.plus.push_back(static_cast<std::size_t>(2 * o));
    recorded.minus.push_back(static_cast<std::size_t>(2 * o + 1));
    recorded.achieved.row(o) = (banks.col(2 * o) - banks.col(2 * o + 1)).transpose();
  }
  return recorded;
}

CrosscheckOptions one_worker() { return {.ngspice = {.workers = 1}}; }

bool names(const CrosscheckReport& report, const std::string& where) {
  return std::any_of(report.disagreements.begin(), report.disagreements.end(),
                     [&](const Disagreement& d) { return d.where.find(where) != std::string::npos; });
}

// The text with the value of one parameter of one line multiplied.
std::string altered(std::string text, const std::string& line_start, const std::string& parameter, double factor) {
  const std::size_t line = text.find("\n" + line_start);
  REQUIRE(line != std::string::npos);
  const std::size_t at = text.find(" " + parameter + "=", line) + parameter.size() + 2;
  const std::size_t end = text.find_first_of(" \n", at);
  const double value = std::stod(text.substr(at, end - at));
  return text.replace(at, end - at, fmt::format("{:.17g}", value * factor));
}

void check_agrees(const CrosscheckReport& report) {
  for (const Disagreement& d : report.disagreements) {
    FAIL_CHECK(d.where << ": " << d.quantity << " " << d.expected << " " << d.found);
  }
  CHECK(report.agree);
  CHECK(report.disagreement_count == 0);
  CHECK(report.max_relative_difference < 1e-9);
  CHECK(report.checked > 0);
  CHECK_FALSE(report.scope.empty());
  CHECK_FALSE(report.ngspice_version.empty());
}

}  // namespace

TEST_CASE("arrays of every kind agree: closed form, Kirchhoff's laws and ngspice") {
  for (const std::string topology : {"parallel(4)", "series(3)", "parallel(series(2), 2)"}) {
    for (int kind = 0; kind < 6; ++kind) {
      CAPTURE(topology);
      CAPTURE(kind);
      BankArray array = draw_array(4, 6, topology, 17);
      CrosscheckOptions options = one_worker();
      options.netlist.flat = kind == 1;
      if (kind >= 2) array.contact = {Ohm{50.0}, Ohm{1e9}};
      if (kind == 3 || kind == 5) options.netlist.switches = SwitchModel::sw;
      if (kind == 4) {
        array.contact = {};
        array.resistances[3] = 0.0;
        array.resistances[7] = infinity;
        array.stuck.assign(array.resistances.size(), 0);
        array.stuck[5] = 1;
        array.stuck[9] = 2;
      }
      if (kind == 5) {
        array.switch_on.assign(array.resistances.size(), 50.0);
        array.switch_on[2] = 60.0;
      }
      check_agrees(crosscheck_array(array, wires, recorded_of(array), {0.1, -0.2, 0.3, 0.0}, options));
    }
  }
}

TEST_CASE("ideal wires, tiles and samples agree and the scope says what was checked") {
  const BankArray array = draw_array(10, 12, "parallel(5)", 23);
  check_agrees(crosscheck_array(array, {}, recorded_of(array), {}, one_worker()));
  CrosscheckOptions tiles = one_worker();
  tiles.tile_word_lines = 4;
  tiles.tile_bit_lines = 5;
  const CrosscheckReport tiled = crosscheck_array(array, wires, recorded_of(array), {}, tiles);
  check_agrees(tiled);
  CHECK(tiled.scope.back().find("9 of 9 tiles") != std::string::npos);
  tiles.cells = 30;
  const CrosscheckReport sampled = crosscheck_array(array, wires, recorded_of(array), {}, tiles);
  check_agrees(sampled);
  CHECK(sampled.scope[1].find("30 of 120") != std::string::npos);
  CHECK(sampled.scope.back().find("2 of 9 tiles") != std::string::npos);
}

TEST_CASE("one resistor altered by 1e-6 is found, named by bank and device, inserted or not") {
  BankArray array = draw_array(4, 6, "parallel(6)", 31);
  array.switches[array.index(2, 3)] = 0b000101;  // device 0 and 2 inserted, device 1 not
  const std::string text = write_array(array, wires).text;
  CrosscheckOptions options = one_worker();
  options.text = text;
  check_agrees(crosscheck_array(array, wires, recorded_of(array), {}, options));
  for (const std::string device : {"0", "1"}) {
    options.text = altered(text, "xb2_3 ", "r" + device, 1.0 + 1e-6);
    const CrosscheckReport report = crosscheck_array(array, wires, recorded_of(array), {}, options);
    CHECK_FALSE(report.agree);
    // Voltages around it move too, by far less: the worst comes first.
    CHECK(report.disagreements.front().where == "bank (2, 3), device " + device);
    // ngspice sees it only where the device conducts.
    const bool in_ngspice =
        std::any_of(report.disagreements.begin(), report.disagreements.end(), [](const Disagreement& d) {
          return d.where == "bank (2, 3)" && d.quantity.find("ngspice") != std::string::npos;
        });
    CHECK(in_ngspice == (device == "0"));
  }
}

TEST_CASE("an opened switch, a lost element, a new element and another wire are found") {
  const BankArray array = draw_array(3, 4, "parallel(3)", 37);
  const std::string text = write_array(array, wires, {}, {.flat = true}).text;
  const auto check = [&](const std::string& changed, const std::string& where) {
    REQUIRE(changed != text);
    CrosscheckOptions options = one_worker();
    options.text = changed;
    const CrosscheckReport report = crosscheck_array(array, wires, recorded_of(array), {}, options);
    CHECK_FALSE(report.agree);
    CHECK_MESSAGE(names(report, where), where);
  };
  const auto line_of = [&](const std::string& start) {
    const std::size_t at = text.find("\n" + start) + 1;
    return std::pair{at, text.find('\n', at) + 1 - at};
  };
  const auto [device, device_size] = line_of("r1_2_0 ");
  check(std::string(text).erase(device, device_size), "bank (1, 2), device 0");
  check(std::string(text).insert(device, "r1_2_9 w1_2 b1_2 5000\n"), "bank (1, 2), device 9");
  const auto [wire, wire_size] = line_of("rw2_1 ");
  check(std::string(text).replace(wire, wire_size, "rw2_1 w2_0 w2_1 1.000001\n"), "rw2_1");
  BankArray other = array;
  other.switches[array.index(0, 1)] ^= 0b100;
  check(write_array(other, wires, {}, {.flat = true}).text, "bank (0, 1), device 2");
}

TEST_CASE("recorded values that do not follow from the devices are found, naming the banks") {
  const BankArray array = draw_array(4, 6, "parallel(6)", 41);
  for (const double factor : {1.0 + 1e-6, 1.0 + 1e-9, -1.0, infinity, std::nan("")}) {
    CAPTURE(factor);
    RecordedDifferences recorded = recorded_of(array);
    recorded.achieved(1, 2) *= factor;
    const CrosscheckReport report = crosscheck_array(array, wires, recorded, {}, one_worker());
    CHECK(report.disagreement_count == 1);
    CHECK(names(report, "bank (2, 2)"));
    CHECK(names(report, "bank (2, 3)"));
  }
  BankArray changed = array;
  const std::size_t cell = array.index(3, 4);
  changed.switches[cell] |= 1U;
  const RecordedDifferences recorded = recorded_of(changed);
  changed.resistances[cell * 6] *= 1.0 + 1e-6;
  const CrosscheckReport report = crosscheck_array(changed, wires, recorded, {}, one_worker());
  CHECK(report.disagreement_count == 1);
  CHECK(names(report, "bank (3, 4)"));
}

TEST_CASE("a bank agrees with itself in all four ways, and what was altered is named") {
  Bank bank{.topology = Topology::parse("series(parallel(2), 2)")};
  for (const double r : {1003.7, 2210.9, 4702.3, 9999.1}) {
    bank.devices.push_back({.resistance = Ohm{r}, .contact = {Ohm{50.0}, Ohm{1e9}}});
  }
  for (std::uint64_t mask = 0; mask < 16; ++mask) {
    const Configuration configuration = Configuration::from_mask(mask, 4);
    const Ohm r = resistance(bank, configuration);
    check_agrees(crosscheck_bank(bank, configuration, r, one_worker()));
  }
  const Configuration configuration = Configuration::from_mask(0b0101, 4);
  const Ohm r = resistance(bank, configuration);
  CHECK_FALSE(crosscheck_bank(bank, configuration, Ohm{r.value * (1.0 + 1e-9)}, one_worker()).agree);
  CHECK_FALSE(crosscheck_bank(bank, configuration, Ohm{infinity}, one_worker()).agree);
  CrosscheckOptions options = one_worker();
  for (const std::string device : {"0", "1", "2", "3"}) {
    options.text = altered(write_bank(bank, configuration).text, "xb ", "r" + device, 1.0 + 1e-6);
    const CrosscheckReport report = crosscheck_bank(bank, configuration, r, options);
    CHECK_FALSE(report.agree);
    CHECK(names(report, "bank, device " + device));
  }
}

TEST_CASE("open and shorted banks are answers") {
  Bank bank{.topology = Topology::parallel(2)};
  bank.devices = {{.resistance = Ohm{1000.0}}, {.resistance = Ohm{0.0}}};
  const auto report = [&](std::uint64_t mask, double recorded) {
    return crosscheck_bank(bank, Configuration::from_mask(mask, 2), Ohm{recorded}, one_worker());
  };
  check_agrees(report(0b00, infinity));
  check_agrees(report(0b01, 1000.0));
  check_agrees(report(0b11, 0.0));
  CHECK_FALSE(report(0b00, 1000.0).agree);
  CHECK_FALSE(report(0b11, 1000.0).agree);
}

TEST_CASE("a text that is no export, or cannot be read, is bad input") {
  const BankArray array = draw_array(2, 2, "parallel(2)", 1);
  const std::string text = write_array(array, wires).text;
  for (const std::string& bad : {std::string("hello\n"), std::string(), text.substr(0, text.size() / 2)}) {
    CrosscheckOptions options = one_worker();
    options.text = bad;
    options.text_file = "export.cir";
    try {
      (void)crosscheck_array(array, wires, recorded_of(array), {}, options);
      FAIL("it was accepted");
    } catch (const Error& error) {
      CHECK(error.fault() == Fault::input);
      CHECK(std::string(error.what()).starts_with("export.cir"));
    }
  }
}

TEST_CASE("progress counts to the total, and stops when told to") {
  const BankArray array = draw_array(6, 6, "parallel(2)", 1);
  CrosscheckOptions options = one_worker();
  options.tile_word_lines = 3;
  options.tile_bit_lines = 3;
  std::size_t last = 0;
  std::size_t all = 0;
  options.progress = [&](std::size_t done, std::size_t total) {
    CHECK(done == last + 1);
    last = done;
    all = total;
    return true;
  };
  check_agrees(crosscheck_array(array, wires, recorded_of(array), {}, options));
  CHECK(last == all);
  CHECK(all == 5);
  options.progress = [](std::size_t, std::size_t) { return false; };
  CHECK_THROWS_AS((void)crosscheck_array(array, wires, recorded_of(array), {}, options), Error);
}

TEST_CASE("every circuit of the gallery: Kirchhoff's laws and ngspice agree") {
  std::size_t circuits = 0;
  for (const auto& entry : std::filesystem::directory_iterator(OHMSET_SOURCE_DIR "/netlists/gallery")) {
    CAPTURE(entry.path().string());
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    check_agrees(crosscheck_deck(text, entry.path().filename().string(), one_worker()));
    ++circuits;
  }
  CHECK(circuits >= 8);
}

TEST_CASE("the gallery says what its comments say") {
  const auto solved = [](const std::string& name, const std::string& node) {
    std::ifstream file(std::string(OHMSET_SOURCE_DIR "/netlists/gallery/") + name);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const Network network = to_network(read_spice(text, name));
    return operating_point(network).node_voltages.at(network.find(node).value());
  };
  CHECK(solved("divider.cir", "out") == doctest::Approx(4.0).epsilon(1e-14));
  CHECK(solved("cube.cir", "c111") == doctest::Approx(5.0 / 6.0).epsilon(1e-14));
  CHECK(std::abs(solved("wheatstone.cir", "left") - solved("wheatstone.cir", "right")) > 1e-4);
}

TEST_CASE("a deck that floats, or ties sources together, does not agree") {
  const std::string floating = "t\nv1 a 0 1\nr1 a 0 1k\nr2 b c 1k\n.end\n";
  const CrosscheckReport report = crosscheck_deck(floating, "floating.cir", one_worker());
  CHECK_FALSE(report.agree);
  CHECK(names(report, "floating.cir"));
  CHECK_THROWS_AS((void)crosscheck_deck("t\nv1 a 0 1\nv2 a 0 2\nr1 a 0 1\n.end\n", "loop.cir", one_worker()), Error);
}
