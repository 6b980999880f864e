// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar/hps/cells.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "sim/crossbar/layout.h"

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

bool joins_terminals(const Crossbar& crossbar) {
  if (!Cells(crossbar).any_joined()) return false;
  const Nodes nodes{.words = static_cast<std::size_t>(crossbar.conductances.rows()),
                    .bits = static_cast<std::size_t>(crossbar.conductances.cols())};
  Sets sets(nodes.count());
  for_each_element(nodes, crossbar, [&](const Element& element) {
    if (is_infinite(element.conductance)) sets.join(element.a, element.b);
  });
  std::vector<std::uint32_t> groups(nodes.words + nodes.bits);
  for (std::size_t k = 0; k < groups.size(); ++k) groups[k] = sets.find(nodes.source(0) + k);
  std::sort(groups.begin(), groups.end());
  return std::adjacent_find(groups.begin(), groups.end()) != groups.end();
}

}  // namespace ohmset::crossbar::hps
