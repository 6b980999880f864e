// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/block.h"

#include <algorithm>
#include <cmath>

#include "design/tolerance/living.h"
#include "sim/random/elementary.h"

namespace ohmset::tolerance {
namespace {

constexpr std::size_t most_together = 256;

std::size_t depth_of(const Group& group) {
  std::size_t deepest = 0;
  for (const Group& member : group.members) {
    if (member.arrangement != Arrangement::device) deepest = std::max(deepest, depth_of(member));
  }
  return deepest + 1;
}

// Samples at once: as many as stay in the nearer caches.
std::size_t samples_at_once(const Making& making, std::size_t cases) {
  constexpr std::size_t room = std::size_t{1} << 15U;  // numbers
  const BankQuestion& question = making.question();
  const bool all = question.population == Population::redesigned;
  const std::size_t of_a_sample = 2 * cases * depth_of(question.spec.topology.root()) + 2 * question.aims.size() +
                                  question.conditions.size() + (all ? 6 * making.devices() : 0) + 16;
  return std::clamp(room / of_a_sample / pack * pack, pack, most_together);
}

// Nothing has happened to devices yet: not even a reading.
bool as_made(const Condition& condition, const Life::Needs& needs) {
  return condition.celsius == Condition{}.celsius && !condition.seconds && !needs.read;
}

}  // namespace

Block::Block(const Making& making)
    : making_(making),
      question_(making.question()),
      loops_(loops()),
      most_(samples_at_once(making, cases())),
      sums_(depth_of(question_.spec.topology.root()) * cases() * 2, most_),
      scores_(living_causes.size(), most_),
      aged_(question_.conditions.size(), most_),
      contacts_(question_.aims.size(), most_),
      lots_(whole_packs(most_)),
      terms_(whole_packs(most_)),
      codes_(whole_packs(most_)),
      resistances_(redesigned() ? making.devices() : 1, most_),
      on_(redesigned() ? making.devices() : 1, most_),
      stuck_((redesigned() ? making.devices() : 1) * whole_packs(most_)) {
  if (!redesigned()) return;
  measured_ = Table(making.devices(), most_);
  redesign_ = std::make_unique<Redesign>(question_.spec, question_.aims, most_);
}

// A row of the points, and draws that do no harm up to whole packs.
void Block::fetch(Cause cause, std::size_t device, std::size_t condition, double* to) const {
  std::ranges::copy(points_->of(making_.coordinate(cause, device, condition), first_, count_), to);
  std::fill(to + count_, to + packed_, 0.5);
}

void Block::evaluate(const Points& points, std::size_t first, std::size_t count, std::span<double> values) {
  points_ = &points;
  first_ = first;
  count_ = count;
  packed_ = whole_packs(count);
  if (making_.random(Cause::lot)) {
    fetch(Cause::lot, 0, 0, lots_.data());
    making_.lot_factors({lots_.data(), packed_});
  }
  if (redesigned()) {
    make_all();
    measure_all();
    redesign_->choose({.count = count,
                       .measured = &measured_,
                       .switch_on = &on_,
                       .stuck = making_.random(Cause::switch_fault) ? std::span<const std::uint8_t>(stuck_)
                                                                    : std::span<const std::uint8_t>(),
                       .stuck_stride = whole_packs(most_)});
  }
  add_group(question_.spec.topology.root(), 0);
  write_values(points, values);
}

// --- devices ---------------------------------------------------------------------------------------------------

void Block::make_device(std::size_t device, double* resistances, double* on, std::uint8_t* stuck) {
  if (making_.random(Cause::resistance)) fetch(Cause::resistance, device, 0, resistances);
  const bool die = question_.population == Population::die;
  const bool coded = die && making_.random(Cause::measurement);
  if (coded) fetch(Cause::measurement, device, 0, codes_.data());
  const std::span<const double> lots(lots_.data(), making_.random(Cause::lot) ? packed_ : 0);
  making_.resistances(device, lots, {codes_.data(), coded ? packed_ : 0}, {resistances, packed_});
  const Fabrication& fabrication = question_.spec.fabrication;
  if (making_.random(Cause::device_fault)) {
    const std::span<const double> draw = points_->of(making_.coordinate(Cause::device_fault, device), first_, count_);
    for (std::size_t s = 0; s < count_; ++s) {
      resistances[s] = draws::with_fault(fabrication.process, draw[s], resistances[s]);
    }
  }
  if (making_.random(Cause::switch_on)) fetch(Cause::switch_on, device, 0, on);
  making_.switch_on(device, {on, packed_});
  if (!making_.random(Cause::switch_fault)) return;
  const std::span<const double> draw = points_->of(making_.coordinate(Cause::switch_fault, device), first_, count_);
  for (std::size_t s = 0; s < count_; ++s) {
    stuck[s] = static_cast<std::uint8_t>(draws::switch_fault(fabrication.switches, draw[s]));
  }
}

void Block::make_all() {
  for (std::size_t k = 0; k < making_.devices(); ++k) {
    make_device(k, resistances_.row(k), on_.row(k), stuck_.data() + k * whole_packs(most_));
  }
}

// As Meter::read reads one bank.
void Block::measure_all() {
  const draws::Meter& meter = making_.meter();
  for (std::size_t k = 0; k < making_.devices(); ++k) {
    const double* const actual = resistances_.row(k);
    double* const measured = measured_.row(k);
    if (!making_.random(Cause::measurement)) {
      std::copy(actual, actual + packed_, measured);
      continue;
    }
    fetch(Cause::measurement, k, 0, measured);
    meter.factors({measured, packed_});
    for (std::size_t s = 0; s < packed_; ++s) measured[s] = draws::Meter::reading(actual[s], measured[s]);
  }
  if (!meter.converts()) return;
  std::ranges::fill(terms_, 0.0);
  for (std::size_t k = 0; k < making_.devices(); ++k) {
    const double* const measured = measured_.row(k);
    for (std::size_t s = 0; s < packed_; ++s) {
      if (!draws::is_faulty(measured[s])) terms_[s] = std::max(terms_[s], measured[s]);
    }
  }
  for (std::size_t k = 0; k < making_.devices(); ++k) {
    double* const measured = measured_.row(k);
    for (std::size_t s = 0; s < packed_; ++s) measured[s] = meter.converted(measured[s], terms_[s]);
  }
}

// --- sums over the topology --------------------------------------------------------------------------------------

void Block::add_group(const Group& group, std::size_t depth) {
  const bool series = group.arrangement == Arrangement::series;
  const std::size_t own = depth * cases() * 2;
  for (std::size_t row = own; row < own + 2 * cases(); ++row) std::fill_n(sums_.row(row), packed_, 0.0);
  for (const Group& member : group.members) {
    if (member.arrangement == Arrangement::device) {
      add_device(member.device, series, depth);
      continue;
    }
    add_group(member, depth + 1);
    finish_group(member, depth + 1, series);
    for (std::size_t k = 0; k < 2 * cases(); k += 2) {
      loops_.add(sums_.row(own + 2 * cases() + k), sums_.row(own + k), sums_.row(own + k + 1), packed_);
    }
  }
}

void Block::finish_group(const Group& group, std::size_t depth, bool as_resistance) {
  const bool reciprocal = (group.arrangement == Arrangement::series) != as_resistance;
  for (std::size_t k = depth * cases() * 2; k < (depth + 1) * cases() * 2; k += 2) {
    double* const totals = sums_.row(k);
    const double* const lost = sums_.row(k + 1);
    for (std::size_t s = 0; s < packed_; ++s) {
      const double sum = totals[s] <= draws::largest ? totals[s] + lost[s] : totals[s];
      totals[s] = reciprocal ? 1.0 / sum : sum;
    }
  }
}

Block::Contact Block::contact(std::size_t device, bool bypass, std::size_t aim) const {
  if (redesigned() || making_.random(Cause::switch_fault)) return std::nullopt;
  const Device known = making_.known(device);
  const bool closed = known.stuck == Stuck::free ? question_.aims[aim].configuration.inserted(device) != bypass
                                                 : known.stuck == Stuck::closed;
  if (!closed) return known.contact.off.value;
  if (making_.random(Cause::switch_on)) return std::nullopt;
  return known.contact.on.value;
}

void Block::fill_contact(std::size_t device, bool bypass, std::size_t aim) {
  double* const contacts = contacts_.row(aim);
  if (const Contact same = contact(device, bypass, aim)) {
    std::fill_n(contacts, packed_, *same);
    return;
  }
  const double off = making_.known(device).contact.off.value;
  const double* const on = on_.row(redesigned() ? device : 0);
  if (redesigned()) {
    // Stuck switches are inserted as they are stuck.
    const std::uint8_t* const inserted = redesign_->inserted(aim, device);
    for (std::size_t s = 0; s < packed_; ++s) contacts[s] = (inserted[s] != 0) != bypass ? on[s] : off;
    return;
  }
  if (!making_.random(Cause::switch_fault)) {
    std::copy(on, on + packed_, contacts);
    return;
  }
  const bool asked = question_.aims[aim].configuration.inserted(device) != bypass;
  constexpr auto closed = static_cast<std::uint8_t>(Stuck::closed);
  constexpr auto open = static_cast<std::uint8_t>(Stuck::open);
  for (std::size_t s = 0; s < packed_; ++s) {
    contacts[s] = stuck_[s] == closed || (asked && stuck_[s] != open) ? on[s] : off;
  }
}

void Block::add_device(std::size_t device, bool bypass, std::size_t depth) {
  const std::size_t aims = question_.aims.size();
  // An open branch and a perfect bypass add nothing, whatever the device.
  const double nothing = bypass ? 0.0 : infinity;
  std::vector<bool> adds(aims);
  for (std::size_t aim = 0; aim < aims; ++aim) adds[aim] = contact(device, bypass, aim) != nothing;
  if (std::ranges::none_of(adds, std::identity())) return;
  if (!redesigned()) make_device(device, resistances_.row(0), on_.row(0), stuck_.data());
  age(device);
  for (std::size_t aim = 0; aim < aims; ++aim) {
    if (!adds[aim]) continue;
    fill_contact(device, bypass, aim);
    for (std::size_t c = 0; c < question_.conditions.size(); ++c) {
      const std::size_t row = 2 * (depth * cases() + aim * question_.conditions.size() + c);
      (bypass ? loops_.links : loops_.branches)(aged_.row(c), contacts_.row(aim), terms_.data(), packed_);
      loops_.add(terms_.data(), sums_.row(row), sums_.row(row + 1), packed_);
    }
  }
}

void Block::age(std::size_t device) {
  const double* const made = resistances_.row(redesigned() ? device : 0);
  Life::Scores scores;
  const auto score = [&](std::size_t kind, std::size_t condition) {
    double* const row = scores_.row(kind);
    fetch(living_causes.at(kind), device, condition, row);
    elementary::loops().normal_quantiles(row, packed_);
    set_scores(scores, living_causes.at(kind), {row, packed_});
  };
  constexpr std::size_t reading = living_causes.size() - 1;
  for (std::size_t kind = 0; kind < reading; ++kind) {
    if (making_.random(living_causes.at(kind))) score(kind, 0);
  }
  for (std::size_t c = 0; c < question_.conditions.size(); ++c) {
    const Life& life = making_.lives()[c];
    std::copy(made, made + packed_, aged_.row(c));
    if (as_made(question_.conditions[c], life.needs())) continue;
    if (making_.random(Cause::read)) score(reading, c);
    life.age({aged_.row(c), packed_}, scores);
  }
}

void Block::write_values(const Points& points, std::span<double> values) const {
  const std::size_t conditions = question_.conditions.size();
  const bool series = question_.spec.topology.root().arrangement == Arrangement::series;
  double* const worst = cases() > 1 ? values.data() + cases() * points.count + first_ : nullptr;
  for (std::size_t k = 0; k < cases(); ++k) {
    const Aim& aim = question_.aims[k / conditions];
    const bool reciprocal = series != (aim.unit == TargetUnit::ohm);
    const double* const totals = sums_.row(2 * k);
    const double* const lost = sums_.row(2 * k + 1);
    double* const out = values.data() + k * points.count + first_;
    for (std::size_t s = 0; s < count_; ++s) {
      const double sum = totals[s] <= draws::largest ? totals[s] + lost[s] : totals[s];
      const double achieved = reciprocal ? 1.0 / sum : sum;
      out[s] = (achieved - aim.target) / aim.target;
    }
    for (std::size_t s = 0; s < (worst == nullptr ? 0 : count_); ++s) {
      if (k == 0 || std::abs(out[s]) > std::abs(worst[s])) worst[s] = out[s];
    }
  }
}

}  // namespace ohmset::tolerance
