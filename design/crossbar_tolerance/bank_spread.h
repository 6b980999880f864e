// What the devices and switches of an array add to the spreads of their banks' conductances, to first order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "design/crossbar_tolerance/making.h"
#include "design/tolerance/deviations.h"
#include "design/tolerance/slopes.h"

namespace ohmset::crossbar_tolerance {

// Around the array without any draw, in one condition. Any thread may use it.
class BankSpreads {
 public:
  // making must outlive it
  BankSpreads(const Making& making, std::size_t condition);

  // The array in that condition, without draws.
  [[nodiscard]] const BankArray& aged() const { return aged_; }
  [[nodiscard]] const Matrix& conductances() const { return conductances_; }

  // What one cause does to ln g of the bank through its k-th device: a standard deviation. Without the lot, which no
  // bank has for itself, and without faults.
  struct Part {
    Cause cause = Cause::resistance;
    std::size_t device = 0;
    double stddev = 0.0;
  };
  // Of the causes that are random.
  [[nodiscard]] std::vector<Part> parts(std::size_t bank) const;
  // Standard deviation of ln g of a bank by its own devices and switches. Of redesigned dies, whose designs know their
  // devices and switches, only what those do not know: readings and life.
  [[nodiscard]] double of_bank(std::size_t bank) const;
  // d ln R / d ln r of the bank's devices and switches.
  [[nodiscard]] tolerance::Slopes slopes(std::size_t bank) const;

 private:
  const Making& making_;
  tolerance::Ageing ageing_;
  BankArray typical_{};
  BankArray aged_{};
  Matrix conductances_{};
  double ratio_ = 0.0;    // of resistances over their nominal
  double contact_ = 0.0;  // of closed switches
};

}  // namespace ohmset::crossbar_tolerance
