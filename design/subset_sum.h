// Closest subset sum. Pure numbers: knows nothing of ohms or circuits.
//
// Exact: every answer is ranked by its true real-number error, never by a rounded one. Meet in the middle
// [HorowitzSahni74] in numbers rounded to 51 bits finds the few subsets that may answer, which are then ranked exactly;
// where they are not few, or the magnitudes leave 51 bits, exact integers of 64 bits, 128 or more are searched instead.
//
// Which method answers, and its time on one core for 40 ordinary items (n are free to choose, not forced):
//
//   question                items              method                                                     time
//   closest                 n <= 10            enumeration                                       8 items: 0.1 us
//                           more               scan of two half lists, two items kept out                 4 ms
//   closest, many targets   n >= 3             lookups in one sorted list of up to 2^22 sums   32 items: 40 us each
//                           few targets, > 35  scans of two half lists for four targets at a time         1 s each
//   k best, all within,     n >= 10            a window: a scan tells how wide, another what is in it     7 ms
//   on one side
//   limits on the number    n >= 10            the same, with a list for each number of items       0.4 .. 40 ms
//   of items
//   cheapest, fewest items  any                half lists of exact integers                      0.1 .. 1 s
//   other n, too many ties
//   more than 40 items                         see large_search.h
//
// Lists take up to 64 * 2^(n/2) bytes, those for many targets 100 MB. A thread keeps the lists of its last items: the
// next question about them takes the scans alone.
// `method` says "meet-in-the-middle", and "meet-in-the-middle in integers" where the magnitudes leave 51 bits: then
// items that differ by more than 1e18 (1e57) take several (tens of) times as long, and memory to match.
// Order of answers: |sum - target|, then fewest items, then the smallest mask as a number (item 0 = bit 0).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ohmset {

// Most items that a search can choose from; forced ones come on top, most_masked in all.
inline constexpr std::size_t most_items = 40;
inline constexpr std::size_t most_masked = 64;

struct Subset {
  std::uint64_t mask = 0;
  double sum = 0.0;    // the exact sum, rounded once
  double error = 0.0;  // the exact sum - target, rounded once
  double cost = 0.0;   // of cheapest_subset_sums alone
};

// Which sums may answer: all, those <= target, those >= target.
enum class Side : unsigned char { either, below, above };

struct SubsetSumOptions {
  std::size_t best = 1;                   // how many of the closest
  std::optional<double> within{};         // of those, only with |sum - target| <= within (absolute); requires >= 0
  std::optional<std::size_t> at_least{};  // at least this many items in the subset
  std::optional<std::size_t> at_most{};   // at most this many
  Side side = Side::either;
  std::uint64_t forced_in = 0;   // these items are in every subset, and count; requires bits below items.size()
  std::uint64_t forced_out = 0;  // these in none; requires none of the others
  std::size_t cap = 1'000'000;   // never more answers than this
};

struct SubsetSumResult {
  std::vector<Subset> subsets{};  // in order; empty only when the options rule all out
  bool exact = true;              // these are the true first ones in order
  bool capped = false;            // more were within reach than `cap`
  std::string method{};           // "meet-in-the-middle", or that "in integers": known from the items alone
};

// The closest subset sums. Items may be negative, zero or equal; requires finite items and target, at most most_masked
// items and most_items of them not forced (std::invalid_argument). The empty subset counts (sum 0).
[[nodiscard]] SubsetSumResult closest_subset_sums(std::span<const double> items, double target,
                                                  const SubsetSumOptions& options = {});

// The nearest attainable sums on one side: the `count` largest sums <= target, or the smallest sums >= target, nearest
// first, same tie rule. Equal sums count separately. The options' limits and forced items hold; `best`, `within` and
// `side` are not used.
[[nodiscard]] SubsetSumResult subset_sums_below(std::span<const double> items, double target, std::size_t count,
                                                const SubsetSumOptions& options = {});
[[nodiscard]] SubsetSumResult subset_sums_above(std::span<const double> items, double target, std::size_t count,
                                                const SubsetSumOptions& options = {});

// Every subset with low <= sum <= high, ordered by |sum - target| and the tie rule, at most options.cap of them.
// Bounds may be infinite; limits and forced items as above.
[[nodiscard]] SubsetSumResult subset_sums_between(std::span<const double> items, double low, double high, double target,
                                                  const SubsetSumOptions& options = {});

// Of the subsets with low <= sum <= high, the options.best first in order of (cost, |sum - target|, number of items,
// mask). A subset costs what its items cost together, compared exactly; no costs: each item costs 1. `exact` is false
// when more than a million subsets cost as much as the last one. Bounds may be infinite; limits, forced items and side
// as above, `within` too. requires items.size() finite costs or none; throws Error{input} when costs differ by more
// than 1e18 or so
[[nodiscard]] SubsetSumResult cheapest_subset_sums(std::span<const double> items, std::span<const double> costs,
                                                   double low, double high, double target,
                                                   const SubsetSumOptions& options = {});

// The least and the greatest sum that the options' limits and forced items allow, rounded once; nothing when they
// allow no subset. Any number of items, forced ones among the first most_masked.
struct SumRange {
  double least = 0.0;
  double greatest = 0.0;
};
[[nodiscard]] std::optional<SumRange> range_of_sums(std::span<const double> items,
                                                    const SubsetSumOptions& options = {});

// For millions of small searches. Same answer as closest_subset_sums(items, target).subsets[0]. Buffers belong to the
// thread: nothing is allocated once a search of the size has been made, but for ties.
class SubsetSumSearch {
 public:
  [[nodiscard]] Subset closest(std::span<const double> items, double target);
};

}  // namespace ohmset
