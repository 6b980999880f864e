// Latin hypercube samples without a table: which interval a sample falls in is a keyed permutation of its number.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "sim/random.h"
#include "sim/sampling_plan/coordinates.h"

namespace ohmset::sampling {
namespace {

// A function of the half that stays, for the half that changes: the high bits of a product depend on all of its
// factors' bits, and the second product hides the first one's regularity from small halves.
inline std::uint64_t round_value(std::uint64_t half, std::uint64_t key, unsigned bits) {
  std::uint64_t x = (half ^ key) * 0x9E3779B97F4A7C15U;
  x ^= x >> 32U;
  return (x * 0xD6E8FEB86659FD93U) >> (64U - bits);
}

// A Feistel network permutes the numbers of so many bits as size - 1 has, whatever its round function; walking on from
// those beyond the size until one is within permutes the rest [BlackRogaway02]. Less than two steps on average.
class Permutation {
 public:
  Permutation(std::uint64_t size, const std::array<std::uint64_t, 4>& key)
      : size_(size), low_bits_(bits_of(size) / 2), high_bits_(bits_of(size) - low_bits_), key_(key) {}

  [[nodiscard]] std::uint64_t step(std::uint64_t x) const {
    std::uint64_t low = x & ((std::uint64_t{1} << low_bits_) - 1);
    std::uint64_t high = x >> low_bits_;
    for (const std::uint64_t k : key_) {
      low ^= round_value(high, k, low_bits_);
      high ^= round_value(low, std::rotl(k, 32), high_bits_);
    }
    return (high << low_bits_) | low;
  }

  // All take a step, then those that are not within yet another one: no branch that is hard to foresee.
  void operator()(std::span<std::uint64_t> numbers) const {
    if (size_ < 2) return;
    std::array<std::uint32_t, at_once> walking{};
    std::size_t left = 0;
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      numbers[k] = step(numbers[k]);
      walking[left] = static_cast<std::uint32_t>(k);
      left += numbers[k] >= size_ ? 1U : 0U;
    }
    while (left > 0) {
      std::size_t still = 0;
      for (std::size_t w = 0; w < left; ++w) {
        const std::uint32_t k = walking[w];
        numbers[k] = step(numbers[k]);
        walking[still] = k;
        still += numbers[k] >= size_ ? 1U : 0U;
      }
      left = still;
    }
  }

  static constexpr std::size_t at_once = 256;

 private:
  static unsigned bits_of(std::uint64_t size) { return std::max(2U, static_cast<unsigned>(std::bit_width(size - 1))); }

  std::uint64_t size_;
  unsigned low_bits_;
  unsigned high_bits_;
  std::array<std::uint64_t, 4> key_;
};

}  // namespace

void permute(std::span<std::uint64_t> numbers, std::uint64_t size, const std::array<std::uint64_t, 4>& key) {
  const Permutation permutation(size, key);
  for (std::size_t done = 0; done < numbers.size(); done += Permutation::at_once) {
    permutation(numbers.subspan(done, std::min(Permutation::at_once, numbers.size() - done)));
  }
}

void stratify(const Range& range, std::uint64_t dimension, std::uint64_t size, std::span<double> u) {
  const std::array<std::uint64_t, 4> key =
      philox_block({.seed = range.seed, .die = 0, .cell = range.replicate, .device = dimension},
                   static_cast<std::uint64_t>(Block::permutations));
  const auto intervals = static_cast<double>(size);
  std::array<std::uint64_t, Permutation::at_once> numbers{};
  for (std::size_t done = 0; done < u.size(); done += numbers.size()) {
    const std::size_t count = std::min(numbers.size(), u.size() - done);
    std::iota(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(count), range.index + done);
    permute(std::span(numbers).first(count), size, key);
    for (std::size_t k = 0; k < count; ++k) {
      const auto interval = static_cast<double>(static_cast<std::int64_t>(numbers[k]));
      // Rounding must not carry a sample into the next interval, nor to 1.
      const double end = interval + 1.0;
      const double place = interval + u[done + k];
      double& value = u[done + k];
      value = (place < end ? place : std::nextafter(end, 0.0)) / intervals;
      if (value >= end / intervals) value = std::nextafter(end / intervals, 0.0);
    }
  }
}

}  // namespace ohmset::sampling
