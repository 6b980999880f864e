// How the samples of a pass are divided into blocks. Pure numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace ohmset::mc {

// About a thousand blocks whatever the number of samples: what is remembered of each then takes bounded memory. No
// block straddles replicates without holding them whole, so that replicates' means can be told.
struct Layout {
  std::uint64_t from = 0;  // samples
  std::uint64_t to = 0;
  std::uint64_t replicate = 0;  // samples in each; 0: samples are independent
  std::uint64_t block = 1;      // samples in a block; in the last one of all or of a replicate perhaps fewer
  std::size_t blocks = 0;
  std::size_t per_replicate = 1;  // blocks; 1 where blocks hold replicates whole

  [[nodiscard]] bool whole_replicates() const { return replicate != 0 && per_replicate == 1; }
  [[nodiscard]] std::uint64_t first_of(std::size_t b) const;
  [[nodiscard]] std::uint64_t last_of(std::size_t b) const;
};

// requires from < to, whole replicates; `together` samples are made at once
[[nodiscard]] Layout layout(std::uint64_t from, std::uint64_t to, std::uint64_t replicate, std::size_t together);

}  // namespace ohmset::mc
