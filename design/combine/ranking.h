// The best circuits so far, in one order that no thread's speed changes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "design/combine/circuit.h"
#include "design/combine/decimal.h"

namespace ohmset::drawer {

// Different values in ascending order, and how many parts there are of each.
struct Shelf {
  std::vector<double> ohms{};
  std::vector<std::size_t> quantities{};
};

struct Ranked {
  Wiring circuit{};
  Size size{};
  double error = 0.0;                    // |value - target|, rounded
  std::optional<Fraction> difference{};  // value - target, once somebody needed to know
};

// Rounding of a circuit's value and of the way back from a target to one part's value: far below this, relative to the
// sum of value and target.
inline constexpr double rounding = 2e-14;

class Ranking {
 public:
  Ranking(const Shelf& shelf, double target, std::size_t best);

  // No circuit whose rounded error is above this can enter. Infinite until there are `best`.
  [[nodiscard]] double bound() const { return bound_.load(std::memory_order_relaxed); }
  // A circuit in canonical form; one with more parts than there are, or that is in already, changes nothing.
  void offer(Wiring circuit);
  // Nothing with more parts can enter any more.
  [[nodiscard]] bool settled();

  [[nodiscard]] const std::vector<Ranked>& ranked() const { return ranked_; }
  [[nodiscard]] const Decimals& decimals() const { return decimals_; }

 private:
  [[nodiscard]] bool available(const Wiring& circuit) const;
  [[nodiscard]] const Fraction& difference(Ranked& ranked) const;
  [[nodiscard]] bool before(Ranked& a, Ranked& b) const;

  const Shelf& shelf_;
  double target_;
  std::size_t best_;
  Decimals decimals_;
  std::vector<Ranked> ranked_{};
  std::mutex mutex_{};
  std::atomic<double> bound_{std::numeric_limits<double>::infinity()};
};

}  // namespace ohmset::drawer
