// Samples of a bank of 16 devices in parallel, 10 kOhm, lognormal 0.3: Monte Carlo with everything that it says of them
// (draws, moments, quantiles, yields), in one configuration, or with a search for each die; on 1 and 2 threads. Against
// it ngspice's loop of `alter` and `op` on the same circuit, its library in a process for each thread.
//
// Times are of one sample, by the clock; cpu_ns is what the processors spent on one, over the threads: on a machine
// with nothing else to do they agree.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <thread>
#include <vector>

#include "design/tolerance.h"
#include "netlists/ngspice.h"
#include "netlists/spice_writer.h"
#include "tools/bench/clocks.h"
#include "tools/bench/ratios.h"

namespace ohmset::bench {
namespace {

constexpr std::size_t devices = 16;
constexpr double target = 1300.0;  // ohm

BankQuestion question_of(Population population) {
  BankQuestion question;
  question.population = population;
  question.spec.topology = Topology::parallel(devices);
  question.spec.fabrication.process = {.nominals = {1e4}, .distribution = Distribution::lognormal, .sigma = 0.3};
  question.aims = {{.target = target, .configuration = Configuration::from_mask(0x5555, devices)}};
  return question;
}

// Switches of 20 ohm that differ by 20 %, at 85 degrees Celsius: four draws for a device instead of one.
BankQuestion living_bank() {
  BankQuestion question = question_of(Population::blind);
  Fabrication& fabrication = question.spec.fabrication;
  fabrication.switches = {.nominal = {.on = Ohm{20.0}, .off = Ohm{1e9}}, .on_sigma = 0.2};
  fabrication.process.tc1 = {1e-3, 1e-4};
  fabrication.process.read_noise = 0.001;
  question.conditions = {{.celsius = 85.0}};
  return question;
}

BankQuestion measured_dies() {
  BankQuestion question = question_of(Population::redesigned);
  question.spec.fabrication.measurement = {.sigma = 0.001, .bits = 14};
  return question;
}

void sample(benchmark::State& state, const BankQuestion& question, std::uint64_t count) {
  const auto threads = static_cast<std::size_t>(state.range(0));
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  const BankSamples samples(question);
  const MonteCarloOptions options{.samples = count, .limits = {1e-4, 0.05}};
  double processors = 0.0;
  for (auto _ : state) {
    const double began = clock_seconds();
    const double spent = processor_seconds();
    benchmark::DoNotOptimize(monte_carlo(samples.experiment(), options));
    processors += processor_seconds() - spent;
    state.SetIterationTime((clock_seconds() - began) / static_cast<double>(count));
  }
  const double made = static_cast<double>(count) * static_cast<double>(state.iterations());
  state.counters["cpu_ns"] = 1e9 * processors / made / static_cast<double>(threads);
}

void fixed_bank(benchmark::State& state) { sample(state, question_of(Population::blind), 4'000'000); }
void fixed_bank_over_life(benchmark::State& state) { sample(state, living_bank(), 1'000'000); }
void redesign(benchmark::State& state) { sample(state, question_of(Population::redesigned), 400'000); }
void redesign_by_measured_values(benchmark::State& state) { sample(state, measured_dies(), 400'000); }

// The inserted devices of the fixed bank, altered to other values for each sample.
void ngspice_alter_and_op(benchmark::State& state) {
  constexpr std::size_t count = 3'000;
  const auto threads = static_cast<std::size_t>(state.range(0));
  const BankSamples samples(question_of(Population::blind));
  const SamplingPlan plan({.dimensions = samples.variables().size()});
  std::vector<double> points(samples.variables().size() * count);
  plan.points(0, count, points);
  NgspiceVariation variation{.quantity = "vport#branch"};
  for (std::size_t s = 0; s < count; ++s) {
    std::vector<double> point;
    for (std::size_t at = s; at < points.size(); at += count) point.push_back(points[at]);
    const BankSample sample = samples.replay(point);
    const Netlist netlist = write_bank(sample.bank, sample.configurations[0], {.flat = true});
    if (s == 0) variation.deck = netlist.text;
    for (const std::size_t k : sample.configurations[0].on()) {
      if (s == 0) variation.resistors.push_back(netlist.banks.at(0).elements[k]);
      variation.ohms.push_back(sample.bank.devices[k].resistance.value);
    }
  }
  std::vector<std::unique_ptr<Ngspice>> programs;
  for (std::size_t k = 0; k < threads; ++k) {
    programs.push_back(std::make_unique<Ngspice>(NgspiceOptions{.workers = 1}));
    // Its first circuit takes longer.
    static_cast<void>(programs.back()->operating_point(variation.deck));
  }
  bool all = true;
  for (auto _ : state) {
    const double began = clock_seconds();
    std::vector<std::thread> asking;
    std::vector<char> right(threads, 0);
    for (std::size_t k = 0; k < threads; ++k) {
      asking.emplace_back([&, k] { right[k] = programs[k]->varied(variation).ok ? 1 : 0; });
    }
    for (std::thread& thread : asking) thread.join();
    for (const char one : right) all = all && one != 0;
    state.SetIterationTime((clock_seconds() - began) / static_cast<double>(count * threads));
  }
  if (!all) state.SkipWithError("ngspice failed");
}

void settings(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(1)->Arg(2)->Iterations(1)->Repetitions(5)->UseManualTime()->Unit(benchmark::kNanosecond);
}
BENCHMARK(fixed_bank)->Apply(settings);
BENCHMARK(fixed_bank_over_life)->Apply(settings);
BENCHMARK(redesign)->Apply(settings);
BENCHMARK(redesign_by_measured_values)->Apply(settings);
BENCHMARK(ngspice_alter_and_op)->Apply(settings);
const Against fixed("fixed_bank", {"ngspice_alter_and_op"});
const Against life("fixed_bank_over_life", {"ngspice_alter_and_op"});
const Against dies("redesign", {"ngspice_alter_and_op"});
const Against measured("redesign_by_measured_values", {"ngspice_alter_and_op"});

}  // namespace
}  // namespace ohmset::bench
