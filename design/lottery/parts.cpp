// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/parts.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "sim/error.h"

namespace ohmset::lottery {

void run_parts(const Parts& parts, const std::function<void(std::size_t first, std::size_t last)>& work,
               const std::function<bool(std::size_t done, std::size_t total)>& progress) {
  std::atomic<std::size_t> done{0};
  std::atomic<bool> stopped{false};
  std::mutex one_at_a_time;
  const auto all = [&] {
    tbb::parallel_for(std::size_t{0}, (parts.total + parts.part - 1) / parts.part, [&](std::size_t k) {
      if (stopped) return;
      const std::size_t first = k * parts.part;
      const std::size_t last = std::min(first + parts.part, parts.total);
      work(first, last);
      done += last - first;
      if (!progress) return;
      const std::unique_lock lock(one_at_a_time, std::try_to_lock);
      if (lock && !stopped && !progress(done, parts.total)) stopped = true;
    });
  };
  if (parts.threads > 0) {
    tbb::task_arena(parts.threads).execute(all);
  } else {
    all();
  }
  if (stopped) throw world_error("interrupted");
}

}  // namespace ohmset::lottery
