// What a bank's devices add, and between which sums the values near a target lie.
// SPDX-License-Identifier: Apache-2.0
#include "design/program/additive.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "sim/compensated_sum.h"

namespace ohmset::additive {
namespace {

// Relative to the sum of all magnitudes: roundings of contributions, their differences, the offset and the closed form.
constexpr double rounding = 32.0 * std::numeric_limits<double>::epsilon();

}  // namespace

double value_of(const Bank& bank, const Configuration& configuration, TargetUnit unit, Seen seen) {
  return unit == TargetUnit::ohm ? resistance(bank, configuration, seen).value
                                 : conductance(bank, configuration, seen).value;
}

Sum sum_of(const Bank& bank, Seen seen) {
  const bool series = !bank.topology.is_parallel();
  Sum sum;
  sum.fixed = with_stuck(bank, Configuration(bank.devices.size()));
  CompensatedSum offset;
  for (std::size_t k = 0; k < bank.devices.size(); ++k) {
    const Contribution gives = contribution(bank.devices[k], series, seen);
    offset.add(gives.removed);
    sum.magnitude += gives.removed;
    const double item = gives.inserted - gives.removed;
    if (bank.devices[k].stuck != Stuck::free || !std::isfinite(item) || item == 0.0) continue;
    sum.items.push_back(item);
    sum.which.push_back(k);
    sum.magnitude += std::abs(item);
    if (gives.removed != 0.0 && item != sum.items.front()) sum.items_exact = false;
  }
  sum.offset = offset.value();
  if (!std::isfinite(sum.offset)) {
    // Open or shorted whatever is chosen.
    sum.items.clear();
    sum.which.clear();
  }
  return sum;
}

Scale::Scale(const Bank& bank, const Sum& sum, double target, TargetUnit unit)
    : target_(target),
      offset_(sum.offset),
      magnitude_(sum.magnitude),
      reachable_(std::min(4.0 * (sum.magnitude + 1e-300), std::numeric_limits<double>::max() / 4.0)),
      mapped_(bank.topology.is_parallel() == (unit == TargetUnit::ohm)) {
  aim_ = clamped((mapped_ ? 1.0 / target : target) - offset_);
}

// As far away as any sum can tell.
double Scale::clamped(double sum) const { return std::clamp(sum, -reachable_, reachable_); }

Interval Scale::sums_within(double error, Side side) const {
  // The error itself was rounded, by up to half an ulp of the target.
  const double slack = rounding * (error + target_);
  double low = side == Side::above ? target_ - rounding * target_ : target_ - error - slack;
  double high = side == Side::below ? target_ + rounding * target_ : target_ + error + slack;
  if (mapped_) {
    const double least = 1.0 / high;
    high = low > 0.0 ? 1.0 / low : infinity;
    low = least;
  }
  const auto margin = [&](double bound) {
    return rounding * (magnitude_ + (std::isfinite(bound) ? std::abs(bound) : 0.0));
  };
  return {.low = low - margin(low) - offset_, .high = high + margin(high) - offset_};
}

Configuration configuration(const Sum& sum, std::uint64_t mask) {
  Configuration all = sum.fixed;
  for (; mask != 0; mask &= mask - 1) all.set(sum.which[static_cast<std::size_t>(std::countr_zero(mask))], true);
  return all;
}

std::optional<Configuration> extreme(const Sum& sum, const ProgramOptions& options, bool greatest,
                                     std::size_t least_free) {
  const std::size_t stuck = sum.fixed.count();
  const std::size_t most = options.at_most.value_or(sum.fixed.size());
  const std::size_t least = std::max(options.at_least.value_or(0), stuck + least_free);
  if (least > most || least > stuck + sum.items.size()) return std::nullopt;
  std::vector<std::size_t> order(sum.items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const double sign = greatest ? 1.0 : -1.0;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return sign * sum.items[a] > sign * sum.items[b]; });
  Configuration configuration = sum.fixed;
  for (std::size_t k = 0; k < std::min(order.size(), most - stuck); ++k) {
    if (stuck + k >= least && !(sign * sum.items[order[k]] > 0.0)) break;
    configuration.set(sum.which[order[k]], true);
  }
  return configuration;
}

}  // namespace ohmset::additive
