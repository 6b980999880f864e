// Work in parts on all threads. Internal to lottery.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace ohmset::lottery {

struct Parts {
  std::size_t total = 0;
  std::size_t part = 1;  // of the total, at once
  int threads = 0;       // 0: all
};

// Calls work(first, last) for every part, from several threads, and progress from one at a time; throws Error{world}
// when that returns false.
void run_parts(const Parts& parts, const std::function<void(std::size_t first, std::size_t last)>& work,
               const std::function<bool(std::size_t done, std::size_t total)>& progress = {});

}  // namespace ohmset::lottery
