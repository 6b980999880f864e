// Up the tree: the resistance of every group. Down the tree: currents divide among a parallel group's members as their
// conductances do, voltages along a series group as resistances do; a member's part of the group's power is its slope.
// SPDX-License-Identifier: Apache-2.0
#include "design/tolerance/slopes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "sim/compensated_sum.h"

namespace ohmset::tolerance {
namespace {

class Division {
 public:
  Division(const Bank& bank, const Configuration& configuration, Seen seen)
      : bank_(bank), real_(with_stuck(bank, configuration)), seen_(seen) {
    const std::size_t count = bank.devices.size();
    slopes_.devices.assign(count, 0.0);
    slopes_.contacts.assign(count, 0.0);
    slopes_.closed.assign(count, false);
  }

  Slopes run() {
    slopes_.resistance = resist(bank_.topology.root());
    divide(bank_.topology.root(), 1.0);
    return std::move(slopes_);
  }

 private:
  [[nodiscard]] double device(std::size_t k) const {
    return (seen_ == Seen::actual ? bank_.devices[k].resistance : bank_.devices[k].measured).value;
  }
  [[nodiscard]] double contact(std::size_t k, bool bypass) const {
    const Switch& at = bank_.devices[k].contact;
    return real_.inserted(k) != bypass ? at.on.value : at.off.value;
  }

  [[nodiscard]] Leaf leaf(std::size_t k, bool bypass) const { return leaf_of(device(k), contact(k, bypass), bypass); }

  // Groups' resistances are kept in the order in which a walk from the root comes to them.
  double resist(const Group& group) {
    const std::size_t place = groups_.size();
    groups_.push_back(0.0);
    const bool series = group.arrangement == Arrangement::series;
    CompensatedSum total;
    for (const Group& member : group.members) {
      const bool one = member.arrangement == Arrangement::device;
      const double r = one ? leaf(member.device, series).resistance : resist(member);
      total.add(series ? r : 1.0 / r);
    }
    return groups_[place] = series ? total.value() : 1.0 / total.value();
  }

  void divide(const Group& group, double slope) {
    const double whole = groups_[next_++];
    const bool series = group.arrangement == Arrangement::series;
    for (const Group& member : group.members) {
      const bool one = member.arrangement == Arrangement::device;
      const double r = one ? leaf(member.device, series).resistance : groups_[next_];
      // Nothing divides where no current flows or no voltage drops.
      const bool acts = slope > 0.0 && r > 0.0 && r < infinity && whole > 0.0 && whole < infinity;
      const double part = acts ? slope * (series ? r / whole : whole / r) : 0.0;
      one ? divide_leaf(member.device, series, part) : divide(member, part);
    }
  }

  void divide_leaf(std::size_t k, bool bypass, double slope) {
    slopes_.closed[k] = real_.inserted(k) != bypass;
    const Leaf both = leaf(k, bypass);
    slopes_.devices[k] = slope * both.device;
    slopes_.contacts[k] = slope * both.contact;
  }

  const Bank& bank_;
  Configuration real_;
  Seen seen_;
  Slopes slopes_{};
  std::vector<double> groups_{};
  std::size_t next_ = 0;
};

}  // namespace

Leaf leaf_of(double r, double s, bool bypass) {
  const double less = std::min(r, s);
  const double more = std::max(r, s);
  Leaf leaf{.resistance = r + s};
  if (bypass) leaf.resistance = less == 0.0 || less == infinity ? less : less / (1.0 + less / more);
  if (!(leaf.resistance > 0.0 && leaf.resistance < infinity)) return leaf;
  // In series the larger takes the larger part, side by side the smaller.
  leaf.device = bypass ? 1.0 / (1.0 + r / s) : r / leaf.resistance;
  leaf.contact = bypass ? 1.0 / (1.0 + s / r) : s / leaf.resistance;
  return leaf;
}

Slopes slopes_of(const Bank& bank, const Configuration& configuration, Seen seen) {
  return Division(bank, configuration, seen).run();
}

}  // namespace ohmset::tolerance
