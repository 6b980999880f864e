// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/pieces.h"

#include <algorithm>
#include <cmath>

#include "sim/joints.h"

namespace ohmset::crossbar {

namespace {

// conducts(line, k): segment k of a line, which enters its node k; segment `nodes` follows the last one.
template <class Conducts>
Pieces cut(std::size_t lines, std::size_t nodes, const Conducts& conducts) {
  Pieces pieces;
  pieces.line_begin.reserve(lines + 1);
  for (std::size_t line = 0; line < lines; ++line) {
    pieces.line_begin.push_back(pieces.first.size());
    for (std::size_t k = 0; k < nodes; ++k) {
      const bool joined = conducts(line, k);
      if (k > 0 && joined) continue;
      pieces.first.push_back(k);
      pieces.tied.push_back(k == 0 && joined ? 1 : 0);
    }
    if (nodes > 0 && conducts(line, nodes)) pieces.tied.back() = 1;
  }
  pieces.line_begin.push_back(pieces.first.size());
  pieces.reached = pieces.tied;
  return pieces;
}

std::size_t unreached_nodes(const Pieces& pieces, std::size_t nodes) {
  std::size_t count = 0;
  for (std::size_t line = 0; line < pieces.lines(); ++line) {
    for (std::size_t p = pieces.line_begin[line]; p < pieces.line_begin[line + 1]; ++p) {
      const std::size_t end = p + 1 < pieces.line_begin[line + 1] ? pieces.first[p + 1] : nodes;
      if (pieces.reached[p] == 0) count += end - pieces.first[p];
    }
  }
  return count;
}

}  // namespace

std::size_t Pieces::of(std::size_t line, std::size_t node) const {
  const auto begin = first.begin() + static_cast<std::ptrdiff_t>(line_begin[line]);
  const auto end = first.begin() + static_cast<std::ptrdiff_t>(line_begin[line + 1]);
  return static_cast<std::size_t>(std::upper_bound(begin, end, node) - first.begin()) - 1;
}

bool Pieces::all_tied() const { return std::find(tied.begin(), tied.end(), 0) == tied.end(); }

CrossbarPieces find_pieces(const Crossbar& crossbar) {
  const auto words = static_cast<std::size_t>(crossbar.conductances.rows());
  const auto bits = static_cast<std::size_t>(crossbar.conductances.cols());
  const Wires& wires = crossbar.wires;
  const bool both_driven = wires.driven == DrivenEnds::both;
  const bool both_sensed = wires.sensed == SensedEnds::both;
  const auto word = [&](std::size_t i, std::size_t j) {
    if (j == bits) return both_driven && std::isfinite(wires.word_end(i) + wires.driver_of(i));
    return std::isfinite(wires.word_segment(i, j) + (j == 0 ? wires.driver_of(i) : 0.0));
  };
  const auto bit = [&](std::size_t j, std::size_t i) {
    if (i == 0) return both_sensed && std::isfinite(wires.bit_top(j) + wires.sense_of(j));
    return std::isfinite(wires.bit_segment(i - 1, j) + (i == words ? wires.sense_of(j) : 0.0));
  };
  // Uniform wires break nowhere: one look at each line says the same for all of its segments.
  const auto whole = [](const auto& conducts, std::size_t nodes) {
    return [&conducts, nodes](std::size_t line, std::size_t k) { return (k > 0 && k < nodes) || conducts(line, k); };
  };
  CrossbarPieces pieces =
      wires.uniform()
          ? CrossbarPieces{.words = cut(words, bits, whole(word, bits)), .bits = cut(bits, words, whole(bit, words))}
          : CrossbarPieces{.words = cut(words, bits, word), .bits = cut(bits, words, bit)};
  if (pieces.words.all_tied() && pieces.bits.all_tied()) return pieces;
  // Word pieces, bit pieces and, last, whatever has a potential.
  const std::size_t fixed = pieces.words.first.size() + pieces.bits.first.size();
  Joints joints(fixed + 1);
  const auto tie = [&](const Pieces& some, std::size_t offset) {
    for (std::size_t p = 0; p < some.tied.size(); ++p) {
      if (some.tied[p] != 0) joints.join(offset + p, fixed, 0);
    }
  };
  tie(pieces.words, 0);
  tie(pieces.bits, pieces.words.first.size());
  for (std::size_t i = 0; i < words; ++i) {
    for (std::size_t j = 0; j < bits; ++j) {
      if (crossbar.conductances(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) == 0.0) continue;
      joints.join(pieces.words.of(i, j), pieces.words.first.size() + pieces.bits.of(j, i), 0);
    }
  }
  const std::size_t ground = joints.place(fixed).group;
  const auto mark = [&](Pieces& some, std::size_t offset) {
    for (std::size_t p = 0; p < some.reached.size(); ++p) {
      some.reached[p] = joints.place(offset + p).group == ground ? 1 : 0;
    }
  };
  mark(pieces.words, 0);
  mark(pieces.bits, pieces.words.first.size());
  pieces.unreachable = unreached_nodes(pieces.words, bits) + unreached_nodes(pieces.bits, words);
  return pieces;
}

}  // namespace ohmset::crossbar
