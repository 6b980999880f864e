// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/values.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "design/attainable/device_sums.h"
#include "design/attainable/lists.h"

namespace ohmset::attainable {
namespace {

std::size_t inserted(std::uint64_t mask) { return static_cast<std::size_t>(std::popcount(mask)); }

// yes where condition is 1, no where it is 0.
std::uint64_t chosen(std::uint64_t condition, std::uint64_t yes, std::uint64_t no) {
  return no ^ ((yes ^ no) & (0 - condition));
}

// Both states of a device that is free: two copies of the list, merged while they are made, without a branch that the
// processor would have to guess.
void with_either(std::span<const Value> list, const Value& first, const Value& second, Value* out) {
  const Value* a = list.data();
  const Value* b = a;
  const Value* last_a = a + list.size() - 1;
  const Value* last_b = last_a;
  Value* last = out + 2 * list.size() - 1;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const double from_a = a->value + first.value;
    const double from_b = b->value + second.value;
    const auto take_b = static_cast<std::uint64_t>(from_b < from_a);
    const std::uint64_t mask = chosen(take_b, b->mask | second.mask, a->mask | first.mask);
    *out++ = {.value = std::min(from_a, from_b), .mask = mask};
    b += take_b;
    a += 1 - take_b;
    const double from_last_a = last_a->value + first.value;
    const double from_last_b = last_b->value + second.value;
    const auto take_a = static_cast<std::uint64_t>(from_last_b < from_last_a);
    const std::uint64_t last_mask = chosen(take_a, last_a->mask | first.mask, last_b->mask | second.mask);
    *last-- = {.value = std::max(from_last_b, from_last_a), .mask = last_mask};
    last_a -= take_a;
    last_b -= 1 - take_a;
  }
}

class Maker {
 public:
  Maker(const Bank& bank, Seen seen, std::size_t at_most)
      : bank_(bank), seen_(seen), at_most_(at_most), limited_(at_most < bank.devices.size()) {}

  [[nodiscard]] Column<Value> sums(Arrangement arrangement, std::span<const Group* const> members) const {
    const bool series = arrangement == Arrangement::series;
    std::optional<Column<Value>> sorted = free_devices(series, members);
    Column<Value> list = sorted ? std::move(*sorted) : Column<Value>(1);
    if (!sorted) list[0] = {};
    for (const Group* member : members) {
      if (member->arrangement != Arrangement::device) continue;
      if (sorted && bank_.devices[member->device].stuck == Stuck::free) continue;
      list = with_device(std::move(list), member->device, series);
    }
    for (const Group* member : members) {
      if (member->arrangement == Arrangement::device) continue;
      std::vector<const Group*> inside;
      inside.reserve(member->members.size());
      for (const Group& group : member->members) inside.push_back(&group);
      Column<Value> terms = sums(member->arrangement, inside);
      if (member->arrangement != arrangement) turn_round(terms);
      if (list.size() > terms.size()) std::swap(list, terms);
      list = combined(std::move(terms), list);
    }
    return list;
  }

 private:
  // Sums of those members; none where they are better merged one by one.
  [[nodiscard]] std::optional<Column<Value>> free_devices(bool series, std::span<const Group* const> members) const {
    std::vector<FreeDevice> devices;
    for (const Group* member : members) {
      if (member->arrangement != Arrangement::device) continue;
      const Device& device = bank_.devices[member->device];
      if (device.stuck == Stuck::free) devices.push_back({member->device, contribution(device, series, seen_)});
    }
    if (devices.size() >= least_sorted_devices && devices.size() <= most_sorted_devices) {
      if (std::optional<Column<Value>> list = device_sums(devices)) {
        drop_disallowed(*list);
        return list;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] Column<Value> with_device(Column<Value> list, std::size_t place, bool series) const {
    const Device& device = bank_.devices[place];
    const Contribution gives = contribution(device, series, seen_);
    const Value removed{.value = gives.removed};
    const Value put{.value = gives.inserted, .mask = std::uint64_t{1} << place};
    if (device.stuck != Stuck::free) {
      const bool stuck_in = device.stuck == (series ? Stuck::open : Stuck::closed);
      return with_term(std::move(list), stuck_in ? put : removed);
    }
    if (list.empty()) return list;
    Column<Value> next(2 * list.size());
    with_either({list.data(), list.size()}, removed, put, next.data());
    drop_disallowed(next);
    return next;
  }

  [[nodiscard]] Column<Value> with_term(Column<Value> list, const Value& term) const {
    if (term.value == 0.0 && term.mask == 0) return list;
    for (Value& entry : list) entry = {.value = entry.value + term.value, .mask = entry.mask | term.mask};
    drop_disallowed(list);
    return list;
  }

  // Every entry of one with every one of the other. requires few.size() <= many.size()
  [[nodiscard]] Column<Value> combined(Column<Value> many, const Column<Value>& few) const {
    if (few.size() == 1) return with_term(std::move(many), few.front());
    Column<Value> runs(many.size() * few.size());
    Column<Value> spare(runs.size());
    std::vector<std::size_t> ends;
    std::size_t count = 0;
    for (const Value& term : few) {
      for (const Value& entry : many) {
        const std::uint64_t mask = entry.mask | term.mask;
        runs[count] = {.value = entry.value + term.value, .mask = mask};
        count += !limited_ || inserted(mask) <= at_most_ ? 1 : 0;
      }
      ends.push_back(count);
    }
    merge_all(runs, spare, std::move(ends));
    return runs;
  }

  void drop_disallowed(Column<Value>& list) const {
    if (!limited_) return;
    std::size_t kept = 0;
    for (std::size_t k = 0; k < list.size(); ++k) {
      list[kept] = list[k];
      kept += inserted(list[k].mask) <= at_most_ ? 1 : 0;
    }
    list.shrink(kept);
  }

  // Reciprocals, which ascend where the values descend.
  static void turn_round(Column<Value>& list) {
    Value* first = list.data();
    for (Value* last = first + list.size(); first < last; ++first) {
      --last;
      const Value turned{.value = reciprocal(last->value), .mask = last->mask};
      *last = {.value = reciprocal(first->value), .mask = first->mask};
      *first = turned;
    }
  }

  const Bank& bank_;
  Seen seen_;
  std::size_t at_most_;
  bool limited_;  // a smaller number than of devices
};

}  // namespace

Column<Value> values_of(const Bank& bank, Seen seen, std::size_t at_most, Arrangement arrangement,
                        std::span<const Group* const> members) {
  return Maker(bank, seen, at_most).sums(arrangement, members);
}

}  // namespace ohmset::attainable
