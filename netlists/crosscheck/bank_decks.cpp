// Every bank of an exported array alone.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/crosscheck/bank_decks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "netlists/crosscheck/text_check.h"

namespace ohmset::crosscheck {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string_view word_at(std::string_view line, std::size_t begin) {
  const std::size_t end = std::min(line.find_first_of(" \t\r\n", begin), line.size());
  return line.substr(begin, end - begin);
}

// The line with the bank's terminals under their names in this deck; everything else as it stands.
void append_renamed(std::string& deck, std::string_view line, const NetlistBank& bank, std::string_view drive,
                    std::string_view sense) {
  bool first = true;
  while (!line.empty()) {
    const std::size_t blanks = std::min(line.find_first_not_of(" \t\r\n"), line.size());
    deck += line.substr(0, blanks);
    line.remove_prefix(blanks);
    const std::string_view word = word_at(line, 0);
    line.remove_prefix(word.size());
    const bool node = !first && word.find('=') == std::string_view::npos;
    if (node && (word == bank.word_node || lower(word) == bank.word_node)) {
      deck += drive;
    } else if (node && (word == bank.bit_node || lower(word) == bank.bit_node)) {
      deck += sense;
    } else {
      deck += word;
    }
    first = false;
  }
  deck += '\n';
}

}  // namespace

BankLines bank_lines(std::string_view text, std::size_t word_lines, std::size_t bit_lines) {
  BankLines found;
  found.lines.resize(word_lines * bit_lines);
  bool in_definition = false;
  std::size_t begin = std::min(text.find('\n'), text.size() - 1) + 1;  // the title is no line of the circuit
  while (begin < text.size()) {
    // One statement with its continuation lines.
    std::size_t end = std::min(text.find('\n', begin), text.size());
    while (end + 1 < text.size() && text[end + 1] == '+') end = std::min(text.find('\n', end + 1), text.size());
    const std::string_view statement = text.substr(begin, end - begin);
    begin = end + 1;
    if (statement.empty() || statement.front() == '*') continue;
    const std::string name = lower(word_at(statement, 0));
    const bool opens = name == ".subckt";
    const bool model = name == ".model";
    std::optional<std::pair<std::size_t, std::size_t>> cell;
    if (model) {
      const std::size_t at = statement.find_first_not_of(" \t", name.size());
      if (at != std::string_view::npos) cell = crosspoint_of(lower(word_at(statement, at)));
    } else if (!in_definition) {
      cell = crosspoint_of(name);
    }
    in_definition = in_definition || opens;
    if (in_definition || (model && !cell) || name == ".param") {
      found.definitions += statement;
      found.definitions += '\n';
    } else if (cell && cell->first < word_lines && cell->second < bit_lines) {
      found.lines[cell->first * bit_lines + cell->second].push_back(statement);
    }
    if (name == ".ends") in_definition = false;
  }
  return found;
}

std::string bank_deck(const BankLines& lines, const std::vector<NetlistBank>& banks,
                      std::span<const std::size_t> which) {
  // A node that all banks share makes ngspice's elimination slow: a source for some dozens of them.
  constexpr std::size_t banks_per_drive = 64;
  std::string deck = "banks alone\n" + lines.definitions + "vctl von 0 1\nrctl von 0 1\n";
  for (std::size_t k = 0; k < which.size(); ++k) {
    const std::string drive = fmt::format("drive{}", k / banks_per_drive);
    const std::string sense = fmt::format("sense{}", k);
    if (k % banks_per_drive == 0) fmt::format_to(std::back_inserter(deck), "v{} {} 0 1\n", drive, drive);
    for (const std::string_view line : lines.lines[which[k]]) {
      append_renamed(deck, line, banks[which[k]], drive, sense);
    }
    fmt::format_to(std::back_inserter(deck), "vs{} {} 0 0\n", k, sense);
  }
  return deck + ".end\n";
}

double largest_conductance(const Bank& bank) {
  double devices = 0.0;
  double largest = 0.0;
  for (const Device& device : bank.devices) {
    if (device.resistance.value > 0.0) devices += 1.0 / device.resistance.value;
    if (device.contact.on.value > 0.0) largest = std::max(largest, 1.0 / device.contact.on.value);
  }
  return std::max(largest, devices);
}

}  // namespace ohmset::crosscheck
