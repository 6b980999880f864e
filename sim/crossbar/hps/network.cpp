// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps/network.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <utility>

namespace ohmset::crossbar::hps {

namespace {

constexpr std::size_t most_depth = 128;  // nodes eliminated before the rest is brought up to date

std::size_t padded(std::size_t nodes) { return (nodes + panel_rows - 1) / panel_rows * panel_rows; }

// The tasks do not depend on the number of threads, and no two write to the same place.
void multiply(const Loops& loops, const Product& product) {
  constexpr std::size_t rows = 32;
  constexpr std::size_t columns = 16;
  constexpr double worthwhile = 4e6;  // multiplications
  const std::size_t tall = (product.last - product.first + rows - 1) / rows;
  const std::size_t wide = (product.right_last - product.right_first + columns - 1) / columns;
  const double work = static_cast<double>((product.last - product.first) * (product.right_last - product.right_first) *
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

Front::Front(const Loops& loops, std::size_t eliminated, std::size_t nodes, std::size_t columns)
    : loops_(loops),
      eliminated_(eliminated),
      kept_(padded(eliminated)),
      height_(padded(kept_ + nodes)),
      columns_(padded(kept_ + columns)),
      data_(1, height_ * columns_) {
  double* const data = data_.array(0);
  for (std::size_t j = 0; j < columns_; ++j) {
    std::fill(data + j * height_ + j / panel_rows * panel_rows, data + (j + 1) * height_, 0.0);
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
                .columns = columns};
      if (to_row > to_column) {
        part.to = data_.array(0) + to_column * height_ + to_row;
        loops_.add(part);
      } else {
        part.to = data_.array(0) + to_row * height_ + to_column;
        loops_.add_turned(part);
      }
    }
    // Within a side.
    const std::size_t to = places.at(side);
    for (std::size_t j = 0; j + 1 < rows; ++j) {
      const double* const from = block.at(row, row + j);
      if (to + j < columns_) {
        loops_.add({.to = data_.array(0) + (to + j) * height_ + to + j + 1,
                    .from = from + j + 1,
                    .rows = rows - j - 1,
                    .columns = 1});
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
  data_.array(0)[std::min(a, b) * height_ + std::max(a, b)] += conductance;
}

std::vector<double> Front::sees() const {
  std::vector<double> sums = left_out_;
  sums.resize(height_);
  for (std::size_t j = 0; j < columns_; ++j) {
    const double* const column = at(0, j);
    for (std::size_t i = j + 1; i < height_; ++i) {
      sums[i] += column[i];
      sums[j] += column[i];
    }
  }
  return sums;
}

void Front::eliminate() {
  if (kept_ == 0) return;
  double* const data = data_.array(0);
  const std::size_t stride = std::min(kept_, most_depth) * panel_rows;
  const Storage panels(1, height_ / panel_rows * stride);
  double* const packed = panels.array(0);
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
}

Network Front::network(const std::array<std::size_t, 4>& ports, std::size_t eliminations) && {
  return {.data = std::move(data_),
          .height = height_,
          .first = kept_,
          .ports = ports,
          .eliminations = eliminations + eliminated_};
}

}  // namespace ohmset::crossbar::hps
