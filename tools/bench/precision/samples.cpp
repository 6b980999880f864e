// Samples of instances: 1,000 fresh sets of signed items with a target each; 200 evenly spaced targets on each of 50
// banks. What is drawn and judged is the same everywhere, the searches differ: by shared lists and eight at a time, by
// program() for each target, by two sorted half lists for each target.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "design/precision.h"
#include "design/precision/banks.h"
#include "design/program.h"
#include "tools/bench/ratios.h"
#include "tools/bench/search/alternatives.h"

namespace ohmset::bench {
namespace {

// ---------------------------------------------------------------- fresh instances
PrecisionQuestion signed_items() { return {.banks = 1000, .threads = 1}; }

void signed_1000(benchmark::State& state) {
  const PrecisionQuestion question = signed_items();
  for (auto _ : state) {
    benchmark::DoNotOptimize(sample_precision(question, static_cast<std::size_t>(state.range(0))));
  }
}
void signed_1000_by_sorting(benchmark::State& state) {
  const PrecisionQuestion question = signed_items();
  const precision::Family family(question, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (std::size_t number = 0; number < question.banks; ++number) {
      const double target = 2.0 * uniform({.seed = 1, .die = number}, Draw::choice) - 1.0;
      benchmark::DoNotOptimize(by_sorting({.items = family.draw(number).items, .target = target}));
    }
  }
}
BENCHMARK(signed_1000)->DenseRange(10, 30, 10)->Unit(benchmark::kMillisecond);
BENCHMARK(signed_1000_by_sorting)->DenseRange(10, 20, 10)->Unit(benchmark::kMillisecond);
const Against sorting("signed_1000", {"signed_1000_by_sorting"});

// ---------------------------------------------------------------- many targets on each bank
PrecisionQuestion even_targets(const std::string& topology) {
  BankFamily family;
  family.topology = topology;
  family.fabrication.process.nominals = {10e3};
  family.fabrication.process.distribution = Distribution::lognormal;
  family.fabrication.process.sigma = 0.3;
  PrecisionQuestion question{.banks = 50, .even = 200, .threads = 1};
  question.family = family;
  return question;
}

template <class Search>
void each_target(benchmark::State& state, const PrecisionQuestion& question, const Search& search) {
  const auto devices = static_cast<std::size_t>(state.range(0));
  const precision::Family family(question, devices);
  const PrecisionSample sample = sample_precision(question, devices);
  for (auto _ : state) {
    for (std::size_t number = 0; number < sample.banks; ++number) {
      const Bank bank = family.draw(number).banks.front();
      for (std::size_t t = 0; t < sample.targets; ++t) {
        benchmark::DoNotOptimize(search(bank, sample.target[number * sample.targets + t], family.unit()));
      }
    }
  }
}

void even(benchmark::State& state, const std::string& topology) {
  const PrecisionQuestion question = even_targets(topology);
  for (auto _ : state) {
    benchmark::DoNotOptimize(sample_precision(question, static_cast<std::size_t>(state.range(0))));
  }
}
void even_program(benchmark::State& state, const std::string& topology) {
  each_target(state, even_targets(topology),
              [](const Bank& bank, double target, TargetUnit unit) { return program(bank, target, {.unit = unit}); });
}

void even_parallel(benchmark::State& state) { even(state, "parallel"); }
void even_parallel_program(benchmark::State& state) { even_program(state, "parallel"); }
void even_parallel_by_sorting(benchmark::State& state) {
  each_target(state, even_targets("parallel"), [](const Bank& bank, double target, TargetUnit) {
    Question question{.items = {}, .target = target};
    for (const Device& device : bank.devices) question.items.push_back(1.0 / device.resistance.value);
    return by_sorting(question);
  });
}
void even_tree(benchmark::State& state) { even(state, "parallel(series(n/2), series(n/2))"); }
void even_tree_program(benchmark::State& state) { even_program(state, "parallel(series(n/2), series(n/2))"); }

BENCHMARK(even_parallel)->DenseRange(12, 28, 8)->Unit(benchmark::kMillisecond);
BENCHMARK(even_parallel_program)->DenseRange(12, 28, 8)->Unit(benchmark::kMillisecond);
BENCHMARK(even_parallel_by_sorting)->DenseRange(12, 20, 8)->Unit(benchmark::kMillisecond);
BENCHMARK(even_tree)->DenseRange(12, 20, 8)->Unit(benchmark::kMillisecond);
BENCHMARK(even_tree_program)->DenseRange(12, 20, 8)->Unit(benchmark::kMillisecond);
const Against parallel("even_parallel", {"even_parallel_program", "even_parallel_by_sorting"});
const Against tree("even_tree", {"even_tree_program"});

}  // namespace
}  // namespace ohmset::bench
