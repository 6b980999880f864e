// Crossbars with wires by ohmset: one input by iteration, the whole transfer matrix by merging, a batch through it.
// From the array to its answer, memory and factors included. Times are those of the thread's processor with one thread,
// and elapsed with all threads (rows "..._all_threads").
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <tbb/global_control.h>

#include "sim/crossbar_sensitivity.h"
#include "tools/bench/crossbar/arrays.h"
#include "tools/bench/crossbar/memory.h"
#include "tools/bench/ratios.h"

namespace ohmset::bench {
namespace {

void only_one_thread(benchmark::State& state, const auto& work) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  for (auto _ : state) work();
}

// steps: of one solve; bound: of the outputs' error, relative to the largest.
void tell(benchmark::State& state, const CrossbarOutputs& outputs) {
  state.SetLabel(outputs.method);
  state.counters["steps"] = static_cast<double>(outputs.iterations);
  state.counters["bound"] = outputs.error_bound / outputs.currents.cwiseAbs().maxCoeff();
}

void one_input(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  const Matrix volts = inputs(1, state.range(0));
  CrossbarOutputs outputs;
  only_one_thread(state, [&] { outputs = crossbar_outputs(array, volts); });
  tell(state, outputs);
}

void one_input_all_threads(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  const Matrix volts = inputs(1, state.range(0));
  CrossbarOutputs outputs;
  for (auto _ : state) outputs = crossbar_outputs(array, volts);
  tell(state, outputs);
  state.counters["MB"] = peak_megabytes("one_input", state.range(0));
}

// The same with the array factored and its memory at hand: another input.
void another_input(benchmark::State& state, Regime regime) {
  const CrossbarSolver solver(crossbar(regime, state.range(0)));
  const Matrix volts = inputs(1, state.range(0));
  CrossbarOutputs outputs;
  only_one_thread(state, [&] { outputs = solver.outputs(volts); });
  tell(state, outputs);
}

// Every segment with a resistance of its own.
void one_input_segments(benchmark::State& state, Regime regime) {
  const Crossbar array = with_segments(crossbar(regime, state.range(0)));
  const Matrix volts = inputs(1, state.range(0));
  CrossbarOutputs outputs;
  only_one_thread(state, [&] { outputs = crossbar_outputs(array, volts); });
  tell(state, outputs);
}

// One output's derivatives with respect to every device and wire.
void sensitivities(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  const Eigen::VectorXd volts = inputs(1, state.range(0)).row(0).transpose();
  only_one_thread(state, [&] {
    const CrossbarSensitivity found = CrossbarSensitivities(array, volts).of(0);
    benchmark::DoNotOptimize(found.devices.data());
  });
}

void transfer(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  only_one_thread(state, [&] { benchmark::DoNotOptimize(CrossbarSolver(array).transfer().data()); });
}

void transfer_all_threads(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(CrossbarSolver(array).transfer().data());
  state.counters["MB"] = peak_megabytes("transfer", state.range(0));
}

// 1,000 inputs of an array whose transfer matrix is known.
void thousand_inputs(benchmark::State& state) {
  const CrossbarSolver solver(crossbar(Regime::E, state.range(0)));
  const Matrix volts = inputs(1000, state.range(0));
  CrossbarOutputs outputs = solver.outputs(volts);
  only_one_thread(state, [&] { outputs = solver.outputs(volts); });
  tell(state, outputs);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->ArgName("lines")->RangeMultiplier(2)->Range(32, 1024);
}
void elapsed(benchmark::internal::Benchmark* benchmark) {
  sizes(benchmark);
  benchmark->UseRealTime();
}

BENCHMARK_CAPTURE(one_input, E, Regime::E)->Apply(sizes);
BENCHMARK_CAPTURE(one_input, H, Regime::H)->Apply(sizes);
BENCHMARK_CAPTURE(another_input, E, Regime::E)->Apply(sizes);
BENCHMARK_CAPTURE(one_input_all_threads, E, Regime::E)->Apply(elapsed);
BENCHMARK_CAPTURE(one_input_all_threads, H, Regime::H)->Apply(elapsed);
BENCHMARK_CAPTURE(one_input_segments, E, Regime::E)->Apply(sizes);
BENCHMARK_CAPTURE(sensitivities, E, Regime::E)->Apply(sizes);
BENCHMARK_CAPTURE(transfer, E, Regime::E)->Apply(sizes);
BENCHMARK_CAPTURE(transfer_all_threads, E, Regime::E)->Apply(elapsed);
BENCHMARK(thousand_inputs)->Unit(benchmark::kMillisecond)->ArgName("lines")->Arg(128)->Arg(1024);

const Against sparse_factorisations_E("one_input/E", {"one_input_cholmod/E", "one_input_scipy/E"});
const Against sparse_factorisations_H("one_input/H", {"one_input_cholmod/H", "one_input_scipy/H"});
const Against all_columns("transfer/E", {"transfer_cholmod/E"});

}  // namespace
}  // namespace ohmset::bench
