// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/cut.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace ohmset::attainable {
namespace {

// Members, as a bit mask, whose free switches add up as near to `wanted` as any do.
std::vector<bool> members_with(const std::vector<std::size_t>& switches, std::size_t wanted) {
  std::size_t total = 0;
  for (const std::size_t count : switches) total += count;
  std::vector<std::optional<std::vector<bool>>> reached(total + 1);
  reached[0] = std::vector<bool>(switches.size(), false);
  for (std::size_t k = 0; k < switches.size(); ++k) {
    if (switches[k] == 0) continue;
    for (std::size_t sum = total + 1; sum-- > switches[k];) {
      if (reached[sum] || !reached[sum - switches[k]]) continue;
      reached[sum] = reached[sum - switches[k]];
      (*reached[sum])[k] = true;
    }
  }
  std::size_t best = 0;
  const auto distance = [&](std::size_t sum) { return sum > wanted ? sum - wanted : wanted - sum; };
  for (std::size_t sum = 0; sum <= total; ++sum) {
    if (reached[sum] && distance(sum) < distance(best)) best = sum;
  }
  return *reached[best];
}

class Search {
 public:
  Search(const Group& root, const ListMaker& lists) : lists_(lists), total_(lists.free_switches(root)) { visit(root); }

  [[nodiscard]] Cut best() && { return std::move(best_); }

 private:
  void visit(const Group& group) {
    std::vector<std::size_t> switches;
    switches.reserve(group.members.size());
    for (const Group& member : group.members) switches.push_back(lists_.free_switches(member));
    const std::vector<bool> inside = members_with(switches, (total_ + 1) / 2);
    std::size_t inner = 0;
    for (std::size_t k = 0; k < switches.size(); ++k) inner += inside[k] ? switches[k] : 0;
    const std::size_t larger = std::max(inner, total_ - inner);
    if (best_.path.empty() || larger < larger_) {
      larger_ = larger;
      best_ = {.path = path_};
      best_.path.push_back({.arrangement = group.arrangement});
      for (std::size_t k = 0; k < switches.size(); ++k) {
        (inside[k] ? best_.inner : best_.path.back().siblings).push_back(&group.members[k]);
      }
    }
    // Only the member with most switches can hold a better balanced cut.
    const auto most = std::max_element(switches.begin(), switches.end());
    if (most == switches.end() || *most * 2 <= total_) return;
    const auto chosen = static_cast<std::size_t>(most - switches.begin());
    if (group.members[chosen].arrangement == Arrangement::device) return;
    path_.push_back({.arrangement = group.arrangement});
    for (std::size_t k = 0; k < switches.size(); ++k) {
      if (k != chosen) path_.back().siblings.push_back(&group.members[k]);
    }
    visit(group.members[chosen]);
  }

  const ListMaker& lists_;
  std::size_t total_;
  std::size_t larger_ = 0;
  std::vector<Level> path_{};
  Cut best_{};
};

}  // namespace

Cut balanced_cut(const Group& root, const ListMaker& lists) { return Search(root, lists).best(); }

}  // namespace ohmset::attainable
