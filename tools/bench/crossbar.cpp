// How fast crossbars with wires are solved: one input, by iteration against the sparse factorisation. Times are those
// of the thread's processor, from the array to its outputs, memory and factors included; one thread. Regimes: E,
// devices log-uniform from 1k to 1M, wires of 1 ohm; H, devices of 1k +- 10 %, wires of 10 ohm; drivers and sense
// resistances of 10 ohm in both. --benchmark_filter=REGEX runs some of it.
//
// SPDX-License-Identifier: Apache-2.0
#include "sim/crossbar.h"

#include <benchmark/benchmark.h>
#include <tbb/global_control.h>

#include <cmath>
#include <random>

#include "sim/crossbar_sensitivity.h"

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

// Every segment with a resistance of its own, log-uniform within a factor of 4 around the regime's.
Crossbar with_segments(Crossbar array) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> factor(-1.0, 1.0);
  const Index lines = array.conductances.rows();
  array.wires.word_segments = Matrix(lines, lines);
  array.wires.bit_segments = Matrix(lines, lines);
  for (double& r : array.wires.word_segments.reshaped()) r = array.wires.word.value * std::exp2(factor(random));
  for (double& r : array.wires.bit_segments.reshaped()) r = array.wires.bit.value * std::exp2(factor(random));
  return array;
}

void solve_segments(benchmark::State& state) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const Crossbar array = with_segments(crossbar(state.range(0), state.range(1)));
  const Matrix volts = input(state.range(1));
  CrossbarOutputs outputs;
  for (auto _ : state) outputs = crossbar_outputs(array, volts, {.method = CrossbarMethod::spcg});
  if (outputs.method != "spcg") state.SkipWithError("another method");
  state.SetLabel(state.range(0) == E ? "E" : "H");
  state.counters["steps"] = static_cast<double>(outputs.iterations);
}

// All derivatives of one output.
void sensitivities(benchmark::State& state) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const Crossbar array = crossbar(state.range(0), state.range(1));
  const Eigen::VectorXd volts = input(state.range(1)).row(0).transpose();
  for (auto _ : state) {
    const CrossbarSensitivity found = CrossbarSensitivities(array, volts).of(0);
    benchmark::DoNotOptimize(found.devices.data());
  }
  state.SetLabel(state.range(0) == E ? "E" : "H");
}

void sizes(benchmark::internal::Benchmark* benchmark, Index largest) {
  benchmark->Unit(benchmark::kMillisecond)->ArgNames({"regime", "lines"});
  for (const Regime regime : {E, H}) {
    for (Index lines = 32; lines <= largest; lines *= 2) benchmark->Args({regime, lines});
  }
}

BENCHMARK_CAPTURE(solve, spcg, CrossbarMethod::spcg)->Apply([](auto* b) { sizes(b, 1024); });
BENCHMARK_CAPTURE(solve, direct, CrossbarMethod::direct)->Apply([](auto* b) { sizes(b, 512); });
BENCHMARK(solve_segments)->Apply([](auto* b) { sizes(b, 1024); });
BENCHMARK(sensitivities)->Apply([](auto* b) { sizes(b, 512); });
BENCHMARK(solve_again)->Apply([](auto* b) { sizes(b, 1024); });

}  // namespace

BENCHMARK_MAIN();
