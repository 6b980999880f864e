// SPDX-License-Identifier: Apache-2.0
#include "design/precision/choose.h"

#include <bit>
#include <cmath>

#include "design/attainable.h"
#include "design/kernels/cells.h"
#include "design/large_search.h"
#include "design/many_targets.h"

namespace ohmset::precision {
namespace {

std::uint64_t devices_of(const Additive& sum, std::uint64_t mask) {
  std::uint64_t devices = 0;
  for (; mask != 0; mask &= mask - 1) {
    devices |= std::uint64_t{1} << sum.which[static_cast<std::size_t>(std::countr_zero(mask))];
  }
  return devices;
}

// Subset sums: single targets side by side, several of one bank from one list.
class Sums {
 public:
  Sums(std::span<Task> tasks, int threads) : tasks_(tasks), threads_(threads), sums_(tasks.size()) {}

  void run() {
    for (std::size_t k = 0; k < tasks_.size(); ++k) {
      sums_[k] = additive_of(tasks_[k].items, tasks_[k].known, Seen::measured);
      ask(k);
    }
    cells_.finish([&](std::size_t k, std::uint64_t mask) { answer(k, mask); });
  }

 private:
  void answer(std::size_t k, std::uint64_t mask) { tasks_[k].chosen.front() = devices_of(sums_[k], mask); }

  void ask(std::size_t k) {
    const Additive& sum = sums_[k];
    Task& task = tasks_[k];
    if (!std::isfinite(sum.offset)) return;  // nothing helps
    std::vector<double> aims;
    for (const double target : task.targets) aims.push_back(target - sum.offset);
    if (sum.items.size() > most_items) {
      for (std::size_t t = 0; t < aims.size(); ++t) {
        task.chosen[t] = devices_of(sum, closest_of_many(sum.items, aims[t]).subset.mask);
      }
    } else if (aims.size() == 1) {
      cells_.ask(sum.items, aims.front(), k, [&](std::size_t of, std::uint64_t mask) { answer(of, mask); });
    } else {
      const std::vector<Subset> nearest = closest_to_each(sum.items, aims, threads_);
      for (std::size_t t = 0; t < aims.size(); ++t) task.chosen[t] = devices_of(sum, nearest[t].mask);
    }
  }

  std::span<Task> tasks_;
  int threads_;
  std::vector<Additive> sums_;
  CellSearch cells_{};
};

// In the reciprocal of the unit that adds up.
void choose_reciprocal(TargetUnit unit, Task& task) {
  for (std::size_t t = 0; t < task.targets.size(); ++t) {
    const Design design = program(task.known.front(), task.targets[t], {.unit = unit});
    if (!design.choices.empty()) task.chosen[t] = design.choices.front().configuration.mask();
  }
}

void choose_in_tree(TargetUnit unit, Task& task) {
  AttainableSearch search(task.known.front());
  for (std::size_t t = 0; t < task.targets.size(); ++t) {
    const AttainableResult nearest =
        search.nearest(task.targets[t], {.siemens = unit == TargetUnit::siemens, .seen = Seen::measured});
    if (!nearest.configurations.empty()) task.chosen[t] = nearest.configurations.front().mask();
  }
}

}  // namespace

void choose(const Family& family, std::span<Task> tasks, int threads) {
  for (Task& task : tasks) task.chosen.assign(task.targets.size(), 0);
  if (family.adds_up()) return Sums(tasks, threads).run();
  for (Task& task : tasks) {
    family.is_tree() ? choose_in_tree(family.unit(), task) : choose_reciprocal(family.unit(), task);
  }
}

}  // namespace ohmset::precision
