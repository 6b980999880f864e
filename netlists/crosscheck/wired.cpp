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

// NaN where there is no potential.
double largest(const Matrix& field) {
  double all = 0.0;
  for (const double value : field.reshaped()) all = std::isnan(value) ? all : std::max(all, std::abs(value));
  return all;
}

bool all_finite(const CrossbarFields& fields) {
  return fields.device_currents.allFinite() && fields.word_currents.allFinite() && fields.bit_currents.allFinite();
}

bool joins_any(const Wires& wires, const BankArray& array) {
  for (std::size_t i = 0; i < array.word_lines; ++i) {
    for (std::size_t j = 0; j < array.bit_lines; ++j) {
      if (wires.word_segment(i, j) == 0.0 || wires.bit_segment(i, j) == 0.0) return true;
    }
  }
  return false;
}

// Of what meets at a node: all devices that hang on a line, open ones too, since a line without resistance is one node
// and ngspice's roundings there are those of the sum; or any one thing that may carry a current, but for what joins.
double largest_conductance(const BankArray& array, const Wires& wires) {
  double largest = 0.0;
  const auto see = [&](double resistance) {
    if (resistance > 0.0) largest = std::max(largest, 1.0 / resistance);
  };
  std::vector<double> word(array.word_lines, 0.0);
  std::vector<double> bit(array.bit_lines, 0.0);
  for (std::size_t k = 0; k < array.resistances.size(); ++k) {
    const double resistance = array.resistances[k];
    if (!(resistance > 0.0)) continue;
    const std::size_t bank = k / array.devices();
    word[bank / array.bit_lines] += 1.0 / resistance;
    bit[bank % array.bit_lines] += 1.0 / resistance;
  }
  for (const std::vector<double>& lines : {word, bit}) {
    if (!lines.empty()) largest = std::max(largest, std::ranges::max(lines));
  }
  std::ranges::for_each(array.switch_on, see);
  see(array.contact.on.value);
  for (std::size_t i = 0; i < array.word_lines; ++i) {
    see(wires.driver_of(i));
    for (std::size_t j = 0; j < array.bit_lines; ++j) {
      see(wires.word_segment(i, j));
      see(wires.bit_segment(i, j));
    }
  }
  for (std::size_t j = 0; j < array.bit_lines; ++j) see(wires.sense_of(j));
  return largest;
}

// Lines that are fed half from each end, since they are a single node.
bool word_line_has_no_resistance(const Wires& wires, const Tile& tile, std::size_t word_line) {
  double sum = wires.driver_of(word_line) + wires.word_end(word_line);
  for (std::size_t j = 0; j < tile.bit_lines; ++j) sum += wires.word_segment(word_line, j);
  return sum == 0.0;
}

bool bit_line_has_no_resistance(const Wires& wires, const Tile& tile, std::size_t bit_line) {
  double sum = wires.sense_of(bit_line) + wires.bit_top(bit_line);
  for (std::size_t i = 0; i < tile.word_lines; ++i) sum += wires.bit_segment(i, bit_line);
  return sum == 0.0;
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

Wires cut(const Wires& wires, const Tile& tile) {
  Wires part = wires;
  const auto word = static_cast<Eigen::Index>(tile.word);
  const auto bit = static_cast<Eigen::Index>(tile.bit);
  const auto words = static_cast<Eigen::Index>(tile.word_lines);
  const auto bits = static_cast<Eigen::Index>(tile.bit_lines);
  const Eigen::Index right = wires.driven == DrivenEnds::both ? 1 : 0;
  const Eigen::Index above = wires.sensed == SensedEnds::both ? 1 : 0;
  if (wires.word_segments.size() > 0) part.word_segments = wires.word_segments.block(word, bit, words, bits + right);
  if (wires.bit_segments.size() > 0) part.bit_segments = wires.bit_segments.block(word, bit, words + above, bits);
  if (wires.drivers.size() > 0) part.drivers = wires.drivers.segment(word, words);
  if (wires.senses.size() > 0) part.senses = wires.senses.segment(bit, bits);
  return part;
}

WiredDeck wired_deck(const BankArray& array, const Wires& wires, const std::vector<double>& inputs,
                     const NetlistOptions& options) {
  WiredDeck deck{.wires = wires, .largest_conductance = largest_conductance(array, wires)};
  const Matrix banks = conductances(array);
  // Shorted banks on ideal wires make loops of sources, which ngspice calls singular.
  const bool loops = !banks.allFinite() && joins_any(wires, array);
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
                           double sign, double scale, double rounding = 0.0) {
    const std::optional<double> value = value_of(result, name);
    if (!value) {
      findings.fail(where(), "ngspice gives no value for " + name);
      return;
    }
    const double theirs = sign * *value;
    double difference = std::abs(ours - theirs);
    difference = difference <= rounding ? 0.0 : difference / std::max(scale, std::abs(theirs));
    findings.compare_simulators(where, quantity, ours, theirs, difference, tolerance);
  };
  const CrossbarFields& fields = deck.fields;
  const double word_scale = largest(fields.word_voltages);
  const double bit_scale = std::max(largest(fields.bit_voltages), 1e-30 + word_scale * 1e-12);
  for (const NetlistBank& bank : deck.banks) {
    const auto i = static_cast<Eigen::Index>(bank.word_line);
    const auto j = static_cast<Eigen::Index>(bank.bit_line);
    const auto where = [&] { return bank_name(tile.word + bank.word_line, tile.bit + bank.bit_line); };
    const double word = fields.word_voltages(i, j);
    const double bit = fields.bit_voltages(i, j);
    // What no path leads to has no voltage to compare.
    if (!std::isnan(word)) compare(where, "word voltage Kirchhoff / ngspice", word, bank.word_node, 1.0, word_scale);
    if (!std::isnan(bit)) compare(where, "bit voltage Kirchhoff / ngspice", bit, bank.bit_node, 1.0, bit_scale);
  }
  // Where nothing flows, ngspice finds the roundings of the voltages.
  const double rounding = rounding_floor * word_scale * deck.largest_conductance;
  const Eigen::Index last = fields.bit_currents.rows() - 1;
  const bool tops = fields.bit_top_currents.size() > 0;
  const double output_scale = std::max({largest(fields.bit_currents.row(last)), largest(fields.bit_top_currents)});
  for (std::size_t j = 0; j < tile.bit_lines; ++j) {
    const auto line = static_cast<Eigen::Index>(j);
    const auto where = [&] { return fmt::format("bit line {}", tile.bit + j); };
    const bool single = tops && bit_line_has_no_resistance(deck.wires, tile, j);
    const double top = tops ? -fields.bit_top_currents[line] : 0.0;
    compare(where, "output current Kirchhoff / ngspice", fields.bit_currents(last, line) + (single ? top : 0.0),
            fmt::format("vsense_{}#branch", j), 1.0, output_scale, rounding);
    if (!tops || single) continue;
    compare(where, "output current at the top Kirchhoff / ngspice", top, fmt::format("vsensetop_{}#branch", j), 1.0,
            output_scale, rounding);
  }
  const bool ends = fields.word_end_currents.size() > 0;
  const double input_scale = std::max({largest(fields.word_currents.col(0)), largest(fields.word_end_currents)});
  for (std::size_t i = 0; i < tile.word_lines; ++i) {
    const auto line = static_cast<Eigen::Index>(i);
    const auto where = [&] { return fmt::format("word line {}", tile.word + i); };
    const double end = ends ? -fields.word_end_currents[line] : 0.0;
    compare(where, "input current Kirchhoff / ngspice", fields.word_currents(line, 0) + end,
            fmt::format("vin_{}#branch", i), -1.0, input_scale, rounding);
    if (!ends || word_line_has_no_resistance(deck.wires, tile, i)) continue;
    compare(where, "input current at the right end Kirchhoff / ngspice", end, fmt::format("vend_{}#branch", i), 1.0,
            input_scale, rounding);
  }
}

}  // namespace ohmset::crosscheck
