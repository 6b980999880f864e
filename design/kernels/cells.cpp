// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/cells.h"

#include <algorithm>
#include <new>

namespace ohmset {

namespace kernels {

namespace portable {
extern const ClosestOfCells closest_of_cells;
}
namespace avx2 {
extern const ClosestOfCells closest_of_cells;
}
namespace avx512 {
extern const ClosestOfCells closest_of_cells;
}

ClosestOfCells closest_of_cells(const Kernels& set) {
  return compiled_for(set.simd, portable::closest_of_cells, avx2::closest_of_cells, avx512::closest_of_cells);
}

}  // namespace kernels

namespace {

constexpr std::align_val_t vector_boundary{64};

}  // namespace

void CellSearch::Free::operator()(std::int32_t* scratch) const { ::operator delete[](scratch, vector_boundary); }

CellSearch::CellSearch(const kernels::Kernels& set, Untold untold)
    : closest_(kernels::closest_of_cells(set)),
      untold_(untold),
      // Without wide vectors of integers the lists cost more than those of one question at a time in doubles.
      most_(set.simd == Simd::portable && untold == Untold::searched ? 10 : kernels::most_cell_items),
      scratch_(
          static_cast<std::int32_t*>(::operator new[](kernels::cell_scratch * sizeof(std::int32_t), vector_boundary))) {
}

void CellSearch::Queue::add(std::span<const double> added, double target, std::size_t ticket) {
  std::copy(added.begin(), added.end(), items.begin() + static_cast<std::ptrdiff_t>(size * stride));
  targets.at(size) = target;
  tickets.at(size++) = ticket;
}

CellSearch::Queue& CellSearch::queue_of(std::size_t items) {
  std::unique_ptr<Queue>& queue = queues_.at(items - 1);
  if (!queue) queue = std::make_unique<Queue>();
  return *queue;
}

std::array<std::uint64_t, kernels::cells_at_once> CellSearch::masks(Queue& queue, std::size_t items) {
  std::array<std::uint64_t, kernels::cells_at_once> found{};
  // What stands in the places that nobody asked for is answered too and not looked at.
  closest_({.items = queue.items.data(), .stride = stride, .count = items, .targets = queue.targets.data()},
           scratch_.get(), found.data());
  for (std::size_t k = 0; k < queue.size; ++k) {
    if (found.at(k) != kernels::not_told || untold_ == Untold::left) continue;
    const std::span<const double> own = std::span<const double>(queue.items).subspan(k * stride, items);
    found.at(k) = search_.closest(own, queue.targets.at(k)).mask;
  }
  queue.size = 0;
  return found;
}

}  // namespace ohmset
