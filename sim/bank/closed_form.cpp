// What a bank conducts: resistances add up along series groups, conductances across parallel ones.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>

#include "sim/bank.h"
#include "sim/compensated_sum.h"

namespace ohmset {
namespace {

double reciprocal(double x) { return x == 0.0 ? infinity : 1.0 / x; }

// a and b in parallel, whichever of them is 0 or infinite.
double in_parallel(double a, double b) {
  const double less = std::min(a, b);
  if (less == 0.0 || less == infinity) return less;
  return less / (1.0 + less / std::max(a, b));
}

class ClosedForm {
 public:
  ClosedForm(const Bank& bank, const Configuration& configuration, Seen seen)
      : bank_(bank), configuration_(configuration), seen_(seen) {}

  [[nodiscard]] double resistance(const Group& group) const {
    return group.arrangement == Arrangement::series ? sum(group) : reciprocal(sum(group));
  }
  [[nodiscard]] double conductance(const Group& group) const {
    return group.arrangement == Arrangement::series ? reciprocal(sum(group)) : sum(group);
  }

 private:
  // Of the members' resistances in a series group, of their conductances in a parallel one.
  [[nodiscard]] double sum(const Group& group) const {
    const bool series = group.arrangement == Arrangement::series;
    CompensatedSum total;
    for (const Group& member : group.members) {
      if (member.arrangement == Arrangement::device) {
        const Contribution device = contribution(bank_.devices[member.device], series, seen_);
        total.add(configuration_.inserted(member.device) ? device.inserted : device.removed);
      } else {
        total.add(series ? resistance(member) : conductance(member));
      }
    }
    return total.value();
  }

  const Bank& bank_;
  const Configuration& configuration_;
  Seen seen_;
};

void check_sizes(const Bank& bank, const Configuration& configuration) {
  if (bank.devices.size() != bank.topology.device_count()) {
    throw std::invalid_argument("Bank: the topology has another number of devices");
  }
  if (configuration.size() != bank.devices.size()) {
    throw std::invalid_argument("Bank: the configuration has another number of devices");
  }
}

}  // namespace

Contribution contribution(const Device& device, bool bypass, Seen seen) {
  const double resistance = (seen == Seen::actual ? device.resistance : device.measured).value;
  const double on = device.contact.on.value;
  const double off = device.contact.off.value;
  const double closed = bypass ? in_parallel(resistance, on) : reciprocal(resistance + on);
  const double open = bypass ? in_parallel(resistance, off) : reciprocal(resistance + off);
  if (device.stuck == Stuck::closed) return {.inserted = closed, .removed = closed};
  if (device.stuck == Stuck::open) return {.inserted = open, .removed = open};
  return bypass ? Contribution{.inserted = open, .removed = closed} : Contribution{.inserted = closed, .removed = open};
}

Ohm resistance(const Bank& bank, const Configuration& configuration, Seen seen) {
  check_sizes(bank, configuration);
  return Ohm{ClosedForm(bank, configuration, seen).resistance(bank.topology.root())};
}

Siemens conductance(const Bank& bank, const Configuration& configuration, Seen seen) {
  check_sizes(bank, configuration);
  return Siemens{ClosedForm(bank, configuration, seen).conductance(bank.topology.root())};
}

}  // namespace ohmset
