// SPDX-License-Identifier: Apache-2.0
#include "design/compile/cell.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "design/program.h"

namespace ohmset::compiling {
namespace {

// Every device free, every switch the same.
bool is_plain(const BankView& bank) { return bank.switch_on.empty() && bank.stuck.empty(); }

// Its items stand for its devices one by one when none is open or shorted: true then.
bool additive_plainly(const BankView& bank, std::span<double> items, AdditiveBank& result) {
  const double on = bank.contact.on.value;
  const double off = bank.contact.off.value;
  double removed = 0.0;
  bool all_usable = true;
  for (std::size_t k = 0; k < bank.resistances.size(); ++k) {
    const double open = 1.0 / (bank.resistances[k] + off);
    items[k] = 1.0 / (bank.resistances[k] + on) - open;
    removed += open;
    all_usable = all_usable && items[k] > 0.0 && items[k] < infinity;
  }
  result.offset = removed;
  result.count = bank.resistances.size();
  return all_usable;
}

constexpr std::array<std::uint8_t, most_cell_devices> one_by_one = [] {
  std::array<std::uint8_t, most_cell_devices> places{};
  for (std::size_t k = 0; k < places.size(); ++k) places.at(k) = static_cast<std::uint8_t>(k);
  return places;
}();

}  // namespace

AdditiveBank additive(const BankView& bank, std::span<double> items) {
  AdditiveBank result{.device_of = one_by_one};
  if (is_plain(bank) && additive_plainly(bank, items, result)) return result;
  result = {};
  for (std::size_t k = 0; k < bank.resistances.size(); ++k) {
    const Device device = bank.device(k);
    const Contribution part = contribution(device, /*bypass=*/false);
    if (device.stuck == Stuck::closed) {
      result.stuck_mask |= std::uint64_t{1} << k;
      result.offset += part.inserted;
      continue;
    }
    result.offset += part.removed;
    const double item = part.inserted - part.removed;
    // A shorted device would short the bank and an open one changes nothing: neither is ever inserted.
    if (device.stuck == Stuck::open || !std::isfinite(item) || item == 0.0) continue;
    items[result.count] = item;
    result.device_of.at(result.count++) = static_cast<std::uint8_t>(k);
  }
  return result;
}

Range range_of(const AdditiveBank& bank, std::span<const double> items) {
  Range range{bank.offset, bank.offset};
  for (const double item : items.first(bank.count)) (item < 0.0 ? range.low : range.high) += item;
  return range;
}

std::uint64_t device_mask(const AdditiveBank& bank, std::uint64_t item_mask) {
  // The commonest case by far.
  if (bank.count > 0 && bank.device_of.at(bank.count - 1) == bank.count - 1) return item_mask | bank.stuck_mask;
  std::uint64_t mask = bank.stuck_mask;
  for (; item_mask != 0; item_mask &= item_mask - 1) {
    mask |= std::uint64_t{1} << bank.device_of.at(static_cast<std::size_t>(std::countr_zero(item_mask)));
  }
  return mask;
}

BankChoice choose_alone(const Bank& bank, double target) {
  const Design design = program(bank, std::max(target, 0.0), {.unit = TargetUnit::siemens});
  const Configuration& configuration = design.choices.at(0).configuration;
  return {configuration.mask(), conductance(bank, configuration, Seen::measured).value};
}

}  // namespace ohmset::compiling
