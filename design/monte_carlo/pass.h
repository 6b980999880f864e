// One pass over samples: what is asked of it, what its blocks give, and how parts of it become one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "design/monte_carlo.h"
#include "design/monte_carlo/brackets.h"
#include "design/monte_carlo/layout.h"

namespace ohmset::mc {

// What a block says of a series where order matters: these are merged block by block, in their order.
struct Record {
  Moments values{};
  std::vector<std::uint64_t> passed{};  // per limit
  Moments means{};                      // of the replicates that the block holds whole
  std::vector<Moments> yields{};        // of those replicates, per limit
};

// Counts the replicate, of so many samples, among the means and yields.
void add_replicate(Record& record, const Record& replicate, std::uint64_t size);
void merge(Record& record, const Record& later);

// Equally wide bins and what fell in them.
void add_to(Histogram& histogram, std::span<const double> values);
// Ranks of the finite values' 0.1 % and 99.9 % quantiles; none without such values.
[[nodiscard]] std::vector<std::uint64_t> histogram_ranks(std::span<const double> values);
// Empty, from around the value of the first rank to around that of the second. requires values at their ranks' places
[[nodiscard]] Histogram histogram_for(std::span<const double> values, std::span<const std::uint64_t> ranks,
                                      std::size_t bins);

// What a series gives where order does not matter.
struct Counts {
  Tally tally{};
  Histogram histogram{};
};

// What a pass looks for. The samples are those of the layout.
struct Pass {
  std::uint64_t number = 0;
  Layout layout{};
  bool moments = false;
  std::vector<std::vector<Bracket>> brackets{};  // per series, perhaps none
  std::vector<Histogram> histogram_bins{};       // per series, nothing counted in them; none: nothing to count

  [[nodiscard]] bool counts_bins() const { return !histogram_bins.empty(); }
};

// Blocks that were counted together, wherever that was.
struct Segment {
  std::vector<char> blocks{};  // per block of the pass: is it among them
  std::vector<Counts> series{};
};

// What is done of a pass.
struct Done {
  std::vector<char> blocks{};
  std::vector<std::vector<Record>> records{};  // per block that is done; per series. Empty in passes without moments
  std::vector<Segment> segments{};             // disjoint; the first one is this process's own
};

struct Block {
  std::vector<Record> records{};
  std::vector<Counts> counts{};
};

[[nodiscard]] std::vector<Counts> empty_counts(const Pass& pass);
void merge(const Pass& pass, std::vector<Counts>& into, std::span<const Counts> from);

[[nodiscard]] Block make_block(const Experiment& experiment, const SamplingPlan& plan, std::span<const double> limits,
                               const Pass& pass, std::size_t block);
void take(const Pass& pass, Done& done, std::size_t block, Block&& made);
// Adds what the other has and this one lacks. Segments that overlap in part cannot be told apart: those of `other` that
// hold all of what they overlap take its place, the others are left out, and their blocks are made again.
void merge(const Pass& pass, Done& done, Done&& other);

}  // namespace ohmset::mc
