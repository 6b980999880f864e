// A bank at every crosspoint of an array, in a configuration each: structure of arrays, as the files store it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/bank.h"
#include "sim/matrix.h"

namespace ohmset {

// The devices of one bank where they lie in arrays.
struct BankView {
  std::span<const double> resistances{};  // ohm
  std::span<const double> switch_on{};    // ohm, like resistances; empty: contact.on everywhere
  std::span<const std::uint8_t> stuck{};  // Stuck, like resistances; empty: none
  Switch contact{};

  [[nodiscard]] Device device(std::size_t k) const;
};

// All arrays are word lines x bit lines (x devices), C order. devices <= 64.
struct BankArray {
  std::size_t word_lines = 0;
  std::size_t bit_lines = 0;
  Topology topology{};                    // of every bank
  Switch contact{};                       // every switch, unless switch_on says otherwise
  std::vector<double> resistances{};      // ohm; inf: open, 0: shorted
  std::vector<std::uint64_t> switches{};  // masks of inserted devices
  std::vector<double> switch_on{};        // ohm, like resistances; empty: contact.on everywhere
  std::vector<std::uint8_t> stuck{};      // Stuck, like resistances; empty: none

  [[nodiscard]] std::size_t devices() const { return topology.device_count(); }
  [[nodiscard]] std::size_t index(std::size_t word, std::size_t bit) const { return word * bit_lines + bit; }
  [[nodiscard]] BankView view(std::size_t bank) const;  // by its index
  [[nodiscard]] Bank bank(std::size_t word, std::size_t bit) const;
  [[nodiscard]] Configuration configuration(std::size_t word, std::size_t bit) const;
  // requires every array to have the size the others imply; throws std::invalid_argument otherwise
  void check() const;
};

// Conductance of every bank, word lines x bit lines, siemens (inf where shorted). All cores.
[[nodiscard]] Matrix conductances(const BankArray& array);
// Of the banks from `first` on, one each in `out`, in this thread: the same bits. requires an array that passes `check`
void conductances(const BankArray& array, std::size_t first, std::span<double> out);

}  // namespace ohmset
