// Arrays with their wires in ngspice, whole or in tiles.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/crosscheck/wired.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "netlists/crosscheck/simulate.h"

namespace ohmset::crosscheck {
namespace {

constexpr std::size_t whole_lines = 64;
constexpr std::size_t tile_lines = 32;
constexpr std::size_t most_tiles = 256;

double largest(const Matrix& field) { return field.size() == 0 ? 0.0 : field.cwiseAbs().maxCoeff(); }

bool all_finite(const CrossbarFields& fields) {
  return fields.word_voltages.allFinite() && fields.bit_voltages.allFinite() && fields.word_currents.allFinite() &&
         fields.bit_currents.allFinite();
}

std::string tile_name(const Tile& tile) {
  return fmt::format("tile of {} x {} banks from {}", tile.word_lines, tile.bit_lines, bank_name(tile.word, tile.bit));
}

}  // namespace

TilePlan plan_tiles(const BankArray& array, const CrosscheckOptions& options) {
  const auto lines = [&](std::size_t asked, std::size_t total) {
    if (asked > 0) return std::min(asked, total);
    const bool whole = array.word_lines <= whole_lines && array.bit_lines <= whole_lines;
    return whole ? total : std::min(tile_lines, total);
  };
  const std::size_t tall = lines(options.tile_word_lines, array.word_lines);
  const std::size_t wide = lines(options.tile_bit_lines, array.bit_lines);
  TilePlan plan;
  std::vector<Tile> all;
  for (std::size_t word = 0; word < array.word_lines; word += tall) {
    for (std::size_t bit = 0; bit < array.bit_lines; bit += wide) {
      all.push_back({word, bit, std::min(tall, array.word_lines - word), std::min(wide, array.bit_lines - bit)});
    }
  }
  plan.of = all.size();
  plan.whole = all.size() == 1;
  std::size_t count = std::min(all.size(), most_tiles);
  if (options.cells) count = std::clamp<std::size_t>((*options.cells + tall * wide - 1) / (tall * wide), 1, count);
  for (std::size_t k = 0; k < count; ++k) plan.tiles.push_back(all[spread(k, count, all.size())]);
  return plan;
}

BankArray cut(const BankArray& array, const Tile& tile) {
  const std::size_t devices = array.devices();
  BankArray part{
      .word_lines = tile.word_lines, .bit_lines = tile.bit_lines, .topology = array.topology, .contact = array.contact};
  const auto take = [&](const auto& from, auto& to, std::size_t per_cell) {
    if (from.empty()) return;
    for (std::size_t i = 0; i < tile.word_lines; ++i) {
      const std::size_t first = array.index(tile.word + i, tile.bit) * per_cell;
      const auto begin = from.begin() + static_cast<std::ptrdiff_t>(first);
      to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(tile.bit_lines * per_cell));
    }
  };
  take(array.resistances, part.resistances, devices);
  take(array.switches, part.switches, 1);
  take(array.switch_on, part.switch_on, devices);
  take(array.stuck, part.stuck, devices);
  return part;
}

WiredDeck wired_deck(const BankArray& array, const Wires& wires, const std::vector<double>& inputs,
                     const NetlistOptions& options) {
  WiredDeck deck;
  const Matrix banks = conductances(array);
  // Shorted banks on ideal wires make loops of sources, which ngspice calls singular.
  const bool loops = !banks.allFinite() && (wires.word.value == 0.0 || wires.bit.value == 0.0);
  if (!loops) {
    // All the digits there are: it is ngspice that is on trial here.
    deck.fields = crossbar_fields({.conductances = banks, .wires = wires},
                                  Eigen::Map<const Eigen::VectorXd>(inputs.data(), std::ssize(inputs)),
                                  {.method = CrossbarMethod::direct});
  }
  deck.solvable = !loops && all_finite(deck.fields);
  if (!deck.solvable) return deck;
  Netlist netlist = write_array(array, wires, inputs, options);
  deck.text = std::move(netlist.text);
  deck.banks = std::move(netlist.banks);
  return deck;
}

void compare_wired(const WiredDeck& deck, const Tile& tile, const NgspiceResult& result, double tolerance,
                   Findings& findings) {
  if (!result.ok) {
    findings.fail(tile_name(tile), "ngspice: " + result.failure);
    return;
  }
  const auto compare = [&](const auto& where, std::string_view quantity, double ours, const std::string& name,
                           double sign, double scale) {
    const std::optional<double> value = value_of(result, name);
    if (!value) {
      findings.fail(where(), "ngspice gives no value for " + name);
      return;
    }
    const double theirs = sign * *value;
    const double difference = ours == theirs ? 0.0 : std::abs(ours - theirs) / std::max(scale, std::abs(theirs));
    findings.compare_simulators(where, quantity, ours, theirs, difference, tolerance);
  };
  const CrossbarFields& fields = deck.fields;
  const double word_scale = largest(fields.word_voltages);
  const double bit_scale = std::max(largest(fields.bit_voltages), 1e-30 + word_scale * 1e-12);
  for (const NetlistBank& bank : deck.banks) {
    const auto i = static_cast<Eigen::Index>(bank.word_line);
    const auto j = static_cast<Eigen::Index>(bank.bit_line);
    const auto where = [&] { return bank_name(tile.word + bank.word_line, tile.bit + bank.bit_line); };
    compare(where, "word voltage Kirchhoff / ngspice", fields.word_voltages(i, j), bank.word_node, 1.0, word_scale);
    compare(where, "bit voltage Kirchhoff / ngspice", fields.bit_voltages(i, j), bank.bit_node, 1.0, bit_scale);
  }
  const Eigen::Index last = fields.bit_currents.rows() - 1;
  const double output_scale = largest(fields.bit_currents.row(last));
  for (std::size_t j = 0; j < tile.bit_lines; ++j) {
    const auto where = [&] { return fmt::format("bit line {}", tile.bit + j); };
    compare(where, "output current Kirchhoff / ngspice", fields.bit_currents(last, static_cast<Eigen::Index>(j)),
            fmt::format("vsense_{}#branch", j), 1.0, output_scale);
  }
  const double input_scale = largest(fields.word_currents.col(0));
  for (std::size_t i = 0; i < tile.word_lines; ++i) {
    const auto where = [&] { return fmt::format("word line {}", tile.word + i); };
    compare(where, "input current Kirchhoff / ngspice", fields.word_currents(static_cast<Eigen::Index>(i), 0),
            fmt::format("vin_{}#branch", i), -1.0, input_scale);
  }
}

}  // namespace ohmset::crosscheck
