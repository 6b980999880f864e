// Latin hypercube samples without a table: which interval a sample falls in is a keyed permutation of its number.
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "sim/random.h"
#include "sim/sampling_plan/coordinates.h"

namespace ohmset::sampling {
namespace {

// A function of the half that stays, for the half that changes: the high bits of a product depend on all of its factors'
// bits, and the second product hides the first one's regularity from small halves.
inline std::uint64_t round_value(std::uint64_t half, std::uint64_t key, unsigned bits) {
  std::uint64_t x = (half ^ key) * 0x9E3779B97F4A7C15U;
  x ^= x >> 32U;
  return (x * 0xD6E8FEB86659FD93U) >> (64U - bits);
}

}  // namespace

// A Feistel network permutes the numbers of so many bits as size - 1 has, whatever its round function; walking on from
// those beyond the size until one is within permutes the rest [BlackRogaway02]. Less than two steps on average.
std::uint64_t permuted(std::uint64_t index, std::uint64_t size, const std::array<std::uint64_t, 4>& key) {
  if (size < 2) return index;
  const auto bits = std::max(2U, static_cast<unsigned>(std::bit_width(size - 1)));
  const unsigned low_bits = bits / 2;
  const std::uint64_t low_mask = (std::uint64_t{1} << low_bits) - 1;
  const unsigned high_bits = bits - low_bits;
  std::uint64_t x = index;
  do {
    std::uint64_t low = x & low_mask;
    std::uint64_t high = x >> low_bits;
    for (const std::uint64_t k : key) {
      low ^= round_value(high, k, low_bits);
      high ^= round_value(low, std::rotl(k, 32), high_bits);
    }
    x = (high << low_bits) | low;
  } while (x >= size);
  return x;
}

void stratify(const Range& range, std::uint64_t dimension, std::uint64_t size, std::span<double> u) {
  const std::array<std::uint64_t, 4> key =
      philox_block({.seed = range.seed, .die = 0, .cell = range.replicate, .device = dimension},
                   static_cast<std::uint64_t>(Block::permutations));
  const auto intervals = static_cast<double>(size);
  std::uint64_t index = range.index;
  for (double& value : u) {
    const auto interval = static_cast<double>(permuted(index++, size, key));
    // Rounding must not carry a sample into the next interval, nor to 1.
    const double end = interval + 1.0;
    const double place = interval + value;
    value = (place < end ? place : std::nextafter(end, 0.0)) / intervals;
    if (value >= end / intervals) value = std::nextafter(end / intervals, 0.0);
  }
}

}  // namespace ohmset::sampling
