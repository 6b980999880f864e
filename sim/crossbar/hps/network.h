// Networks between the ports of a block, and the elimination of the nodes where two blocks meet.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <vector>

#include "sim/crossbar/hps/loops.h"
#include "sim/crossbar/spcg/storage.h"

namespace ohmset::crossbar::hps {

// The sides of a block, whose ports are numbered in this order.
enum Side : unsigned char { left, right, top, bottom };

// Arrays on large pages.
using spcg::Storage;

// The memory of networks that come and go: given back, it serves the next one of about that size.
class Pool {
 public:
  // Doubles of any value, given back in the end.
  class Lease {
   public:
    Lease(Pool& pool, std::size_t size);
    ~Lease();
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] double* data() const { return block_->storage.array(0); }

   private:
    friend class Pool;
    void give();
    Pool* pool_;
    struct Block {
      Storage storage;
      std::size_t size;
    };
    std::optional<Block> block_;
  };

 private:
  std::mutex mutex_{};
  std::list<Lease::Block> idle_{};
};

// The conductances between the ports of a block: the lower half of a matrix, by columns.
struct Network {
  Pool::Lease data;
  std::size_t height = 0;              // from one column to the next
  std::size_t first = 0;               // row and column of the first port
  std::array<std::size_t, 4> ports{};  // on each side
  double roundings = 0.0;              // that its conductances have gone through, as independent ones

  [[nodiscard]] const double* at(std::size_t row, std::size_t column) const {
    return data.data() + (first + column) * height + first + row;
  }
};

// Of all that happens to a conductance while so many nodes of a merge are eliminated: in units in the last place, as
// the square of their expected sum.
[[nodiscard]] double roundings_of(std::size_t eliminations);

// A network some of whose nodes are to be eliminated. These come first, padded to whole panels.
class Front {
 public:
  // Only the conductances that the first `columns` nodes left have with later ones are kept.
  Front(const Loops& loops, Pool& pool, std::size_t eliminated, std::size_t nodes, std::size_t columns);

  // Where the first node that stays is.
  [[nodiscard]] std::size_t kept() const { return kept_; }
  // Before anything is added.
  void clear();
  // The same where two blocks, whose ports that stay are all different, leave nothing unwritten elsewhere.
  void clear_between(const Network& block, const std::array<std::size_t, 4>& places, const Network& other,
                     const std::array<std::size_t, 4>& other_places);
  // Adds a block whose sides stand at these places. Conductances within the columns left out only count in sees().
  void add(const Network& block, const std::array<std::size_t, 4>& places);
  void connect(std::size_t a, std::size_t b, double conductance);
  // By node: the sum of all its conductances, as of now.
  [[nodiscard]] std::vector<double> sees() const;
  // Star-mesh, on all threads when there is much to do.
  void eliminate();

  // Between two nodes that stay; requires row > column.
  [[nodiscard]] const double* at(std::size_t row, std::size_t column) const {
    return data_.data() + column * height_ + row;
  }
  // Of node `column` to all nodes from row 0 on, those after it.
  [[nodiscard]] double* column(std::size_t column) { return data_.data() + column * height_; }
  [[nodiscard]] Network network(const std::array<std::size_t, 4>& ports, double roundings) &&;

 private:
  const Loops& loops_;
  Pool& pool_;
  std::size_t eliminated_;
  std::size_t kept_;
  std::size_t height_;
  std::size_t columns_;
  std::size_t nodes_;  // eliminated, padded, and kept
  bool put_ = false;   // what is between nodes that stay is written instead of added
  Pool::Lease data_;
  std::vector<double> left_out_{};
};

}  // namespace ohmset::crossbar::hps
