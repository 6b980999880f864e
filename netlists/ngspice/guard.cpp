// Decks that may run commands or read files.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/ngspice/guard.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ohmset::ngspice {
namespace {

bool starts_with_ignoring_case(std::string_view line, std::string_view word) {
  return line.size() >= word.size() && std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) {
           return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
         });
}

}  // namespace

std::string refusal(std::string_view deck) {
  // "*#" lines are commands in disguise; ".inc" stands for .include too, ".exec" and "!" run programs, ".title" would
  // hide whose results come back.
  static constexpr std::array<std::string_view, 9> refused{".control", ".inc", ".lib",   ".exec", ".endc",
                                                           "*#",       "!",    ".title", ".load"};
  if (deck.find('\0') != std::string_view::npos) return "the deck is not text";
  std::size_t line_number = 0;
  bool any = false;
  while (!deck.empty()) {
    ++line_number;
    const std::size_t end = std::min(deck.find('\n'), deck.size());
    std::string_view line = deck.substr(0, end);
    deck.remove_prefix(std::min(end + 1, deck.size()));
    while (!line.empty() && static_cast<unsigned char>(line.front()) <= ' ') line.remove_prefix(1);
    any = any || (line_number > 1 && !line.empty());
    for (const std::string_view word : refused) {
      if (starts_with_ignoring_case(line, word)) {
        return "line " + std::to_string(line_number) + ": " + std::string(word) + " is refused: a deck of elements";
      }
    }
  }
  return any ? std::string{} : "the deck is empty";
}

}  // namespace ohmset::ngspice
