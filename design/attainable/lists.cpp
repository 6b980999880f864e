// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

#include "sim/error.h"

namespace ohmset::attainable {
namespace {

Entry plus(const Entry& entry, double term, std::uint64_t mask) {
  Entry next{.sum = entry.sum, .mask = entry.mask | mask};
  next.sum.add(term);
  if (next.sum.total == infinity) next.sum.lost = 0.0;  // infinite sums are equal
  return next;
}

std::vector<const Group*> pointers_to(const std::vector<Group>& members) {
  std::vector<const Group*> pointers;
  pointers.reserve(members.size());
  for (const Group& member : members) pointers.push_back(&member);
  return pointers;
}

}  // namespace

std::size_t ListMaker::free_switches(const Group& group) const {
  if (group.arrangement == Arrangement::device) return bank_.devices[group.device].stuck == Stuck::free ? 1 : 0;
  std::size_t count = 0;
  for (const Group& member : group.members) count += free_switches(member);
  return count;
}

bool ListMaker::allowed(std::uint64_t mask) const { return static_cast<std::size_t>(std::popcount(mask)) <= at_most_; }

void ListMaker::refuse() const {
  throw input_error(fmt::format("{} devices in this topology", bank_.devices.size()),
                    "its lists of attainable values may have at most 33,554,432 entries");
}

double ListMaker::combinations(Arrangement arrangement, std::span<const Group* const> members) const {
  std::map<std::pair<double, double>, double> alike;  // free devices by what they contribute
  double count = 1.0;
  for (const Group* member : members) {
    if (member->arrangement == Arrangement::device) {
      const Device& device = bank_.devices[member->device];
      if (device.stuck != Stuck::free) continue;
      const Contribution gives = contribution(device, arrangement == Arrangement::series, seen_);
      alike[{gives.inserted, gives.removed}] += 1.0;
    } else {
      count *= combinations(member->arrangement, pointers_to(member->members));
    }
  }
  for (const auto& [gives, devices] : alike) count *= devices + 1.0;
  return count;
}

double ListMaker::subsets(std::size_t switches) const {
  double limited = 1.0;
  double choose = 1.0;
  for (std::size_t k = 1; k <= std::min(switches, at_most_); ++k) {
    choose *= static_cast<double>(switches - k + 1) / static_cast<double>(k);
    limited += choose;
  }
  return limited;
}

double ListMaker::predicted(Arrangement arrangement, std::span<const Group* const> members) const {
  std::size_t switches = 0;
  for (const Group* member : members) switches += free_switches(*member);
  return std::min(subsets(switches), combinations(arrangement, members));
}

std::vector<Entry> ListMaker::contributions(Arrangement arrangement, const Group& member) const {
  const bool series = arrangement == Arrangement::series;
  if (member.arrangement == Arrangement::device) {
    const Device& device = bank_.devices[member.device];
    const Contribution gives = contribution(device, series, seen_);
    const std::uint64_t bit = std::uint64_t{1} << member.device;
    const Entry inserted{.sum = {.total = gives.inserted}, .mask = bit};
    const Entry removed{.sum = {.total = gives.removed}};
    std::vector<Entry> entries;
    const bool stuck_in = device.stuck == (series ? Stuck::open : Stuck::closed);
    if (!stuck_in) entries.push_back(removed);
    if (device.stuck == Stuck::free || stuck_in) entries.push_back(inserted);
    return entries;
  }
  std::vector<Entry> entries = sums(member.arrangement, pointers_to(member.members));
  for (Entry& entry : entries) {
    entry.sum = {.total = member.arrangement == arrangement ? entry.value() : reciprocal(entry.value())};
  }
  deduplicate(entries);
  return entries;
}

std::vector<Entry> ListMaker::sums(Arrangement arrangement, std::span<const Group* const> members) const {
  std::vector<Entry> entries{Entry{}};
  for (const Group* member : members) {
    const std::vector<Entry> terms = contributions(arrangement, *member);
    if (terms.size() > most_entries / std::max<std::size_t>(entries.size(), 1)) refuse();
    std::vector<Entry> next;
    next.reserve(entries.size() * terms.size());
    for (const Entry& term : terms) {
      for (const Entry& entry : entries) {
        const Entry sum = plus(entry, term.value(), term.mask);
        if (allowed(sum.mask)) next.push_back(sum);
      }
    }
    entries.swap(next);
    deduplicate(entries);
  }
  return entries;
}

void ListMaker::deduplicate(std::vector<Entry>& entries) const {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const double value_a = a.value();
    const double value_b = b.value();
    if (value_a != value_b) return value_a < value_b;
    if (a.sum.total != b.sum.total) return a.sum.total < b.sum.total;
    if (a.sum.lost != b.sum.lost) return a.sum.lost < b.sum.lost;
    const int items_a = std::popcount(a.mask);
    const int items_b = std::popcount(b.mask);
    return items_a != items_b ? items_a < items_b : a.mask < b.mask;
  });
  std::size_t kept = 0;
  std::size_t equal = 0;
  for (const Entry& entry : entries) {
    const bool same = kept > 0 && entries[kept - 1].sum == entry.sum &&
                      (at_least_ == 0 || std::popcount(entries[kept - 1].mask) == std::popcount(entry.mask));
    equal = same ? equal + 1 : 1;
    if (equal <= wanted_) entries[kept++] = entry;
  }
  entries.resize(kept);
}

}  // namespace ohmset::attainable
