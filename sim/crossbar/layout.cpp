// Conductances of wires, and the order of elimination.
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/layout.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ohmset::crossbar {

Twofold conductance_of(Ohm first, Ohm second) {
  const double sum = first.value + second.value;
  if (std::isinf(sum)) return {};
  if (std::isinf(1.0 / sum)) return {infinity};
  return Twofold(1.0) / (Twofold(first.value) + Twofold(second.value));
}

bool is_infinite(Twofold conductance) { return std::isinf(conductance.high); }

Segments::Segments(const Crossbar& crossbar)
    : wires_(crossbar.wires),
      last_word_(static_cast<std::size_t>(std::max<Eigen::Index>(crossbar.conductances.rows(), 1)) - 1),
      word_(conductance_of(crossbar.wires.word)),
      bit_(conductance_of(crossbar.wires.bit)) {}

Twofold Segments::word(std::size_t i, std::size_t j) const {
  if (j == 0) return conductance_of(Ohm{wires_.driver_of(i)}, Ohm{wires_.word_segment(i, 0)});
  return wires_.word_segments.size() == 0 ? word_ : conductance_of(Ohm{wires_.word_segment(i, j)});
}

Twofold Segments::word_end(std::size_t i) const {
  if (wires_.driven == DrivenEnds::left) return {};
  return conductance_of(Ohm{wires_.driver_of(i)}, Ohm{wires_.word_end(i)});
}

Twofold Segments::bit(std::size_t i, std::size_t j) const {
  if (i == last_word_) return conductance_of(Ohm{wires_.sense_of(j)}, Ohm{wires_.bit_segment(i, j)});
  return wires_.bit_segments.size() == 0 ? bit_ : conductance_of(Ohm{wires_.bit_segment(i, j)});
}

Twofold Segments::bit_top(std::size_t j) const {
  if (wires_.sensed == SensedEnds::bottom) return {};
  return conductance_of(Ohm{wires_.sense_of(j)}, Ohm{wires_.bit_top(j)});
}

namespace {

struct Range {
  std::size_t first = 0;
  std::size_t last = 0;  // one past
  [[nodiscard]] std::size_t size() const { return last - first; }
};

// The word nodes and the bit nodes of one part of the array; the two rectangles differ by a separator at most.
struct Part {
  Range word_rows{};
  Range word_columns{};
  Range bit_rows{};
  Range bit_columns{};
};

class Dissection {
 public:
  explicit Dissection(const Nodes& nodes) : nodes_(nodes), rank_(2 * nodes.cells()), next_(2 * nodes.cells()) {}

  // Ranks are given from the last to be eliminated down: separators before the parts that they separate.
  std::vector<std::size_t> run() {
    const Range rows{0, nodes_.words};
    const Range columns{0, nodes_.bits};
    divide({.word_rows = rows, .word_columns = columns, .bit_rows = rows, .bit_columns = columns});
    return std::move(rank_);
  }

 private:
  void divide(const Part& part) {
    const std::size_t words = part.word_rows.size() * part.word_columns.size();
    const std::size_t bits = part.bit_rows.size() * part.bit_columns.size();
    if (words + bits == 0) return;
    // The smaller separator of the two; a part of one kind of node only has lines to cut, each by one node.
    const bool by_columns = bits == 0 || (words > 0 && part.word_columns.size() * part.bit_columns.size() >=
                                                           part.word_rows.size() * part.bit_rows.size());
    Part before = part;
    Part after = part;
    if (by_columns) {
      const std::size_t cut = part.word_columns.first + part.word_columns.size() / 2;
      for (std::size_t i = part.word_rows.first; i < part.word_rows.last; ++i) rank_[nodes_.word(i, cut)] = --next_;
      before.word_columns.last = cut;
      after.word_columns.first = cut + 1;
      split(part.bit_columns, cut, before.bit_columns, after.bit_columns);
    } else {
      const std::size_t cut = part.bit_rows.first + part.bit_rows.size() / 2;
      for (std::size_t j = part.bit_columns.first; j < part.bit_columns.last; ++j) {
        rank_[nodes_.bit(cut, j)] = --next_;
      }
      before.bit_rows.last = cut;
      after.bit_rows.first = cut + 1;
      split(part.word_rows, cut, before.word_rows, after.word_rows);
    }
    divide(before);
    divide(after);
  }

  // What lies at the cut itself has lost its neighbours there, so that it may go to either side.
  static void split(Range whole, std::size_t cut, Range& before, Range& after) {
    const std::size_t middle = std::min(std::max(cut + 1, whole.first), whole.last);
    before = {whole.first, middle};
    after = {middle, whole.last};
  }

  const Nodes& nodes_;
  std::vector<std::size_t> rank_;
  std::size_t next_;
};

}  // namespace

std::vector<std::size_t> dissection_ranks(const Nodes& nodes) { return Dissection(nodes).run(); }

}  // namespace ohmset::crossbar
