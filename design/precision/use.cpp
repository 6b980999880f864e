// SPDX-License-Identifier: Apache-2.0
#include "design/precision/use.h"

#include <vector>

#include "sim/process/draws.h"
#include "sim/random/elementary.h"

namespace ohmset::precision {
namespace {

constexpr std::size_t words = 4;  // of a block of draws

// One draw of each device, side by side.
std::vector<double> draws_of(const Stream& first, Draw quantity, std::size_t devices) {
  std::vector<std::array<std::uint64_t, words>> blocks(devices);
  const auto number = static_cast<std::size_t>(quantity);
  philox_blocks(first, number / words, blocks);
  std::vector<double> draws(devices);
  for (std::size_t k = 0; k < devices; ++k) draws[k] = to_uniform(blocks[k].at(number % words));
  return draws;
}

// Whether devices read otherwise in this life than as they were made.
bool changes_anything(const Life& life) {
  const Life::Needs& needs = life.needs();
  if (needs.tc1 || needs.tc2 || needs.written || needs.nu || needs.read) return true;
  double one = 1.0;
  life.age({&one, 1}, {});
  return one != 1.0;
}

}  // namespace

Use::Use(const PrecisionQuestion& question, const Fabrication& fabrication)
    : switches_(fabrication.switches), contacts_(question.contacts_anew && draws::switches_vary(fabrication.switches)) {
  if (!question.condition) return;
  const Life life(fabrication.process, *question.condition);
  if (!changes_anything(life)) return;
  life_ = life;
  const auto add = [this](bool needed, const Score& score) {
    if (needed) scores_.at(score_count_++) = score;
  };
  const Life::Needs& needs = life.needs();
  add(needs.tc1, {.quantity = Draw::tc1, .place = &Life::Scores::tc1});
  add(needs.tc2, {.quantity = Draw::tc2, .place = &Life::Scores::tc2});
  add(needs.written, {.quantity = Draw::written, .place = &Life::Scores::written});
  add(needs.nu, {.quantity = Draw::drift, .place = &Life::Scores::nu});
  add(needs.read, {.quantity = Draw::read, .place = &Life::Scores::read});
}

void Use::as_known(Bank& bank) const {
  if (!contacts_) return;
  for (Device& device : bank.devices) device.contact.on = switches_.nominal.on;
}

void Use::apply(Bank& bank, std::uint64_t seed, std::uint64_t die, std::uint64_t cell) const {
  const Stream first{.seed = seed, .die = die, .cell = cell, .device = 0};
  if (contacts_) make_contacts(bank, first);
  if (life_) age(bank, first);
}

void Use::make_contacts(Bank& bank, const Stream& first) const {
  std::vector<double> on = draws_of(first, Draw::contact, bank.devices.size());
  draws::switch_on(switches_, on);
  for (std::size_t k = 0; k < on.size(); ++k) bank.devices[k].contact.on = Ohm{on[k]};
}

void Use::age(Bank& bank, const Stream& first) const {
  std::array<std::vector<double>, 5> drawn{};
  Life::Scores scores;
  for (std::size_t s = 0; s < score_count_; ++s) {
    const Score& score = scores_.at(s);
    std::vector<double>& own = drawn.at(s);
    own = draws_of(first, score.quantity, bank.devices.size());
    elementary::loops().normal_quantiles(own.data(), own.size());
    scores.*score.place = own;
  }
  life_->age(bank.devices, scores);
}

}  // namespace ohmset::precision
