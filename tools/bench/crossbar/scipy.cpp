// The same crossbars by SciPy's sparse LU, where it is installed. Python's start is not counted.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <fstream>
#include <stdexcept>
#include <vector>

#include "tools/bench/crossbar/arrays.h"
#include "tools/bench/folder.h"

namespace ohmset::bench {
namespace {

void write(const std::string& file, const Crossbar& array, const Matrix& volts) {
  std::ofstream out(file, std::ios::binary);
  const auto put = [&](const double* values, Eigen::Index count) {
    out.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(sizeof(double)) * count);
  };
  const Wires& wires = array.wires;
  const double head[] = {static_cast<double>(volts.cols()), wires.word.value, wires.bit.value, wires.driver.value,
                         wires.sense.value};
  put(head, 5);
  put(array.conductances.data(), array.conductances.size());
  put(volts.data(), volts.size());
}

void one_input_scipy(benchmark::State& state, Regime regime) {
  const Crossbar array = crossbar(regime, state.range(0));
  const Matrix volts = inputs(1, state.range(0));
  const Folder folder;
  write(folder.file("array"), array, volts);
  Matrix currents(1, state.range(0));
  for (auto _ : state) {
    const std::string command = fmt::format("{} {} {} {} > {}", OHMSET_SCIPY_PYTHON, OHMSET_SCIPY_SCRIPT,
                                            folder.file("array"), folder.file("currents"), folder.file("seconds"));
    if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
    double seconds = 0.0;
    std::ifstream(folder.file("seconds")) >> seconds;
    state.SetIterationTime(seconds);
  }
  std::ifstream(folder.file("currents"), std::ios::binary)
      .read(reinterpret_cast<char*>(currents.data()), static_cast<std::streamsize>(sizeof(double)) * currents.size());
  const CrossbarOutputs ours = crossbar_outputs(array, volts);
  state.counters["difference"] = (ours.currents - currents).cwiseAbs().maxCoeff() / ours.currents.cwiseAbs().maxCoeff();
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->ArgName("lines")->RangeMultiplier(2)->Range(32, 512);
  benchmark->UseManualTime()->Iterations(1);
}

BENCHMARK_CAPTURE(one_input_scipy, E, Regime::E)->Apply(sizes);
BENCHMARK_CAPTURE(one_input_scipy, H, Regime::H)->Apply(sizes);

}  // namespace
}  // namespace ohmset::bench
