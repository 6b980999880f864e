// How near a search of 30 to 60 switches comes in a second: relative errors over networks of several kinds, targets
// that some configuration hits to 1e-4. The argument is the kind: 0 a mesh of resistors and switches, 1 relays alone,
// 2 ideal switches among resistors, 3 any graph.
// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "design/switched_network.h"
#include "sim/nodal.h"

namespace ohmset::bench {
namespace {

enum class Kind { mesh, relays, ideal, any };

struct Asked {
  SwitchedNetwork switched{};
  Port port{};
  double target = 0.0;
};

class Maker {
 public:
  Maker(Kind kind, std::uint64_t seed) : kind_(kind), random_(seed) {}

  [[nodiscard]] Asked make() {
    const std::size_t switches = 30 + random_() % 31;
    kind_ == Kind::any ? any_graph(switches) : grid(switches);
    for (double r = infinity; !(r < 1e6 && r > 0.0);) {
      Configuration some(made_.switched.switches.size());
      for (std::size_t k = 0; k < some.size(); ++k) some.set(k, random_() % 3 != 0);
      r = effective_resistance(network_in(made_.switched, some), made_.port).value;
      made_.target = r * 1.0001;
    }
    return std::move(made_);
  }

 private:
  [[nodiscard]] double log_uniform(double low, double high) {
    return std::exp(std::uniform_real_distribution<double>(std::log(low), std::log(high))(random_));
  }

  void add(std::size_t a, std::size_t b, bool is_switch) {
    const std::size_t branch =
        made_.switched.network.add_resistor(fmt::format("r{}", count_++), a, b, Ohm{log_uniform(10.0, 1000.0)});
    if (!is_switch) return;
    SwitchBranch contact{.branch = branch, .on = Ohm{log_uniform(1.0, 50.0)}, .off = Ohm{log_uniform(1e5, 1e8)}};
    if (kind_ == Kind::relays) contact = {.branch = branch, .on = Ohm{50.0}, .off = Ohm{1e9}};
    if (kind_ == Kind::ideal) contact = {.branch = branch};
    made_.switched.switches.push_back(contact);
  }

  void grid(std::size_t switches) {
    const std::size_t side = kind_ == Kind::relays ? 2 + (switches + 9) / 12 : 7;
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    for (std::size_t k = 0; k < side * side; ++k) {
      if (k > 0) made_.switched.network.add_node();
      if (k % side > 0) pairs.emplace_back(k - 1, k);
      if (k >= side) pairs.emplace_back(k - side, k);
    }
    std::shuffle(pairs.begin(), pairs.end(), random_);
    if (kind_ == Kind::relays) switches = pairs.size();
    for (std::size_t k = 0; k < pairs.size(); ++k) add(pairs[k].first, pairs[k].second, k < switches);
    made_.port = {.a = side * side - 1, .b = 0};
  }

  void any_graph(std::size_t switches) {
    const std::size_t nodes = 10 + random_() % 15;
    for (std::size_t k = 1; k < nodes; ++k) {
      made_.switched.network.add_node();
      add(k, random_() % k, false);
    }
    for (std::size_t k = 0; k < switches; ++k) add(random_() % nodes, random_() % nodes, true);
    made_.port = {.a = nodes - 1, .b = 0};
  }

  Kind kind_;
  std::mt19937_64 random_;
  Asked made_{};
  std::size_t count_ = 0;
};

void network_in_a_second(benchmark::State& state) {
  std::vector<double> errors;
  for (auto _ : state) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const Asked asked = Maker(static_cast<Kind>(state.range(0)), seed).make();
      const SwitchedDesign design = program_network(asked.switched, asked.port, asked.target, {.time_limit = 1.0});
      errors.push_back(design.choices.empty() ? infinity : std::abs(design.choices[0].relative_error));
    }
  }
  std::sort(errors.begin(), errors.end());
  state.counters["median_error"] = errors[errors.size() / 2];
  state.counters["worst_error"] = errors.back();
}
BENCHMARK(network_in_a_second)->DenseRange(0, 3)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ohmset::bench
