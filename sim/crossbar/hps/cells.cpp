// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps/cells.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace ohmset::crossbar::hps {

namespace {

// Of resistances in series: infinite for none, 0 for a broken one.
double conductance(double first, double second = 0.0) { return 1.0 / (first + second); }

// Disjoint sets of nodes; the array may have tens of millions.
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::uint32_t{0}); }
  std::uint32_t find(std::size_t node) {
    auto at = static_cast<std::uint32_t>(node);
    while (parent_[at] != at) at = parent_[at] = parent_[parent_[at]];
    return at;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::uint32_t> parent_;
};

}  // namespace

Cells::Cells(const Crossbar& crossbar)
    : conductances_(crossbar.conductances),
      wires_(crossbar.wires),
      words_(static_cast<std::size_t>(crossbar.conductances.rows())),
      bits_(static_cast<std::size_t>(crossbar.conductances.cols())),
      same_words_(crossbar.wires.word_segments.size() == 0),
      same_bits_(crossbar.wires.bit_segments.size() == 0) {
  double largest = 0.0;
  const auto look = [&](double g) {
    any_joined_ = any_joined_ || g == infinity;
    if (g != infinity) largest = std::max(largest, g);
  };
  const double* const devices = conductances_.data();
  for (Eigen::Index k = 0; k < conductances_.size(); ++k) look(devices[k]);
  if (same_words_ && bits_ > 1) look(conductance(wires_.word.value));
  if (same_bits_ && words_ > 1) look(conductance(wires_.bit.value));
  for (std::size_t i = 0; i < words_; ++i) {
    look(word_siemens(i, 0));
    if (driven_at_both()) look(word_end_siemens(i));
    for (std::size_t j = 1; j < bits_ && !same_words_; ++j) look(word_siemens(i, j));
  }
  for (std::size_t j = 0; j < bits_; ++j) {
    look(bit_siemens(words_ - 1, j));
    if (sensed_at_both()) look(bit_top_siemens(j));
    for (std::size_t i = 0; i + 1 < words_ && !same_bits_; ++i) look(bit_siemens(i, j));
  }
  // The unit's reciprocal is to be finite, too.
  if (largest > 0.0) unit_ = std::ldexp(1.0, std::clamp(std::ilogb(largest), -1000, 1000));
  inverse_ = 1.0 / unit_;
  word_ = scaled(conductance(wires_.word.value));
  bit_ = scaled(conductance(wires_.bit.value));
}

double Cells::device_siemens(std::size_t i, std::size_t j) const {
  return conductances_(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
}

double Cells::word_siemens(std::size_t i, std::size_t j) const {
  return conductance(wires_.word_segment(i, j), j == 0 ? wires_.driver_of(i) : 0.0);
}

double Cells::word_end_siemens(std::size_t i) const { return conductance(wires_.word_end(i), wires_.driver_of(i)); }

double Cells::bit_siemens(std::size_t i, std::size_t j) const {
  return conductance(wires_.bit_segment(i, j), i + 1 == words_ ? wires_.sense_of(j) : 0.0);
}

double Cells::bit_top_siemens(std::size_t j) const { return conductance(wires_.bit_top(j), wires_.sense_of(j)); }

bool joins_terminals(const Cells& cells) {
  if (!cells.any_joined()) return false;
  const std::size_t words = cells.words();
  const std::size_t bits = cells.bits();
  const auto word_node = [&](std::size_t i, std::size_t j) { return i * bits + j; };
  const auto bit_node = [&](std::size_t i, std::size_t j) { return (words + i) * bits + j; };
  const std::size_t terminals = 2 * words * bits;  // the sources, then the sinks
  Sets sets(terminals + words + bits);
  const auto element = [&](std::size_t a, std::size_t b, double g) {
    if (g == joined) sets.join(a, b);
  };
  for (std::size_t i = 0; i < words; ++i) {
    for (std::size_t j = 0; j < bits; ++j) {
      element(word_node(i, j), bit_node(i, j), cells.device(i, j));
      element(word_node(i, j), j == 0 ? terminals + i : word_node(i, j - 1), cells.word(i, j));
      element(bit_node(i, j), i + 1 == words ? terminals + words + j : bit_node(i + 1, j), cells.bit(i, j));
    }
    if (cells.driven_at_both()) element(word_node(i, bits - 1), terminals + i, cells.word_end(i));
  }
  for (std::size_t j = 0; j < bits && cells.sensed_at_both(); ++j) {
    element(bit_node(0, j), terminals + words + j, cells.bit_top(j));
  }
  std::vector<std::uint32_t> groups(words + bits);
  for (std::size_t k = 0; k < groups.size(); ++k) groups[k] = sets.find(terminals + k);
  std::sort(groups.begin(), groups.end());
  return std::adjacent_find(groups.begin(), groups.end()) != groups.end();
}

}  // namespace ohmset::crossbar::hps
