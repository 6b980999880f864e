// Pseudo-random coordinates: one block of Philox for four dimensions of a sample.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/random.h"
#include "sim/sampling_plan/coordinates.h"

namespace ohmset::sampling {

void fill_plain(const Range& range, std::size_t group, std::size_t dimensions, std::size_t stride, double* out) {
  constexpr std::size_t at_once = 64;  // their words stay in the nearest cache
  std::array<std::array<std::uint64_t, 4>, at_once> words{};
  const std::size_t first = 4 * group;
  const std::size_t last = std::min(dimensions, first + 4);
  for (std::size_t done = 0; done < range.count; done += at_once) {
    const std::size_t count = std::min(at_once, range.count - done);
    philox_blocks_of_cells({.seed = range.seed, .die = 0, .cell = range.sample + done, .device = group},
                           static_cast<std::uint64_t>(Block::coordinates), std::span(words).first(count));
    for (std::size_t d = first; d < last; ++d) {
      double* const row = out + d * stride + done;
      for (std::size_t s = 0; s < count; ++s) row[s] = to_uniform(words[s][d - first]);
    }
  }
}

}  // namespace ohmset::sampling
