// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/spcg/storage.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <vector>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ohmset::crossbar::spcg {

namespace {

constexpr std::size_t large_page = std::size_t{2} << 20U;
constexpr std::size_t most_kept = std::size_t{64} << 20U;

std::align_val_t alignment(std::size_t bytes) {
  return static_cast<std::align_val_t>(bytes < 2 * large_page ? 64 : large_page);
}

struct Block {
  double* data = nullptr;
  std::size_t bytes = 0;
};

struct Kept {
  std::mutex mutex{};
  std::vector<Block> blocks{};
  std::size_t bytes = 0;
};

// Never destroyed: arrays may outlive everything else.
Kept& kept() {
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory,cppcoreguidelines-avoid-non-const-global-variables): as said
  static Kept* const all = new Kept;
  return *all;
}

}  // namespace

double* Storage::allocate(std::size_t bytes) {
  Kept& all = kept();
  {
    const std::scoped_lock lock(all.mutex);
    const auto found =
        std::find_if(all.blocks.begin(), all.blocks.end(), [&](const Block& block) { return block.bytes == bytes; });
    if (found != all.blocks.end()) {
      double* const data = found->data;
      all.bytes -= bytes;
      all.blocks.erase(found);
      return data;
    }
  }
  void* const data = ::operator new(bytes, alignment(bytes));
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  if (bytes >= 2 * large_page) madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<double*>(data);
}

void Storage::Free::operator()(double* data) const {
  Kept& all = kept();
  std::vector<Block> dropped;
  {
    const std::scoped_lock lock(all.mutex);
    all.blocks.push_back({data, bytes});
    all.bytes += bytes;
    // The oldest go first.
    std::size_t first = 0;
    while (all.bytes > most_kept) all.bytes -= all.blocks[first++].bytes;
    const auto end = all.blocks.begin() + static_cast<std::ptrdiff_t>(first);
    dropped.assign(all.blocks.begin(), end);
    all.blocks.erase(all.blocks.begin(), end);
  }
  for (const Block& block : dropped) ::operator delete(block.data, alignment(block.bytes));
}

}  // namespace ohmset::crossbar::spcg
