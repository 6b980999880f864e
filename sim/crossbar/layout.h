// Where the nodes and conductors of a crossbar are: joined by zero wires and shorts, the rest as a Laplacian.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "sim/crossbar.h"
#include "sim/joints.h"
#include "sim/laplacian.h"

namespace ohmset::crossbar {

inline constexpr double epsilon = std::numeric_limits<double>::epsilon();
inline constexpr std::size_t none = static_cast<std::size_t>(-1);

// The numbering of the nodes: word nodes, bit nodes, one ideal source per word line, one ideal sink per bit line.
struct Nodes {
  std::size_t words = 0;  // word lines
  std::size_t bits = 0;   // bit lines

  [[nodiscard]] std::size_t cells() const { return words * bits; }
  [[nodiscard]] std::size_t word(std::size_t i, std::size_t j) const { return i * bits + j; }
  [[nodiscard]] std::size_t bit(std::size_t i, std::size_t j) const { return cells() + i * bits + j; }
  [[nodiscard]] std::size_t source(std::size_t i) const { return 2 * cells() + i; }
  [[nodiscard]] std::size_t sink(std::size_t j) const { return 2 * cells() + words + j; }
  [[nodiscard]] std::size_t count() const { return 2 * cells() + words + bits; }
};

// Conductance of a resistance or of two in series; infinite when they are (as good as) zero, 0 when one is infinite.
[[nodiscard]] Twofold conductance_of(Ohm first, Ohm second = Ohm{0.0});
[[nodiscard]] bool is_infinite(Twofold conductance);

// Conductances of the segments: 0 where broken, infinite where they join. The first and the last of a line have its
// driver or sense resistance in series.
class Segments {
 public:
  explicit Segments(const Crossbar& crossbar);

  [[nodiscard]] Twofold word(std::size_t i, std::size_t j) const;  // enters node (i, j) from the left
  [[nodiscard]] Twofold word_end(std::size_t i) const;             // follows the last node; 0 where that end is open
  [[nodiscard]] Twofold bit(std::size_t i, std::size_t j) const;   // leaves node (i, j) downwards
  [[nodiscard]] Twofold bit_top(std::size_t j) const;              // comes before the first node, likewise

 private:
  const Wires& wires_;
  std::size_t last_word_;
  Twofold word_;  // where all are the same
  Twofold bit_;
};

// A wire or device between two nodes; `conductance` is infinite for one that joins them.
struct Element {
  std::size_t a = 0;
  std::size_t b = 0;
  Twofold conductance{};
  bool device = false;
};

// Every wire and every device that conducts, visited in a fixed order.
template <class Visit>
void for_each_element(const Nodes& nodes, const Crossbar& crossbar, const Visit& visit) {
  const Segments segments(crossbar);
  const auto wire = [&](std::size_t a, std::size_t b, Twofold conductance) {
    if (conductance.high > 0.0) visit(Element{.a = a, .b = b, .conductance = conductance});
  };
  for (std::size_t j = 0; j < nodes.bits; ++j) wire(nodes.sink(j), nodes.bit(0, j), segments.bit_top(j));
  for (std::size_t i = 0; i < nodes.words; ++i) {
    for (std::size_t j = 0; j < nodes.bits; ++j) {
      wire(j == 0 ? nodes.source(i) : nodes.word(i, j - 1), nodes.word(i, j), segments.word(i, j));
      wire(nodes.bit(i, j), i + 1 == nodes.words ? nodes.sink(j) : nodes.bit(i + 1, j), segments.bit(i, j));
      const double g = crossbar.conductances(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
      if (g > 0.0) {
        visit(Element{.a = nodes.word(i, j), .b = nodes.bit(i, j), .conductance = Twofold(g), .device = true});
      }
    }
    wire(nodes.word(i, nodes.bits - 1), nodes.source(i), segments.word_end(i));
  }
}

// Nested dissection by alternate columns of word nodes and rows of bit nodes: either cuts the array in two, since word
// lines only run across and bit lines only down. rank[node] of word and bit nodes: when to eliminate it [George73].
[[nodiscard]] std::vector<std::size_t> dissection_ranks(const Nodes& nodes);

}  // namespace ohmset::crossbar
