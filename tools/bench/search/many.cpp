// Many searches: 2,500 targets on one bank with one thread; cells of a crossbar, each with devices of its own.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "design/kernels/cells.h"
#include "design/many_targets.h"
#include "design/subset_sum.h"
#include "tools/bench/ratios.h"
#include "tools/bench/search/alternatives.h"

namespace ohmset::bench {
namespace {

// ---------------------------------------------------------------- targets
std::vector<double> many_targets(const Question& question) {
  std::mt19937_64 random(1);
  std::vector<double> targets(2500);
  for (double& target : targets) target = target_for(question.items, random);
  return targets;
}
void each_of_2500(benchmark::State& state) {
  const Question question = questions(static_cast<std::size_t>(state.range(0)), 1).front();
  const std::vector<double> targets = many_targets(question);
  for (auto _ : state) benchmark::DoNotOptimize(closest_to_each(question.items, targets, 1));
}
void each_of_2500_alone(benchmark::State& state) {
  Question question = questions(static_cast<std::size_t>(state.range(0)), 1).front();
  const std::vector<double> targets = many_targets(question);
  for (auto _ : state) {
    for (const double target : targets) {
      question.target = target;
      benchmark::DoNotOptimize(by_sorting(question));
    }
  }
}
BENCHMARK(each_of_2500)->DenseRange(12, 32, 4)->Unit(benchmark::kMillisecond);
BENCHMARK(each_of_2500_alone)->DenseRange(12, 24, 4)->Unit(benchmark::kMillisecond);
const Against alone("each_of_2500", {"each_of_2500_alone"});

// ---------------------------------------------------------------- cells
template <class Search>
void each_cell(benchmark::State& state, const Search& search) {
  const std::vector<Question> all = questions(static_cast<std::size_t>(state.range(0)), 4096);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(search(all[next++ % all.size()]));
  state.counters["cells"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
// Eight at a time, as the compiler does: the answers come by eights.
void cells(benchmark::State& state) {
  CellSearch search;
  const auto answer = [](std::size_t, std::uint64_t mask) { benchmark::DoNotOptimize(mask); };
  each_cell(state, [&](const Question& question) {
    search.ask(question.items, question.target, 0, answer);
    return 0;
  });
}
void cells_one_by_one(benchmark::State& state) {
  SubsetSumSearch search;
  each_cell(state, [&](const Question& question) { return search.closest(question.items, question.target); });
}
void cells_sorting(benchmark::State& state) { each_cell(state, by_sorting); }
void cell_sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int n : {8, 10, 12, 14, 16, 18, 20, 24}) benchmark->Arg(n);
  benchmark->Unit(benchmark::kMicrosecond);
}
BENCHMARK(cells)->Apply(cell_sizes);
BENCHMARK(cells_one_by_one)->Apply(cell_sizes);
BENCHMARK(cells_sorting)->Apply(cell_sizes);
const Against sorting("cells", {"cells_one_by_one", "cells_sorting"});

}  // namespace
}  // namespace ohmset::bench
