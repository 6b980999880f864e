// SPDX-License-Identifier: Apache-2.0
#include "design/monte_carlo/brackets.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ohmset::mc {
namespace {

void merge_overlapping(std::vector<Bracket>& brackets) {
  std::size_t kept = 0;
  for (const Bracket& bracket : brackets) {
    if (kept > 0 && bracket.low <= brackets[kept - 1].high) {
      brackets[kept - 1].high = std::max(brackets[kept - 1].high, bracket.high);
    } else {
      brackets[kept++] = bracket;
    }
  }
  brackets.resize(kept);
}

// Brackets whose lowest key is at most this one.
std::size_t begun(std::span<const Bracket> brackets, Key key) {
  std::size_t first = 0;
  for (std::size_t count = brackets.size(); count > 0;) {
    const std::size_t half = (count + 1) / 2;
    first += brackets[first + half - 1].low <= key ? half : 0;
    count -= half;
  }
  return first;
}

bool before_by_key(double a, double b) { return key_of(a) < key_of(b); }

// The cell of the bracket that holds the rank, counted from the bracket's start.
Bracket cell_of(const Bracket& bracket, const std::uint64_t* cells, std::uint64_t rank) {
  std::size_t cell = 0;
  for (; rank > cells[cell]; ++cell) rank -= cells[cell];
  const Key low = bracket.low + (Key{cell} << bracket.shift);
  const Key last = low + ((Key{1} << bracket.shift) - 1);
  return {.low = low, .high = cell + 1 == bracket.cells() ? bracket.high : last, .expected = cells[cell]};
}

// The value of the rank, or else what holds it: a cell of a bracket, or a gap that no bracket covered.
Bracket narrowed(std::span<const Bracket> brackets, const Tally& tally, Wanted& want) {
  std::uint64_t rank = want.rank;  // from the start of what is looked at
  std::size_t first_cell = 0;
  std::size_t b = 0;
  for (; b < brackets.size() && rank > tally.gaps[b]; ++b) {
    const Bracket& bracket = brackets[b];
    rank -= tally.gaps[b];
    if (rank <= tally.inside[b]) {
      Bracket found = bracket;
      if (bracket.low < bracket.high && tally.inside[b] <= bracket.quota) {
        want.value = tally.kept[b][static_cast<std::size_t>(rank - 1)];
      } else if (bracket.low < bracket.high) {
        found = cell_of(bracket, tally.cells.data() + first_cell, rank);
      }
      if (found.low == found.high) want.value = value_of(found.low);
      return found;
    }
    rank -= tally.inside[b];
    first_cell += bracket.cells();
  }
  return {.low = b == 0 ? least_key : brackets[b - 1].high + 1,
          .high = b == brackets.size() ? greatest_key : brackets[b].low - 1,
          .expected = tally.gaps[b]};
}

}  // namespace

void sort_by_key(std::span<double> values) { std::sort(values.begin(), values.end(), before_by_key); }

void select_by_key(std::span<double> values, std::span<const std::uint64_t> ranks) {
  std::size_t from = 0;
  std::size_t to = values.size();
  while (!ranks.empty()) {
    const std::size_t middle = ranks.size() / 2;
    const auto place = static_cast<std::size_t>(ranks[middle] - 1);
    const auto at = [&](std::size_t k) { return values.begin() + static_cast<std::ptrdiff_t>(k); };
    std::nth_element(at(from), at(place), at(to), before_by_key);
    std::vector<std::uint64_t> lower(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(middle));
    for (std::uint64_t& rank : lower) rank -= from;
    select_by_key(values.subspan(from, place - from), lower);
    from = place + 1;
    ranks = ranks.subspan(middle + 1);
  }
}

Tally::Tally(std::span<const Bracket> brackets)
    : gaps(brackets.size() + 1), inside(brackets.size()), kept(brackets.size()) {
  std::size_t all = 0;
  for (const Bracket& bracket : brackets) all += bracket.cells();
  cells.resize(all);
}

void Tally::add(std::span<const Bracket> brackets, std::span<const double> values) {
  if (brackets.empty()) {
    gaps[0] += values.size();
    return;
  }
  std::vector<std::size_t> first_cell(brackets.size(), 0);
  for (std::size_t b = 1; b < brackets.size(); ++b) first_cell[b] = first_cell[b - 1] + brackets[b - 1].cells();
  for (const double value : values) {
    const Key key = key_of(value);
    const std::size_t after = begun(brackets, key);
    if (after == 0 || key > brackets[after - 1].high) {
      ++gaps[after];
      continue;
    }
    const Bracket& bracket = brackets[after - 1];
    ++cells[first_cell[after - 1] + static_cast<std::size_t>((key - bracket.low) >> bracket.shift)];
    if (++inside[after - 1] <= bracket.quota) kept[after - 1].push_back(value);
  }
  for (std::size_t b = 0; b < brackets.size(); ++b) {
    if (inside[b] > brackets[b].quota) std::vector<double>().swap(kept[b]);
  }
}

void Tally::merge(std::span<const Bracket> brackets, const Tally& other) {
  const auto sum = [](std::vector<std::uint64_t>& mine, const std::vector<std::uint64_t>& theirs) {
    for (std::size_t k = 0; k < mine.size(); ++k) mine[k] += theirs[k];
  };
  sum(gaps, other.gaps);
  sum(inside, other.inside);
  sum(cells, other.cells);
  for (std::size_t b = 0; b < brackets.size(); ++b) {
    if (inside[b] > brackets[b].quota) {
      std::vector<double>().swap(kept[b]);
    } else {
      kept[b].insert(kept[b].end(), other.kept[b].begin(), other.kept[b].end());
    }
  }
}

// Four standard deviations of the pilot's own ranks to both sides, and two ranks more where there are few: a miss costs
// a pass, no more.
std::vector<Bracket> brackets_by_pilot(std::span<const double> pilot, std::uint64_t count,
                                       std::span<const Wanted> wanted) {
  const auto m = static_cast<double>(pilot.size());
  std::vector<Bracket> brackets;
  for (const Wanted& want : wanted) {
    const double p = static_cast<double>(want.rank) / static_cast<double>(count);
    const double reach = 4.0 * std::sqrt(m * p * std::max(0.0, 1.0 - p)) + 2.0;
    const double from = std::floor(m * p - reach);
    const double to = std::ceil(m * p + reach);
    brackets.push_back({.low = from < 0.0 ? least_key : key_of(pilot[static_cast<std::size_t>(from)]),
                        .high = to >= m ? greatest_key : key_of(pilot[static_cast<std::size_t>(to)])});
  }
  merge_overlapping(brackets);
  for (Bracket& bracket : brackets) {
    const auto inside = static_cast<double>(std::count_if(pilot.begin(), pilot.end(), [&](double value) {
      return key_of(value) >= bracket.low && key_of(value) <= bracket.high;
    }));
    const double share = std::min(1.0, (inside + 4.0 * std::sqrt(inside) + 4.0) / m);
    bracket.expected = std::min(count, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count))));
  }
  return brackets;
}

std::vector<Bracket> narrower(std::span<const Bracket> brackets, Tally& tally, std::span<Wanted> wanted) {
  for (std::vector<double>& kept : tally.kept) sort_by_key(kept);
  std::vector<Bracket> next;
  for (Wanted& want : wanted) {
    if (want.value) continue;
    const Bracket around = narrowed(brackets, tally, want);
    if (!want.value) next.push_back(around);
  }
  merge_overlapping(next);
  return next;
}

void share_out(std::span<std::vector<Bracket>> series, std::uint64_t kept) {
  std::vector<Bracket*> all;
  for (std::vector<Bracket>& brackets : series) {
    for (Bracket& bracket : brackets) all.push_back(&bracket);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Bracket* a, const Bracket* b) { return a->expected < b->expected; });
  constexpr std::uint64_t most_cells = std::uint64_t{1} << 18U;  // 2 MiB of counts
  const std::uint64_t most_each =
      std::clamp<std::uint64_t>(most_cells / std::max<std::size_t>(1, all.size()), 16, 1024);
  const std::uint64_t fair = std::max<std::uint64_t>(1, kept / std::max<std::size_t>(1, all.size()));
  std::uint64_t left = kept;
  for (Bracket* const bracket : all) {
    const Key width = bracket->high - bracket->low;
    std::uint64_t cells = 16;
    bracket->quota = 0;
    if (bracket->expected <= left) {
      if (width > 0) bracket->quota = bracket->expected;
      left -= bracket->quota;
    } else {
      cells = std::clamp<std::uint64_t>(bracket->expected / fair * 8, 16, most_each);
    }
    // As few bits of a key as number the cells.
    const auto cell_bits = static_cast<unsigned>(std::bit_width(cells)) - 1;
    const auto bits = static_cast<unsigned>(std::bit_width(width));
    bracket->shift = bits > cell_bits ? bits - cell_bits : 0;
  }
}

}  // namespace ohmset::mc
