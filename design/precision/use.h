// What becomes of a bank between its making, when it is measured, and its use, when it is judged: its switches make
// other contacts, it warms up, drifts and is read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "design/precision.h"
#include "sim/bank.h"
#include "sim/life.h"
#include "sim/random.h"

namespace ohmset::precision {

// Prepared once for all banks of a question. Any thread may use it.
class Use {
 public:
  // requires a fabrication and a condition that pass `check`. Keeps nothing of the question, copies what it needs.
  Use(const PrecisionQuestion& question, const Fabrication& fabrication);

  // Whether a bank as it is used differs from the bank as it was made: else `as_known` and `apply` change nothing.
  [[nodiscard]] bool any() const { return contacts_ || life_; }

  // The bank as the search knows it: where contacts are made anew, all of them have the nominal resistance.
  void as_known(Bank& bank) const;

  // The bank as it was made becomes the bank as it is used: contacts anew, then the condition. What happens to a device
  // is a function of (seed, die, cell, device). Its temperature coefficients are those it was made with: the draws are
  // those of sample_devices.
  void apply(Bank& bank, std::uint64_t seed, std::uint64_t die, std::uint64_t cell) const;

 private:
  // One of a life's scores and where it is drawn.
  struct Score {
    Draw quantity = Draw::tc1;
    std::span<const double> Life::Scores::*place = nullptr;
  };
  void make_contacts(Bank& bank, const Stream& first) const;
  void age(Bank& bank, const Stream& first) const;

  SwitchProcess switches_{};
  bool contacts_ = false;       // are drawn anew, and differ
  std::optional<Life> life_{};  // where it changes anything
  std::array<Score, 5> scores_{};
  std::size_t score_count_ = 0;
};

}  // namespace ohmset::precision
