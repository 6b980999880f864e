// How fast crossbars with wires are solved: one input, by iteration against the sparse factorisation. Times are those
// of the thread's processor, from the array to its outputs, memory and factors included; one thread. Regimes: E,
// devices log-uniform from 1k to 1M, wires of 1 ohm; H, devices of 1k +- 10 %, wires of 10 ohm; drivers and sense
// resistances of 10 ohm in both. --benchmark_filter=REGEX runs some of it. SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar.h"

#include <benchmark/benchmark.h>
#include <tbb/global_control.h>

#include <cmath>
#include <random>

namespace {

using namespace ohmset;
using Eigen::Index;

enum Regime : std::int64_t { E, H };

Crossbar crossbar(std::int64_t regime, Index lines) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const Ohm wire{regime == E ? 1.0 : 10.0};
  Crossbar result{.conductances = Matrix(lines, lines),
                  .wires = {.word = wire, .bit = wire, .driver = Ohm{10.0}, .sense = Ohm{10.0}}};
  for (double& g : result.conductances.reshaped()) {
    const double u = uniform(random);
    g = regime == E ? 1e-3 * std::pow(1e-3, u) : 1e-3 / (0.9 + 0.2 * u);
  }
  return result;
}

Matrix input(Index lines) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> volts(0.05, 1.0);
  Matrix result(1, lines);
  for (double& v : result.reshaped()) v = volts(random);
  return result;
}

// iterations: of one solve; error: bound relative to the largest output.
void solve(benchmark::State& state, CrossbarMethod method) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const Crossbar array = crossbar(state.range(0), state.range(1));
  const Matrix volts = input(state.range(1));
  CrossbarOutputs outputs;
  for (auto _ : state) {
    outputs = crossbar_outputs(array, volts, {.method = method});
    benchmark::DoNotOptimize(outputs.currents.data());
  }
  if (outputs.method != (method == CrossbarMethod::spcg ? "spcg" : "direct")) state.SkipWithError("another method");
  state.SetLabel(state.range(0) == E ? "E" : "H");
  state.counters["steps"] = static_cast<double>(outputs.iterations);
  state.counters["bound"] = outputs.error_bound / outputs.currents.cwiseAbs().maxCoeff();
}

// The same with the array factored and its memory at hand: another input.
void solve_again(benchmark::State& state) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const CrossbarSolver solver(crossbar(state.range(0), state.range(1)), {.method = CrossbarMethod::spcg});
  const Matrix volts = input(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(solver.outputs(volts).currents.data());
  state.SetLabel(state.range(0) == E ? "E" : "H");
}

// The whole transfer matrix, by merging.
void transfer(benchmark::State& state) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const Crossbar array = crossbar(state.range(0), state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(CrossbarSolver(array).transfer().data());
  state.SetLabel(state.range(0) == E ? "E" : "H");
}

// 1,000 inputs of an array whose transfer matrix is at hand.
void batch(benchmark::State& state) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const CrossbarSolver solver(crossbar(state.range(0), state.range(1)), {.method = CrossbarMethod::hps});
  const Matrix volts = input(state.range(1)).replicate(1000, 1);
  CrossbarOutputs outputs = solver.outputs(volts);
  for (auto _ : state) {
    outputs = solver.outputs(volts);
    benchmark::DoNotOptimize(outputs.currents.data());
  }
  if (outputs.method != "hps") state.SkipWithError("another method");
  state.SetLabel(state.range(0) == E ? "E" : "H");
  state.counters["bound"] = outputs.error_bound / outputs.currents.cwiseAbs().maxCoeff();
}

void sizes(benchmark::internal::Benchmark* benchmark, Index largest) {
  benchmark->Unit(benchmark::kMillisecond)->ArgNames({"regime", "lines"});
  for (const Regime regime : {E, H}) {
    for (Index lines = 32; lines <= largest; lines *= 2) benchmark->Args({regime, lines});
  }
}

BENCHMARK_CAPTURE(solve, spcg, CrossbarMethod::spcg)->Apply([](auto* b) { sizes(b, 1024); });
BENCHMARK_CAPTURE(solve, direct, CrossbarMethod::direct)->Apply([](auto* b) { sizes(b, 512); });
BENCHMARK(solve_again)->Apply([](auto* b) { sizes(b, 1024); });
BENCHMARK(transfer)->Apply([](auto* b) { sizes(b, 1024); });
BENCHMARK(batch)->Apply([](auto* b) { sizes(b, 1024); });

}  // namespace

BENCHMARK_MAIN();
