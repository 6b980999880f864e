// A search of its own for each of many dies, by their measured values: what program() answers, faster.
//
// Parallel and series banks of up to 22 devices go through the search of eight cells at once. Its answer is nearest by
// the sums of what devices add, where that is certain by more than any rounding. program() ranks by the closed form in
// the target's own unit: an ohm of a parallel bank is not a siemens. So each answer is judged: every configuration
// whose closed form errs no more than the found one's has its sum within an interval around the target's; when the
// search has shown that no other sum lies there, the answer is program's too. In the reciprocal unit the interval may
// reach beyond what the first search has shown on the other side of the target: then a second one about its middle
// shows it, or not. Whatever is not certain, larger banks and trees are left to program() itself: 30 us a die and more.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "design/kernels/cells.h"
#include "design/tolerance.h"
#include "design/tolerance/small_sums.h"
#include "design/tolerance/table.h"

namespace ohmset::tolerance {

// Devices of many dies: a row for each device, a number for each die, up to whole packs of dies.
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
  // Both must outlive it.
  Redesign(const BankSpec& spec, std::span<const Aim> aims, std::size_t most_dies);

  // The configurations that program(die, target, {.unit}) chooses first.
  void choose(const Dies& dies);
  // 1 where a die has the device inserted, its stuck switches as they are stuck.
  [[nodiscard]] const std::uint8_t* inserted(std::size_t aim, std::size_t device) const {
    return inserted_.data() + (aim * devices_ + device) * stride_;
  }
  // Searches that were left to program(), since it was made.
  [[nodiscard]] std::uint64_t by_program() const { return by_program_; }

 private:
  // A die as a subset sum, without its items.
  struct Sum {
    double offset = 0.0;
    double magnitude = 0.0;  // of all terms together
    double total = 0.0;      // of the items
    double least = 0.0;      // of the items
    std::size_t count = 0;   // of the items
    bool hopeless = false;   // open or shorted whatever is chosen
  };
  struct Question {
    double aim = 0.0;        // for the sum of the items
    double middle = 0.0;     // of the interval that a second search asks about
    std::uint64_t mask = 0;  // of the items, the first search's answer
  };

  void add_up(const Dies& dies);
  void collect(const Dies& dies);
  void choose_by_sums(const Dies& dies, std::size_t number);  // of an aim
  [[nodiscard]] bool beyond_reach(std::size_t number, std::size_t die);
  void judge(std::size_t number, std::size_t die, std::uint64_t mask);
  [[nodiscard]] double sum_of(std::size_t die, std::uint64_t mask) const;
  void write_found(const Dies& dies, std::size_t aim);
  void choose_among_near(const Dies& dies, std::size_t number, std::size_t die);
  void load_bank(const Dies& dies, std::size_t die);
  void write(std::size_t aim, std::size_t die, const Configuration& configuration);
  void choose_by_program(const Dies& dies, std::size_t aim, std::size_t die);

  [[nodiscard]] std::span<const double> items_of(std::size_t die) const {
    return std::span<const double>(items_).subspan(die * devices_, sums_[die].count);
  }

  const BankSpec& spec_;
  std::span<const Aim> aims_;
  std::size_t devices_;
  std::size_t stride_;
  std::vector<std::uint8_t> inserted_;  // aims x devices x dies
  std::uint64_t by_program_ = 0;
  Bank bank_;                     // a die that is looked at alone
  bool series_;                   // or parallel
  bool by_sums_;                  // small enough for subset sums
  std::vector<bool> reciprocal_;  // aims in the unit that does not add up

  // Of dies as subset sums.
  CellSearch search_{kernels::chosen(), Untold::left};
  Table changes_;                     // what inserting each device changes, devices x dies
  Table removed_;                     // what it gives when it is not inserted; then the open switches' ohms
  Table offsets_;                     // totals of these, and what they lost
  std::vector<double> items_;         // dies x devices
  std::vector<std::uint8_t> places_;  // devices of the items, likewise
  std::vector<Sum> sums_;
  std::vector<Question> questions_;
  std::vector<std::size_t> second_;  // dies whose answer takes a second search
  std::vector<std::size_t> left_;    // dies that are too close to call
  SmallSums small_sums_{};
  std::vector<std::uint64_t> candidates_{};
};

}  // namespace ohmset::tolerance
