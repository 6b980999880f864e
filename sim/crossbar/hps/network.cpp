// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps/network.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ohmset::crossbar::hps {

namespace {

constexpr std::size_t most_depth = 128;  // nodes eliminated before the rest is brought up to date

// Doubles. Larger networks are few, and what they leave unused would be much.
constexpr std::size_t most_pooled = std::size_t{1} << 19U;

// Gives pages back to the system whose contents are not needed any more, whoever keeps the addresses.
void forget(const double* data, std::size_t count) {
#ifdef __linux__
  constexpr std::uintptr_t page = std::uintptr_t{2} << 20U;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): whole pages only
  const std::uintptr_t first = (reinterpret_cast<std::uintptr_t>(data) + page - 1) / page * page;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): likewise
  const std::uintptr_t last = reinterpret_cast<std::uintptr_t>(data + count) / page * page;
  // NOLINTNEXTLINE(performance-no-int-to-ptr,cppcoreguidelines-pro-type-reinterpret-cast): likewise
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
#else
  static_cast<void>(data);
  static_cast<void>(count);
#endif
}

std::size_t padded(std::size_t nodes) { return (nodes + panel_rows - 1) / panel_rows * panel_rows; }

// The tasks do not depend on the number of threads, and no two write to the same place.
void multiply(const Loops& loops, const Product& product) {
  constexpr std::size_t rows = 32;
  constexpr std::size_t columns = 16;
  constexpr double worthwhile = 4e6;  // multiplications
  const std::size_t tall = (product.last - product.first + rows - 1) / rows;
  const std::size_t wide = (product.right_last - product.right_first + columns - 1) / columns;
  const auto work = static_cast<double>((product.last - product.first) * (product.right_last - product.right_first) *
                                        panel_rows * panel_rows * product.depth);
  if (work < worthwhile || tall * wide < 2) {
    loops.multiply(product);
    return;
  }
  // Waiting, a thread is not to take on another part of the array, whose memory would come on top.
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(std::size_t{0}, tall * wide, [&](std::size_t task) {
      Product part = product;
      part.first = product.first + task % tall * rows;
      part.last = std::min(part.first + rows, product.last);
      part.right_first = product.right_first + task / tall * columns;
      part.right_last = std::min(part.right_first + columns, product.right_last);
      loops.multiply(part);
    });
  });
}

}  // namespace

Pool::Lease::Lease(Pool& pool, std::size_t size) : pool_(&pool) {
  {
    const std::scoped_lock lock(pool.mutex_);
    auto best = pool.idle_.end();
    for (auto block = pool.idle_.begin(); block != pool.idle_.end(); ++block) {
      const bool fits = block->size >= size && block->size <= 2 * size;
      if (fits && (best == pool.idle_.end() || block->size < best->size)) best = block;
    }
    if (best != pool.idle_.end()) {
      block_.emplace(std::move(*best));
      pool.idle_.erase(best);
      return;
    }
  }
  block_.emplace(Block{.storage = Storage(1, size), .size = size});
}

Pool::Lease::~Lease() { give(); }
Pool::Lease::Lease(Lease&& other) noexcept : pool_(other.pool_), block_(std::move(other.block_)) {
  other.block_.reset();
}
Pool::Lease& Pool::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  give();
  pool_ = other.pool_;
  block_ = std::move(other.block_);
  other.block_.reset();
  return *this;
}

void Pool::Lease::give() {
  if (!block_) return;
  if (block_->size <= most_pooled) {
    const std::scoped_lock lock(pool_->mutex_);
    pool_->idle_.push_back(*std::move(block_));
  } else {
    forget(block_->storage.array(0), block_->size);
  }
  block_.reset();
}

Front::Front(const Loops& loops, Pool& pool, std::size_t eliminated, std::size_t nodes, std::size_t columns)
    : loops_(loops),
      pool_(pool),
      eliminated_(eliminated),
      kept_(padded(eliminated)),
      height_(padded(kept_ + nodes)),
      columns_(padded(kept_ + columns)),
      nodes_(kept_ + nodes),
      data_(pool, height_ * columns_) {}

void Front::clear() {
  for (std::size_t j = 0; j < columns_; ++j) {
    std::fill(column(j) + j / panel_rows * panel_rows, column(j) + height_, 0.0);
  }
}

void Front::clear_between(const Network& block, const std::array<std::size_t, 4>& places, const Network& other,
                          const std::array<std::size_t, 4>& other_places) {
  put_ = true;
  for (std::size_t j = 0; j < columns_; ++j) {
    // Beside the diagonal, too, where tiles read what stands above it.
    const std::size_t first = j / panel_rows * panel_rows;
    if (j < kept_ || j >= nodes_) {
      std::fill(column(j) + first, column(j) + height_, 0.0);
    } else {
      std::fill(column(j) + first, column(j) + j + 1, 0.0);
      std::fill(column(j) + nodes_, column(j) + height_, 0.0);
    }
  }
  for (std::size_t side = 0; side < 4; ++side) {
    for (std::size_t beyond = 0; beyond < 4; ++beyond) {
      std::size_t row = places.at(side);
      std::size_t rows = block.ports.at(side);
      std::size_t first = other_places.at(beyond);
      std::size_t count = other.ports.at(beyond);
      if (row < kept_ || first < kept_) continue;
      if (row < first) {
        std::swap(row, first);
        std::swap(rows, count);
      }
      for (std::size_t j = first; j < first + count; ++j) std::fill(column(j) + row, column(j) + row + rows, 0.0);
    }
  }
}

void Front::add(const Network& block, const std::array<std::size_t, 4>& places) {
  std::size_t row = 0;
  for (std::size_t side = 0; side < 4; row += block.ports.at(side), ++side) {
    const std::size_t rows = block.ports.at(side);
    if (rows == 0) continue;
    std::size_t column = 0;
    for (std::size_t other = 0; other < side; column += block.ports.at(other), ++other) {
      const std::size_t columns = block.ports.at(other);
      if (columns == 0) continue;
      const std::size_t to_row = places.at(side);
      const std::size_t to_column = places.at(other);
      Part part{.height = height_,
                .from = block.at(row, column),
                .from_height = block.height,
                .rows = rows,
                .columns = columns,
                .put = put_ && to_row >= kept_ && to_column >= kept_};
      if (to_row > to_column) {
        part.to = data_.data() + to_column * height_ + to_row;
        loops_.add(part);
      } else {
        part.to = data_.data() + to_row * height_ + to_column;
        loops_.add_turned(part);
      }
    }
    // Within a side.
    const std::size_t to = places.at(side);
    for (std::size_t j = 0; j + 1 < rows; ++j) {
      const double* const from = block.at(row, row + j);
      if (to + j < columns_) {
        loops_.add({.to = data_.data() + (to + j) * height_ + to + j + 1,
                    .from = from + j + 1,
                    .rows = rows - j - 1,
                    .columns = 1,
                    .put = put_ && to >= kept_});
        continue;
      }
      left_out_.resize(height_);
      for (std::size_t i = j + 1; i < rows; ++i) {
        left_out_[to + i] += from[i];
        left_out_[to + j] += from[i];
      }
    }
  }
}

void Front::connect(std::size_t a, std::size_t b, double conductance) {
  if (std::min(a, b) >= columns_) {
    left_out_.resize(height_);
    left_out_[a] += conductance;
    left_out_[b] += conductance;
    return;
  }
  data_.data()[std::min(a, b) * height_ + std::max(a, b)] += conductance;
}

std::vector<double> Front::sees() const {
  std::vector<double> sums = left_out_;
  sums.resize(height_);
  for (std::size_t j = 0; j < columns_; ++j) {
    const double* const column = at(0, j);
    double sum = 0.0;
    for (std::size_t i = j + 1; i < height_; ++i) sums[i] += column[i];
    for (std::size_t i = j + 1; i < height_; ++i) sum += column[i];
    sums[j] += sum;
  }
  return sums;
}

void Front::eliminate() {
  if (kept_ == 0) return;
  double* const data = data_.data();
  const std::size_t stride = std::min(kept_, most_depth) * panel_rows;
  const Pool::Lease panels(pool_, height_ / panel_rows * stride);
  double* const packed = panels.data();
  for (std::size_t start = 0; start < kept_; start += most_depth) {
    const std::size_t end = std::min(start + most_depth, kept_);
    Product product{.left = packed,
                    .right = packed,
                    .stride = stride,
                    .last = height_ / panel_rows,
                    .lower = true,
                    .to = data,
                    .height = height_};
    for (std::size_t k = start; k < end; k += panel_rows) {
      product.depth = k - start;
      product.first = product.right_first = k / panel_rows;
      product.right_last = product.first + 1;
      if (k > start) multiply(loops_, product);
      loops_.pivots(data, height_, k, packed, stride, k - start);
    }
    product.depth = end - start;
    product.first = product.right_first = end / panel_rows;
    product.right_last = columns_ / panel_rows;
    multiply(loops_, product);
  }
  if (height_ * columns_ > most_pooled) forget(data, kept_ * height_);
}

double roundings_of(std::size_t eliminations) {
  const auto count = static_cast<double>(eliminations);
  const auto depth = static_cast<double>(most_depth);
  // A conductance is rounded once in each sum that is added to it. What is added is rounded as it is summed up, and as
  // a product of quotients of sums, coherently: seven roundings weigh as much as 49 independent ones.
  return count / depth + static_cast<double>(panel_rows) + std::min(count, depth) + 49.0;
}

Network Front::network(const std::array<std::size_t, 4>& ports, double roundings) && {
  return {.data = std::move(data_),
          .height = height_,
          .first = kept_,
          .ports = ports,
          .roundings = roundings + roundings_of(eliminated_)};
}

}  // namespace ohmset::crossbar::hps
