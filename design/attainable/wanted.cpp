// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/wanted.h"

#include <utility>

namespace ohmset::attainable {

std::optional<Column<Wanted>> next_wanted(const PathLevel& level, const Limits& limits, std::span<const Value> outer,
                                          const Column<Wanted>& wanted) {
  Column<Wanted> runs(outer.size() * wanted.size());
  std::size_t count = 0;
  std::vector<std::size_t> ends;
  const auto add = [&](const Value& chosen, Wanted next) {
    const Step kind = step(level, limits, chosen, next);
    if (kind == Step::wanted) runs[count++] = next;
    return kind != Step::unclear;
  };
  // The next sums rise with the wanted ones and fall with the chosen ones, or the other way round where they turn.
  if (wanted.size() < outer.size()) {
    for (const Wanted& one : wanted) {
      for (std::size_t k = 0; k < outer.size(); ++k) {
        if (!add(outer[level.turns ? k : outer.size() - 1 - k], one)) return std::nullopt;
      }
      ends.push_back(count);
    }
  } else {
    for (const Value& chosen : outer) {
      for (std::size_t k = 0; k < wanted.size(); ++k) {
        if (!add(chosen, wanted[level.turns ? wanted.size() - 1 - k : k])) return std::nullopt;
      }
      ends.push_back(count);
    }
  }
  if (ends.size() > 1) {
    Column<Wanted> spare(count);
    merge_all(runs, spare, std::move(ends));
  }
  runs.shrink(count);
  return runs;
}

}  // namespace ohmset::attainable
