// SPDX-License-Identifier: Apache-2.0
#include "design/precision/choose.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "design/attainable.h"
#include "design/kernels/cells.h"
#include "design/large_search.h"
#include "design/many_targets.h"
#include "sim/twofold.h"

namespace ohmset::precision {
namespace {

std::uint64_t devices_of(const Additive& sum, std::uint64_t mask) {
  std::uint64_t devices = 0;
  // One by one, the commonest case.
  if (sum.which.empty() || sum.which.back() + 1 == sum.which.size()) return mask;
  for (; mask != 0; mask &= mask - 1) {
    devices |= std::uint64_t{1} << sum.which[static_cast<std::size_t>(std::countr_zero(mask))];
  }
  return devices;
}

// Items that are all the same but for their sign, as nominal ones are, have countless equal sums; of those, some items
// of one sign are the fewest.
bool equal_but_for_sign(std::span<const double> items) {
  const auto same = [&](double item) { return std::abs(item) == std::abs(items.front()); };
  return !items.empty() && items.front() != 0.0 && std::ranges::all_of(items, same);
}

std::uint64_t closest_of_equal(std::span<const double> items, double aim) {
  const double size = std::abs(items.front());
  // Whether one more than `taken` is nearer: 2 |aim| > (2 taken + 1) size, without rounding.
  const auto more = [&](double taken) {
    const Twofold middle = exact_product(2.0 * taken + 1.0, size);
    return (2.0 * std::abs(aim) - middle.high) - middle.low > 0.0;
  };
  std::uint64_t mask = 0;
  double taken = 0.0;
  for (std::size_t k = 0; k < items.size() && more(taken); ++k) {
    if ((items[k] < 0.0) != (aim < 0.0)) continue;
    mask |= std::uint64_t{1} << k;
    taken += 1.0;
  }
  return mask;
}

// Subset sums: single targets side by side, several of one bank from one list.
class Sums {
 public:
  Sums(std::span<Task> tasks, int threads) : tasks_(tasks), threads_(threads), sums_(tasks.size()) {}

  void run() {
    for (std::size_t k = 0; k < tasks_.size(); ++k) {
      Task& task = tasks_[k];
      if (task.known.empty()) {
        sums_[k].items = std::move(task.items);
      } else {
        sums_[k] = additive_of(task.known, Seen::measured);
      }
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
    if (equal_but_for_sign(sum.items)) {
      for (std::size_t t = 0; t < aims.size(); ++t) {
        task.chosen[t] = devices_of(sum, closest_of_equal(sum.items, aims[t]));
      }
    } else if (sum.items.size() > most_items) {
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
