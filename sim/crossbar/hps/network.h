// Networks between the ports of a block, and the elimination of the nodes where two blocks meet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "sim/crossbar/hps/loops.h"
#include "sim/crossbar/spcg/storage.h"

namespace ohmset::crossbar::hps {

// The sides of a block, whose ports are numbered in this order.
enum Side : unsigned char { left, right, top, bottom };

// Arrays on large pages.
using spcg::Storage;

// The conductances between the ports of a block: the lower half of a matrix, by columns.
struct Network {
  Storage data;
  std::size_t height = 0;              // from one column to the next
  std::size_t first = 0;               // row and column of the first port
  std::array<std::size_t, 4> ports{};  // on each side
  std::size_t eliminations = 0;        // the most that any conductance has gone through

  [[nodiscard]] const double* at(std::size_t row, std::size_t column) const {
    return data.array(0) + (first + column) * height + first + row;
  }
};

// A network some of whose nodes are to be eliminated. These come first, padded to whole panels.
class Front {
 public:
  // Only the conductances that the first `columns` nodes left have with later ones are kept.
  Front(const Loops& loops, std::size_t eliminated, std::size_t nodes, std::size_t columns);
  Front(const Loops& loops, std::size_t eliminated, std::size_t nodes) : Front(loops, eliminated, nodes, nodes) {}

  // Where the first node that stays is.
  [[nodiscard]] std::size_t kept() const { return kept_; }
  // Adds a block whose sides stand at these places. Conductances within the columns left out only count in sees().
  void add(const Network& block, const std::array<std::size_t, 4>& places);
  void connect(std::size_t a, std::size_t b, double conductance);
  // By node: the sum of all its conductances, as of now.
  [[nodiscard]] std::vector<double> sees() const;
  // Star-mesh, on all threads when there is much to do.
  void eliminate();

  // Between two nodes that stay; requires row > column.
  [[nodiscard]] const double* at(std::size_t row, std::size_t column) const {
    return data_.array(0) + column * height_ + row;
  }
  [[nodiscard]] Network network(const std::array<std::size_t, 4>& ports, std::size_t eliminations) &&;

 private:
  const Loops& loops_;
  std::size_t eliminated_;
  std::size_t kept_;
  std::size_t height_;
  std::size_t columns_;
  Storage data_;
  std::vector<double> left_out_{};
};

}  // namespace ohmset::crossbar::hps
