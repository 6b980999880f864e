// Both sorted lists of a meet in the middle with the subsets behind their entries, for the searches on one bank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "design/kernels/kernels.h"

namespace ohmset::kernels {

// Four lists that only grow; not initialised.
template <class T>
class Buffers {
 public:
  // Room for `entries` in each, and their guards.
  [[nodiscard]] T* const* reserve(std::size_t entries) {
    if (entries > room_) {
      room_ = entries;
      for (std::size_t k = 0; k < 4; ++k) {
        memory_.at(k) = std::make_unique_for_overwrite<T[]>(entries + 2 * guard);
        pointers_.at(k) = memory_.at(k).get();
      }
    }
    return pointers_.data();
  }

 private:
  std::size_t room_ = 0;
  std::array<std::unique_ptr<T[]>, 4> memory_{};
  std::array<T*, 4> pointers_{};
};

// A subset of the items with this sum; none when there is none. requires items >= 0, at most 32
[[nodiscard]] std::optional<std::uint64_t> subset_of_sum(std::span<const std::int64_t> items, std::int64_t sum,
                                                         const Kernels& set);

}  // namespace ohmset::kernels
