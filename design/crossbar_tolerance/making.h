// What is random in a question about a crossbar, and the arrays that draws make.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "design/crossbar_tolerance.h"
#include "sim/life.h"
#include "sim/process/draws.h"

namespace ohmset::crossbar_tolerance {

// Throws Error{input} for a question that makes no sense: see CrossbarSamples.
void check(const CrossbarQuestion& question);

// Refers to the question, which must outlive it. Any thread may use it; large arrays are made on all cores.
//
// Each cause that is random has one coordinate for each device of the array, in the order of BankArray::resistances
// (the lot: one; readings: one for each device in the first condition, then in the second, ...). Causes lie in the
// order lot, resistance, device_fault, switch_on, switch_fault, measurement, tc1, tc2, written, nu, read. What they
// are in each population: see tolerance.h. Where resistances of neighbouring cells depend on each other, their
// coordinates are what the scores are made of.
class Making {
 public:
  // requires a question that passes `check`
  explicit Making(const CrossbarQuestion& question);

  [[nodiscard]] const CrossbarQuestion& question() const { return question_; }
  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }
  [[nodiscard]] std::size_t devices() const { return question_.design.array.resistances.size(); }  // of all banks
  [[nodiscard]] const std::vector<Life>& lives() const { return lives_; }                          // one per condition
  [[nodiscard]] bool random(Cause cause) const { return first_.at(static_cast<std::size_t>(cause)) != nowhere; }
  // The first of the cause's coordinates; of readings: in that condition. requires random(cause)
  [[nodiscard]] std::size_t coordinate(Cause cause, std::size_t condition = 0) const {
    return first_.at(static_cast<std::size_t>(cause)) + condition * devices();
  }

  // The array of one point as it was made, with the switches chosen for it.
  [[nodiscard]] BankArray made(std::span<const double> point) const;
  // What its banks conduct in a condition, word lines x bit lines, siemens.
  [[nodiscard]] Matrix conductances(const BankArray& made, std::size_t condition, std::span<const double> point) const;

  // The array without any draw, around which its samples lie: a die's own, or that of nominal devices without faults
  // (or around the design's own); of redesigned dies the one at hand. With the design's switches; each closing of a
  // die's makes another contact, nominally.
  [[nodiscard]] BankArray typical() const;

 private:
  static constexpr std::size_t nowhere = ~std::size_t{0};

  void place();
  // What a device would be in a process without spread: nominal, or the design's own.   [ohm]
  [[nodiscard]] double centre_of(std::size_t cell, std::size_t device) const;
  void place(Cause cause, bool is_random, std::size_t coordinates);
  [[nodiscard]] std::span<const double> drawn(Cause cause, std::span<const double> point,
                                              std::size_t condition = 0) const;
  void make_resistances(std::span<const double> point, std::span<double> out) const;
  void choose_switches(std::span<const double> point, BankArray& array) const;

  const CrossbarQuestion& question_;
  std::vector<Life> lives_{};
  RatioShape shape_;
  draws::Meter meter_;
  ArrayShape array_{};
  std::size_t dimensions_ = 0;
  std::array<std::size_t, 11> first_{};
};

}  // namespace ohmset::crossbar_tolerance
