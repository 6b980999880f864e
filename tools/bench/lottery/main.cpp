// Lottery tickets for a network of 784-500-10, 397,000 weights, 21 random weights each, the size of a published
// experiment [PensiaEtAl20]: closest subsets, the fewest within 0.01, the nearest alone; the gadget with 40 hidden
// units for each input; the pruned network on 100 inputs. On 1 and 2 threads. Against it, one weight after the other on
// one thread: the search for one question, and sorted half lists (a twentieth of the weights, times twenty).
//
// Times are of the network, by the clock; cpu_s is what the processors spent on it, over the threads: on a machine with
// nothing else to do they agree. kept is the share of the random weights; within the share of the weights that err by
// 0.01 or less; error_max and median are those of the weights.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "design/lottery.h"
#include "design/subset_sum.h"
#include "sim/random.h"
#include "tools/bench/clocks.h"
#include "tools/bench/ratios.h"

namespace ohmset::bench {
namespace {

constexpr std::size_t units = 21;
constexpr double eps = 0.01;

// Weights as training leaves them: most of them small, none above 1.
Layer layer_of(std::size_t outputs, std::size_t inputs, std::uint64_t seed) {
  Layer layer{.shape = {.outputs = outputs, .inputs = inputs}};
  for (std::size_t k = 0; k < layer.shape.weights(); ++k) {
    const double normal = normal_quantile(uniform({.seed = seed, .cell = k}, Draw::choice));
    layer.weights.push_back(std::clamp(0.2 * normal, -1.0, 1.0));
  }
  return layer;
}

const std::vector<Layer>& network() {
  static const std::vector<Layer> layers{layer_of(500, 784, 11), layer_of(10, 500, 12)};
  return layers;
}

void draw(benchmark::State& state, LotteryOptions options) {
  options.threads = static_cast<int>(state.range(0));
  double processors = 0.0;
  std::vector<double> errors;
  std::uint64_t kept = 0;
  std::uint64_t total = 0;
  for (auto _ : state) {
    errors.clear();
    kept = total = 0;
    const double from = clock_seconds();
    const double processors_from = processor_seconds();
    options.seed = 0;
    for (const Layer& layer : network()) {
      ++options.seed;
      const Ticket ticket = draw_ticket(layer, options);
      const TicketSummary summary = summarize(layer, ticket);
      kept += summary.kept;
      total += summary.total;
      for (std::size_t k = 0; k < layer.weights.size(); ++k) {
        errors.push_back(std::abs(ticket.achieved[k] - layer.weights[k]));
      }
    }
    processors += processor_seconds() - processors_from;
    state.SetIterationTime(clock_seconds() - from);
  }
  std::sort(errors.begin(), errors.end());
  const auto count = static_cast<double>(errors.size());
  const auto within = static_cast<double>(std::upper_bound(errors.begin(), errors.end(), eps) - errors.begin());
  state.counters["cpu_s"] = processors / static_cast<double>(state.iterations()) / static_cast<double>(state.range(0));
  state.counters["kept"] = static_cast<double>(kept) / static_cast<double>(total);
  state.counters["within"] = within / count;
  state.counters["median"] = errors[errors.size() / 2];
  state.counters["error_max"] = errors.back();
}

void closest(benchmark::State& state) { draw(state, {.units = units}); }
void fewest_within(benchmark::State& state) { draw(state, {.units = units, .fewest_within = eps}); }
void nearest(benchmark::State& state) { draw(state, {.construction = Construction::nearest, .units = units}); }
void relu(benchmark::State& state) {
  draw(state, {.construction = Construction::relu, .units = 40, .nonnegative = true});
}

void forward(benchmark::State& state) {
  const Layer& layer = network()[0];
  const Ticket ticket = draw_ticket(layer, {.units = units, .threads = static_cast<int>(state.range(0))});
  double processors = 0.0;
  for (auto _ : state) {
    const double from = clock_seconds();
    const double processors_from = processor_seconds();
    benchmark::DoNotOptimize(run_forward(layer, ticket, 100));
    processors += processor_seconds() - processors_from;
    state.SetIterationTime(clock_seconds() - from);
  }
  state.counters["cpu_s"] = processors / static_cast<double>(state.iterations()) / static_cast<double>(state.range(0));
}

// One weight after the other: every `step`-th of them.
template <class Search>
void one_by_one(benchmark::State& state, std::size_t step, const Search& search) {
  double processors = 0.0;
  for (auto _ : state) {
    const double from = clock_seconds();
    const double processors_from = processor_seconds();
    for (const Layer& layer : network()) {
      // Its random weights are those of any ticket of the shape.
      const Ticket ticket{.shape = layer.shape, .options = {.units = units}};
      std::vector<double> items(units);
      for (std::size_t k = 0; k < layer.weights.size(); k += step) {
        random_weights(ticket, k, items);
        benchmark::DoNotOptimize(search(items, layer.weights[k]));
      }
    }
    processors += (processor_seconds() - processors_from) * static_cast<double>(step);
    state.SetIterationTime((clock_seconds() - from) * static_cast<double>(step));
  }
  state.counters["cpu_s"] = processors / static_cast<double>(state.iterations());
}

void search_for_each(benchmark::State& state) {
  SubsetSumSearch search;
  one_by_one(state, 1,
             [&](const std::vector<double>& items, double target) { return search.closest(items, target).mask; });
}

struct Partial {
  double sum;
  std::uint64_t mask;
};
std::vector<Partial> sorted_sums(const std::vector<double>& items, std::size_t first, std::size_t last) {
  std::vector<Partial> sums{{0.0, 0}};
  for (std::size_t k = first; k < last; ++k) {
    for (std::size_t j = 0, size = sums.size(); j < size; ++j) {
      sums.push_back({sums[j].sum + items[k], sums[j].mask | std::uint64_t{1} << k});
    }
  }
  std::sort(sums.begin(), sums.end(), [](const Partial& a, const Partial& b) { return a.sum < b.sum; });
  return sums;
}

std::uint64_t by_sorting(const std::vector<double>& items, double target) {
  const std::vector<Partial> low = sorted_sums(items, 0, units / 2);
  const std::vector<Partial> high = sorted_sums(items, units / 2, units);
  double best = HUGE_VAL;
  std::uint64_t mask = 0;
  for (std::size_t i = 0, j = high.size(); i < low.size() && j > 0;) {
    const double off = low[i].sum + high[j - 1].sum - target;
    if (std::abs(off) < best) {
      best = std::abs(off);
      mask = low[i].mask | high[j - 1].mask;
    }
    if (off < 0.0) {
      ++i;
    } else {
      --j;
    }
  }
  return mask;
}
void sorted_lists_for_each(benchmark::State& state) { one_by_one(state, 20, by_sorting); }

void times(benchmark::internal::Benchmark* of) { of->UseManualTime()->Unit(benchmark::kMillisecond); }
void on_threads(benchmark::internal::Benchmark* of) {
  times(of);
  of->Arg(1)->Arg(2);
}

BENCHMARK(closest)->Apply(on_threads);
BENCHMARK(search_for_each)->Apply(times)->Arg(1);
BENCHMARK(sorted_lists_for_each)->Apply(times)->Arg(1);
BENCHMARK(fewest_within)->Apply(on_threads);
BENCHMARK(nearest)->Apply(on_threads);
BENCHMARK(relu)->Apply(on_threads);
BENCHMARK(forward)->Apply(on_threads);

const Against alternatives("closest", {"search_for_each", "sorted_lists_for_each"});

}  // namespace
}  // namespace ohmset::bench

int main(int argc, char** argv) { return ohmset::bench::run_with_ratios(argc, argv); }
