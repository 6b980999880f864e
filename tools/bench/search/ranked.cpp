// More than the closest, of 32 items: the ten closest, all within 1e-6 of the target, the closest of exactly 16.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "design/subset_sum.h"
#include "tools/bench/ratios.h"
#include "tools/bench/search/alternatives.h"

namespace ohmset::bench {
namespace {

template <class Search>
void of_32(benchmark::State& state, const Search& search) {
  const std::vector<Question> all = questions(32, 8);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(search(all[next++ % all.size()]));
}
constexpr double near = 1e-6;

void ten_best(benchmark::State& state) {
  of_32(state, [](const Question& q) { return closest_subset_sums(q.items, q.target, {.best = 10}); });
}
void ten_best_sorting(benchmark::State& state) {
  of_32(state, [](const Question& q) { return nearest_by_sorting(q, 10); });
}
void all_within(benchmark::State& state) {
  of_32(state, [](const Question& q) {
    return closest_subset_sums(q.items, q.target, {.best = 1'000'000, .within = near * q.target});
  });
}
void all_within_sorting(benchmark::State& state) {
  of_32(state, [](const Question& q) { return within_by_sorting(q, near * q.target); });
}
void exactly_16(benchmark::State& state) {
  of_32(state,
        [](const Question& q) { return closest_subset_sums(q.items, q.target, {.at_least = 16, .at_most = 16}); });
}
void exactly_16_sorting(benchmark::State& state) {
  of_32(state, [](const Question& q) { return exactly_by_sorting(q, 16); });
}
BENCHMARK(ten_best)->Unit(benchmark::kMillisecond);
BENCHMARK(ten_best_sorting)->Unit(benchmark::kMillisecond);
BENCHMARK(all_within)->Unit(benchmark::kMillisecond);
BENCHMARK(all_within_sorting)->Unit(benchmark::kMillisecond);
BENCHMARK(exactly_16)->Unit(benchmark::kMillisecond);
BENCHMARK(exactly_16_sorting)->Unit(benchmark::kMillisecond);
const Against ten("ten_best", {"ten_best_sorting"});
const Against within("all_within", {"all_within_sorting"});
const Against exactly("exactly_16", {"exactly_16_sorting"});

}  // namespace
}  // namespace ohmset::bench
