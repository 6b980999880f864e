// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/redesign.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "design/program/additive.h"
#include "sim/compensated_sum.h"

namespace ohmset::tolerance {
namespace {

// Relative to all terms together, generously: roundings of contributions, of their differences, of sums and
// reciprocals.
constexpr double doubt = 256.0 * std::numeric_limits<double>::epsilon();
// Relative to the items together: by how much an answer is nearer than any other subset, at least. See Untold::left.
constexpr double apart = 0x1p-30;

constexpr auto stuck_open = static_cast<std::uint8_t>(Stuck::open);
constexpr auto stuck_closed = static_cast<std::uint8_t>(Stuck::closed);

}  // namespace

Redesign::Redesign(const BankSpec& spec, std::span<const Aim> aims, std::size_t most_dies)
    : spec_(spec),
      aims_(aims),
      devices_(spec.topology.device_count()),
      stride_(whole_packs(most_dies)),
      inserted_(aims.size() * devices_ * stride_),
      bank_{.topology = spec.topology, .devices = std::vector<Device>(devices_)},
      series_(spec.topology.is_series() && !spec.topology.is_parallel()),
      by_sums_((series_ || spec.topology.is_parallel()) && devices_ <= kernels::most_cell_items) {
  for (const Aim& aim : aims) reciprocal_.push_back(spec.topology.is_parallel() == (aim.unit == TargetUnit::ohm));
  if (!by_sums_) return;
  changes_ = Table(devices_, most_dies);
  removed_ = Table(devices_ + 1, most_dies);
  offsets_ = Table(2, most_dies);
  items_.resize(stride_ * devices_);
  places_.resize(stride_ * devices_);
  sums_.resize(stride_);
  questions_.resize(stride_);
}

void Redesign::choose(const Dies& dies) {
  if (by_sums_) {
    add_up(dies);
    collect(dies);
  }
  for (std::size_t aim = 0; aim < aims_.size(); ++aim) {
    if (by_sums_) {
      choose_by_sums(dies, aim);
    } else {
      for (std::size_t die = 0; die < dies.count; ++die) choose_by_program(dies, aim, die);
    }
  }
}

void Redesign::choose_by_program(const Dies& dies, std::size_t aim, std::size_t die) {
  ++by_program_;
  load_bank(dies, die);
  const Design design = program(bank_, aims_[aim].target, {.unit = aims_[aim].unit});
  write(aim, die, design.choices.at(0).configuration);
}

void Redesign::load_bank(const Dies& dies, std::size_t die) {
  for (std::size_t k = 0; k < devices_; ++k) {
    Device& device = bank_.devices[k];
    device.measured = Ohm{dies.measured->row(k)[die]};
    device.resistance = device.measured;
    device.contact = {.on = Ohm{dies.switch_on->row(k)[die]}, .off = spec_.fabrication.switches.nominal.off};
    device.stuck = dies.stuck.empty() ? Stuck::free : static_cast<Stuck>(dies.stuck[k * dies.stuck_stride + die]);
  }
}

void Redesign::write(std::size_t aim, std::size_t die, const Configuration& configuration) {
  for (std::size_t k = 0; k < devices_; ++k) {
    inserted_[(aim * devices_ + k) * stride_ + die] = configuration.inserted(k) ? 1 : 0;
  }
}

// Every configuration that may be as near as the nearest on either side, by its closed form: program's order.
void Redesign::choose_among_near(const Dies& dies, std::size_t number, std::size_t die) {
  const Aim& aim = aims_[number];
  load_bank(dies, die);
  const additive::Sum sum = additive::sum_of(bank_);
  const additive::Scale scale(bank_, sum, aim.target, aim.unit);
  small_sums_.assign(sum.items);
  const auto error_of = [&](std::uint64_t mask) {
    const double seen = additive::value_of(bank_, additive::configuration(sum, mask), aim.unit, Seen::measured);
    return std::abs(seen - aim.target);
  };
  const SmallSums::Neighbours nearest = small_sums_.neighbours(scale.aim());
  // The lesser error of the two, not less than what the closed form says.
  double within = infinity;
  for (const double found : {nearest.below, nearest.above}) {
    const double whole = sum.offset + found;
    const double error = std::abs((reciprocal_[number] ? 1.0 / whole : whole) - aim.target);
    if (whole > 0.0) within = std::min(within, error + doubt * (aim.target + error) * (1.0 + sum.magnitude / whole));
  }
  if (!std::isfinite(within)) return choose_by_program(dies, number, die);
  const additive::Interval near = scale.sums_within(within);
  // Sums in doubles are off by less than this.
  const double rounding = doubt * sum.magnitude;
  constexpr std::size_t most_candidates = 200;
  small_sums_.between(near.low - rounding, near.high + rounding, most_candidates, candidates_);
  if (candidates_.empty() || candidates_.size() > most_candidates) return choose_by_program(dies, number, die);
  std::uint64_t best = candidates_.front();
  double least = error_of(best);
  for (const std::uint64_t mask : candidates_) {
    const double error = error_of(mask);
    const auto ties = [](std::uint64_t one) { return std::pair(std::popcount(one), one); };
    if (error < least || (error == least && ties(mask) < ties(best))) {
      best = mask;
      least = error;
    }
  }
  write(number, die, additive::configuration(sum, best));
}

// --- dies as subset sums ---------------------------------------------------------------------------------------

// What each device gives when it is not inserted and what inserting it changes, as program() sees it; a stuck one
// changes nothing.
void Redesign::add_up(const Dies& dies) {
  const std::size_t packed = whole_packs(dies.count);
  const Loops& fast = loops();
  const auto terms = series_ ? fast.links : fast.branches;
  double* const off = removed_.row(devices_);
  std::fill_n(off, packed, spec_.fabrication.switches.nominal.off.value);
  std::fill_n(offsets_.row(0), packed, 0.0);
  std::fill_n(offsets_.row(1), packed, 0.0);
  for (std::size_t k = 0; k < devices_; ++k) {
    double* const inserted = changes_.row(k);
    double* const removed = removed_.row(k);
    terms(dies.measured->row(k), dies.switch_on->row(k), series_ ? removed : inserted, packed);
    terms(dies.measured->row(k), off, series_ ? inserted : removed, packed);
    for (std::size_t die = 0; die < (dies.stuck.empty() ? 0 : dies.count); ++die) {
      const std::uint8_t stuck = dies.stuck[k * dies.stuck_stride + die];
      if (stuck != stuck_open && stuck != stuck_closed) continue;
      const bool as_inserted = (stuck == stuck_closed) != series_;
      (as_inserted ? removed[die] : inserted[die]) = as_inserted ? inserted[die] : removed[die];
    }
    fast.add(removed, offsets_.row(0), offsets_.row(1), packed);
    for (std::size_t die = 0; die < packed; ++die) inserted[die] -= removed[die];
  }
}

void Redesign::collect(const Dies& dies) {
  const double* const totals = offsets_.row(0);
  const double* const lost = offsets_.row(1);
  for (std::size_t die = 0; die < dies.count; ++die) {
    Sum sum{.offset = CompensatedSum{totals[die], lost[die]}.value(), .least = infinity};
    sum.hopeless = !std::isfinite(sum.offset);
    double* const items = items_.data() + die * devices_;
    std::uint8_t* const places = places_.data() + die * devices_;
    for (std::size_t k = 0; k < devices_; ++k) {
      const double item = changes_.row(k)[die];
      items[sum.count] = item;
      places[sum.count] = static_cast<std::uint8_t>(k);
      // Neither what changes nothing nor what shorts or opens the bank. Others are positive.
      if (!(item > 0.0 && item < infinity)) continue;
      ++sum.count;
      sum.total += item;
      sum.least = std::min(sum.least, item);
    }
    sum.magnitude = sum.offset + sum.total;
    sums_[die] = sum;
  }
}

void Redesign::choose_by_sums(const Dies& dies, std::size_t number) {
  const double goal = reciprocal_[number] ? 1.0 / aims_[number].target : aims_[number].target;
  second_.clear();
  left_.clear();
  const auto answer = [&](std::size_t die, std::uint64_t mask) { judge(number, die, mask); };
  for (std::size_t die = 0; die < dies.count; ++die) {
    const Sum& sum = sums_[die];
    Question& question = questions_[die];
    question = {.aim = goal - sum.offset};
    if (sum.hopeless || sum.count == 0) continue;
    if (question.aim >= 0.0 && question.aim <= sum.total) {
      search_.ask(items_of(die), question.aim, die, answer);
    } else if (!beyond_reach(number, die)) {
      left_.push_back(die);
    }
  }
  search_.finish(answer);
  if (!second_.empty()) {
    const auto answer_again = [&](std::size_t die, std::uint64_t mask) {
      if (mask != questions_[die].mask) left_.push_back(die);
    };
    for (const std::size_t die : second_) search_.ask(items_of(die), questions_[die].middle, die, answer_again);
    search_.finish(answer_again);
  }
  write_found(dies, number);
  for (const std::size_t die : left_) choose_among_near(dies, number, die);
}

// All items or none, where nothing else comes as near by more than rounding.
bool Redesign::beyond_reach(std::size_t number, std::size_t die) {
  const double target = aims_[number].target;
  const Sum& sum = sums_[die];
  Question& question = questions_[die];
  const bool above = question.aim > sum.total;
  question.mask = above ? (std::uint64_t{1} << sum.count) - 1 : 0;
  if (!reciprocal_[number]) return sum.least > doubt * (sum.magnitude + target);
  const double found = above ? sum.magnitude : sum.offset;
  const double next = found + sum.least;
  return sum.least > doubt * (sum.magnitude + next + found * next * target);
}

void Redesign::judge(std::size_t number, std::size_t die, std::uint64_t mask) {
  const double target = aims_[number].target;
  const Sum& sum = sums_[die];
  Question& question = questions_[die];
  question.mask = mask;
  const double goal = reciprocal_[number] ? 1.0 / target : target;
  const double rounding = doubt * (sum.magnitude + goal);
  const double shown = apart * sum.total;
  if (mask == kernels::not_told || !(rounding < 0.25 * shown)) return left_.push_back(die);
  if (!reciprocal_[number]) return;
  // |1/G - 1/g| for a sum G at a distance d below g is that of another at d g / (g - 2 d) above, and for one above that
  // of another at d g / (g + 2 d) < d below.
  const double off = question.aim - sum_of(die, mask);
  const double distance = std::abs(off);
  if (!(distance < 0.25 * goal)) return left_.push_back(die);
  if (off <= 0.0) return;
  const double reach = distance * goal / (goal - 2.0 * distance);
  if (reach - distance + rounding < 0.5 * shown) return;
  question.middle = question.aim + 0.5 * (reach - distance);
  second_.push_back(die);
}

double Redesign::sum_of(std::size_t die, std::uint64_t mask) const {
  const double* const items = items_.data() + die * devices_;
  double sum = 0.0;
  for (std::size_t k = 0; k < sums_[die].count; ++k) sum += ((mask >> k) & 1U) != 0 ? items[k] : 0.0;
  return sum;
}

void Redesign::write_found(const Dies& dies, std::size_t aim) {
  std::uint8_t* const flags = inserted_.data() + aim * devices_ * stride_;
  std::fill_n(flags, devices_ * stride_, std::uint8_t{0});
  for (std::size_t k = 0; k < (dies.stuck.empty() ? 0 : devices_); ++k) {
    const std::uint8_t always = series_ ? stuck_open : stuck_closed;
    for (std::size_t die = 0; die < dies.count; ++die) {
      flags[k * stride_ + die] = dies.stuck[k * dies.stuck_stride + die] == always ? 1 : 0;
    }
  }
  for (std::size_t die = 0; die < dies.count; ++die) {
    std::uint64_t mask = questions_[die].mask;
    if (mask == kernels::not_told) continue;
    const std::uint8_t* const places = places_.data() + die * devices_;
    for (; mask != 0; mask &= mask - 1) flags[places[std::countr_zero(mask)] * stride_ + die] = 1;
  }
}

}  // namespace ohmset::tolerance
