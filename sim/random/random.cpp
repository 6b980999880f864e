// Philox4x64-10 from Random123, and draws one at a time.
// SPDX-License-Identifier: Apache-2.0
#include "sim/random.h"

#include <Random123/philox.h>

#include <stdexcept>

#include "sim/random/elementary.h"

namespace ohmset {
namespace {

inline std::array<std::uint64_t, 4> block_of(const Stream& stream, std::uint64_t block) {
  constexpr unsigned rounds = 10;
  const r123::Philox4x64_R<rounds>::ctr_type counter{{stream.cell, stream.device, block, 0}};
  const r123::Philox4x64_R<rounds>::key_type key{{stream.seed, stream.die}};
  const auto words = r123::Philox4x64_R<rounds>{}(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

}  // namespace

std::array<std::uint64_t, 4> philox_block(const Stream& stream, std::uint64_t block) { return block_of(stream, block); }

void philox_blocks(const Stream& first, std::uint64_t block, std::span<std::array<std::uint64_t, 4>> blocks) {
  Stream stream = first;
  for (std::array<std::uint64_t, 4>& words : blocks) {
    words = block_of(stream, block);
    ++stream.device;
  }
}

void philox_blocks_of_cells(const Stream& first, std::uint64_t block, std::span<std::array<std::uint64_t, 4>> blocks) {
  Stream stream = first;
  for (std::array<std::uint64_t, 4>& words : blocks) {
    words = block_of(stream, block);
    ++stream.cell;
  }
}

double uniform(const Stream& stream, Draw quantity) {
  const auto number = static_cast<std::uint64_t>(quantity);
  return to_uniform(philox_block(stream, number / 4)[number % 4]);
}

double normal_quantile(double u) {
  if (!(u > 0.0 && u < 1.0)) throw std::invalid_argument("normal_quantile: u must lie between 0 and 1");
  elementary::loops().normal_quantiles(&u, 1);
  return u;
}

}  // namespace ohmset
