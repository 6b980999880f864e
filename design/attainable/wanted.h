// What the inner members would have to give for the bank to hit the target, for every choice of the others: a monotone
// map of the target, so that a sorted list of wanted values stays sorted from level to level.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "design/attainable/lists.h"
#include "design/attainable/values.h"

namespace ohmset::attainable {

// The bank's value is a Moebius map (a x + b) / (c x + d) with coefficients >= 0, or its reciprocal, of the inner sum
// x. With s its slope at t, it differs at v from what it is at t by at least this.
[[nodiscard]] inline double least_change(double slope, double t, double v) {
  if (v <= t) return slope * (t - v);
  return v == infinity ? slope * t : slope * (v - t) * (t / v);
}

// A wanted sum at some level of the path.
struct Wanted {
  double value = 0.0;
  double slope = 1.0;      // of the bank's value there, at least
  double least = 0.0;      // the bank errs by at least this, as the wanted sum itself was out of reach
  std::uint64_t mask = 0;  // inserted devices of the levels above
};

// A group on the path from the root.
struct PathLevel {
  Column<Value> outer{};   // sums of its members beside the path
  bool turns = false;      // what is below it contributes its reciprocal
  double low = 0.0;        // the path's member contributes at least this
  double high = infinity;  // and at most this
};

// How far the bank's value may be from the target where a sum is over what is wanted of it, or under.
struct Limits {
  double over = infinity;
  double under = infinity;

  // Once a sum was out of reach, all that follow are on its side.
  [[nodiscard]] Limits behind(double least) const {
    const double most = std::max(over, under);
    return least > 0.0 ? Limits{.over = most, .under = most} : *this;
  }
};

inline constexpr double steepest = 1e280;  // a lower slope is still one that is at most the true one

enum class Step { wanted, beyond, unclear };

// Takes a wanted sum of a level to the next one, with one value of the members beside the path. Unclear where the
// bank's value does not depend on what is below.
[[nodiscard]] inline Step step(const PathLevel& level, const Limits& limits_here, const Value& chosen, Wanted& wanted) {
  const Limits limits = limits_here.behind(wanted.least);
  if (chosen.value == infinity) {
    return wanted.least + wanted.slope * wanted.value > limits.over ? Step::beyond : Step::unclear;
  }
  double rest = wanted.value - chosen.value;
  if (rest < level.low) {
    const double sum = chosen.value + level.low;
    wanted.least += least_change(wanted.slope, wanted.value, sum);
    if (wanted.least > limits.over) return Step::beyond;
    const double part = wanted.value / sum;
    wanted.slope *= part * part;
    rest = level.low;
  } else if (rest > level.high) {
    wanted.least += least_change(wanted.slope, wanted.value, chosen.value + level.high);
    if (wanted.least > limits.under) return Step::beyond;
    rest = level.high;
  }
  wanted.mask |= chosen.mask;
  if (level.turns) {
    wanted.value = reciprocal(rest);
    wanted.slope = std::min(wanted.slope * rest * rest, steepest);
  } else {
    wanted.value = rest;
  }
  return Step::wanted;
}

// All wanted sums of the next level for some values beside the path, ascending. None when one is unclear.
[[nodiscard]] std::optional<Column<Wanted>> next_wanted(const PathLevel& level, const Limits& limits,
                                                        std::span<const Value> outer, const Column<Wanted>& wanted);

}  // namespace ohmset::attainable
