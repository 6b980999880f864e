// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "design/attainable/cut.h"
#include "design/attainable/quick.h"

namespace ohmset::attainable {

std::optional<QuickLists> quick_lists(const Bank& bank, Seen seen, std::size_t at_most) {
  const ListMaker maker(bank, seen, 1, 0, at_most);
  const Cut cut = balanced_cut(bank.topology.root(), maker);
  // How many values, or 0 where many are equal.
  const auto length = [&](Arrangement arrangement, const std::vector<const Group*>& members) {
    std::size_t switches = 0;
    for (const Group* member : members) switches += maker.free_switches(*member);
    const double values = maker.subsets(switches);
    return values > 2.0 * maker.predicted(arrangement, members) ? 0.0 : values;
  };
  double outer = 1.0;
  for (const Level& level : cut.path) outer *= length(level.arrangement, level.siblings);
  const double inner = length(cut.path.back().arrangement, cut.inner);
  const auto most = static_cast<double>(most_entries);
  if (!(outer > 0.0 && inner > 0.0 && outer <= most && inner <= most)) return std::nullopt;

  QuickLists lists{.siemens = cut.path.front().arrangement == Arrangement::parallel};
  lists.inner = values_of(bank, seen, at_most, cut.path.back().arrangement, cut.inner);
  if (lists.inner.empty()) return std::nullopt;
  double low = lists.inner.front().value;
  double high = lists.inner.back().value;
  for (std::size_t k = cut.path.size(); k-- > 0;) {
    const Level& on_path = cut.path[k];
    PathLevel level{.outer = values_of(bank, seen, at_most, on_path.arrangement, on_path.siblings),
                    .turns = k + 1 < cut.path.size() && on_path.arrangement != cut.path[k + 1].arrangement,
                    .low = low,
                    .high = high};
    if (level.outer.empty()) return std::nullopt;
    if (level.turns) {
      level.low = reciprocal(high);
      level.high = reciprocal(low);
    }
    low = level.outer.front().value + level.low;
    high = level.outer.back().value + level.high;
    lists.levels.push_back(std::move(level));
  }
  std::reverse(lists.levels.begin(), lists.levels.end());
  return lists;
}

}  // namespace ohmset::attainable
