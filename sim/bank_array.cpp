// Banks out of arrays, and what all of them conduct.
// SPDX-License-Identifier: Apache-2.0
#include "sim/bank_array.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <limits>
#include <stdexcept>

#include "sim/compensated_sum.h"

namespace ohmset {
namespace {

constexpr std::size_t most_devices = 64;

void require(bool holds, const char* message) {
  if (!holds) throw std::invalid_argument(message);
}

void fill_devices(const BankView& bank, std::vector<Device>& devices) {
  for (std::size_t k = 0; k < devices.size(); ++k) devices[k] = bank.device(k);
}

// The closed form of a parallel bank without its tree: the same terms in the same order.
double parallel_conductance(const BankView& bank, std::uint64_t mask) {
  CompensatedSum sum;
  for (std::size_t k = 0; k < bank.resistances.size(); ++k) {
    const auto stuck = bank.stuck.empty() ? Stuck::free : static_cast<Stuck>(bank.stuck[k]);
    const bool closed = stuck == Stuck::free ? ((mask >> k) & 1U) != 0 : stuck == Stuck::closed;
    const double on = bank.switch_on.empty() ? bank.contact.on.value : bank.switch_on[k];
    const double total = bank.resistances[k] + (closed ? on : bank.contact.off.value);
    sum.add(total == 0.0 ? infinity : 1.0 / total);
  }
  return sum.value();
}

std::size_t checked_index(const BankArray& array, std::size_t word, std::size_t bit) {
  require(word < array.word_lines && bit < array.bit_lines, "BankArray: no such crosspoint");
  return array.index(word, bit);
}

}  // namespace

Device BankView::device(std::size_t k) const {
  const Ohm resistance{resistances[k]};
  Device device{.nominal = resistance, .resistance = resistance, .measured = resistance, .contact = contact};
  if (!switch_on.empty()) device.contact.on = Ohm{switch_on[k]};
  if (!stuck.empty()) device.stuck = static_cast<Stuck>(stuck[k]);
  return device;
}

BankView BankArray::view(std::size_t bank) const {
  const std::size_t count = devices();
  const auto part = [&](const auto& values) {
    return values.empty() ? std::span(values) : std::span(values).subspan(bank * count, count);
  };
  return {.resistances = part(resistances), .switch_on = part(switch_on), .stuck = part(stuck), .contact = contact};
}

Bank BankArray::bank(std::size_t word, std::size_t bit) const {
  Bank bank{.topology = topology, .devices = std::vector<Device>(devices())};
  fill_devices(view(checked_index(*this, word, bit)), bank.devices);
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

void conductances(const BankArray& array, std::size_t first, std::span<double> out) {
  if (array.topology.is_parallel()) {
    for (std::size_t k = 0; k < out.size(); ++k) {
      out[k] = parallel_conductance(array.view(first + k), array.switches[first + k]);
    }
    return;
  }
  Bank bank{.topology = array.topology, .devices = std::vector<Device>(array.devices())};
  for (std::size_t k = 0; k < out.size(); ++k) {
    fill_devices(array.view(first + k), bank.devices);
    const Configuration configuration = Configuration::from_mask(array.switches[first + k], array.devices());
    out[k] = conductance(bank, configuration).value;
  }
}

Matrix conductances(const BankArray& array) {
  array.check();
  Matrix result(static_cast<Eigen::Index>(array.word_lines), static_cast<Eigen::Index>(array.bit_lines));
  const std::size_t cells = array.word_lines * array.bit_lines;
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, cells, 256), [&](const tbb::blocked_range<std::size_t>& range) {
    conductances(array, range.begin(), std::span<double>(result.data(), cells).subspan(range.begin(), range.size()));
  });
  return result;
}

}  // namespace ohmset
