// Parts from a drawer: which few resistors, wired in series and parallel, come nearest to a resistance? No switches.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "sim/units.h"

namespace ohmset {

inline constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

// So many parts of one value: a catalogue value, or one measured part.
struct StockValue {
  Ohm resistance{0.0};
  std::size_t quantity = any_number;
};

inline constexpr double least_stock_ohm = 1e-12;
inline constexpr double most_stock_ohm = 1e15;
inline constexpr std::size_t most_combined_parts = 5;
inline constexpr std::size_t most_combinations = 100;

enum class Join { part, series, parallel };

// A series-parallel circuit of two terminals in its one canonical form: members of a group are parts, largest value
// first, then groups of the other kind, smallest first.
struct Wiring {
  Join join = Join::part;
  std::size_t part = 0;  // index into the stock, when this is a part
  std::vector<Wiring> members{};
};

struct Combination {
  Wiring circuit{};
  std::string expression{};          // "4.7k + (22k || 1.2k)"
  std::vector<std::size_t> parts{};  // indices into the stock, in the expression's order
  double value = 0.0;                // ohm; both are the doubles nearest to the exact results of the decimals
  double relative_error = 0.0;       // (value - target) / target
};

struct CombineOptions {
  std::size_t parts = 3;  // at most, 1 to most_combined_parts
  std::size_t best = 5;   // at most most_combinations
};

struct CombineResult {
  std::vector<Combination> combinations{};  // all different circuits, best first
  bool exact = true;                        // false when the stock was too large to try all of it: see combine
  double least = 0.0;                       // ohm: what `parts` parts can reach at all
  double most = 0.0;
};

// The circuits nearest to the target: by |error|, then fewest parts, then fewest groups, then fewest different values,
// then the largest parts. Values and target count as the shortest decimals that name their doubles, and errors are
// compared exactly, so 1.02k + 2.04k is 3.06k. Exact up to 8000 different values for three parts, 3500 for four and
// 1400 for five; of a larger stock the circuits with that many parts use only the values nearest to the target.
// requires stock in [least_stock_ohm, most_stock_ohm] with at least one part, and a target in that range
[[nodiscard]] CombineResult combine(std::span<const StockValue> stock, Ohm target, const CombineOptions& options = {});

// The share of the circuit's power in each part, in the expression's order. It is also the part's sensitivity
// (r / R) dR/dr: the shares add up to 1.
[[nodiscard]] std::vector<double> power_shares(const Wiring& circuit, std::span<const StockValue> stock);

// What parts that are each off by up to `tolerance` (relative) do to the circuit, relative to its value.
struct Deviation {
  double worst_case = 0.0;  // all parts at the same end: R is homogeneous and grows with every part, so `tolerance`
  double root_sum_square = 0.0;  // independent parts: tolerance times the root of the sum of the shares' squares
};
[[nodiscard]] Deviation deviation(std::span<const double> shares, double tolerance);

}  // namespace ohmset
