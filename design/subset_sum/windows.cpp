// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum/windows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "design/subset_sum.h"
#include "design/subset_sum/subsets_of_sums.h"

namespace ohmset::windows {
namespace {

using kernels::Lane;
using kernels::Met;
using kernels::Pairing;

// Sums take as much room above the bits that hold the number of items in a key.
constexpr unsigned count_bits = 6;
constexpr std::size_t first_room = 16384;

// A window in the items' integers.
struct Place {
  std::int64_t centre = 0;
  double distance = 0.0;
};

// requires low <= high
Place place(double low, double high) {
  const std::int64_t centre = static_cast<std::int64_t>(std::floor(0.5 * low + 0.5 * high)) & ~std::int64_t{1};
  const auto middle = static_cast<double>(centre);
  return {centre, std::max(high - middle, middle - low)};
}

}  // namespace

bool Windows::make(std::span<const double> items, std::size_t at_least, std::size_t at_most) {
  items_.assign(items.begin(), items.end());
  at_least_ = at_least;
  at_most_ = std::min(at_most, items.size());
  whole_ = at_least == 0 && at_most >= items.size();
  usable_ = false;
  seen_ = nowhere;
  masks_.clear();
  integers_.clear();
  raise_ = 0;
  if (items.size() < least_items || items.size() > most_items || at_least_ > at_most_) return false;
  double least = 0.0;
  for (const double item : items) least = std::min(least, item);
  constexpr std::size_t kept_out = 2;
  kept_out_ = whole_ ? kept_out : 0;
  const double raised = whole_ ? 0.0 : -least * static_cast<double>(items.size() + 2);
  const auto fixed = kernels::fixed_point(items, raised, Lane<double>::bits, kept_out_);
  if (!fixed) return false;
  usable_ = true;
  fixed_ = *fixed;
  rows_ = (items.size() - kept_out_) / 2;
  double above = 0.0;
  for (std::size_t k = 0; k < items.size(); ++k) {
    const bool turned = ((fixed_.turned >> k) & 1U) != 0;
    integers_.push_back(turned && !whole_ ? -fixed_.items.at(k) : fixed_.items.at(k));
    if (!turned) above += static_cast<double>(fixed_.items.at(k));
  }
  const auto margin = static_cast<double>(fixed_.margin + 4);
  sums_ = {.low = (-static_cast<double>(fixed_.turned_sum) - margin) / fixed_.scale,
           .high = (above + margin) / fixed_.scale};
  whole_ ? make_whole_lists() : make_lists_by_items();
  return true;
}

bool Windows::is_for(std::span<const double> items, std::size_t at_least, std::size_t at_most) const {
  return at_least == at_least_ && std::min(at_most, items.size()) == at_most_ &&
         std::equal(items.begin(), items.end(), items_.begin(), items_.end());
}

void Windows::make_whole_lists() {
  std::array<double, most_items> values{};
  for (std::size_t k = kept_out_; k < integers_.size(); ++k) {
    values.at(k - kept_out_) = static_cast<double>(integers_[k]);
  }
  const std::size_t columns = integers_.size() - kept_out_ - rows_;
  const kernels::Halves<double> halves =
      set_.doubles.halves(values.data(), rows_, columns, buffers_.reserve(std::size_t{1} << columns));
  low_ = {halves.rows};
  high_ = {halves.columns};
  pairs_ = {{0, 0}, {1, 0}, {2, 0}, {3, 0}};
}

void Windows::make_lists_by_items() {
  // Even, as targets rise by it.
  for (const std::int64_t item : integers_) raise_ = std::max(raise_, (1 - item) & ~std::int64_t{1});
  for (std::int64_t& item : integers_) item += raise_;
  const std::size_t columns = integers_.size() - rows_;
  const auto room_of = [](std::size_t items, std::size_t most, const auto& visit) {
    std::size_t subsets = 1;
    for (std::size_t k = 0; k <= most; ++k) {
      visit(subsets);
      subsets = subsets * (items - k) / (k + 1);
    }
  };
  std::size_t entries = 0;
  const auto count = [&](std::size_t subsets) { entries += 2 * (subsets + 2 * kernels::guard); };
  room_of(rows_, std::min(at_most_, rows_), count);
  room_of(columns, std::min(at_most_, columns), count);
  if (entries > arena_.size()) arena_.resize(entries);
  double* next = arena_.data();
  const auto make = [&](std::span<const std::int64_t> integers) {
    std::vector<double> values(integers.begin(), integers.end());
    const std::size_t most = std::min(at_most_, values.size());
    Lists lists;
    Lists spare;
    for (Lists* each : {&lists, &spare}) {
      room_of(values.size(), most, [&](std::size_t subsets) {
        each->push_back({next + kernels::guard, 0});
        next += subsets + 2 * kernels::guard;
      });
    }
    set_.doubles.sums_by_items(values.data(), values.size(), most, lists.data(), spare.data());
    return lists;
  };
  const std::span<const std::int64_t> integers(integers_);
  low_ = make(integers.first(rows_));
  high_ = make(integers.subspan(rows_));
  pairs_.clear();
  for (std::uint32_t a = 0; a < low_.size(); ++a) {
    for (std::uint32_t b = 0; b < high_.size(); ++b) {
      if (a + b >= at_least_ && a + b <= at_most_) pairs_.emplace_back(a, b);
    }
  }
}

std::vector<Pairing<double>> Windows::pairings(std::int64_t centre) const {
  std::vector<Pairing<double>> all;
  all.reserve(pairs_.size());
  for (const auto& [a, b] : pairs_) {
    if (whole_) {
      const std::int64_t out = ((a & 1U) != 0 ? integers_[0] : 0) + ((a & 2U) != 0 ? integers_[1] : 0);
      all.push_back({low_.front(), high_.front(), static_cast<double>(centre + fixed_.turned_sum - out)});
    } else {
      all.push_back({low_[a], high_[b], static_cast<double>(centre + (a + b) * raise_)});
    }
  }
  return all;
}

bool Windows::see(const Range& range, std::size_t room) {
  if (seen_.holds(range)) return true;
  seen_ = nowhere;
  masks_.clear();
  // No sum is beyond these, so that all windows fit the integers.
  const double low = std::max(range.low, sums_.low);
  const double high = std::min(range.high, sums_.high);
  if (low <= high) {
    Place window = place(std::floor(low * fixed_.scale), std::ceil(high * fixed_.scale));
    window.centre += whole_ ? fixed_.turned_sum & 1 : 0;
    window.distance += static_cast<double>(fixed_.margin + 2);
    const std::vector<Pairing<double>> all = pairings(window.centre);
    room = std::min(room, most_found);
    const auto meet = [&](std::size_t some) {
      if (some > met_.size()) met_.resize(some);
      return set_.doubles.within(all.data(), all.size(), window.distance, met_.data(), some);
    };
    std::size_t tried = std::min(first_room, room);
    std::size_t count = meet(tried);
    while (count > tried) {
      if (tried == room) return false;
      tried = std::min(16 * tried, room);
      count = meet(tried);
    }
    recover({met_.data(), count});
  }
  seen_ = range;
  return true;
}

std::optional<double> Windows::reach(double target, std::size_t wanted) const {
  const double near = std::clamp(target, sums_.low, sums_.high);
  std::int64_t centre = static_cast<std::int64_t>(near * fixed_.scale) & ~std::int64_t{1};
  centre += whole_ ? fixed_.turned_sum & 1 : 0;
  const std::vector<Pairing<double>> all = pairings(centre);
  const double distance = set_.doubles.reach(all.data(), all.size(), wanted);
  if (distance >= Lane<double>::beyond) return std::nullopt;
  return std::abs(target - near) + (distance + static_cast<double>(fixed_.margin + 4)) / fixed_.scale;
}

std::uint64_t Windows::key_of(const kernels::SortedSums<double>& list, std::size_t entry, std::size_t items) const {
  const auto sum = static_cast<std::uint64_t>(list.values[entry] - Lane<double>::bias);
  return sum << count_bits | (whole_ ? 0 : items);
}

void Windows::recover(std::span<const Met> met) {
  std::vector<std::uint64_t> low_keys;
  std::vector<std::uint64_t> high_keys;
  low_keys.reserve(met.size());
  high_keys.reserve(met.size());
  for (const Met& each : met) {
    const auto [a, b] = pairs_[each.pairing];
    low_keys.push_back(key_of(low_[whole_ ? 0 : a], each.row, a));
    high_keys.push_back(key_of(high_[b], each.column, b));
  }
  std::vector<std::uint64_t> items;
  for (std::size_t k = kept_out_; k < integers_.size(); ++k) {
    items.push_back(static_cast<std::uint64_t>(integers_[k]) << count_bits | (whole_ ? 0U : 1U));
  }
  const std::span<const std::uint64_t> all(items);
  const SubsetsOfSums low(all.first(rows_), low_keys, at_most_);
  const SubsetsOfSums high(all.subspan(rows_), high_keys, at_most_);
  // Equal entries of a list give the same pair of sums, and all their subsets.
  using Pair = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  std::vector<Pair> pairs;
  pairs.reserve(met.size());
  for (std::size_t k = 0; k < met.size(); ++k) pairs.emplace_back(met[k].pairing, low.group(k), high.group(k));
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  masks_.reserve(met.size());
  for (const auto& [pairing, row, column] : pairs) {
    const std::uint64_t out = whole_ ? pairs_[pairing].first : 0;
    for (const std::uint64_t a : low.masks(row)) {
      for (const std::uint64_t b : high.masks(column)) {
        const std::uint64_t mask = out | a << kept_out_ | b << (kept_out_ + rows_);
        masks_.push_back(whole_ ? mask ^ fixed_.turned : mask);
      }
    }
  }
}

}  // namespace ohmset::windows
