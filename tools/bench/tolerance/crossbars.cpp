// Samples of a crossbar of 64 word lines x 200 bit lines x 8 devices, wires in, 16 inputs: a die over its life, dies
// that take the same switches, dies that are each compiled anew. Against it what a sample cannot do without: the solve
// alone.
//
// Times are of one sample, by the processor, on one thread.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <tbb/task_arena.h>

#include <vector>

#include "design/crossbar_tolerance.h"

namespace ohmset::bench {
namespace {

Matrix uniform_matrix(Eigen::Index rows, Eigen::Index columns, double low) {
  Matrix matrix(rows, columns);
  for (Eigen::Index k = 0; k < matrix.size(); ++k) {
    matrix.data()[k] =
        low + (1.0 - low) * uniform({.seed = 7, .cell = static_cast<std::uint64_t>(k), .device = 0}, Draw::choice);
  }
  return matrix;
}

CrossbarQuestion question_of(Population population) {
  CrossbarSpec spec;
  spec.bank.topology = Topology::parallel(8);
  spec.bank.fabrication.process = {.nominals = {1e5}, .distribution = Distribution::lognormal, .sigma = 0.3};
  spec.bank.fabrication.process.tc1 = {1e-3, 1e-4};
  spec.bank.fabrication.switches = {.nominal = {.on = Ohm{100.0}, .off = Ohm{1e9}}, .on_sigma = 0.1};
  spec.wires = {.word = Ohm{1.0}, .bit = Ohm{1.0}, .driver = Ohm{50.0}, .sense = Ohm{10.0}};
  return {.design = compile(spec, uniform_matrix(100, 64, -1.0)),
          .population = population,
          .inputs = uniform_matrix(16, 64, 0.0),
          .conditions = {{.celsius = 85.0}}};
}

void crossbar_samples(benchmark::State& state) {
  const CrossbarSamples samples(question_of(static_cast<Population>(state.range(0))));
  std::vector<double> point(samples.dimensions());
  const SamplingPlan plan({.seed = 3, .dimensions = point.size()});
  double value = 0.0;
  std::uint64_t number = 0;
  tbb::task_arena(1).execute([&] {
    for (auto _ : state) {
      plan.points(number++, 1, point);
      samples.evaluate(1, point, {&value, 1});
      benchmark::DoNotOptimize(value);
    }
  });
  state.counters["coordinates"] = static_cast<double>(point.size());
}

void crossbar_solve(benchmark::State& state) {
  const CrossbarQuestion question = question_of(Population::die);
  const Matrix g = conductances(question.design.array);
  tbb::task_arena(1).execute([&] {
    for (auto _ : state) {
      const CrossbarOutputs outputs = crossbar_outputs({g, question.design.spec.wires}, question.inputs,
                                                       {.method = CrossbarMethod::spcg, .tolerance = 1e-10});
      benchmark::DoNotOptimize(outputs.currents.data());
    }
  });
}

BENCHMARK(crossbar_solve)->Unit(benchmark::kMillisecond);
BENCHMARK(crossbar_samples)->ArgName("population")->DenseRange(0, 2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ohmset::bench
