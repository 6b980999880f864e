// Every bank of an exported array alone: wire-free decks made of the text's own lines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "netlists/crosscheck/findings.h"
#include "netlists/spice_writer.h"

namespace ohmset::crosscheck {

// The text's definitions and models, and the lines of each bank.
struct BankLines {
  std::string definitions{};
  std::vector<std::vector<std::string_view>> lines{};  // by bank, continuation lines included
};

// `banks`: as many as the array has, bit lines running fastest. The views are into `text`.
[[nodiscard]] BankLines bank_lines(std::string_view text, std::size_t word_lines, std::size_t bit_lines);

// A deck that drives bank `which[k]` with 1 V and reads its current in the source "vs<k>".
[[nodiscard]] std::string bank_deck(const BankLines& lines, const std::vector<NetlistBank>& banks,
                                    std::span<const std::size_t> which);

// What may meet at a node of the bank, all devices together or a switch: ngspice rounds relative to it.
[[nodiscard]] double largest_conductance(const Bank& bank);

}  // namespace ohmset::crosscheck
