// Work on as many threads as were asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tbb/task_arena.h>

namespace ohmset::parallel {

// Calls work(), whose parallel loops take at most that many threads; 0: all.
template <class Work>
void on_threads(int threads, const Work& work) {
  if (threads > 0) {
    tbb::task_arena(threads).execute(work);
  } else {
    work();
  }
}

}  // namespace ohmset::parallel
