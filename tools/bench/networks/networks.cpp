// How fast general networks are solved: effective resistances up to a million nodes by elimination and by conjugate
// gradients, and millions of small networks by a compiled program against one at a time and against KLU's
// refactorisation. Times are those of the process's processors. --benchmark_filter=REGEX runs some of it.
//
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "sim/laplacian.h"
#include "sim/network_batch.h"
#include "sim/nodal.h"
#ifdef OHMSET_KLU
#include <klu.h>
#endif

namespace {

using namespace ohmset;

// ------------------------------------------------------------------------------------------------ large graphs
enum Graph : std::int64_t { plane, box, four_regular, preferential, path };

struct Edges {
  std::size_t nodes = 0;
  std::vector<Conductor> edges{};
  void add(std::size_t a, std::size_t b) { edges.push_back({.a = a, .b = b, .conductance = 1.0}); }
};

Edges lattice(std::size_t side, std::size_t axes) {
  Edges graph{.nodes = axes == 2 ? side * side : side * side * side};
  for (std::size_t node = 0; node < graph.nodes; ++node) {
    for (std::size_t axis = 0, stride = 1; axis < axes; ++axis, stride *= side) {
      if (node / stride % side + 1 < side) graph.add(node, node + stride);
    }
  }
  return graph;
}

Edges graph_of(Graph graph, std::size_t nodes) {
  std::mt19937_64 random(1);
  const auto side = [&](double power) {
    return static_cast<std::size_t>(std::llround(std::pow(static_cast<double>(nodes), power)));
  };
  if (graph == plane) return lattice(side(1.0 / 2.0), 2);
  if (graph == box) return lattice(side(1.0 / 3.0), 3);
  Edges result{.nodes = nodes};
  if (graph == path) {
    for (std::size_t node = 1; node < nodes; ++node) result.add(node - 1, node);
  } else if (graph == four_regular) {
    for (int ring = 0; ring < 2; ++ring) {
      std::vector<std::size_t> order(nodes);
      for (std::size_t i = 0; i < nodes; ++i) order[i] = i;
      std::shuffle(order.begin(), order.end(), random);
      for (std::size_t i = 0; i < nodes; ++i) result.add(order[i], order[(i + 1) % nodes]);
    }
  } else {
    std::vector<std::size_t> ends{0};
    for (std::size_t node = 1; node < nodes; ++node) {
      for (std::size_t k = 0; k < std::min<std::size_t>(node, 3); ++k) {
        const std::size_t other = ends[random() % ends.size()];
        if (other == node) continue;
        result.add(node, other);
        ends.push_back(other);
      }
      ends.push_back(node);
    }
  }
  return result;
}

// Everything from the edges to the resistance between the first node and the last, which is ground.
void resistance(benchmark::State& state, SolveMethod method) {
  static constexpr std::array<const char*, 5> names{"plane", "box", "random 4-regular", "preferential", "path"};
  const auto kind = static_cast<Graph>(state.range(0));
  Edges graph = graph_of(kind, static_cast<std::size_t>(state.range(1)));
  const std::size_t last = graph.nodes - 1;
  for (Conductor& edge : graph.edges) {
    if (edge.a == last) std::swap(edge.a, edge.b);
    if (edge.b == last) edge.b = Laplacian::ground;
  }
  Bounded r;
  for (auto _ : state) {
    const Laplacian laplacian(last, graph.edges, {.method = method});
    if (laplacian.method() == SolveMethod::conjugate_gradients) {
      r = laplacian.resistance(0, Laplacian::ground).value_or(Bounded{});
      state.SetLabel(std::string(names.at(static_cast<std::size_t>(kind))) + ", conjugate gradients");
    } else {
      Matrix one = Matrix::Zero(static_cast<Eigen::Index>(last), 1);
      one(0, 0) = 1.0;
      const Potentials potentials = laplacian.solve(one);
      r = {.value = potentials.at(0, 0).value(), .bound = potentials.bound[0]};
      state.SetLabel(std::string(names.at(static_cast<std::size_t>(kind))) + ", elimination");
    }
  }
  state.counters["edges"] = static_cast<double>(graph.edges.size());
  state.counters["relative_bound"] = r.bound / r.value;
}

void large(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->Iterations(1)->ArgNames({"graph", "nodes"});
  for (const Graph graph : {plane, box, four_regular, preferential, path}) {
    for (const std::int64_t nodes : {10'000, 100'000, 1'000'000}) benchmark->Args({graph, nodes});
  }
}
void small_enough(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime()->Iterations(1)->ArgNames({"graph", "nodes"});
  benchmark->Args({plane, 1'000'000})->Args({box, 27'000})->Args({box, 64'000})->Args({four_regular, 10'000});
}
BENCHMARK_CAPTURE(resistance, automatic, SolveMethod::automatic)->Apply(large);
BENCHMARK_CAPTURE(resistance, elimination, SolveMethod::elimination)->Apply(small_enough);
BENCHMARK_CAPTURE(resistance, conjugate_gradients, SolveMethod::conjugate_gradients)->Apply(small_enough);

// ------------------------------------------------------------------------------------------------ small networks
constexpr std::size_t instances = 4096;
constexpr std::array<const char*, 3> simd_names{"portable", "avx2", "avx512"};

struct Cells {
  Network network{};
  Port port{};
  std::vector<double> resistances{};  // instances x branches
};

// A square grid between two of its corners, devices log-uniform from 1k to 1M.
Cells cells(std::size_t side) {
  Cells result;
  for (std::size_t node = 1; node < side * side; ++node) result.network.add_node();
  for (const Conductor& edge : lattice(side, 2).edges) result.network.add_resistor({}, edge.a, edge.b, Ohm{1.0});
  result.port = {.a = 0, .b = side * side - 1};
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> decades(3.0, 6.0);
  result.resistances.resize(instances * result.network.branches().size());
  for (double& r : result.resistances) r = std::pow(10.0, decades(random));
  return result;
}

void compiled(benchmark::State& state, NetworkProgram::Given given, Simd simd) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const Cells all = cells(static_cast<std::size_t>(state.range(0)));
  const NetworkProgram program(all.network, std::span(&all.port, 1), simd);
  std::vector<double> out(instances);
  for (auto _ : state) {
    program.run(all.resistances, out, given);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(instances) * state.iterations());
}

void one_at_a_time(benchmark::State& state) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  Cells all = cells(static_cast<std::size_t>(state.range(0)));
  const std::size_t branches = all.network.branches().size();
  std::size_t instance = 0;
  for (auto _ : state) {
    for (std::size_t k = 0; k < branches; ++k) {
      all.network.set_resistance(k, Ohm{all.resistances[instance * branches + k]});
    }
    benchmark::DoNotOptimize(effective_resistance(all.network, all.port));
    instance = (instance + 1) % instances;
  }
  state.SetItemsProcessed(state.iterations());
}

#ifdef OHMSET_KLU
// The ordering and the pattern kept, as circuit simulators do it.
void klu_one_at_a_time(benchmark::State& state) {
  const Cells all = cells(static_cast<std::size_t>(state.range(0)));
  const auto branches = all.network.branches();
  const auto n = static_cast<int>(all.port.b);  // grounded at the last node
  std::vector<std::vector<int>> rows(static_cast<std::size_t>(n));
  for (int node = 0; node < n; ++node) rows[static_cast<std::size_t>(node)].push_back(node);
  for (const Branch& branch : branches) {
    if (branch.a == all.port.b || branch.b == all.port.b) continue;
    rows[branch.a].push_back(static_cast<int>(branch.b));
    rows[branch.b].push_back(static_cast<int>(branch.a));
  }
  std::vector<int> start{0};
  std::vector<int> row;
  for (std::vector<int>& column : rows) {
    std::sort(column.begin(), column.end());
    row.insert(row.end(), column.begin(), column.end());
    start.push_back(static_cast<int>(row.size()));
  }
  const auto entry = [&](std::size_t i, std::size_t column) {
    const auto first = row.begin() + start[column];
    return static_cast<std::size_t>(std::lower_bound(first, row.begin() + start[column + 1], static_cast<int>(i)) -
                                    row.begin());
  };
  std::vector<std::array<std::size_t, 4>> places;
  for (const Branch& branch : branches) {
    const bool grounded = branch.b == all.port.b;
    places.push_back({entry(branch.a, branch.a), grounded ? row.size() : entry(branch.b, branch.b),
                      grounded ? row.size() : entry(branch.a, branch.b),
                      grounded ? row.size() : entry(branch.b, branch.a)});
  }
  klu_common common;
  klu_defaults(&common);
  klu_symbolic* symbolic = klu_analyze(n, start.data(), row.data(), &common);
  klu_numeric* numeric = nullptr;
  std::vector<double> value(row.size() + 1);
  std::vector<double> x(static_cast<std::size_t>(n));
  std::size_t instance = 0;
  for (auto _ : state) {
    std::fill(value.begin(), value.end(), 0.0);
    for (std::size_t k = 0; k < branches.size(); ++k) {
      const double g = 1.0 / all.resistances[instance * branches.size() + k];
      value[places[k][0]] += g;
      value[places[k][1]] += g;
      value[places[k][2]] -= g;
      value[places[k][3]] -= g;
    }
    if (numeric == nullptr) {
      numeric = klu_factor(start.data(), row.data(), value.data(), symbolic, &common);
    } else {
      klu_refactor(start.data(), row.data(), value.data(), symbolic, numeric, &common);
    }
    std::fill(x.begin(), x.end(), 0.0);
    x[0] = 1.0;
    klu_solve(symbolic, numeric, n, 1, x.data(), &common);
    benchmark::DoNotOptimize(x.data());
    instance = (instance + 1) % instances;
  }
  state.SetItemsProcessed(state.iterations());
  klu_free_numeric(&numeric, &common);
  klu_free_symbolic(&symbolic, &common);
}
BENCHMARK(klu_one_at_a_time)->ArgName("side")->Arg(4)->Arg(8);
#endif

BENCHMARK(one_at_a_time)->ArgName("side")->Arg(4)->Arg(8);

}  // namespace

int main(int count, char** arguments) {
  for (const Simd simd : available_simd()) {
    const std::string name = "compiled/" + std::string(simd_names.at(static_cast<std::size_t>(simd)));
    const auto add = [&](const std::string& given_name, NetworkProgram::Given given) {
      benchmark::RegisterBenchmark((name + given_name).c_str(),
                                   [given, simd](auto& state) { compiled(state, given, simd); })
          ->ArgName("side")
          ->Arg(4)
          ->Arg(8);
    };
    add("/resistances", NetworkProgram::Given::resistances);
    add("/conductances", NetworkProgram::Given::conductances);
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
