// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/near_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ohmset::attainable {
namespace {

// Two pointers: inner values ascend while they are below what the row wants, then the next row wants more. Where a
// chain stands after so many steps is known without walking there, so four of them walk at once, and no branch depends
// on the values.
class Walk {
 public:
  Walk(std::span<const Value> outer, std::span<const Value> inner, double wanted)
      : outer_(outer), inner_(inner), wanted_(wanted) {}

  std::vector<Rows> rows_near(double near) {
    const double last = wanted_ - outer_.front().value;
    const auto below_last = static_cast<std::size_t>(
        std::partition_point(inner_.begin(), inner_.end(), [&](const Value& entry) { return entry.value < last; }) -
        inner_.begin());
    const std::size_t steps = (outer_.size() + below_last) / chains;
    std::array<Chain, chains> all{};
    for (std::size_t k = 0; k < chains; ++k) all.at(k) = chain_after(k * steps);
    for (std::size_t done = 0; done < steps; done += block) {
      const std::array<Chain, chains> before = all;
      const std::array<double, chains> nearest = walk(all, std::min(block, steps - done));
      for (std::size_t k = 0; k < chains; ++k) {
        if (nearest.at(k) <= near) note(before.at(k).row, all.at(k).row);
      }
    }
    // The last steps, fewer than there are chains.
    note(all.back().row, outer_.data());
    return ranges();
  }

 private:
  static constexpr std::size_t chains = 4;
  static constexpr std::size_t block = 32;
  struct Chain {
    const Value* row = nullptr;  // descending
    const Value* inner = nullptr;
  };

  // Merging what the rows want with the inner values, the wanted ones first among equals: how far both are after so
  // many steps.
  [[nodiscard]] Chain chain_after(std::size_t steps) const {
    std::size_t low = steps > outer_.size() ? steps - outer_.size() : 0;
    std::size_t high = std::min(steps, inner_.size());
    while (low < high) {
      const std::size_t taken = low + (high - low) / 2;
      const double wanted = wanted_ - outer_[outer_.size() - (steps - taken)].value;
      if (inner_[taken].value < wanted) {
        low = taken + 1;
      } else {
        high = taken;
      }
    }
    return {.row = outer_.data() + outer_.size() - 1 - (steps - low), .inner = inner_.data() + low};
  }

  std::array<double, chains> walk(std::array<Chain, chains>& all, std::size_t steps) const {
    std::array<Chain, chains> now = all;
    std::array<double, chains> nearest{};
    nearest.fill(infinity);
    for (std::size_t step = 0; step < steps; ++step) {
      for (std::size_t k = 0; k < chains; ++k) {
        const double apart = now[k].inner->value - (wanted_ - now[k].row->value);
        nearest[k] = std::min(nearest[k], std::abs(apart));
        const std::ptrdiff_t below = apart < 0.0 ? 1 : 0;
        now[k].inner += below;
        now[k].row -= 1 - below;
      }
    }
    all = now;
    return nearest;
  }

  // Rows from `first` down to `last`, which may be one before the first row of all.
  void note(const Value* first, const Value* last) {
    const auto end = static_cast<std::size_t>(first - outer_.data() + 1);
    const std::size_t begin = last < outer_.data() ? 0 : static_cast<std::size_t>(last - outer_.data());
    if (begin < end) noted_.push_back({begin, end});
  }
  std::vector<Rows> ranges() {
    std::sort(noted_.begin(), noted_.end(), [](const Rows& a, const Rows& b) { return a.end > b.end; });
    std::vector<Rows> apart;
    for (const Rows& rows : noted_) {
      if (!apart.empty() && rows.end >= apart.back().begin) {
        apart.back().begin = std::min(apart.back().begin, rows.begin);
      } else {
        apart.push_back(rows);
      }
    }
    return apart;
  }

  std::span<const Value> outer_;
  std::span<const Value> inner_;
  double wanted_;
  std::vector<Rows> noted_{};
};

}  // namespace

std::vector<Rows> rows_near(std::span<const Value> outer, std::span<const Value> inner, double wanted, double near) {
  if (outer.empty()) return {};
  return Walk(outer, inner, wanted).rows_near(near);
}

}  // namespace ohmset::attainable
