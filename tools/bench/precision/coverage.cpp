// The farthest point of an interval from any attainable value: by buckets of sums, by all sums merged item by item into
// one ascending list, by all sums sorted. Signed items on [-1/2, 1/2], conductances over the middle half of their
// range.
// SPDX-License-Identifier: Apache-2.0
#include "design/coverage.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <vector>

#include "sim/random.h"
#include "tools/bench/ratios.h"

namespace ohmset::bench {
namespace {

struct Covered {
  std::vector<double> items{};
  double low = -0.5;
  double high = 0.5;
};

Covered signed_items(std::size_t count) {
  Covered covered;
  for (std::size_t k = 0; k < count; ++k) covered.items.push_back(2.0 * uniform({.device = k}, Draw::resistance) - 1.0);
  return covered;
}
Covered conductances(std::size_t count) {
  Covered covered;
  for (std::size_t k = 0; k < count; ++k) {
    covered.items.push_back(1e-4 * std::exp(0.3 * normal_quantile(uniform({.device = k}, Draw::resistance))));
  }
  const double total = std::accumulate(covered.items.begin(), covered.items.end(), 0.0);
  covered.low = 0.25 * total;
  covered.high = 0.75 * total;
  return covered;
}

// Between sums in order.
double farthest(const std::vector<double>& sums, double low, double high) {
  double distance = 0.0;
  for (std::size_t k = 0; k + 1 < sums.size(); ++k) {
    if (sums[k + 1] < low || sums[k] > high) continue;
    const double at = std::clamp(0.5 * (sums[k] + sums[k + 1]), low, high);
    distance = std::max(distance, std::min(at - sums[k], sums[k + 1] - at));
  }
  return distance;
}
double merged(const Covered& asked) {
  std::vector<double> sums{0.0};
  std::vector<double> others;
  for (const double item : asked.items) {
    others.resize(sums.size());
    std::ranges::transform(sums, others.begin(), [item](double sum) { return sum + item; });
    std::vector<double> both(2 * sums.size());
    std::ranges::merge(sums, others, both.begin());
    sums.swap(both);
  }
  return farthest(sums, asked.low, asked.high);
}
double sorted(const Covered& asked) {
  std::vector<double> sums{0.0};
  for (const double item : asked.items) {
    const std::size_t count = sums.size();
    for (std::size_t k = 0; k < count; ++k) sums.push_back(sums[k] + item);
  }
  std::ranges::sort(sums);
  return farthest(sums, asked.low, asked.high);
}

template <class Answer>
void run(benchmark::State& state, const Covered& asked, const Answer& answer) {
  for (auto _ : state) benchmark::DoNotOptimize(answer(asked));
}
double covered(const Covered& asked) { return coverage(asked.items, asked.low, asked.high).distance; }
std::size_t count_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

void cover_signed(benchmark::State& state) { run(state, signed_items(count_of(state)), covered); }
void cover_signed_merged(benchmark::State& state) { run(state, signed_items(count_of(state)), merged); }
void cover_signed_sorted(benchmark::State& state) { run(state, signed_items(count_of(state)), sorted); }
void cover_bank(benchmark::State& state) { run(state, conductances(count_of(state)), covered); }
void cover_bank_merged(benchmark::State& state) { run(state, conductances(count_of(state)), merged); }
void cover_bank_sorted(benchmark::State& state) { run(state, conductances(count_of(state)), sorted); }

BENCHMARK(cover_signed)->DenseRange(12, 24, 4)->Arg(26)->Unit(benchmark::kMillisecond);
BENCHMARK(cover_signed_merged)->DenseRange(12, 24, 4)->Unit(benchmark::kMillisecond);
BENCHMARK(cover_signed_sorted)->DenseRange(12, 24, 4)->Unit(benchmark::kMillisecond);
BENCHMARK(cover_bank)->DenseRange(12, 24, 4)->Arg(26)->Unit(benchmark::kMillisecond);
BENCHMARK(cover_bank_merged)->DenseRange(12, 24, 4)->Unit(benchmark::kMillisecond);
BENCHMARK(cover_bank_sorted)->DenseRange(12, 24, 4)->Unit(benchmark::kMillisecond);
const Against signed_ones("cover_signed", {"cover_signed_merged", "cover_signed_sorted"});
const Against bank("cover_bank", {"cover_bank_merged", "cover_bank_sorted"});

}  // namespace
}  // namespace ohmset::bench
