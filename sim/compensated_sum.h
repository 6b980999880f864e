// Neumaier's sum, which keeps what its roundings lost. Whoever compares sums of the same terms in the same order
// compares the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace ohmset {

struct CompensatedSum {
  double total = 0.0;
  double lost = 0.0;  // 0 once the total is infinite: it would mean nothing

  void add(double term) {
    const double next = total + term;
    const double rounded_off = std::abs(total) >= std::abs(term) ? (total - next) + term : (term - next) + total;
    lost = std::isfinite(next) ? lost + rounded_off : 0.0;
    total = next;
  }
  [[nodiscard]] double value() const { return total + lost; }
  bool operator==(const CompensatedSum&) const = default;
};

}  // namespace ohmset
