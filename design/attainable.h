// Attainable values of series-parallel trees: each group's values combine those of its members, sums of ohms in
// series, of siemens in parallel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "design/subset_sum.h"
#include "sim/bank.h"

namespace ohmset {

struct AttainableOptions {
  bool siemens = false;  // target and errors in siemens instead of ohm
  std::size_t best = 1;
  std::optional<double> within{};         // absolute, in the target's unit
  std::optional<std::size_t> at_least{};  // inserted devices
  std::optional<std::size_t> at_most{};   // inserted devices
  Side side = Side::either;
  std::size_t cap = 100'000;
  Seen seen = Seen::actual;
};

struct AttainableResult {
  std::vector<Configuration> configurations{};  // ranked by |resistance(bank, c) - target|, fewest inserted, mask
  bool exact = true;    // false only when more than a million configurations are as near as rounding can tell
  bool capped = false;  // more were within reach than `cap`
};

namespace attainable {
struct Candidate;
}

// Answers several questions about a bank, which it refers to, from the same lists. Throws Error{input} for more than 64
// devices.
class AttainableSearch {
 public:
  explicit AttainableSearch(const Bank& bank);
  ~AttainableSearch();
  AttainableSearch(const AttainableSearch&) = delete;
  AttainableSearch& operator=(const AttainableSearch&) = delete;
  AttainableSearch(AttainableSearch&&) = delete;
  AttainableSearch& operator=(AttainableSearch&&) = delete;

  // The configurations nearest to the target, exactly, for banks of any topology. Throws Error{input} when the lists
  // would exceed 2^25 entries: about 50 free switches, fewer in lopsided trees, more where devices are equal or
  // `at_most` is small. requires a finite target >= 0 and within >= 0
  [[nodiscard]] AttainableResult nearest(double target, const AttainableOptions& options = {});

 private:
  struct Lists;
  [[nodiscard]] std::optional<std::vector<attainable::Candidate>> quickly(double target,
                                                                          const AttainableOptions& options,
                                                                          std::size_t wanted);

  const Bank& bank_;
  std::unique_ptr<Lists> lists_{};
};

// One question.
[[nodiscard]] AttainableResult nearest_attainable(const Bank& bank, double target,
                                                  const AttainableOptions& options = {});

}  // namespace ohmset
