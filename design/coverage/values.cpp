// SPDX-License-Identifier: Apache-2.0
#include "design/coverage/values.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "design/attainable/lists.h"
#include "design/coverage/sweep.h"

namespace ohmset::covering {
namespace {

using attainable::reciprocal;

void collect(const Group& group, std::vector<const Group*>& members) {
  for (const Group& member : group.members) {
    if (member.arrangement == group.arrangement) {
      collect(member, members);
    } else {
      members.push_back(&member);
    }
  }
}

void drop_equals(std::vector<double>& sorted) { sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end()); }

// Every entry of a list with each of two values, ascending. requires both ascending
std::vector<double> sums_with_both(const std::vector<double>& list, double first, double second) {
  std::vector<double> sums;
  sums.reserve(2 * list.size());
  auto later = list.begin();
  for (const double entry : list) {
    for (; *later + second < entry + first; ++later) sums.push_back(*later + second);
    sums.push_back(entry + first);
  }
  for (; later != list.end(); ++later) sums.push_back(*later + second);
  return sums;
}

// Every entry of one list with every one of the other, ascending and distinct.
std::vector<double> sums_of(const std::vector<double>& some, const std::vector<double>& others) {
  std::vector<double> sums;
  if (some.size() == 2) {
    sums = sums_with_both(others, some.front(), some.back());
  } else {
    sums.reserve(some.size() * others.size());
    for (const double value : some) {
      for (const double other : others) sums.push_back(value + other);
    }
    if (some.size() > 1 && others.size() > 1) std::ranges::sort(sums);
  }
  drop_equals(sums);
  return sums;
}

// What a member can contribute to a group of that arrangement, ascending.
std::vector<double> values_of(const Bank& bank, Arrangement arrangement, const Group& member);

// Two lists of about the same length whose sums are what a group can be, in its unit.
Lists<double> lists_of(const Bank& bank, const Group& group) {
  std::vector<std::vector<double>> values;
  for (const Group* member : members_of(group)) values.push_back(values_of(bank, group.arrangement, *member));
  std::ranges::stable_sort(values, std::ranges::greater{}, &std::vector<double>::size);
  Lists<double> lists{.first = {0.0}, .second = {0.0}};
  for (const std::vector<double>& some : values) {
    std::vector<double>& list = lists.first.size() <= lists.second.size() ? lists.first : lists.second;
    list = sums_of(some, list);
  }
  // Long runs of the second list are told fastest.
  if (lists.first.size() > lists.second.size()) std::swap(lists.first, lists.second);
  return lists;
}

std::vector<double> values_of(const Bank& bank, Arrangement arrangement, const Group& member) {
  if (member.arrangement == Arrangement::device) {
    const Contribution gives = contribution(bank.devices[member.device], arrangement == Arrangement::series);
    std::vector<double> both{gives.removed, gives.inserted};
    std::ranges::sort(both);
    drop_equals(both);
    return both;
  }
  const Lists<double> lists = lists_of(bank, member);
  std::vector<double> values = sums_of(lists.first, lists.second);
  for (double& value : values) value = reciprocal(value);
  std::ranges::reverse(values);
  drop_equals(values);
  return values;
}

// The widest part of an interval between neighbouring values, told of in ascending order of the sums.
class WidestOfValues {
 public:
  WidestOfValues(bool turned, double low, double high) : turned_(turned), low_(low), high_(high) {}

  [[nodiscard]] double value(double sum) const { return turned_ ? reciprocal(sum) : sum; }
  void expect(std::uint64_t count) { least_ = (high_ - low_) / (static_cast<double>(count) + 1.0); }

  // Sums that near to each other, at `from` or above, have values nearer than the widest part so far.
  [[nodiscard]] double width(double from) const {
    constexpr double less = 0.999;  // than what rounding could make too much of
    const double wide = less * std::max(2.0 * found_.distance, least_);
    return std::clamp(turned_ ? wide * from * from : wide, std::numeric_limits<double>::min(),
                      std::numeric_limits<double>::max());
  }

  void between(const double* lesser, const double* greater) {
    const double* below = turned_ ? greater : lesser;
    const double* above = turned_ ? lesser : greater;
    part(below == nullptr ? -infinity : value(*below), above == nullptr ? infinity : value(*above));
  }
  void part(double below, double above) {
    if (above < low_ || below > high_ || below == above) return;
    const double middle = below == -infinity ? low_ : above == infinity ? high_ : below + 0.5 * (above - below);
    const double at = std::clamp(middle, low_, high_);
    const double distance = std::min(at - below, above - at);
    if (any_ && !(distance > found_.distance || (distance == found_.distance && at < found_.at))) return;
    any_ = true;
    found_ = {.at = at, .distance = distance, .below = below, .above = above};
  }

  [[nodiscard]] const Coverage& coverage() const { return found_; }

 private:
  bool turned_;
  double low_;
  double high_;
  double least_ = 0.0;
  bool any_ = false;
  Coverage found_{};
};

// The least sum whose value is at most `high`, the greatest whose value is at least `low`, among finite ones.
std::pair<double, double> sums_between(bool turned, double low, double high) {
  if (!turned) return {low, high};
  constexpr double most = std::numeric_limits<double>::max();
  const auto up = [](double x) { return std::nextafter(x, infinity); };
  const auto down = [](double x) { return std::nextafter(x, 0.0); };
  double least = most;
  if (high > 0.0) {
    least = std::min(1.0 / high, most);
    while (least > 0.0 && reciprocal(down(least)) <= high) least = down(least);
    while (least < most && reciprocal(least) > high) least = up(least);
  }
  double greatest = most;
  if (low > 0.0) {
    greatest = std::min(1.0 / low, most);
    while (greatest < most && reciprocal(up(greatest)) >= low) greatest = up(greatest);
    while (reciprocal(greatest) < low) greatest = down(greatest);
  }
  return {least, greatest};
}

}  // namespace

std::vector<const Group*> members_of(const Group& group) {
  std::vector<const Group*> members;
  collect(group, members);
  return members;
}

Coverage cover_values(const Bank& bank, TargetUnit unit, double low, double high) {
  // A group that is all there is in another has its value.
  const Group* group = &bank.topology.root();
  for (std::vector<const Group*> members = members_of(*group);
       members.size() == 1 && members.front()->arrangement != Arrangement::device; members = members_of(*group)) {
    group = members.front();
  }
  const bool turned = (group->arrangement == Arrangement::series) != (unit == TargetUnit::ohm);
  const Lists<double> lists = lists_of(bank, *group);
  WidestOfValues widest(turned, low, high);
  const auto [least, greatest] = sums_between(turned, low, high);
  Sweep<double> sweep(lists, least, greatest);
  widest.expect(sweep.count());
  sweep.tell(widest);
  // An infinite sum is a value of 0, with more of the interval beneath it.
  const double most = lists.first.back() + lists.second.back();
  if (turned && most == infinity) widest.part(-infinity, 0.0);
  return widest.coverage();
}

}  // namespace ohmset::covering
