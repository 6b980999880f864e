// Wire currents and powers from what the devices carry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <vector>

#include "sim/crossbar.h"
#include "sim/twofold.h"

namespace ohmset::crossbar {

// A sum in twice the precision that infinite terms do not spoil: they decide it, NaN where both signs meet.
class CurrentSum {
 public:
  void add(Twofold current) {
    if (std::isinf(current.high)) {
      infinite_ += current.high;
      unlimited_ = true;
    } else {
      finite_ += current;
    }
  }
  void add(const CurrentSum& other) {
    finite_ += other.finite_;
    infinite_ += other.infinite_;
    unlimited_ = unlimited_ || other.unlimited_;
  }
  void subtract(const CurrentSum& other) {
    finite_ -= other.finite_;
    infinite_ -= other.infinite_;
    unlimited_ = unlimited_ || other.unlimited_;
  }
  [[nodiscard]] double value() const { return unlimited_ ? infinite_ : finite_.value(); }

 private:
  Twofold finite_{};
  double infinite_ = 0.0;
  bool unlimited_ = false;
};

// Fills in the currents of the wires and of the second ends, and the powers: all follow from the devices' currents (by
// rows) by Kirchhoff's laws. Two ends of a line at the same potential share the current of a device in the inverse
// ratio of the line's resistances on either side of it, and in halves where there are none.
void complete(CrossbarFields& fields, const Crossbar& crossbar, const Eigen::VectorXd& input,
              const std::vector<Twofold>& devices);
// From fields.device_currents, of which some may be infinite.
void complete(CrossbarFields& fields, const Crossbar& crossbar, const Eigen::VectorXd& input);

}  // namespace ohmset::crossbar
