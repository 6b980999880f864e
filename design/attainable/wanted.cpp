// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/wanted.h"

#include <algorithm>
#include <utility>

namespace ohmset::attainable {

std::optional<Column<Wanted>> next_wanted(const PathLevel& level, const Limits& limits, std::span<const Value> outer,
                                          const Column<Wanted>& wanted) {
  Column<Wanted> runs(outer.size() * wanted.size());
  std::size_t count = 0;
  std::vector<std::size_t> ends;
  // The next sums rise with the wanted ones and fall with the chosen ones, or the other way round where they turn.
  const bool by_wanted = wanted.size() < outer.size();
  const bool backwards = by_wanted != level.turns;
  const std::size_t run = std::max(wanted.size(), outer.size());
  for (std::size_t k = 0; k < std::min(wanted.size(), outer.size()); ++k) {
    for (std::size_t other = 0; other < run; ++other) {
      const std::size_t place = backwards ? run - 1 - other : other;
      Wanted next = wanted[by_wanted ? k : place];
      const Step kind = step(level, limits, outer[by_wanted ? place : k], next);
      if (kind == Step::unclear) return std::nullopt;
      if (kind == Step::wanted) runs[count++] = next;
    }
    ends.push_back(count);
  }
  if (ends.size() > 1) {
    Column<Wanted> spare(count);
    merge_all(runs, spare, std::move(ends));
  }
  runs.shrink(count);
  return runs;
}

}  // namespace ohmset::attainable
