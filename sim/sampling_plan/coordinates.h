// The three ways to fill a range of samples; SamplingPlan chooses among them. All write out[d * count + s].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ohmset::sampling {

// Blocks of a Philox stream that are this file's: fabrication counts its own from 0. The key is the seed.
//   coordinates   cell: the sample; device: a quarter of the dimension, a word for each of four
//   permutations  cell: the replicate; device: the dimension
//   scrambles and the next one  likewise
enum class Block : std::uint64_t { coordinates = 1U << 16U, permutations, scrambles, more_scrambles };

// Samples of one replicate, side by side.
struct Range {
  std::uint64_t seed = 1;
  std::uint64_t replicate = 0;
  std::uint64_t sample = 0;  // of the first one, counted over all replicates
  std::uint64_t index = 0;   // of the first one within its replicate
  std::size_t count = 0;
};

// Independent draws for dimensions from 4 group to before 4 group + 4, as far as there are so many; the four words of a
// block serve four dimensions. The arrays of a dimension lie `stride` apart.
void fill_plain(const Range& range, std::size_t group, std::size_t dimensions, std::size_t stride, double* out);

// Turns uniform draws `u`, one per sample, into a Latin hypercube's coordinates: (interval + u) / size.
void stratify(const Range& range, std::uint64_t dimension, std::uint64_t size, std::span<double> u);
// Where the numbers go under the keyed permutation of 0 .. size - 1. requires all below size
void permute(std::span<std::uint64_t> numbers, std::uint64_t size, const std::array<std::uint64_t, 4>& key);

// Sobol's direction numbers of one dimension after the other, 32 of them each, their bits in reverse: the coordinate's
// first binary digit is bit 0. requires dimensions <= most_sobol_dimensions
using Directions = std::array<std::uint32_t, 32>;
[[nodiscard]] std::vector<Directions> sobol_directions(std::size_t dimensions);
// Digits of the index-th point, in Boost's order (Gray code) with the origin as point 0, reversed.
[[nodiscard]] std::uint32_t sobol_digits(const Directions& directions, std::uint64_t index);
// Scrambled coordinates of the samples in the dimension that these directions are for.
void fill_sobol(const Range& range, std::uint64_t dimension, const Directions& directions, std::span<double> out);

}  // namespace ohmset::sampling
