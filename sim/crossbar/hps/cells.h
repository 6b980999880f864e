// The conductances of a crossbar as the merge sees them: in a unit of its own, wires with all they are in series with.
//
// A short or a wire of no resistance is given 2^200 times the largest finite conductance. Eliminating nodes adds and
// never subtracts, so that what is wrong in any conductance is that share of it, 2^-200 for each such element in
// series: far below rounding. What is truly infinite, a source joined to another one or to a sink, has no transfer
// matrix.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sim/crossbar.h"

namespace ohmset::crossbar::hps {

inline constexpr double joined = 0x1p200;

class Cells {
 public:
  // requires valid wires and conductances; keeps the array's address
  explicit Cells(const Crossbar& crossbar);

  [[nodiscard]] std::size_t words() const { return words_; }
  [[nodiscard]] std::size_t bits() const { return bits_; }
  [[nodiscard]] bool driven_at_both() const { return wires_.driven == DrivenEnds::both; }
  [[nodiscard]] bool sensed_at_both() const { return wires_.sensed == SensedEnds::both; }
  // Siemens: a power of two, so that the largest finite conductance is about 1.
  [[nodiscard]] double unit() const { return unit_; }
  [[nodiscard]] bool any_joined() const { return any_joined_; }

  [[nodiscard]] double device(std::size_t i, std::size_t j) const { return scaled(device_siemens(i, j)); }
  // What enters word node (i, j) from the left, from the source where j = 0; what follows the last node.
  [[nodiscard]] double word(std::size_t i, std::size_t j) const {
    return same_words_ && j > 0 ? word_ : scaled(word_siemens(i, j));
  }
  [[nodiscard]] double word_end(std::size_t i) const { return scaled(word_end_siemens(i)); }
  // What leaves bit node (i, j) downwards, to the sink after the last one; what comes before the first node.
  [[nodiscard]] double bit(std::size_t i, std::size_t j) const {
    return same_bits_ && i + 1 < words_ ? bit_ : scaled(bit_siemens(i, j));
  }
  [[nodiscard]] double bit_top(std::size_t j) const { return scaled(bit_top_siemens(j)); }

 private:
  // Infinite where the resistance is as good as none.
  [[nodiscard]] double device_siemens(std::size_t i, std::size_t j) const;
  [[nodiscard]] double word_siemens(std::size_t i, std::size_t j) const;
  [[nodiscard]] double word_end_siemens(std::size_t i) const;
  [[nodiscard]] double bit_siemens(std::size_t i, std::size_t j) const;
  [[nodiscard]] double bit_top_siemens(std::size_t j) const;
  [[nodiscard]] double scaled(double siemens) const { return siemens == infinity ? joined : siemens * inverse_; }

  const Matrix& conductances_;
  const Wires& wires_;
  std::size_t words_;
  std::size_t bits_;
  double unit_ = 1.0;
  double inverse_ = 1.0;
  bool any_joined_ = false;
  bool same_words_;  // whether one conductance stands for all segments
  bool same_bits_;
  double word_ = 0.0;
  double bit_ = 0.0;
};

// Whether two of the sources and sinks are joined by elements without any resistance. requires at least one cell
[[nodiscard]] bool joins_terminals(const Crossbar& crossbar);

}  // namespace ohmset::crossbar::hps
