// Order statistics without keeping the sample: brackets of values that hold the wanted ranks, counted and narrowed pass
// by pass until what lies inside can be kept. Pure numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace ohmset::mc {

// Doubles as integers of the same order, infinities included: -0 comes right before +0.
using Key = std::uint64_t;
inline constexpr Key least_key = 0;
inline constexpr Key greatest_key = std::numeric_limits<Key>::max();
[[nodiscard]] constexpr Key key_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return (bits >> 63U) != 0 ? ~bits : bits | (std::uint64_t{1} << 63U);
}
[[nodiscard]] constexpr double value_of(Key key) {
  return std::bit_cast<double>((key >> 63U) != 0 ? key & ~(std::uint64_t{1} << 63U) : ~key);
}

void sort_by_key(std::span<double> values);
// Brings the values of these ranks, from 1 and ascending, to their places in that order.
void select_by_key(std::span<double> values, std::span<const std::uint64_t> ranks);

// Keys from low to high, both included, in cells of 2^shift keys.
struct Bracket {
  Key low = least_key;
  Key high = greatest_key;
  std::uint64_t expected = 0;  // values inside; an estimate where the bracket comes from a pilot
  std::uint64_t quota = 0;     // up to so many values are kept; with more of them, none
  unsigned shift = 63;

  [[nodiscard]] std::size_t cells() const { return static_cast<std::size_t>((high - low) >> shift) + 1; }
};

// What a pass has seen of one series: counts and kept values add up in any order. Brackets are disjoint and ascending.
struct Tally {
  std::vector<std::uint64_t> gaps{};        // values before the first bracket, between it and the next, ...
  std::vector<std::uint64_t> inside{};      // per bracket
  std::vector<std::uint64_t> cells{};       // of all brackets, one after the other
  std::vector<std::vector<double>> kept{};  // per bracket; empty when there are more than its quota

  Tally() = default;
  explicit Tally(std::span<const Bracket> brackets);
  void add(std::span<const Bracket> brackets, std::span<const double> values);
  void merge(std::span<const Bracket> brackets, const Tally& other);
};

// A rank, from 1, and its value once known.
struct Wanted {
  std::uint64_t rank = 1;
  std::optional<double> value{};
};

// Brackets for the ranks of a sample of `count`, ascending, by what a sorted pilot of the same distribution shows.
[[nodiscard]] std::vector<Bracket> brackets_by_pilot(std::span<const double> pilot, std::uint64_t count,
                                                     std::span<const Wanted> wanted);
// Takes what the pass has found out; the brackets for what is still wanted.
[[nodiscard]] std::vector<Bracket> narrower(std::span<const Bracket> brackets, Tally& tally, std::span<Wanted> wanted);
// Decides what is kept, `kept` values in all, the smallest brackets first, and the cells of the others.
void share_out(std::span<std::vector<Bracket>> series, std::uint64_t kept);

}  // namespace ohmset::mc
