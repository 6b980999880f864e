// Banks that are one group: subset sums of conductances in parallel, of resistances in series.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "design/program.h"

namespace ohmset::additive {

// A parallel or series bank in the unit in which its devices add up.
struct Sum {
  std::vector<double> items{};       // what inserting a free device changes
  std::vector<std::size_t> which{};  // their devices
  Configuration fixed{};             // what is inserted in any case
  double offset = 0.0;               // with nothing but that inserted
  double magnitude = 0.0;            // sum of all magnitudes
  bool items_exact = true;           // whether equal sums of items mean equal banks
};
[[nodiscard]] Sum sum_of(const Bank& bank, Seen seen = Seen::measured);

// Of a bank, in the target's unit, by what the search sees.
[[nodiscard]] double value_of(const Bank& bank, const Configuration& configuration, TargetUnit unit, Seen seen);
[[nodiscard]] inline bool on_side(Side side, double value, double target) {
  return side == Side::either || (side == Side::below ? value <= target : value >= target);
}

// The sums whose values may be near the target.
struct Interval {
  double low = -infinity;
  double high = infinity;
};

// How sums of items and values of the bank map to each other.
class Scale {
 public:
  Scale(const Bank& bank, const Sum& sum, double target, TargetUnit unit);

  [[nodiscard]] double aim() const { return aim_; }          // the sum of items that gives the target
  [[nodiscard]] bool reciprocal() const { return mapped_; }  // greater sums mean smaller values
  // Sums of items whose value may be within `error` of the target, on a side of it.
  [[nodiscard]] Interval sums_within(double error, Side side = Side::either) const;
  [[nodiscard]] double clamped(double sum) const;

 private:
  double target_;
  double offset_;
  double magnitude_;
  double reachable_;
  double aim_ = 0.0;
  bool mapped_;  // the target is in the reciprocal of the unit that adds up
};

struct Candidate {
  double cost = 0.0;
  double error = 0.0;      // absolute, of what the search sees, in the target's unit
  std::uint64_t mask = 0;  // of the free devices
};

struct Answer {
  std::vector<Candidate> candidates{};
  bool exact = true;
  std::string method = "meet-in-the-middle";
};

// The first `wanted` in order. requires at most most_items items; the options' forced devices are stuck in the bank.
[[nodiscard]] Answer search(const Bank& bank, const Sum& sum, double target, const ProgramOptions& options,
                            std::size_t wanted);

[[nodiscard]] Configuration configuration(const Sum& sum, std::uint64_t mask);

// The configuration with the least or the greatest sum that the limits allow, at least `least_free` free devices
// inserted; none when they allow nothing.
[[nodiscard]] std::optional<Configuration> extreme(const Sum& sum, const ProgramOptions& options, bool greatest,
                                                   std::size_t least_free);

}  // namespace ohmset::additive
