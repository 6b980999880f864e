// SPDX-License-Identifier: Apache-2.0
#include "design/precision/banks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "design/program/additive.h"
#include "sim/compensated_sum.h"
#include "sim/error.h"

namespace ohmset::precision {
namespace {

// Which resistances a part of a bank can take: 0, infinity, and of those between the least and the greatest.
struct Extent {
  bool zero = false;
  bool infinite = false;
  bool between = false;
  double least = 0.0;
  double greatest = 0.0;
};

void take_in(Extent& extent, double resistance) {
  if (resistance == 0.0) {
    extent.zero = true;
  } else if (resistance == infinity) {
    extent.infinite = true;
  } else {
    extent.least = extent.between ? std::min(extent.least, resistance) : resistance;
    extent.greatest = extent.between ? std::max(extent.greatest, resistance) : resistance;
    extent.between = true;
  }
}

// What was said of resistances, of conductances, and back.
Extent turned(const Extent& extent) {
  return {.zero = extent.infinite,
          .infinite = extent.zero,
          .between = extent.between,
          .least = extent.between ? 1.0 / extent.greatest : 0.0,
          .greatest = extent.between ? 1.0 / extent.least : 0.0};
}

// Of a sum of independent parts.
class SumExtent {
 public:
  void add(const Extent& part) {
    zero_ = zero_ && part.zero;
    infinite_ = infinite_ || part.infinite;
    finite_ = finite_ && (part.zero || part.between);
    if (part.between) {
      smallest_ = between_ ? std::min(smallest_, part.least) : part.least;
      greatest_.add(part.greatest);
      if (!part.zero) least_.add(part.least);
      between_ = true;
    }
  }
  [[nodiscard]] Extent value() const {
    const bool between = finite_ && between_;
    Extent extent{.zero = zero_, .infinite = infinite_, .between = between};
    if (!between) return extent;
    extent.least = zero_ ? smallest_ : least_.value();
    extent.greatest = greatest_.value();
    return extent;
  }

 private:
  bool zero_ = true;
  bool infinite_ = false;
  bool finite_ = true;
  bool between_ = false;
  double smallest_ = 0.0;  // of what a single part adds
  CompensatedSum least_{};
  CompensatedSum greatest_{};
};

// Resistances.
Extent extent_of(const Bank& bank, const Group& group, Seen seen) {
  const bool series = group.arrangement == Arrangement::series;
  SumExtent sum;
  for (const Group& member : group.members) {
    Extent part;
    if (member.arrangement == Arrangement::device) {
      // In the unit in which the group adds up.
      const Contribution gives = contribution(bank.devices[member.device], series, seen);
      take_in(part, gives.inserted);
      take_in(part, gives.removed);
    } else {
      part = extent_of(bank, member, seen);
      if (!series) part = turned(part);
    }
    sum.add(part);
  }
  return series ? sum.value() : turned(sum.value());
}

double fraction_of(const Interval& interval, double fraction) {
  return interval.low + fraction * (interval.high - interval.low);
}

}  // namespace

Bank nominal_bank(const BankSpec& spec) {
  return fabricate({.fabrication = without_spread(spec.fabrication), .topology = spec.topology}, {});
}

bool opens(const Bank& bank) { return extent_of(bank, bank.topology.root(), Seen::actual).infinite; }

Interval reach_of(const Bank& bank, TargetUnit unit, Seen seen) {
  Extent extent = extent_of(bank, bank.topology.root(), seen);
  if (unit == TargetUnit::siemens) extent = turned(extent);
  if (!extent.between) return {};
  return {.low = extent.zero ? 0.0 : extent.least, .high = extent.greatest};
}

Family::Family(const PrecisionQuestion& question, std::size_t devices) : question_(question), devices_(devices) {
  check(question, devices);
  if (!question.family) return;
  spec_ = bank_spec_of(*question.family, devices);
  pair_ = question.family->topology == differential_topology;
  unit_ = target_unit_of(question, devices);
  const bool parallel = spec_.topology.is_parallel();
  tree_ = !parallel && !spec_.topology.is_series();
  adds_up_ = !tree_ && parallel == (unit_ == TargetUnit::siemens);
  if (!pair_) return;
  full_scale_ = 0.5 * std::sqrt(static_cast<double>(devices) * mean_square_conductance(spec_.fabrication));
  if (!(full_scale_ > 0.0 && std::isfinite(full_scale_))) {
    throw input_error("the devices give no full scale", "at least one device that conducts");
  }
}

Drawn Family::draw(std::size_t number) const {
  Drawn drawn{.number = number};
  if (is_signed()) {
    std::vector<std::array<std::uint64_t, 4>> blocks(devices_);
    philox_blocks({.seed = question_.seed, .die = number}, 0, blocks);
    drawn.items.reserve(devices_);
    for (const auto& block : blocks) {
      drawn.items.push_back(2.0 * to_uniform(block[static_cast<std::size_t>(Draw::resistance)]) - 1.0);
    }
  } else {
    for (std::uint64_t cell = 0; cell < (pair_ ? 2 : 1); ++cell) {
      drawn.banks.push_back(fabricate(spec_, {.seed = question_.seed, .die = number, .cell = cell}));
    }
  }
  drawn.reach = reach_of(drawn);
  drawn.interval = interval_of(drawn.reach);
  return drawn;
}

Interval Family::reach_of(const Drawn& drawn) const {
  if (!is_signed()) {
    const Interval plus = precision::reach_of(drawn.banks.front(), unit_);
    if (!pair_) return plus;
    const Interval minus = precision::reach_of(drawn.banks.back(), unit_);
    return {.low = plus.low - minus.high, .high = plus.high - minus.low};
  }
  Interval reach;
  for (const double item : drawn.items) (item < 0.0 ? reach.low : reach.high) += item;
  return reach;
}

Interval Family::interval_of(const Interval& reach) const {
  if (is_signed()) return asked_interval(question_);
  if (pair_) {
    const Interval multiples = asked_interval(question_);
    return {.low = multiples.low * full_scale_, .high = multiples.high * full_scale_};
  }
  const Interval fractions = asked_interval(question_);
  return {.low = fraction_of(reach, fractions.low), .high = fraction_of(reach, fractions.high)};
}

double Family::bits(double error, double target) const {
  const double scale = is_signed() ? 1.0 : pair_ ? full_scale_ : target;
  return 0.0 - std::log2(std::abs(error / scale));
}

Additive additive_of(const Drawn& drawn, Seen seen) {
  if (drawn.banks.empty()) return {.items = drawn.items};
  return additive_of(drawn.banks, seen);
}

Additive additive_of(std::span<const Bank> banks, Seen seen) {
  Additive sum;
  std::size_t before = 0;
  for (std::size_t b = 0; b < banks.size(); ++b) {
    const additive::Sum own = additive::sum_of(banks[b], seen);
    const double sign = b == 0 ? 1.0 : -1.0;
    sum.offset += sign * own.offset;
    std::ranges::transform(own.items, std::back_inserter(sum.items), [&](double item) { return sign * item; });
    std::ranges::transform(own.which, std::back_inserter(sum.which), [&](std::size_t k) { return before + k; });
    before += banks[b].devices.size();
  }
  return sum;
}

}  // namespace ohmset::precision
