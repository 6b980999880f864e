// The innermost loops of the searches, compiled once per instruction set and chosen at run time. All give the same
// answers: they add integers, exactly, and answer only when no rounding or order of visits can matter.
//
// Numbers are integers of at least 0. A Lane says how they are held: in doubles as 2^52 + value, whose bits are ordered
// and additive as integers too (values below 2^51, one instruction for a minimum), or in 64-bit integers (below 2^60).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/simd.h"

namespace ohmset::kernels {

using ohmset::Simd;

// How a number is held in a T.
template <class T>
struct Lane;
template <>
struct Lane<double> {
  static constexpr int bits = 51;
  static constexpr double bias = 0x1p52;
  static constexpr double beyond = 0x1p60;  // greater than any sum
};
template <>
struct Lane<std::int64_t> {
  static constexpr int bits = 60;
  static constexpr std::int64_t bias = 0;
  static constexpr std::int64_t beyond = std::int64_t{1} << 61;
};

// What lists leave free in front of and behind their entries, for sentinels and whole-vector loads.
inline constexpr std::size_t guard = 16;
inline constexpr std::size_t most_reached = 64;

// All sums of some items in ascending order, between sentinels; held with the bias.
template <class T>
struct SortedSums {
  T* values = nullptr;
  std::size_t count = 0;
};

// The two lists of a meet in the middle, in buffers with room for `guard + 2^items + guard` each.
template <class T>
struct Halves {
  SortedSums<T> rows{};
  SortedSums<T> columns{};
};

// Two lists and what their pairs should sum to, without bias; in doubles it must be even, as both lists' biases are
// added to it. Lists may be empty.
template <class T>
struct Pairing {
  SortedSums<T> rows{};
  SortedSums<T> columns{};
  T target{};
};

// A pair that was met.
struct Met {
  std::uint32_t pairing = 0;
  std::uint32_t row = 0;
  std::uint32_t column = 0;
};

// The pair of entries whose sum is nearest to a target.
template <class T>
struct Nearest {
  T error = Lane<T>::beyond;
  std::size_t row = 0;
  std::size_t column = 0;
  std::size_t target = 0;  // of the four
  bool alone = false;      // no other pair within error + margin was met, nor lies next to it in its row or column
};

// The key (value 2^items + mask) nearest to a target.
struct NearestKey {
  double error = 0.0;
  double second = 0.0;  // the next nearest
};

// Where to begin among sorted sums: their range in equal buckets, and of each the first sum that is in none before.
struct Index {
  const double* values = nullptr;
  const std::uint32_t* first = nullptr;
  double buckets_per_unit = 0.0;
  double last_bucket = 0.0;
};

// A target, and the pair of a row and a sorted sum that is nearest to it.
struct Sought {
  double goal = 0.0;  // without bias
  double error = Lane<double>::beyond;
  double second = Lane<double>::beyond;  // the next nearest pair's, where it is not much more than the first
  std::uint32_t row = 0;
  std::uint32_t column = 0;
};

// The loops of one instruction set for one Lane.
template <class T>
struct Loops {
  // Sums of the first `rows` items and of the `columns` next ones. requires 3 <= rows <= columns <= rows + 1 and
  // pointers to four buffers, the last two with room for as many as the columns
  Halves<T> (*halves)(const T* items, std::size_t rows, std::size_t columns, T* const* buffers);
  // Sums of `count` >= 3 items, in two buffers.
  SortedSums<T> (*sums)(const T* items, std::size_t count, T* const* buffers);
  // The nearest pair to any of four targets, all from one question. Targets without bias; in doubles they must be even,
  // as both lists' biases are added to them.
  Nearest<T> (*nearest_of_any)(const Halves<T>& halves, const T* targets, T margin);
  // The nearest pair to each of four targets.
  void (*nearest_to_each)(const Halves<T>& halves, const T* targets, T margin, Nearest<T>* nearest);
  // A distance from their targets within which at least `wanted` <= most_reached pairs of all pairings together are;
  // beyond when the scan cannot tell.
  T (*reach)(const Pairing<T>* pairings, std::size_t count, std::size_t wanted);
  // Every pair within the distance of its pairing's target, and how many; more than `room` when there is no room.
  // requires distance <= beyond / 4
  std::size_t (*within)(const Pairing<T>* pairings, std::size_t count, T distance, Met* met, std::size_t room);
  // Sums of `count` items by the number of items in them: list k gets those of k, 0 <= k <= most. Each list of `lists`
  // and `spare` has room for as many as there are subsets of k items, between guards. requires most <= count <= 32
  void (*sums_by_items)(const T* items, std::size_t count, std::size_t most, SortedSums<T>* lists,
                        SortedSums<T>* spare);
};

struct Kernels {
  Simd simd;
  Loops<double> doubles;
  Loops<std::int64_t> integers;
  // The index of sorted sums, in `first`, which has room for their number and one more.
  Index (*index_of)(const SortedSums<double>& sums, std::uint32_t* first);
  // The nearest pair of a row (without bias, in any order) and an indexed sum to each target. A pair within `margin` of
  // the nearest is never overlooked: error and second then say so.
  void (*look_up)(const Index& index, const double* rows, std::size_t row_count, double margin, Sought* sought,
                  std::size_t count);
  // Brute force on up to 10 keys, value 2^count + bit, sums below 2^53.
  NearestKey (*nearest_key)(const double* keys, std::size_t count, double target);
  // The subset of up to 16 items with this sum, all ones when there is none.
  std::uint64_t (*subset_with_sum)(const std::int64_t* items, std::size_t count, std::int64_t sum);
  // Writes row + columns[k] for ascending columns while below `end`, returns how many; may write 8 more than that and
  // read 8 beyond. The caller has set a sentinel.
  std::size_t (*sums_below)(std::int64_t row, const std::int64_t* columns, std::int64_t end, std::int64_t* out);
};

// What this machine can run, the widest last.
[[nodiscard]] std::span<const Kernels> available();
[[nodiscard]] const Kernels& chosen();  // those of chosen_simd()

}  // namespace ohmset::kernels
