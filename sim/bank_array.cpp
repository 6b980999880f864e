// Banks out of arrays, and what all of them conduct.
// SPDX-License-Identifier: Apache-2.0
#include "sim/bank_array.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <limits>
#include <stdexcept>

namespace ohmset {
namespace {

constexpr std::size_t most_devices = 64;

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

void fill_devices(const BankArray& array, std::size_t cell, std::vector<Device>& devices) {
  const std::size_t first = cell * array.devices();
  for (std::size_t k = 0; k < devices.size(); ++k) {
    const Ohm resistance{array.resistances[first + k]};
    devices[k] = {.nominal = resistance, .resistance = resistance, .measured = resistance, .contact = array.contact};
    if (!array.switch_on.empty()) devices[k].contact.on = Ohm{array.switch_on[first + k]};
    if (!array.stuck.empty()) devices[k].stuck = static_cast<Stuck>(array.stuck[first + k]);
  }
}

std::size_t checked_index(const BankArray& array, std::size_t word, std::size_t bit) {
  require(word < array.word_lines && bit < array.bit_lines, "BankArray: no such crosspoint");
  return array.index(word, bit);
}

}  // namespace

Bank BankArray::bank(std::size_t word, std::size_t bit) const {
  Bank bank{.topology = topology, .devices = std::vector<Device>(devices())};
  fill_devices(*this, checked_index(*this, word, bit), bank.devices);
  return bank;
}

Configuration BankArray::configuration(std::size_t word, std::size_t bit) const {
  return Configuration::from_mask(switches[checked_index(*this, word, bit)], devices());
}

void BankArray::check() const {
  const std::size_t count = devices();
  require(count <= most_devices, "BankArray: more than 64 devices in a bank");
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max() / most_devices;
  require(bit_lines == 0 || word_lines <= most / bit_lines, "BankArray: too many crosspoints");
  const std::size_t cells = word_lines * bit_lines;
  require(resistances.size() == cells * count, "BankArray: resistances are not word lines x bit lines x devices");
  require(switches.size() == cells, "BankArray: switches are not word lines x bit lines");
  require(switch_on.empty() || switch_on.size() == cells * count, "BankArray: switch_on is not like resistances");
  require(stuck.empty() || stuck.size() == cells * count, "BankArray: stuck is not like resistances");
  const auto inserts_no_other = [count](std::uint64_t mask) { return count == most_devices || (mask >> count) == 0; };
  for (const std::uint64_t mask : switches) {
    require(inserts_no_other(mask), "BankArray: a mask inserts a device beyond the last one");
  }
  for (const std::uint8_t state : stuck) {
    require(state <= static_cast<std::uint8_t>(Stuck::closed), "BankArray: stuck is not 0, 1 or 2");
  }
}

Matrix conductances(const BankArray& array) {
  array.check();
  Matrix result(static_cast<Eigen::Index>(array.word_lines), static_cast<Eigen::Index>(array.bit_lines));
  const std::size_t cells = array.word_lines * array.bit_lines;
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, cells, 256), [&](const tbb::blocked_range<std::size_t>& range) {
    Bank bank{.topology = array.topology, .devices = std::vector<Device>(array.devices())};
    for (std::size_t cell = range.begin(); cell != range.end(); ++cell) {
      fill_devices(array, cell, bank.devices);
      const Configuration configuration = Configuration::from_mask(array.switches[cell], array.devices());
      result.data()[cell] = conductance(bank, configuration).value;
    }
  });
  return result;
}

}  // namespace ohmset
