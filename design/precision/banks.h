// The banks of a question, one by one: what was made, what adds up in it, and where its targets lie.
//
// Bank k is a function of (seed, k) alone: its die is k, a single bank and the plus bank of a pair lie in cell 0, the
// minus bank in cell 1, and with more devices it has those that it had before and more of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "design/precision.h"
#include "sim/bank.h"

namespace ohmset::precision {

// One of them. What the search sees and what is judged may be others: see use.h.
struct Drawn {
  std::size_t number = 0;
  std::vector<double>
      items{};                // signed items: from Draw::resistance of (seed, die = number, cell 0, device), as 2 u - 1
  std::vector<Bank> banks{};  // else: one, or of a pair plus and minus
  // The least and the greatest finite value within reach, in the target's unit. Both the same: nothing to choose from.
  Interval reach{};
  Interval interval{};  // where drawn and evenly spaced targets lie, in the target's unit
  [[nodiscard]] bool alive() const { return reach.low < reach.high; }
};

// A value is offset + the sum of the items inserted: of signed items, of a parallel bank's siemens, a series bank's
// ohms, a pair's difference in siemens. Of devices that are free to choose and make a finite difference.
struct Additive {
  std::vector<double> items{};
  std::vector<std::size_t> which{};  // their devices; those of a minus bank count on from plus's. None: one by one
  double offset = 0.0;               // with nothing but stuck devices inserted
};

// What the banks of a question with so many devices have in common, prepared once. Any thread may draw. Refers to the
// question.
class Family {
 public:
  // Throws what check(question, devices) throws.
  Family(const PrecisionQuestion& question, std::size_t devices);

  [[nodiscard]] std::size_t devices() const { return devices_; }
  [[nodiscard]] bool is_signed() const { return !question_.family; }
  [[nodiscard]] bool is_pair() const { return pair_; }
  [[nodiscard]] bool is_tree() const { return tree_; }  // neither adds up in ohm nor in siemens
  [[nodiscard]] TargetUnit unit() const { return unit_; }
  // Whether values add up in the target's unit; if not in a parallel or series bank, in its reciprocal.
  [[nodiscard]] bool adds_up() const { return adds_up_; }
  [[nodiscard]] double full_scale() const { return full_scale_; }  // of pairs, siemens; else 0
  [[nodiscard]] const BankSpec& spec() const { return spec_; }     // of one bank; not of signed items
  [[nodiscard]] const PrecisionQuestion& question() const { return question_; }

  [[nodiscard]] Drawn draw(std::size_t number) const;

  // Bits of an error of values in the target's unit. The target, of single banks, is not 0.
  [[nodiscard]] double bits(double error, double target) const;

 private:
  [[nodiscard]] Interval reach_of(const Drawn& drawn) const;
  [[nodiscard]] Interval interval_of(const Interval& reach) const;

  const PrecisionQuestion& question_;
  std::size_t devices_;
  bool pair_ = false;
  bool tree_ = false;
  bool adds_up_ = true;
  TargetUnit unit_ = TargetUnit::siemens;
  double full_scale_ = 0.0;
  BankSpec spec_{};
};

// requires signed items, a parallel or series bank, or a pair of parallel ones
[[nodiscard]] Additive additive_of(const Drawn& drawn, Seen seen);
// The same of one bank, or of plus and minus.
[[nodiscard]] Additive additive_of(std::span<const Bank> banks, Seen seen);

// The least and the greatest finite value of a bank in the unit, whatever its topology; both 0 when none is finite.
[[nodiscard]] Interval reach_of(const Bank& bank, TargetUnit unit, Seen seen = Seen::actual);
// Whether it can be open: an infinite resistance is within reach.
[[nodiscard]] bool opens(const Bank& bank);

// A bank as it was meant to be: nominal devices and switches, without spread or faults, measured exactly.
[[nodiscard]] Bank nominal_bank(const BankSpec& spec);

}  // namespace ohmset::precision
