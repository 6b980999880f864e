// SPDX-License-Identifier: Apache-2.0
#include "design/compile/cell.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "design/program.h"

namespace ohmset::compiling {

AdditiveBank additive(std::span<const Device> devices) {
  AdditiveBank bank;
  bank.items.reserve(devices.size());
  bank.device_of.reserve(devices.size());
  for (unsigned k = 0; k < devices.size(); ++k) {
    const Contribution part = contribution(devices[k], /*bypass=*/false, Seen::measured);
    if (devices[k].stuck == Stuck::closed) {
      bank.stuck_mask |= std::uint64_t{1} << k;
      bank.offset += part.inserted;
      continue;
    }
    bank.offset += part.removed;
    const double item = part.inserted - part.removed;
    // A shorted device would short the bank and an open one changes nothing: neither is ever inserted.
    if (devices[k].stuck == Stuck::open || !std::isfinite(item) || item == 0.0) continue;
    bank.items.push_back(item);
    bank.device_of.push_back(k);
  }
  return bank;
}

Range range_of(const AdditiveBank& bank) {
  Range range{bank.offset, bank.offset};
  for (const double item : bank.items) (item < 0.0 ? range.low : range.high) += item;
  return range;
}

std::uint64_t device_mask(const AdditiveBank& bank, std::uint64_t item_mask) {
  std::uint64_t mask = bank.stuck_mask;
  for (; item_mask != 0; item_mask &= item_mask - 1) {
    mask |= std::uint64_t{1} << bank.device_of[static_cast<std::size_t>(std::countr_zero(item_mask))];
  }
  return mask;
}

PairMasks choose_jointly(const AdditiveBank& plus, const AdditiveBank& minus, double target, SubsetSumSearch& search) {
  if (!std::isfinite(plus.offset) || !std::isfinite(minus.offset)) {
    return {device_mask(plus, 0), device_mask(minus, 0)};
  }
  thread_local std::vector<double> items;
  items.assign(plus.items.begin(), plus.items.end());
  for (const double item : minus.items) items.push_back(-item);
  const std::uint64_t mask = search.closest(items, target - (plus.offset - minus.offset)).mask;
  const auto count = plus.items.size();  // at most 40, so the shift is defined
  return {device_mask(plus, mask & ((std::uint64_t{1} << count) - 1)), device_mask(minus, mask >> count)};
}

BankChoice choose_alone(const AdditiveBank& bank, double target, SubsetSumSearch& search) {
  if (!std::isfinite(bank.offset)) return {device_mask(bank, 0), bank.offset};
  const Subset subset = search.closest(bank.items, target - bank.offset);
  return {device_mask(bank, subset.mask), bank.offset + subset.sum};
}

BankChoice choose_alone(const Bank& bank, double target) {
  const Design design = program(bank, std::max(target, 0.0), {.unit = TargetUnit::siemens});
  const Configuration& configuration = design.choices.at(0).configuration;
  return {configuration.mask(), conductance(bank, configuration, Seen::measured).value};
}

}  // namespace ohmset::compiling
