// Sorted lists of what one part and two parts can be, in ohms and in siemens, and how to find what meets a window.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "design/combine/ranking.h"

namespace ohmset::drawer {

// What a part of a circuit should be: wanted exactly `mid`, of use between `low` and `high`.
struct Window {
  double low = 0.0;
  double mid = 0.0;
  double high = 0.0;
};
// Beside something of that value, in the same unit.
[[nodiscard]] inline Window beside(const Window& window, double value) {
  return {window.low - value, window.mid - value, window.high - value};
}
// In the other unit. Nothing is of use in a window without positive values.
[[nodiscard]] inline Window inverted(const Window& window) {
  const auto inverse = [](double x) { return x > 0.0 ? 1.0 / x : std::numeric_limits<double>::infinity(); };
  return {inverse(window.high), inverse(window.mid), inverse(window.low)};
}

// Everything in one unit: series groups add up in ohms (unit 0), parallel groups in siemens (unit 1).
struct Unit {
  std::vector<double> parts{};     // ascending
  std::vector<double> pairs{};     // ascending; two parts, in series or parallel
  std::vector<double> no_parts{};  // the same negated, ascending again
  std::vector<double> no_pairs{};
};

class Lists {
 public:
  // Of these parts of the shelf, ascending.
  Lists(const Shelf& shelf, std::vector<std::size_t> parts);
  void add_pairs();

  [[nodiscard]] const Unit& unit(int unit) const { return units_[unit == 0 ? 0 : 1]; }
  [[nodiscard]] std::size_t size() const { return parts_.size(); }
  // The circuit behind an entry of unit(unit).parts or .pairs.
  [[nodiscard]] Wiring part(int unit, std::size_t index) const;
  [[nodiscard]] Wiring pair(int unit, std::size_t index) const;

 private:
  const Shelf& shelf_;
  std::vector<std::size_t> parts_;
  std::vector<std::uint32_t> pairs_{};  // first, second, in series?: in order of unit 0
  Unit units_[2]{};
};

// The points in a window, outwards from its middle as long as visit(index) says that they are of use. `first` is the
// first point that is not below the window.
template <class Visit>
void scan_from(std::span<const double> points, std::size_t first, const Window& window, const Visit& visit) {
  if (first == points.size() || points[first] > window.high) return;
  const auto begin = points.begin() + static_cast<std::ptrdiff_t>(first);
  const auto middle = static_cast<std::size_t>(std::lower_bound(begin, points.end(), window.mid) - points.begin());
  for (std::size_t k = middle; k < points.size() && points[k] <= window.high && visit(k); ++k) {
  }
  for (std::size_t k = middle; k > first && visit(k - 1); --k) {
  }
}

template <class Visit>
void scan(std::span<const double> points, const Window& window, const Visit& visit) {
  const auto first = std::lower_bound(points.begin(), points.end(), window.low);
  scan_from(points, static_cast<std::size_t>(first - points.begin()), window, visit);
}

// Windows whose `low` ascends, and `reach`, which ascends too and is nowhere below `high`.
struct Windows {
  std::span<const double> low{};
  std::span<const double> mid{};
  std::span<const double> high{};
  std::span<const double> reach{};
};

// Every window, moved by `shift`, met with the points: visit(window, point) outwards from each middle.
template <class Visit>
void sweep(const Windows& windows, const Window& shift, std::span<const double> points, const Visit& visit) {
  if (points.empty()) return;
  const auto begin = windows.reach.begin();
  const auto above = std::partition_point(begin, windows.reach.end(),
                                          [&](double reach) { return reach + shift.high < points.front(); });
  auto k = static_cast<std::size_t>(above - begin);
  const std::size_t count = windows.low.size();
  if (k == count) return;
  auto point = static_cast<std::size_t>(std::lower_bound(points.begin(), points.end(), windows.low[k] + shift.low) -
                                        points.begin());
  for (; k < count; ++k) {
    const double low = windows.low[k] + shift.low;
    while (point < points.size() && points[point] < low) ++point;
    if (point == points.size()) return;
    const double high = windows.high[k] + shift.high;
    if (points[point] > high) continue;
    scan_from(points, point, {low, windows.mid[k] + shift.mid, high}, [&](std::size_t p) { return visit(k, p); });
  }
}

}  // namespace ohmset::drawer
