// Millions of small searches, each among its own items: eight at a time, side by side in the lanes of vectors.
//
// The numbers are 30-bit integers: eight fit a vector where doubles are four, and up to 22 items seldom leave two
// subsets as near as their rounding. Then, and where magnitudes or an unreachable target ask for more, the search for
// one question answers, so that the answers are always its answers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "design/kernels/kernels.h"
#include "design/subset_sum.h"

namespace ohmset {

namespace kernels {

inline constexpr std::size_t cells_at_once = 8;
inline constexpr std::size_t most_cell_items = 22;
inline constexpr std::uint64_t not_told = ~std::uint64_t{0};

// Eight questions: `count` items of each (at most most_cell_items), rows of `stride` numbers (a multiple of 4; those
// from `count` on are 0), and their targets.
struct EightCells {
  const double* items = nullptr;
  std::size_t stride = 0;
  std::size_t count = 0;
  const double* targets = nullptr;
};

// Room for the lists of eight searches: `cell_scratch` numbers on a boundary of 64 bytes.
inline constexpr std::size_t cell_scratch = 8 * (4 * (std::size_t{1} << ((most_cell_items + 1) / 2)) + 64);

// Writes eight masks; not_told where another subset is as near as rounding can tell, or nothing can be said.
using ClosestOfCells = void (*)(const EightCells& cells, std::int32_t* scratch, std::uint64_t* masks);
[[nodiscard]] ClosestOfCells closest_of_cells(const Kernels& set);

}  // namespace kernels

// What a search of eight does with a question that it cannot tell the answer of.
enum class Untold : unsigned char {
  searched,  // another search answers
  left       // the answer is kernels::not_told. All others are nearer than every other subset, and by at least 2^-30 of
             // the items' magnitudes together
};

// Collects questions and answers them by eights of as many items. For one thread.
class CellSearch {
 public:
  explicit CellSearch(const kernels::Kernels& set = kernels::chosen(), Untold untold = Untold::searched);

  // Calls answer(ticket, mask) for this and earlier questions, at once or later, in any order. The mask is that of
  // closest_subset_sums(items, target). requires finite items and target, at most most_items items
  template <class Answer>
  void ask(std::span<const double> items, double target, std::size_t ticket, const Answer& answer) {
    if (items.empty() || items.size() > most_) {
      answer(ticket, untold_ == Untold::left ? kernels::not_told : search_.closest(items, target).mask);
      return;
    }
    Queue& queue = queue_of(items.size());
    queue.add(items, target, ticket);
    if (queue.size == kernels::cells_at_once) answer_all(queue, items.size(), answer);
  }
  // Answers what still waits.
  template <class Answer>
  void finish(const Answer& answer) {
    for (std::size_t k = 0; k < queues_.size(); ++k) {
      if (queues_.at(k) && queues_.at(k)->size > 0) answer_all(*queues_.at(k), k + 1, answer);
    }
  }

 private:
  static constexpr std::size_t stride = (kernels::most_cell_items + 3) / 4 * 4;
  struct Queue {
    std::size_t size = 0;
    std::array<double, kernels::cells_at_once * stride> items{};
    std::array<double, kernels::cells_at_once> targets{};
    std::array<std::size_t, kernels::cells_at_once> tickets{};

    void add(std::span<const double> added, double target, std::size_t ticket);
  };

  [[nodiscard]] Queue& queue_of(std::size_t items);
  // The masks of a queue's questions; it is empty afterwards.
  [[nodiscard]] std::array<std::uint64_t, kernels::cells_at_once> masks(Queue& queue, std::size_t items);

  template <class Answer>
  void answer_all(Queue& queue, std::size_t items, const Answer& answer) {
    const std::size_t size = queue.size;
    const auto found = masks(queue, items);
    for (std::size_t k = 0; k < size; ++k) answer(queue.tickets.at(k), found.at(k));
  }

  struct Free {
    void operator()(std::int32_t* scratch) const;
  };
  kernels::ClosestOfCells closest_;
  Untold untold_;
  std::size_t most_;  // items that go faster together than alone
  std::unique_ptr<std::int32_t, Free> scratch_;
  std::array<std::unique_ptr<Queue>, kernels::most_cell_items> queues_{};
  SubsetSumSearch search_{};
};

}  // namespace ohmset
