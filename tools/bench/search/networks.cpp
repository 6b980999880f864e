// Switches anywhere in a mesh: branch and bound against a Gray code with rank-one updates. `wide` asks for every
// configuration within 10 % (30,000 of them at most): there is little to leave out.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "design/switched_network.h"
#include "sim/nodal.h"
#include "tests/support/network_by_gray_code.h"
#include "tools/bench/ratios.h"

namespace ohmset::bench {
namespace {

struct Mesh {
  SwitchedNetwork switched{};
  Port port{};
  double target = 0.0;
};

// 4 x 4 nodes and the port at opposite corners; the first branches of a random order are switches of 1 .. 50 ohm on,
// 0.1 .. 100 megohm off, the others resistors of 10 .. 1000 ohm. The target lies at what half the switches give.
Mesh mesh(std::size_t switches, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto log_uniform = [&](double low, double high) {
    return std::exp(std::uniform_real_distribution<double>(std::log(low), std::log(high))(random));
  };
  constexpr std::size_t side = 4;
  Mesh made;
  std::vector<Node> nodes;
  for (std::size_t k = 0; k < side * side; ++k) nodes.push_back(k == 0 ? 0 : made.switched.network.add_node());
  std::vector<std::pair<Node, Node>> pairs;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    if (k % side + 1 < side) pairs.emplace_back(nodes[k], nodes[k + 1]);
    if (k + side < nodes.size()) pairs.emplace_back(nodes[k], nodes[k + side]);
  }
  std::shuffle(pairs.begin(), pairs.end(), random);
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const std::size_t branch = made.switched.network.add_resistor("r" + std::to_string(k), pairs[k].first,
                                                                  pairs[k].second, Ohm{log_uniform(10.0, 1000.0)});
    if (k >= switches) continue;
    made.switched.switches.push_back(
        {.branch = branch, .on = Ohm{log_uniform(1.0, 50.0)}, .off = Ohm{log_uniform(1e5, 1e8)}});
  }
  made.port = {.a = nodes.back(), .b = nodes.front()};
  const std::uint64_t half = random() & ((std::uint64_t{1} << switches) - 1);
  const Network network = network_in(made.switched, Configuration::from_mask(half, switches));
  made.target = effective_resistance(network, made.port).value * 1.0001;
  return made;
}

std::vector<Mesh> meshes(const benchmark::State& state) {
  std::vector<Mesh> all;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) all.push_back(mesh(static_cast<std::size_t>(state.range(0)), seed));
  return all;
}

void searched(benchmark::State& state, const SwitchedOptions& options) {
  const std::vector<Mesh> all = meshes(state);
  std::size_t next = 0;
  std::uint64_t visited = 0;
  std::size_t found = 0;
  for (auto _ : state) {
    const Mesh& one = all[next++ % all.size()];
    const SwitchedDesign design = program_network(one.switched, one.port, one.target, options);
    if (!design.proven) state.SkipWithError("not proven");
    visited += design.visited;
    found += design.choices.size();
  }
  const auto mean = [&](std::uint64_t count) {
    return benchmark::Counter(static_cast<double>(count), benchmark::Counter::kAvgIterations);
  };
  state.counters["visited"] = mean(visited);
  state.counters["found"] = mean(found);
}
constexpr double wide = 0.1;

void network(benchmark::State& state) { searched(state, {}); }
void network_ten(benchmark::State& state) { searched(state, {.best = 10}); }
void network_wide(benchmark::State& state) { searched(state, {.best = 30'000, .within = wide}); }

// The configurations within `within` of the target (relative), or the nearest; each answer's resistance anew by
// Kirchhoff's laws, as the search gives it.
void by_gray_code(benchmark::State& state, double within) {
  const std::vector<Mesh> all = meshes(state);
  std::size_t next = 0;
  double off = 0.0;  // what the updates have drifted
  for (auto _ : state) {
    const Mesh& one = all[next++ % all.size()];
    double least = within > 0.0 ? within * one.target : infinity;
    std::vector<std::pair<std::uint64_t, double>> found;
    support::network_by_gray_code(one.switched, one.port, [&](std::uint64_t mask, double r) {
      const double error = std::abs(r - one.target);
      if (error > least) return;
      if (within == 0.0) {
        least = error;
        found.clear();
      }
      found.emplace_back(mask, r);
    });
    for (auto& [mask, r] : found) {
      const Configuration closed = Configuration::from_mask(mask, one.switched.switches.size());
      const double actual = effective_resistance(network_in(one.switched, closed), one.port).value;
      off = std::max(off, std::abs(r - actual) / actual);
      r = actual;
    }
    benchmark::DoNotOptimize(found);
  }
  state.counters["drift"] = off;
}
void network_gray_code(benchmark::State& state) { by_gray_code(state, 0.0); }
void network_wide_gray_code(benchmark::State& state) { by_gray_code(state, wide); }

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const int n : {10, 14, 18, 20, 22}) benchmark->Arg(n);
  benchmark->Unit(benchmark::kMillisecond);
}
BENCHMARK(network)->Apply(sizes);
BENCHMARK(network_ten)->Apply(sizes);
BENCHMARK(network_wide)->Apply(sizes);
BENCHMARK(network_gray_code)->Apply(sizes);
BENCHMARK(network_wide_gray_code)->Apply(sizes);
const Against gray_code("network", {"network_gray_code"});
const Against ten_gray_code("network_ten", {"network_gray_code"});
const Against wide_gray_code("network_wide", {"network_wide_gray_code"});

}  // namespace
}  // namespace ohmset::bench
