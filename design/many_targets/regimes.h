// Two ways to find the closest subsets to many targets: a sorted list of all sums of some items, in which what each
// subset of the others leaves over is looked up; and two sorted lists that are scanned for four targets at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "design/kernels/fixed.h"
#include "design/kernels/half_sums.h"
#include "design/kernels/kernels.h"

namespace ohmset::many {

using Masks = std::span<std::optional<std::uint64_t>>;

inline constexpr std::size_t least_listed = 3;  // items in one sorted list
inline constexpr std::size_t most_listed = 22;

// What a search found for a target: the sums of two parts of the items, which other ones may share.
struct Found {
  bool alone = false;  // no other pair comes within rounding
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

// Each has two steps: seek() finds the closest sums, from any thread, and masks() the subsets behind them, of all
// targets at once. No mask where another subset comes within rounding.

// `listed` items in the sorted list, the smallest ones left over, so that targets next to each other look next to each
// other. Short lists' memory is kept for the thread's next search. requires least_listed <= listed <= fixed.count, at
// most most_listed, and targets in ascending order to be fast
class Lookup {
 public:
  Lookup(const kernels::Fixed& fixed, std::size_t listed, const kernels::Kernels& set);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  Lookup(Lookup&&) = delete;
  Lookup& operator=(Lookup&&) = delete;
  void seek(std::span<const double> targets, std::span<Found> found) const;
  void masks(std::span<const Found> found, Masks masks) const;

 private:
  kernels::Fixed fixed_;
  const kernels::Kernels& set_;
  std::vector<std::size_t> order_{};       // of the items: first those left over
  std::vector<std::uint64_t> integers_{};  // in that order
  std::size_t left_;
  std::vector<double> rows_{};  // sums of those left over, by mask
  struct Memory;
  static std::unique_ptr<Memory>& spare();
  std::unique_ptr<Memory> memory_;
  kernels::Index index_{};
};

// requires at least 6 items
class SharedHalves {
 public:
  SharedHalves(const kernels::Fixed& fixed, const kernels::Kernels& set);
  void seek(std::span<const double> targets, std::span<Found> found) const;
  void masks(std::span<const Found> found, Masks masks) const;

 private:
  kernels::Fixed fixed_;
  const kernels::Kernels& set_;
  std::size_t rows_;
  std::size_t columns_;
  kernels::Buffers<double> buffers_{};
  kernels::Halves<double> halves_{};
};

}  // namespace ohmset::many
