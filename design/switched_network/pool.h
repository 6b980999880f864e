// The nearest configurations found so far. Errors within rounding of each other are told apart by Kirchhoff's laws.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "sim/bank.h"

namespace ohmset::switched {

struct Candidate {
  double error = infinity;
  Configuration closed{};
  std::optional<double> value{};  // of the whole network, once computed; then the error is its
};

// The value of a configuration, as Kirchhoff's laws have it.
using Solve = std::function<double(const Configuration&)>;

class Pool {
 public:
  // Candidates that err by more than `within` are not taken.
  Pool(double target, std::size_t wanted, double within, Solve solve)
      : target_(target), wanted_(wanted), worst_(within), solve_(std::move(solve)) {}

  // What errs by more cannot be among the wanted: their largest error and a margin for rounding.
  [[nodiscard]] double reach() const { return worst_ + rounding * (target_ + worst_); }
  // The wanted are found, and all hit the target as far as rounding can tell.
  [[nodiscard]] bool perfect() const;

  [[nodiscard]] std::span<const Candidate> candidates() const { return candidates_; }  // so far, in no order

  // Each configuration once. requires error <= reach()
  void push(double error, Configuration closed);

  // The wanted, best first: error, then fewest closed switches, then the smallest mask.
  [[nodiscard]] std::vector<Candidate> ranked() &&;

 private:
  // The search's values lie within this, relative, of the true ones.
  static constexpr double rounding = 1e-12;

  void shrink();
  void solve_and_rank();

  double target_;
  std::size_t wanted_;
  double worst_;
  Solve solve_;
  std::vector<Candidate> candidates_{};
  std::size_t limit_ = 64;
};

// Fewer closed switches first, then the smaller mask.
[[nodiscard]] bool simpler(const Configuration& a, const Configuration& b);

}  // namespace ohmset::switched
