// Counter-based random streams: a draw is a function of (seed, die, cell, device, quantity), never of what was drawn
// before it, so any thread may make any draw. Philox4x64-10 of Random123 [SalmonMoraesDrorShaw11].
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ohmset {

// Which of a device's independent draws: block = value / 4, word within the block = value % 4.
enum class Draw : std::uint64_t {
  resistance = 0,
  device_fault = 1,
  switch_on = 2,
  switch_fault = 3,
  tc1 = 4,
  tc2 = 5,
  measurement = 6,
  lot = 8,       // one per die
  choice = 12,   // free use outside of fabrication, e.g. random targets
  written = 16,  // what becomes of a device after it was made: see sim/life.h
  drift = 17,
  read = 18,
  contact = 19  // of a switch that closes anew
};

// Whose draw: the key (seed, die) and the counter's first two words (cell, device).
struct Stream {
  std::uint64_t seed = 1;
  std::uint64_t die = 0;
  std::uint64_t cell = 0;
  std::uint64_t device = 0;
};

// The four 64-bit words of one block of a stream.
[[nodiscard]] std::array<std::uint64_t, 4> philox_block(const Stream& stream, std::uint64_t block);
// The same block of this device's stream and the next ones'.
void philox_blocks(const Stream& first, std::uint64_t block, std::span<std::array<std::uint64_t, 4>> blocks);
// The same block of the same device in this cell and the next ones.
void philox_blocks_of_cells(const Stream& first, std::uint64_t block, std::span<std::array<std::uint64_t, 4>> blocks);

// A 64-bit word as a uniform double in the open interval (0, 1): (w >> 12 + 1/2) 2^-52, symmetric about 1/2.
[[nodiscard]] constexpr double to_uniform(std::uint64_t word) {
  return (static_cast<double>(word >> 12U) + 0.5) * 0x1.0p-52;
}

// Uniform draw in (0, 1).
[[nodiscard]] double uniform(const Stream& stream, Draw quantity);

// Quantile of the standard normal distribution; the same bits on every machine. requires 0 < u < 1
[[nodiscard]] double normal_quantile(double u);

}  // namespace ohmset
