// What the devices and switches of an array add to the spread of their banks' conductances, to first order.
//
// A bank's resistance R changes with one of its resistances r by (i / I)^2, the current through r over the bank's. So
// d ln R / d ln r is the share of the bank's power that r takes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "design/crossbar_tolerance/making.h"

namespace ohmset::crossbar_tolerance {

// Shares of a bank's power. None where the bank is open or shorted.
struct PowerShares {
  std::vector<double> devices{};
  std::vector<double> closed_switches{};
};
[[nodiscard]] PowerShares power_shares(const Bank& bank, const Configuration& configuration);

// Around the array without any draw, in one condition.
class BankSpreads {
 public:
  // making must outlive it
  BankSpreads(const Making& making, std::size_t condition);

  // Standard deviation of ln r of one device, or of one closed switch, by this cause alone; 0 where it is not random,
  // and of the lot, which no bank has for itself. Faults are left out.
  [[nodiscard]] double stddev(Cause cause, std::size_t device) const;
  // The array in that condition, without draws.
  [[nodiscard]] const BankArray& aged() const { return aged_; }
  [[nodiscard]] const Matrix& conductances() const { return conductances_; }
  [[nodiscard]] PowerShares shares(std::size_t bank) const;
  // Standard deviation of ln g of a bank by its own devices and switches.
  [[nodiscard]] double of_bank(std::size_t bank) const;

 private:

  const Making& making_;
  BankArray aged_{};
  Matrix conductances_{};
  double ratio_ = 0.0;                          // of resistances over their nominal
  std::array<std::vector<double>, 11> others_;  // by device; empty: not random
};

}  // namespace ohmset::crossbar_tolerance
