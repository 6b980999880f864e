// SPDX-License-Identifier: Apache-2.0
#include "design/lottery/parts.h"

#include <tbb/parallel_for.h>

#include <algorithm>

#include "design/parallel/finished.h"
#include "design/parallel/threads.h"
#include "sim/error.h"

namespace ohmset::lottery {

void run_parts(const Parts& parts, const std::function<void(std::size_t first, std::size_t last)>& work,
               const std::function<bool(std::size_t done, std::size_t total)>& progress) {
  parallel::Finished finished(progress, parts.total);
  const auto all = [&] {
    tbb::parallel_for(std::size_t{0}, (parts.total + parts.part - 1) / parts.part, [&](std::size_t k) {
      if (finished.stopped()) return;
      const std::size_t first = k * parts.part;
      const std::size_t last = std::min(first + parts.part, parts.total);
      work(first, last);
      finished.advance(last - first);
    });
  };
  parallel::on_threads(parts.threads, all);
  if (finished.stopped()) throw world_error("interrupted");
}

}  // namespace ohmset::lottery
