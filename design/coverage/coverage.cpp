// SPDX-License-Identifier: Apache-2.0
#include "design/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "design/coverage/sums.h"
#include "design/coverage/values.h"
#include "sim/error.h"

namespace ohmset {
namespace {

void require_interval(double low, double high) {
  if (!(low < high && std::isfinite(low) && std::isfinite(high))) {
    throw std::invalid_argument("coverage: an interval from low to high, both finite");
  }
}

}  // namespace

void covering::require_few(std::size_t free) {
  if (free <= most_covered) return;
  throw input_error(fmt::format("{} devices to choose from", free),
                    fmt::format("the coverage of an interval is found for at most {}", most_covered));
}

Coverage coverage(std::span<const double> items, double low, double high) {
  require_interval(low, high);
  if (items.size() > most_covered) throw std::invalid_argument("coverage: too many items");
  std::vector<Contribution> pairs;
  for (const double item : items) {
    if (!std::isfinite(item)) throw std::invalid_argument("coverage: items must be finite");
    pairs.push_back({.inserted = item, .removed = 0.0});
  }
  return covering::cover_sums(pairs, low, high);
}

Coverage coverage(const Bank& bank, TargetUnit unit, double low, double high) {
  require_interval(low, high);
  const auto free = static_cast<std::size_t>(
      std::ranges::count_if(bank.devices, [](const Device& device) { return device.stuck == Stuck::free; }));
  covering::require_few(free);
  const Group& root = bank.topology.root();
  const bool series = root.arrangement == Arrangement::series;
  const std::vector<const Group*> members = covering::members_of(root);
  const bool adds_up = series == (unit == TargetUnit::ohm) && std::ranges::all_of(members, [](const Group* member) {
                         return member->arrangement == Arrangement::device;
                       });
  if (!adds_up) return covering::cover_values(bank, unit, low, high);
  std::vector<Contribution> pairs;
  pairs.reserve(members.size());
  for (const Group* member : members) pairs.push_back(contribution(bank.devices[member->device], series));
  const auto finite = covering::finite_pairs(pairs);
  if (!finite) return {.at = low, .distance = infinity, .below = -infinity, .above = infinity};
  return covering::cover_sums(*finite, low, high);
}

}  // namespace ohmset
