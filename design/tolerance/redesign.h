// A search of its own for each of many dies, by their measured values: what program() answers, faster.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "design/kernels/cells.h"
#include "design/tolerance.h"
#include "design/tolerance/table.h"

namespace ohmset::tolerance {

// Devices of many dies: a row for each device, a number for each die. All counts are whole packs.
struct Dies {
  std::size_t count = 0;
  const Table* measured = nullptr;        // ohm
  const Table* switch_on = nullptr;       // ohm
  std::span<const std::uint8_t> stuck{};  // Stuck, devices x stride; empty: all free
  std::size_t stuck_stride = 0;
};

// For one thread.
class Redesign {
 public:
  Redesign(const BankSpec& spec, std::span<const Aim> aims, std::size_t most_dies);

  // The configurations that program(die, target, {.unit}) chooses first.
  void choose(const Dies& dies);
  // 1 where a die has the device inserted, its stuck switches as they are stuck.
  [[nodiscard]] const std::uint8_t* inserted(std::size_t aim, std::size_t device) const {
    return inserted_.data() + (aim * devices_ + device) * stride_;
  }

 private:
  void write(std::size_t aim, std::size_t die, const Configuration& configuration);
  void choose_by_program(const Dies& dies, std::size_t aim, std::size_t die);

  const BankSpec& spec_;
  std::span<const Aim> aims_;
  std::size_t devices_;
  std::size_t stride_;
  std::vector<std::uint8_t> inserted_;  // aims x devices x dies
  Bank bank_{};                         // the die that program() looks at
};

}  // namespace ohmset::tolerance
