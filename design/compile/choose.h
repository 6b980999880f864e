// Cells by the stream: fabricated and chosen a few hundred at a time. Internal to compile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "design/compile.h"
#include "design/compile/cell.h"
#include "design/kernels/cells.h"

namespace ohmset::compiling {

[[nodiscard]] Pair resolved_pair(const CrossbarSpec& spec);

// Throws Error{input} where no search chooses the switches of such cells.
void check_search(const CrossbarSpec& spec);

// What a design's work is counted in: weights, each with both its banks; in the offset scheme banks, references
// included. They lie side by side along the word lines.
struct Tasks {
  std::size_t per_word = 0;
  std::size_t banks = 0;  // of a task
};
[[nodiscard]] Tasks tasks_of(const CrossbarDesign& design);

// Fabricates the banks of a design and writes what is chosen into its array. Any thread may choose with a workspace of
// its own.
class Chooser {
 public:
  // Both must outlive it.
  Chooser(CrossbarDesign& design, const CompileOptions& options);
  // Of devices that are in the array already. seen: what the search sees of them, like the array's resistances, or
  // those themselves.
  Chooser(CrossbarDesign& design, std::span<const double> seen);

  static constexpr std::size_t most_together = 256;  // tasks

  class Workspace {
   public:
    explicit Workspace(std::size_t devices);

   private:
    friend class Chooser;
    CellSearch search_{};
    std::vector<Site> sites_{};
    std::size_t count_ = 0;            // of the banks at hand
    std::vector<double> measured_;     // of the devices
    std::vector<double> items_;        // of the banks
    std::vector<AdditiveBank> banks_;  // the banks at hand
    std::vector<double> targets_;      // of single banks
    std::vector<double> seen_;         // what the search believes that they conduct
  };

  // Tasks from `first` to before `last`, at most most_together of them.
  void choose(std::size_t first, std::size_t last, Workspace& work) const;

 private:
  void fabricate(std::size_t first_bank, std::size_t count, Workspace& work) const;
  void prepare(std::size_t first_bank, std::size_t count, Workspace& work) const;
  void choose_jointly(std::size_t first, std::size_t last, Workspace& work) const;
  void choose_in_sequence(std::size_t first, std::size_t last, Workspace& work) const;
  void choose_offsets(std::size_t first, std::size_t last, Workspace& work) const;
  // Every `step`-th of the banks at hand, from `begin` on, nearest to its target.
  void choose_alone(std::size_t first_bank, std::size_t begin, std::size_t step, Workspace& work) const;
  [[nodiscard]] BankView seen_bank(std::size_t first_bank, std::size_t bank, const Workspace& work) const;
  [[nodiscard]] double target(std::size_t task) const;

  CrossbarDesign& design_;
  std::span<const double> measured_{};  // real dies
  std::span<const double> seen_{};      // of devices that are there already
  std::optional<Fabricator> fabricator_{};
  Tasks tasks_;
  bool measured_apart_ = false;  // the search sees other values than the devices have
};

}  // namespace ohmset::compiling
