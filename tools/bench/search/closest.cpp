// One target on one bank: which subset's sum is closest?
// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/closest.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>

#include "design/subset_sum.h"
#include "tools/bench/ratios.h"
#include "tools/bench/search/alternatives.h"
#include "tools/bench/search/other_programs.h"

namespace ohmset::bench {
namespace {

template <class Search>
void one_target(benchmark::State& state, const Search& search) {
  const std::vector<Question> all = enough_questions(static_cast<std::size_t>(state.range(0)));
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(search(all[next]));
    next = next + 1 == all.size() ? 0 : next + 1;
  }
}
void closest_mask(benchmark::State& state) {
  one_target(state, [](const Question& question) { return ohmset::closest_mask(question.items, question.target); });
}
void closest_subset(benchmark::State& state) {
  SubsetSumSearch search;
  one_target(state, [&](const Question& question) { return search.closest(question.items, question.target); });
}
void closest_sorting(benchmark::State& state) { one_target(state, by_sorting); }
void closest_gray_code(benchmark::State& state) { one_target(state, by_gray_code); }
BENCHMARK(closest_mask)->DenseRange(8, 40, 2)->Unit(benchmark::kMicrosecond);
BENCHMARK(closest_subset)->DenseRange(8, 40, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(closest_sorting)->DenseRange(8, 40, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(closest_gray_code)->DenseRange(8, 24, 4)->Unit(benchmark::kMicrosecond);
const Against plain("closest_mask", {"closest_gray_code", "closest_sorting", "closest_numpy", "mixed_integer"});
const Against exact("closest_subset", {"closest_sorting"});

// How far off the closest subset an answer is: the ratio of the errors, infinite where ours is exact to the last bit.
double times_off(const Question& question, const Answer& answer) {
  double sum = 0.0;
  for (std::size_t k = 0; k < question.items.size(); ++k) {
    sum += ((answer.mask >> k) & 1U) != 0 ? question.items[k] : 0.0;
  }
  SubsetSumSearch search;
  return std::abs(sum - question.target) / std::abs(search.closest(question.items, question.target).error);
}

// Another program answers `count` questions and times itself; here that time is taken.
template <class Program>
void other_program(benchmark::State& state, std::size_t count, const Program& program) {
  const std::vector<Question> all = questions(static_cast<std::size_t>(state.range(0)), count);
  for (auto _ : state) {
    double seconds = 0.0;
    double worst = 0.0;
    double proven = 0.0;
    for (const Answer& answer : program(all)) {
      seconds += answer.seconds;
      worst = std::max(worst, times_off(all[answer.question], answer));
      proven += answer.claims_optimal ? 1.0 : 0.0;
    }
    state.SetIterationTime(seconds / static_cast<double>(count));
    state.counters["times_off"] = worst;
    state.counters["says_optimal"] = proven / static_cast<double>(count);
  }
}

#ifdef OHMSET_NUMPY_PYTHON
void closest_numpy(benchmark::State& state) { other_program(state, 16, numpy_answers); }
BENCHMARK(closest_numpy)->DenseRange(8, 40, 4)->Iterations(1)->UseManualTime()->Unit(benchmark::kMicrosecond);
#endif

#ifdef OHMSET_CBC
// The mean time of three banks, and the worst answer.
void mixed_integer(benchmark::State& state) { other_program(state, 3, mixed_integer_answers); }
BENCHMARK(mixed_integer)
    ->Arg(12)
    ->Arg(16)
    ->Arg(20)
    ->Arg(24)
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
#endif

}  // namespace
}  // namespace ohmset::bench
