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

  // Of a device and its switch.
  [[nodiscard]] double leaf(std::size_t k, bool bypass) const {
    const double r = device(k);
    const double s = contact(k, bypass);
    if (!bypass) return r + s;
    const double less = std::min(r, s);
    return less == 0.0 || less == infinity ? less : less / (1.0 + less / std::max(r, s));
  }

  // Groups' resistances are kept in the order in which a walk from the root comes to them.
  double resist(const Group& group) {
    const std::size_t place = groups_.size();
    groups_.push_back(0.0);
    const bool series = group.arrangement == Arrangement::series;
    CompensatedSum total;
    for (const Group& member : group.members) {
      const bool one = member.arrangement == Arrangement::device;
      const double r = one ? leaf(member.device, series) : resist(member);
      total.add(series ? r : 1.0 / r);
    }
    return groups_[place] = series ? total.value() : 1.0 / total.value();
  }

  void divide(const Group& group, double slope) {
    const double whole = groups_[next_++];
    const bool series = group.arrangement == Arrangement::series;
    for (const Group& member : group.members) {
      const bool one = member.arrangement == Arrangement::device;
      const double r = one ? leaf(member.device, series) : groups_[next_];
      // Nothing divides where no current flows or no voltage drops.
      const bool acts = slope > 0.0 && r > 0.0 && r < infinity && whole > 0.0 && whole < infinity;
      const double part = acts ? slope * (series ? r / whole : whole / r) : 0.0;
      one ? divide_leaf(member.device, series, part) : divide(member, part);
    }
  }

  void divide_leaf(std::size_t k, bool bypass, double slope) {
    slopes_.closed[k] = real_.inserted(k) != bypass;
    if (slope == 0.0) return;
    const double r = device(k);
    const double s = contact(k, bypass);
    // In series the larger takes the larger part, side by side the smaller; one of them is neither open nor shorted.
    slopes_.devices[k] = slope * (bypass ? 1.0 / (1.0 + r / s) : r / (r + s));
    slopes_.contacts[k] = slope * (bypass ? 1.0 / (1.0 + s / r) : s / (r + s));
  }

  const Bank& bank_;
  Configuration real_;
  Seen seen_;
  Slopes slopes_{};
  std::vector<double> groups_{};
  std::size_t next_ = 0;
};

}  // namespace

Slopes slopes_of(const Bank& bank, const Configuration& configuration, Seen seen) {
  return Division(bank, configuration, seen).run();
}

}  // namespace ohmset::tolerance
