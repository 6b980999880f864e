// SPDX-License-Identifier: Apache-2.0
#include "sim/wires.h"

#include <cmath>
#include <stdexcept>

namespace ohmset {

namespace {

using Eigen::Index;

Index index(std::size_t place) { return static_cast<Index>(place); }

bool resistances(const double* values, Index count) {
  for (Index k = 0; k < count; ++k) {
    if (!(values[k] >= 0.0)) return false;
  }
  return true;
}

}  // namespace

bool Wires::uniform() const {
  return word_segments.size() == 0 && bit_segments.size() == 0 && drivers.size() == 0 && senses.size() == 0;
}

bool Wires::single_ended() const { return driven == DrivenEnds::left && sensed == SensedEnds::bottom; }

double Wires::word_segment(std::size_t i, std::size_t j) const {
  return word_segments.size() == 0 ? word.value : word_segments(index(i), index(j));
}

double Wires::word_end(std::size_t i) const {
  return word_segments.size() == 0 ? word.value : word_segments(index(i), word_segments.cols() - 1);
}

double Wires::bit_segment(std::size_t i, std::size_t j) const {
  const std::size_t above = sensed == SensedEnds::both ? 1 : 0;
  return bit_segments.size() == 0 ? bit.value : bit_segments(index(i + above), index(j));
}

double Wires::bit_top(std::size_t j) const { return bit_segments.size() == 0 ? bit.value : bit_segments(0, index(j)); }

double Wires::driver_of(std::size_t i) const { return drivers.size() == 0 ? driver.value : drivers[index(i)]; }
double Wires::sense_of(std::size_t j) const { return senses.size() == 0 ? sense.value : senses[index(j)]; }

void require_valid(const Wires& wires, std::size_t word_lines, std::size_t bit_lines) {
  for (const Ohm wire : {wires.word, wires.bit, wires.driver, wires.sense}) {
    if (!(wire.value >= 0.0) || std::isinf(wire.value)) {
      throw std::invalid_argument("a crossbar's wires need finite resistances >= 0");
    }
  }
  const Index words = index(word_lines);
  const Index bits = index(bit_lines);
  const auto fits = [](const Matrix& segments, Index rows, Index columns) {
    return segments.size() == 0 || (segments.rows() == rows && segments.cols() == columns);
  };
  if (!fits(wires.word_segments, words, wires.driven == DrivenEnds::both ? bits + 1 : bits)) {
    throw std::invalid_argument("a crossbar needs one resistance for each segment of its word lines");
  }
  if (!fits(wires.bit_segments, wires.sensed == SensedEnds::both ? words + 1 : words, bits)) {
    throw std::invalid_argument("a crossbar needs one resistance for each segment of its bit lines");
  }
  if ((wires.drivers.size() != 0 && wires.drivers.size() != words) ||
      (wires.senses.size() != 0 && wires.senses.size() != bits)) {
    throw std::invalid_argument(
        "a crossbar needs one driver for each word line and one sense resistance for each bit line");
  }
  if (!resistances(wires.word_segments.data(), wires.word_segments.size()) ||
      !resistances(wires.bit_segments.data(), wires.bit_segments.size()) ||
      !resistances(wires.drivers.data(), wires.drivers.size()) ||
      !resistances(wires.senses.data(), wires.senses.size())) {
    throw std::invalid_argument("a crossbar's segments, drivers and sense resistances need to be >= 0");
  }
}

}  // namespace ohmset
