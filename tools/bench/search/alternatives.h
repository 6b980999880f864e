// What one might write instead, in plain C++ and doubles: Gray codes, sorted half lists, heaps, local search.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tools/bench/search/questions.h"

namespace ohmset::bench {

// The closest subset's mask, as rounded sums have it.
[[nodiscard]] std::uint64_t by_gray_code(const Question& question);
// Half lists sorted by std::sort, scanned by two pointers.
[[nodiscard]] std::uint64_t by_sorting(const Question& question);
// Sums of halves in order from two heaps over lists of quarters [SchroeppelShamir81].
[[nodiscard]] std::uint64_t by_heaps(const Question& question);

struct Near {
  double error = 0.0;  // absolute
  std::uint64_t mask = 0;
};
// From sorted half lists: the `count` nearest; all within eps; the nearest of exactly `chosen` items.
[[nodiscard]] std::vector<Near> nearest_by_sorting(const Question& question, std::size_t count);
[[nodiscard]] std::vector<Near> within_by_sorting(const Question& question, double eps);
[[nodiscard]] Near exactly_by_sorting(const Question& question, std::size_t chosen);

// Two chains of resistors with bypass switches side by side: the first half of the resistances, the second half.
[[nodiscard]] std::uint64_t two_chains_by_sorting(std::span<const double> resistances, double target);
// parallel(1, series(1, parallel(1, ...))): the inner half's values sorted, and each state of the outer half asks for
// one of them.
[[nodiscard]] std::uint64_t ladder_by_sorting(std::span<const double> resistances, double target);

// Subsets drawn at random, improved by moves of one item and exchanges of two until one is within eps.
[[nodiscard]] double by_restarts(const Question& question, double eps);

// The least |error| of at most three parts, each of them as often as wanted, from all circuits there are.
[[nodiscard]] double combine_by_brute_force(std::span<const double> resistances, double target);

}  // namespace ohmset::bench
