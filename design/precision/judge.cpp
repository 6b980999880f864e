// SPDX-License-Identifier: Apache-2.0
#include "design/precision/judge.h"

#include <cmath>

#include "design/kernels/counted.h"
#include "sim/compensated_sum.h"
#include "sim/twofold.h"

namespace ohmset::precision {
namespace {

constexpr std::size_t most_in_mask = 64;

bool is_in(std::uint64_t inserted, std::size_t device) {
  return device >= most_in_mask || ((inserted >> device) & 1U) != 0;
}

}  // namespace

Judge::Judge(const Family& family, const Drawn& drawn, std::span<const Bank> used)
    : family_(family), drawn_(drawn), used_(used) {
  if (family.is_tree()) return;
  for (const Bank& bank : used) {
    const double sign = &bank == &used.front() ? 1.0 : -1.0;
    const bool series = !bank.topology.is_parallel();
    for (const Device& device : bank.devices) {
      const Contribution gives = contribution(device, series);
      parts_.push_back({.inserted = sign * gives.inserted, .removed = sign * gives.removed});
    }
  }
}

double Judge::error(std::uint64_t inserted, double target) const {
  if (family_.is_signed()) return error_of_items(inserted, target);
  return family_.is_tree() ? error_of_tree(inserted, target) : error_of_sum(inserted, target);
}

double Judge::error_of_items(std::uint64_t inserted, double target) const {
  if (const auto subset = kernels::counted(drawn_.items, target, inserted)) return subset->error;
  CompensatedSum sum;
  sum.add(-target);
  for (std::size_t k = 0; k < drawn_.items.size(); ++k) {
    if (is_in(inserted, k)) sum.add(drawn_.items[k]);
  }
  return sum.value();
}

double Judge::error_of_sum(std::uint64_t inserted, double target) const {
  CompensatedSum sum;
  if (family_.adds_up()) sum.add(-target);
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    sum.add(is_in(inserted, k) ? parts_[k].inserted : parts_[k].removed);
  }
  if (family_.adds_up()) {
    const double error = sum.value();
    if (std::isnan(error)) return infinity;
    return error;
  }
  // 1/s - target = (1 - target s) / s.
  if (sum.total == 0.0) return infinity;
  if (!std::isfinite(sum.total)) return -target;
  const Twofold whole = exact_sum(sum.total, sum.lost);
  return ((Twofold(1.0) - Twofold(target) * whole) / whole).value();
}

double Judge::error_of_tree(std::uint64_t inserted, double target) const {
  const Bank& bank = used_.front();
  const Configuration configuration = Configuration::from_mask(inserted, bank.devices.size());
  return (family_.unit() == TargetUnit::ohm ? resistance(bank, configuration).value
                                            : conductance(bank, configuration).value) -
         target;
}

}  // namespace ohmset::precision
