// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/switch_program.h"

#include <fmt/format.h>

#include <iterator>

#include "tools/io/file.h"

namespace ohmset::cli {
namespace {

// Bit k is 1 where device k's switch is a bypass across it.
std::uint64_t bypass_mask(const Topology& topology) {
  const std::vector<bool> bypassed = bypassed_by_switch(topology);
  std::uint64_t mask = 0;
  for (std::size_t k = 0; k < bypassed.size(); ++k) mask |= std::uint64_t{bypassed[k] ? 1U : 0U} << k;
  return mask;
}

std::uint64_t all_devices(const BankArray& array) {
  return array.devices() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << array.devices()) - 1;
}

// A device's own switch is closed when it is inserted, its bypass when it is not; stuck ones are as they are.
std::uint64_t closed(const BankArray& array, std::size_t bank, std::uint64_t bypass) {
  std::uint64_t mask = array.switches[bank] ^ bypass;
  for (std::size_t k = 0; k < array.devices() && !array.stuck.empty(); ++k) {
    const auto stuck = static_cast<Stuck>(array.stuck[bank * array.devices() + k]);
    if (stuck == Stuck::closed) mask |= std::uint64_t{1} << k;
    if (stuck == Stuck::open) mask &= ~(std::uint64_t{1} << k);
  }
  return mask & all_devices(array);
}

std::string mem_text(const CrossbarDesign& design) {
  const BankArray& array = design.array;
  const std::uint64_t bypass = bypass_mask(array.topology);
  fmt::memory_buffer text;
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "// ohmset switch program: {} word lines x {} bit lines, row-major, one word a bank\n",
                 array.word_lines, array.bit_lines);
  fmt::format_to(out, "// {} devices, {}: bit 0 = device 0, 1 = switch closed; seed {}, die {}\n", array.devices(),
                 array.topology.text(), design.seed, design.die);
  const std::size_t digits = (array.devices() + 3) / 4;
  for (std::size_t bank = 0; bank < array.switches.size(); ++bank) {
    fmt::format_to(out, "{:0{}x}\n", closed(array, bank, bypass), digits);
  }
  return fmt::to_string(text);
}

std::string csv_text(const CrossbarDesign& design) {
  const BankArray& array = design.array;
  const std::uint64_t bypass = bypass_mask(array.topology);
  std::string text = "word_line,bit_line";
  for (std::size_t k = 0; k < array.devices(); ++k) text += ",s" + std::to_string(k);
  text += '\n';
  for (std::size_t bank = 0; bank < array.switches.size(); ++bank) {
    const std::uint64_t mask = closed(array, bank, bypass);
    text += fmt::format("{},{}", bank / array.bit_lines, bank % array.bit_lines);
    for (std::size_t k = 0; k < array.devices(); ++k) text += ((mask >> k) & 1U) != 0 ? ",1" : ",0";
    text += '\n';
  }
  return text;
}

}  // namespace

void write_switch_program(const std::string& path, const CrossbarDesign& design, bool force) {
  io::write_file(path, path.ends_with(".mem") ? mem_text(design) : csv_text(design), force);
}

}  // namespace ohmset::cli
