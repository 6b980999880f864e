// Sobol points in any order, scrambled: direction numbers from Boost.Random, Owen's scrambling by hashing.
// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <boost/random/sobol.hpp>

#include "sim/random.h"
#include "sim/sampling_plan/coordinates.h"

namespace ohmset::sampling {
namespace {

inline std::uint64_t reversed(std::uint64_t x) {
  x = ((x & 0x5555555555555555U) << 1U) | ((x >> 1U) & 0x5555555555555555U);
  x = ((x & 0x3333333333333333U) << 2U) | ((x >> 2U) & 0x3333333333333333U);
  x = ((x & 0x0F0F0F0F0F0F0F0FU) << 4U) | ((x >> 4U) & 0x0F0F0F0F0F0F0F0FU);
  x = ((x & 0x00FF00FF00FF00FFU) << 8U) | ((x >> 8U) & 0x00FF00FF00FF00FFU);
  x = ((x & 0x0000FFFF0000FFFFU) << 16U) | ((x >> 16U) & 0x0000FFFF0000FFFFU);
  return (x << 32U) | (x >> 32U);
}

// Owen's scrambling flips each binary digit of a coordinate, or not, by a coin that belongs to the digits before it. In
// reversed digits, that is what sums, products and differences do: a bit of the result depends on the operands' bits up
// to it, never above [LaineKarras11]. The key's words are coins; the digits beyond Sobol's come out as a hash of all.
struct Scramble {
  std::array<std::uint64_t, 4> sums{};
  std::array<std::uint64_t, 4> factors{};

  Scramble(const Range& range, std::uint64_t dimension) {
    std::array<std::array<std::uint64_t, 4>, 2> words{};
    const Stream stream{.seed = range.seed, .die = 0, .cell = range.replicate, .device = dimension};
    const auto block = static_cast<std::uint64_t>(Block::scrambles);
    words[0] = philox_block(stream, block);
    words[1] = philox_block(stream, block + 1);
    sums = words[0];
    factors = words[1];
  }

  [[nodiscard]] std::uint64_t operator()(std::uint64_t digits) const {
    for (unsigned k = 0; k < 4; ++k) {
      digits += sums[k];
      digits ^= digits * (factors[k] & ~std::uint64_t{1});
      digits *= std::rotl(factors[k], 23) | 1U;
    }
    return digits;
  }
};

}  // namespace

// Boost's point number n, from 1, is the sum of the direction numbers that the Gray code of n names: of 2^k, those
// numbered k and k - 1. seed(n) goes to point n + 1.
std::vector<Directions> sobol_directions(std::size_t dimensions) {
  std::vector<Directions> directions(dimensions);
  if (dimensions == 0) return directions;
  boost::random::sobol_engine<std::uint32_t, 32> engine(dimensions);
  for (unsigned k = 0; k < 32; ++k) {
    engine.seed((std::uint32_t{1} << k) - 1U);
    for (Directions& numbers : directions) {
      numbers[k] = static_cast<std::uint32_t>(reversed(std::uint64_t{engine()}) >> 32U);
      if (k > 0) numbers[k] ^= numbers[k - 1];
    }
  }
  return directions;
}

std::uint32_t sobol_digits(const Directions& directions, std::uint64_t index) {
  std::uint32_t digits = 0;
  for (std::uint64_t code = index ^ (index >> 1U); code != 0; code &= code - 1) {
    digits ^= directions[static_cast<std::size_t>(std::countr_zero(code))];
  }
  return digits;
}

void fill_sobol(const Range& range, std::uint64_t dimension, const Directions& directions, std::span<double> out) {
  const Scramble scramble(range, dimension);
  std::uint32_t digits = sobol_digits(directions, range.index);
  std::uint64_t index = range.index;
  for (double& value : out) {
    value = to_uniform(reversed(scramble(digits)));
    ++index;
    // The last of 2^32 points has no successor.
    digits ^= directions[static_cast<std::size_t>(std::countr_zero(index)) % 32];
  }
}

}  // namespace ohmset::sampling
