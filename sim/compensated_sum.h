// A sum that keeps what its roundings lose [Neumaier74].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace ohmset {

class CompensatedSum {
 public:
  void add(double term) {
    const double next = total_ + term;
    lost_ += std::abs(total_) >= std::abs(term) ? (total_ - next) + term : (term - next) + total_;
    total_ = next;
  }
  // Once a term or the total is infinite, what was lost means nothing.
  [[nodiscard]] double value() const { return std::isfinite(total_) ? total_ + lost_ : total_; }

 private:
  double total_ = 0.0;
  double lost_ = 0.0;
};

}  // namespace ohmset
