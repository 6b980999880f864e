// The experiment: banks are drawn, targets set, configurations chosen and judged.
// SPDX-License-Identifier: Apache-2.0
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "design/parallel/finished.h"
#include "design/parallel/threads.h"
#include "design/precision/banks.h"
#include "design/precision/choose.h"
#include "design/precision/judge.h"
#include "design/precision/law.h"
#include "design/precision/use.h"
#include "sim/error.h"
#include "sim/process/draws.h"

namespace ohmset {
namespace precision {
namespace {

// What all devices of a parallel or series bank make together on average, in the unit.
double average_of_all(const BankSpec& spec, TargetUnit unit) {
  const auto n = static_cast<double>(spec.topology.device_count());
  const bool parallel = spec.topology.is_parallel();
  Fabrication inserted = spec.fabrication;
  // The mean is of what a closed switch adds to an open one.
  if (parallel) inserted.switches.nominal.off = Ohm{infinity};
  const double sum = n * (parallel ? mean_conductance(inserted) : mean_resistance(inserted));
  const double average = parallel == (unit == TargetUnit::siemens) ? sum : 1.0 / sum;
  if (!(average > 0.0 && std::isfinite(average))) {
    throw input_error("the devices have no average", "at least one device that conducts and resists");
  }
  return average;
}

std::size_t different(std::vector<double> sizes) {
  std::ranges::sort(sizes);
  return static_cast<std::size_t>(std::unique(sizes.begin(), sizes.end()) - sizes.begin());
}

// Whether devices differ from each other by chance: subset sums of what is equal, or comes in a few sizes, are equal
// themselves. Of measured values each is taken once, of ratios any again and again: with as many as devices squared few
// are drawn twice.
bool differ(const Process& process, std::size_t devices) {
  if (!process.values.empty()) return different(process.values) == process.values.size();
  if (process.distribution != Distribution::empirical) return draws::devices_vary(process);
  return different(process.ratios) >= devices * devices;
}

bool has_law(const Family& family, const Use& use) {
  if (family.question().choosing != Choosing::search || family.is_tree()) return false;
  if (family.is_signed()) return true;
  const Fabrication& made = family.spec().fabrication;
  return made.measurement.exact() && !use.any() && differ(made.process, family.devices());
}

class Experiment {
 public:
  Experiment(const PrecisionQuestion& question, std::size_t devices)
      : question_(question), family_(question, devices), use_(question, family_.spec().fabrication) {
    if (question.choosing == Choosing::everything) average_ = average_of_all(family_.spec(), family_.unit());
    if (question.choosing == Choosing::code) {
      nominal_.assign(family_.is_pair() ? 2 : 1, nominal_bank(family_.spec()));
    }
    sample_.devices = devices;
    sample_.banks = question.banks;
    if (question.choosing != Choosing::everything && !question.each_its_own) {
      sample_.targets = std::max({question.even, question.targets.size(), std::size_t{1}});
    }
    const std::size_t values = sample_.banks * sample_.targets;
    sample_.full_scale = family_.full_scale();
    sample_.target.resize(values);
    sample_.error.resize(values);
    sample_.bits.resize(values);
    if (has_law(family_, use_)) sample_.law.resize(values);
  }

  [[nodiscard]] std::size_t banks() const { return sample_.banks; }

  // Whether a search of one bank takes all cores, and memory.
  [[nodiscard]] bool is_large() const {
    return question_.choosing != Choosing::everything && !family_.is_tree() && sample_.devices > most_items;
  }
  // Banks that are worth being looked at together: enough to fill vectors.
  [[nodiscard]] std::size_t together() const {
    constexpr std::size_t small = 20;
    return sample_.targets == 1 && sample_.devices <= small ? 64 : sample_.devices <= 2 * small ? 8 : 1;
  }

  void run(std::size_t first, std::size_t last, int threads) {
    std::vector<Drawn> drawn;
    std::vector<Task> tasks(last - first);
    for (std::size_t k = 0; k < tasks.size(); ++k) {
      drawn.push_back(family_.draw(first + k));
      tasks[k].targets = targets_of(drawn[k]);
      if (question_.choosing == Choosing::everything) {
        tasks[k].chosen.assign(1, everything_inserted);
      } else {
        make_known(drawn[k], tasks[k]);
      }
    }
    if (question_.choosing != Choosing::everything) choose(family_, tasks, threads);
    for (std::size_t k = 0; k < tasks.size(); ++k) judge(drawn[k], tasks[k]);
  }

  PrecisionSample result() && { return std::move(sample_); }

 private:
  [[nodiscard]] std::vector<double> targets_of(const Drawn& drawn) const {
    if (question_.choosing == Choosing::everything) return {average_};
    if (!question_.targets.empty()) return given_targets(drawn.number);
    const double low = drawn.interval.low;
    const double high = drawn.interval.high;
    const auto between = [&](double fraction) { return std::clamp(low + fraction * (high - low), low, high); };
    std::vector<double> targets;
    for (std::size_t t = 0; t < question_.even; ++t) {
      targets.push_back(between(static_cast<double>(t) / static_cast<double>(question_.even - 1)));
    }
    if (targets.empty()) {
      targets.push_back(between(uniform({.seed = question_.seed, .die = drawn.number}, Draw::choice)));
    }
    return targets;
  }

  [[nodiscard]] std::vector<double> given_targets(std::size_t number) const {
    std::vector<double> targets = question_.targets;
    if (question_.each_its_own) targets = {question_.targets[number]};
    if (question_.of_full_scale) {
      for (double& target : targets) target *= family_.full_scale();
    }
    return targets;
  }

  void make_known(const Drawn& drawn, Task& task) const {
    task.items = drawn.items;
    task.known = question_.choosing == Choosing::code ? nominal_ : drawn.banks;
    for (Bank& bank : task.known) use_.as_known(bank);
  }

  void judge(const Drawn& drawn, const Task& task) {
    std::vector<Bank> changed;
    if (use_.any()) {
      changed = drawn.banks;
      for (std::size_t cell = 0; cell < changed.size(); ++cell) {
        use_.apply(changed[cell], question_.seed, drawn.number, cell);
      }
    }
    const Judge judge(family_, drawn, use_.any() ? changed : drawn.banks);
    const std::size_t row = drawn.number * sample_.targets;
    // Where there is nothing to choose from, its one value is no target to be proud of.
    if (!drawn.alive() && question_.targets.empty() && question_.choosing != Choosing::everything) {
      set_dead(row, task.targets.size());
      return;
    }
    for (std::size_t t = 0; t < task.targets.size(); ++t) {
      const double target = task.targets[t];
      sample_.target[row + t] = target;
      sample_.error[row + t] = judge.error(task.chosen[t], target);
      sample_.bits[row + t] = family_.bits(sample_.error[row + t], target);
    }
    if (sample_.law.empty()) return;
    const Additive sum = drawn.banks.empty() ? Additive{} : additive_of(drawn, Seen::actual);
    const SumsOfSubsets sums(drawn.banks.empty() ? drawn.items : sum.items);
    for (std::size_t t = 0; t < task.targets.size(); ++t) {
      // Relative errors of a value and of its reciprocal are the same, to first order.
      const double target = family_.adds_up() ? task.targets[t] : 1.0 / task.targets[t];
      const double scale = family_.is_signed() ? 1.0 : family_.is_pair() ? family_.full_scale() : target;
      sample_.law[row + t] = sums.bits(target - sum.offset) + std::log2(scale);
    }
  }

  void set_dead(std::size_t row, std::size_t targets) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t t = 0; t < targets; ++t) {
      sample_.target[row + t] = sample_.error[row + t] = none;
      sample_.bits[row + t] = 0.0;
      if (!sample_.law.empty()) sample_.law[row + t] = none;
    }
  }

  const PrecisionQuestion& question_;
  Family family_;
  Use use_;
  double average_ = 0.0;         // of everything inserted
  std::vector<Bank> nominal_{};  // what a code is for
  PrecisionSample sample_{};
};

}  // namespace
}  // namespace precision

PrecisionSample sample_precision(const PrecisionQuestion& question, std::size_t devices) {
  precision::Experiment experiment(question, devices);
  parallel::Finished done(question.progress, question.banks);
  const std::size_t together = experiment.together();
  const std::size_t parts = (experiment.banks() + together - 1) / together;
  const auto run = [&](std::size_t part, int threads) {
    if (done.stopped()) return;
    const std::size_t first = part * together;
    const std::size_t last = std::min(first + together, experiment.banks());
    experiment.run(first, last, threads);
    done.advance(last - first);
  };
  const auto all = [&] {
    const bool one_by_one = parts < static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
    if (one_by_one || experiment.is_large()) {
      for (std::size_t part = 0; part < parts; ++part) run(part, 0);
    } else {
      tbb::parallel_for(std::size_t{0}, parts, [&](std::size_t part) { run(part, 1); });
    }
  };
  parallel::on_threads(question.threads, all);
  if (done.stopped()) throw world_error("interrupted");
  return std::move(experiment).result();
}

}  // namespace ohmset
