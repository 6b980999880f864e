// More items than half lists hold: the closest of 44 and 48; any subset of 100 items within 10^-k of the target.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cmath>

#include "design/large_search.h"
#include "tools/bench/ratios.h"
#include "tools/bench/search/alternatives.h"

namespace ohmset::bench {
namespace {

template <class Search>
void one_each(benchmark::State& state, std::size_t n, const Search& search) {
  const std::vector<Question> all = questions(n, 4);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(search(all[next++ % all.size()]));
}
void closest_of_many(benchmark::State& state) {
  one_each(state, static_cast<std::size_t>(state.range(0)),
           [](const Question& question) { return ohmset::closest_of_many(question.items, question.target); });
}
void closest_of_many_heaps(benchmark::State& state) {
  one_each(state, static_cast<std::size_t>(state.range(0)), by_heaps);
}
BENCHMARK(closest_of_many)->Arg(44)->Arg(48)->Unit(benchmark::kMillisecond);
BENCHMARK(closest_of_many_heaps)->Arg(44)->Arg(48)->Unit(benchmark::kMillisecond)->Iterations(1);
const Against heaps("closest_of_many", {"closest_of_many_heaps"});

void any_within(benchmark::State& state) {
  const double eps = std::pow(10.0, static_cast<double>(-state.range(0)));
  double found = 0.0;
  one_each(state, 100, [&](const Question& question) {
    AnyWithin any = ohmset::any_within(question.items, question.target, eps * question.target);
    found += any.found ? 1.0 : 0.0;
    return any;
  });
  state.counters["found"] = benchmark::Counter(found, benchmark::Counter::kAvgIterations);
}
void any_within_restarts(benchmark::State& state) {
  const double eps = std::pow(10.0, static_cast<double>(-state.range(0)));
  one_each(state, 100, [&](const Question& question) { return by_restarts(question, eps * question.target); });
}
BENCHMARK(any_within)->Arg(4)->Arg(6)->Arg(9)->Arg(12)->Unit(benchmark::kMicrosecond);
BENCHMARK(any_within_restarts)->Arg(4)->Arg(6)->Unit(benchmark::kMicrosecond);
BENCHMARK(any_within_restarts)->Arg(9)->Iterations(4)->Unit(benchmark::kMicrosecond);
const Against restarts("any_within", {"any_within_restarts"});

}  // namespace
}  // namespace ohmset::bench
