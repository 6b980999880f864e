// Many samples of a bank side by side: devices from draws, sums over the topology. The fast path of BankSamples.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "design/tolerance/redesign.h"
#include "design/tolerance/table.h"
#include "design/tolerance/variables.h"

namespace ohmset::tolerance {

// Points as SamplingPlan lays them out.
struct Points {
  std::span<const double> all{};
  std::size_t count = 0;

  [[nodiscard]] std::span<const double> of(std::size_t coordinate, std::size_t first, std::size_t samples) const {
    return all.subspan(coordinate * count + first, samples);
  }
};

// One thread's room and the way through it.
class Block {
 public:
  explicit Block(const Making& making);

  [[nodiscard]] std::size_t most_samples() const { return most_; }
  // Samples `first` to before `first + count`, at most most_samples of them, into their places among the values.
  void evaluate(const Points& points, std::size_t first, std::size_t count, std::span<double> values);

 private:
  // What a device's switch is to one aim: so many ohm in every sample, or samples differ.
  using Contact = std::optional<double>;

  [[nodiscard]] bool redesigned() const { return question_.population == Population::redesigned; }
  [[nodiscard]] std::size_t cases() const { return question_.aims.size() * question_.conditions.size(); }

  void fetch(Cause cause, std::size_t device, std::size_t condition, double* to) const;
  void make_device(std::size_t device, double* resistances, double* on, std::uint8_t* stuck);
  void make_all();
  void measure_all();

  void add_group(const Group& group, std::size_t depth);
  void add_device(std::size_t device, bool bypass, std::size_t depth);
  [[nodiscard]] Contact contact(std::size_t device, bool bypass, std::size_t aim) const;
  void fill_contact(std::size_t device, bool bypass, std::size_t aim);
  void age(std::size_t device);
  // The sums of a group as resistances, or as conductances, in its totals.
  void finish_group(const Group& group, std::size_t depth, bool as_resistance);
  void write_values(const Points& points, std::span<double> values) const;

  const Making& making_;
  const BankQuestion& question_;
  const Loops& loops_;
  std::size_t most_;

  const Points* points_ = nullptr;  // of the samples at hand
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t packed_ = 0;

  Table sums_;      // depth x cases x (totals, what they lost)
  Table scores_;    // of the device at hand: tc1, tc2, written, nu, read
  Table aged_;      // of the device at hand, per condition
  Table contacts_;  // of the device at hand, per aim
  std::vector<double> lots_;
  std::vector<double> terms_;
  std::vector<double> codes_;

  // Of the device at hand, or of all where each sample has its own search.
  Table resistances_;
  Table on_;
  std::vector<std::uint8_t> stuck_;
  Table measured_;
  std::unique_ptr<Redesign> redesign_{};
};

}  // namespace ohmset::tolerance
