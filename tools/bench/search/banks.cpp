// What the tool's `design` and `combine` ask: the closest configuration of a parallel bank with the values next to the
// target, the closest of series-parallel trees, the best circuit of three parts from a catalogue.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string>

#include "design/combine.h"
#include "design/program.h"
#include "design/series.h"
#include "tools/bench/ratios.h"
#include "tools/bench/search/alternatives.h"

namespace ohmset::bench {
namespace {

struct Asked {
  Bank bank{};
  double target = 0.0;  // ohm
};

// The target: what half of the devices give, nearly.
std::vector<Asked> asked(const Topology& topology, std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<Asked> all;
  for (const Question& question : questions(topology.device_count(), count)) {
    all.push_back({.bank = bank_of(topology, question.items)});
    for (double r = 0.0; !(r > 0.0 && r < infinity); all.back().target = r * 1.0003) {
      Configuration some(topology.device_count());
      for (std::size_t k = 0; k < some.size(); ++k) some.set(k, random() % 2 == 0);
      r = resistance(all.back().bank, some).value;
    }
  }
  return all;
}

template <class Search>
void each(benchmark::State& state, const Topology& topology, const Search& search) {
  const std::vector<Asked> all = asked(topology, topology.device_count() <= 28 ? 16 : 4);
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(search(all[next++ % all.size()]));
}
std::vector<double> resistances_of(const Bank& bank) {
  std::vector<double> all;
  for (const Device& device : bank.devices) all.push_back(device.resistance.value);
  return all;
}
Topology parallel(const benchmark::State& state) {
  return Topology::parallel(static_cast<std::size_t>(state.range(0)));
}

// ---------------------------------------------------------------- parallel banks
void program(benchmark::State& state) {
  each(state, parallel(state),
       [](const Asked& one) { return ohmset::program(one.bank, one.target, {.neighbours = true}); });
}
void program_sorting(benchmark::State& state) {
  each(state, parallel(state), [](const Asked& one) {
    Question question{.target = 1.0 / one.target};
    for (const double r : resistances_of(one.bank)) question.items.push_back(1.0 / r);
    return by_sorting(question);
  });
}
BENCHMARK(program)->DenseRange(16, 40, 4)->Unit(benchmark::kMicrosecond);
BENCHMARK(program_sorting)->DenseRange(16, 40, 4)->Unit(benchmark::kMicrosecond);
const Against sorting("program", {"program_sorting"});

// ---------------------------------------------------------------- trees
Topology two_chains_of(std::size_t each) {
  const std::string chain = "series(" + std::to_string(each) + ")";
  return Topology::parse("parallel(" + chain + ", " + chain + ")");
}
// Rungs across, rails in line, each with its switch, and a chain of one at the end.
Topology ladder_of(std::size_t devices) {
  std::string text = "series(1)";
  for (std::size_t k = 1; k < devices; ++k) {
    text.insert(0, k % 2 == 1 ? "parallel(1, " : "series(1, ");
    text += ')';
  }
  return Topology::parse(text);
}
template <class Search>
void tree(benchmark::State& state, const Topology& topology, const Search& search) {
  each(state, topology, [&](const Asked& one) { return search(resistances_of(one.bank), one.target); });
}
void two_chains_of_16(benchmark::State& state) {
  each(state, two_chains_of(16), [](const Asked& one) { return ohmset::program(one.bank, one.target); });
}
void two_chains_of_16_sorting(benchmark::State& state) { tree(state, two_chains_of(16), two_chains_by_sorting); }
void ladder_of_28(benchmark::State& state) {
  each(state, ladder_of(28), [](const Asked& one) { return ohmset::program(one.bank, one.target); });
}
void ladder_of_28_sorting(benchmark::State& state) { tree(state, ladder_of(28), ladder_by_sorting); }
BENCHMARK(two_chains_of_16)->Unit(benchmark::kMillisecond);
BENCHMARK(two_chains_of_16_sorting)->Unit(benchmark::kMillisecond);
BENCHMARK(ladder_of_28)->Unit(benchmark::kMillisecond);
BENCHMARK(ladder_of_28_sorting)->Unit(benchmark::kMillisecond);
const Against chains("two_chains_of_16", {"two_chains_of_16_sorting"});
const Against ladder("ladder_of_28", {"ladder_of_28_sorting"});

// ---------------------------------------------------------------- three parts of E96, 1 ohm to 10 megohm
const std::vector<double>& catalogue() {
  static const std::vector<double> values = series_values(Series::e96, Ohm{1.0}, Ohm{10e6});
  return values;
}
std::vector<double> wanted(std::size_t count) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> exponent(std::log(0.5), std::log(2e7));
  std::vector<double> all(count);
  for (double& target : all) target = std::exp(exponent(random));
  return all;
}
double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}
void combine_three(benchmark::State& state) {
  std::vector<StockValue> stock;
  for (const double value : catalogue()) stock.push_back({.resistance = Ohm{value}});
  const std::vector<double> targets = wanted(64);
  std::size_t next = 0;
  double slowest = 0.0;
  for (auto _ : state) {
    const Ohm target{targets[next++ % targets.size()]};
    const double begin = processor_seconds();
    benchmark::DoNotOptimize(combine(stock, target, {.parts = 3, .best = 1}));
    slowest = std::max(slowest, processor_seconds() - begin);
  }
  state.counters["slowest_ms"] = 1e3 * slowest;
}
void combine_three_brute_force(benchmark::State& state) {
  const std::vector<double> targets = wanted(1);
  for (auto _ : state) benchmark::DoNotOptimize(combine_by_brute_force(catalogue(), targets[0]));
}
BENCHMARK(combine_three)->Unit(benchmark::kMillisecond);
BENCHMARK(combine_three_brute_force)->Unit(benchmark::kMillisecond)->Iterations(1);
const Against brute_force("combine_three", {"combine_three_brute_force"});

}  // namespace
}  // namespace ohmset::bench
