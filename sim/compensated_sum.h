// A sum that keeps what its roundings lose [Neumaier74]. Whoever adds the same terms in the same order gets the same
// bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace ohmset {

struct CompensatedSum {
  double total = 0.0;
  double lost = 0.0;

  void add(double term) {
    const double next = total + term;
    lost += std::abs(total) >= std::abs(term) ? (total - next) + term : (term - next) + total;
    total = next;
  }
  // Once a term or the total is infinite, what was lost means nothing.
  [[nodiscard]] double value() const { return std::isfinite(total) ? total + lost : total; }
  bool operator==(const CompensatedSum&) const = default;
};

}  // namespace ohmset
