// Networks too large for elimination: conjugate gradients against elimination, and graphs whose answer is known.
// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <tuple>

#include "sim/laplacian.h"
#include "sim/nodal.h"

namespace {

using namespace ohmset;

constexpr SolveOptions by_iteration{.method = SolveMethod::conjugate_gradients};

struct Draw {
  std::mt19937_64 engine;
  explicit Draw(std::uint64_t seed) : engine(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); }
  Ohm ohm(double decades) {
    return Ohm{std::pow(10.0, std::uniform_real_distribution<double>(-decades / 2, decades / 2)(engine))};
  }
};

// A tree and more, of many shapes: with `hubs` new nodes hold on to old ones with many neighbours.
Network random_network(std::uint64_t seed, std::size_t nodes, std::size_t extra, double decades, bool hubs) {
  Draw draw(seed);
  Network network;
  for (Node node = 1; node < nodes; ++node) {
    network.add_node();
    network.add_resistor("t" + std::to_string(node), hubs ? draw.below(draw.below(node) + 1) : draw.below(node), node,
                         draw.ohm(decades));
  }
  for (std::size_t k = 0; k < extra; ++k) {
    network.add_resistor("x" + std::to_string(k), draw.below(nodes), draw.below(nodes), draw.ohm(decades));
  }
  return network;
}

// Sides of a box of unit resistors, or of a torus.
Network grid(std::array<std::size_t, 3> sides, bool torus, double decades = 0.0) {
  Draw draw(3);
  Network network;
  const std::size_t nodes = sides[0] * sides[1] * sides[2];
  for (std::size_t node = 1; node < nodes; ++node) network.add_node();
  const std::array<std::size_t, 3> stride{1, sides[0], sides[0] * sides[1]};
  for (std::size_t node = 0; node < nodes; ++node) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t at = node / stride.at(axis) % sides.at(axis);
      const bool last = at + 1 == sides.at(axis);
      if (sides.at(axis) == 1 || (last && !torus)) continue;
      const Node next = last ? node - at * stride.at(axis) : node + stride.at(axis);
      network.add_resistor("r" + std::to_string(3 * node + axis), node, next, draw.ohm(decades));
    }
  }
  return network;
}

double relative(double x, double y) { return std::abs(x - y) / std::abs(y); }

}  // namespace

TEST_CASE("conjugate gradients never err by more than they say, twelve decades and hubs included") {
  double tightest = 0.0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    CAPTURE(seed);
    Draw draw(seed + 7777);
    const std::size_t nodes = 2 + draw.below(60);
    const double decades = std::array{0.0, 2.0, 6.0, 12.0}.at(seed % 4);
    const Network network = random_network(seed, nodes, draw.below(3 * nodes), decades, seed % 3 == 0);
    const Port port{.a = draw.below(nodes), .b = draw.below(nodes)};
    const PortSolver exact(network, {.method = SolveMethod::elimination});
    const PortSolver iterated(network, by_iteration);
    const BoundedResistance r = iterated.bounded_resistances(std::span(&port, 1)).front();
    const BoundedResistance truth = exact.bounded_resistances(std::span(&port, 1)).front();
    REQUIRE(truth.method == SolveMethod::elimination);
    REQUIRE(r.method == SolveMethod::conjugate_gradients);
    const double error = std::abs(r.resistance.value - truth.resistance.value);
    REQUIRE(error <= r.error_bound + truth.error_bound);
    REQUIRE(r.error_bound <= 1e-10 * truth.resistance.value);

    const PortSolution all = iterated.solve(port);
    const PortSolution all_truth = exact.solve(port);
    REQUIRE(std::abs(all.resistance.value - truth.resistance.value) <= all.error_bound + truth.error_bound);
    REQUIRE(all.error_bound <= 1e-10 * truth.resistance.value);
    for (Node node = 0; node < nodes; ++node) {
      REQUIRE(std::abs(all.node_voltages[node] - all_truth.node_voltages[node]) <= 1e-10 * truth.resistance.value);
    }
    for (std::size_t k = 0; k < network.branches().size(); ++k) {
      REQUIRE(std::abs(all.branch_currents[k] - all_truth.branch_currents[k]) <= 1e-9);
    }
    if (r.error_bound > 0.0) tightest = std::max(tightest, error / r.error_bound);
  }
  CHECK(tightest > 1e-6);  // or nothing would have been tested
}

TEST_CASE("the bound of every potential holds, columns and extreme ratios included") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Draw draw(seed);
    const std::size_t nodes = 1 + draw.below(80);
    const double decades = std::array{0.0, 6.0, 12.0}.at(seed % 3);
    std::vector<Conductor> conductors;
    for (std::size_t node = 0; node < nodes; ++node) {
      const std::size_t other = draw.below(node + 1);
      const bool leaks = other == node || draw.below(9) == 0;
      conductors.push_back({node, leaks ? Laplacian::ground : other, Twofold(1.0) / Twofold(draw.ohm(decades).value)});
    }
    for (std::size_t k = 0; k < 2 * nodes; ++k) {
      const std::size_t a = draw.below(nodes);
      const std::size_t b = draw.below(nodes);
      if (a != b) conductors.push_back({a, b, Twofold(draw.ohm(decades).value)});
    }
    const Laplacian exact(nodes, conductors);
    const Laplacian iterated(nodes, conductors, {.method = SolveMethod::conjugate_gradients});
    Matrix injections = Matrix::Zero(static_cast<Eigen::Index>(nodes), 3);
    for (Eigen::Index c = 0; c < 3; ++c) {
      for (int k = 0; k < 4; ++k) {
        injections(static_cast<Eigen::Index>(draw.below(nodes)), c) += draw.ohm(6.0).value - draw.ohm(6.0).value;
      }
    }
    const Potentials truth = exact.solve(injections);
    const Potentials x = iterated.solve(injections);
    for (std::size_t node = 0; node < nodes; ++node) {
      for (std::size_t c = 0; c < 3; ++c) {
        const double error = std::abs((x.at(node, c) - truth.at(node, c)).value());
        REQUIRE(error <= x.bound[node] + truth.bound[node]);
      }
    }
  }
}

TEST_CASE("boxes and planes of resistors agree with elimination") {
  for (const auto& [sides, decades] : {std::tuple{std::array<std::size_t, 3>{20, 20, 20}, 0.0},
                                       std::tuple{std::array<std::size_t, 3>{20, 20, 20}, 9.0},
                                       std::tuple{std::array<std::size_t, 3>{90, 90, 1}, 0.0}}) {
    const Network network = grid(sides, false, decades);
    const Port port{.a = 0, .b = network.node_count() - 1};
    const PortSolution truth = PortSolver(network, {.method = SolveMethod::elimination}).solve(port);
    const PortSolution x = PortSolver(network, by_iteration).solve(port);
    CHECK(relative(x.resistance.value, truth.resistance.value) < 1e-14);
    CHECK(x.error_bound < 1e-10 * truth.resistance.value);
    double worst = 0.0;
    for (std::size_t k = 0; k < network.branches().size(); ++k) {
      worst = std::max(worst, std::abs(x.sensitivities[k] - truth.sensitivities[k]));
    }
    CHECK(worst < 1e-11);
  }
}

TEST_CASE("Foster: an edge of an edge-transitive graph of 1e5 nodes has n - 1 over m, whichever edge it is") {
  const Network torus = grid({48, 48, 48}, true);
  const auto n = static_cast<double>(torus.node_count());
  const auto m = static_cast<double>(torus.branches().size());
  const std::vector<Port> ports{{.a = 0, .b = 1}, {.a = 77777, .b = 77777 + 48}, {.a = 50000, .b = 50000 + 48 * 48}};
  for (const BoundedResistance& r : PortSolver(torus).bounded_resistances(ports)) {
    CHECK(r.method == SolveMethod::conjugate_gradients);
    CHECK(std::abs(r.resistance.value - (n - 1) / m) <= r.error_bound);
    CHECK(r.error_bound < 1e-11);
  }

  Network hypercube;
  constexpr std::size_t dimensions = 14;
  for (Node node = 1; node < (1U << dimensions); ++node) hypercube.add_node();
  for (Node node = 0; node < hypercube.node_count(); ++node) {
    for (std::size_t bit = 0; bit < dimensions; ++bit) {
      const Node other = node ^ (std::size_t{1} << bit);
      if (node < other) hypercube.add_resistor("r" + std::to_string(dimensions * node + bit), node, other, Ohm{2.0});
    }
  }
  const Port edge{.a = 5000, .b = 5001};
  const BoundedResistance r = PortSolver(hypercube).bounded_resistances(std::span(&edge, 1)).front();
  const auto nodes = static_cast<double>(hypercube.node_count());
  CHECK(r.method == SolveMethod::conjugate_gradients);
  CHECK(std::abs(r.resistance.value - 2.0 * (nodes - 1) / static_cast<double>(hypercube.branches().size())) <=
        r.error_bound);
}

TEST_CASE("paths, stars, rings and complete graphs have their closed forms by iteration too") {
  constexpr std::size_t nodes = 3000;
  Network path;
  Network star;
  Network ring;
  for (Node node = 1; node < nodes; ++node) {
    path.add_node();
    star.add_node();
    ring.add_node();
    path.add_resistor("p" + std::to_string(node), node - 1, node, Ohm{3.0});
    star.add_resistor("s" + std::to_string(node), 0, node, Ohm{3.0});
    ring.add_resistor("r" + std::to_string(node), node - 1, node, Ohm{3.0});
  }
  ring.add_resistor("r", nodes - 1, 0, Ohm{3.0});
  Network complete;
  for (Node node = 1; node < 200; ++node) {
    complete.add_node();
    for (Node other = 0; other < node; ++other) {
      complete.add_resistor(std::to_string(node) + "_" + std::to_string(other), node, other, Ohm{3.0});
    }
  }
  const auto between = [](const Network& network, Node a, Node b) {
    const Port port{.a = a, .b = b};
    return PortSolver(network, by_iteration).effective_resistance(port).value;
  };
  CHECK(relative(between(path, 17, 2900), 3.0 * (2900 - 17)) < 1e-14);
  CHECK(relative(between(star, 17, 2900), 6.0) < 1e-14);
  CHECK(relative(between(ring, 17, 1017), 3.0 * 1000 * (nodes - 1000) / nodes) < 1e-14);
  CHECK(relative(between(complete, 17, 180), 3.0 * 2.0 / 200.0) < 1e-14);
}

TEST_CASE("the method follows the graph: planes are eliminated, boxes iterated, and limits are kept") {
  const Port port{.a = 0, .b = 1};
  const auto method = [&](const Network& network, const SolveOptions& options) {
    return PortSolver(network, options).bounded_resistances(std::span(&port, 1)).front().method;
  };
  CHECK(method(grid({150, 150, 1}, false), {}) == SolveMethod::elimination);
  CHECK(method(grid({15, 15, 15}, false), {}) == SolveMethod::elimination);
  CHECK(method(grid({45, 45, 45}, false), {}) == SolveMethod::conjugate_gradients);
  CHECK(method(grid({15, 15, 15}, false), {.limits = {.factor_bytes = 1e5}}) == SolveMethod::conjugate_gradients);
  CHECK(method(grid({15, 15, 15}, false), {.limits = {.factor_operations = 1e5, .operations_per_node = 0.0}}) ==
        SolveMethod::conjugate_gradients);
}

TEST_CASE("open, shorted and joined ports are answered by iteration as well") {
  Network network;
  const Node a = network.node("a");
  const Node b = network.node("b");
  const Node c = network.node("c");
  const Node island = network.node("island");
  network.add_resistor("r1", 0, a, Ohm{2.0});
  network.add_resistor("short", a, b, Ohm{0.0});
  network.add_resistor("open", b, island, Ohm{infinity});
  network.add_resistor("r2", b, c, Ohm{5.0});
  network.add_resistor("r3", 0, c, Ohm{5.0});
  const PortSolver solver(network, by_iteration);
  CHECK(solver.effective_resistance({.a = a, .b = b}).value == 0.0);
  CHECK(solver.effective_resistance({.a = c, .b = c}).value == 0.0);
  CHECK(solver.effective_resistance({.a = a, .b = island}).value == infinity);
  CHECK(relative(solver.effective_resistance({.a = 0, .b = b}).value, 20.0 / 12.0) < 1e-15);
  CHECK(relative(solver.effective_resistance({.a = b, .b = c}).value, 35.0 / 12.0) < 1e-15);
  const OperatingPoint point = operating_point(network, by_iteration);
  CHECK(point.method == SolveMethod::conjugate_gradients);
  CHECK(point.floating == std::vector<Node>{island});
}

TEST_CASE("an operating point by iteration is the one by elimination, to within its bound") {
  Network network = grid({18, 18, 18}, false, 3.0);
  network.add_voltage_source("v", 5, 1000, Volt{2.0});
  network.add_current_source("i", 7, 4321, Ampere{0.25});
  const OperatingPoint truth = operating_point(network, {.method = SolveMethod::elimination});
  const OperatingPoint x = operating_point(network, by_iteration);
  CHECK(x.error_bound < 1e-9);
  for (Node node = 0; node < network.node_count(); ++node) {
    REQUIRE(std::abs(x.node_voltages[node] - truth.node_voltages[node]) <= x.error_bound + truth.error_bound);
  }
  CHECK(x.voltage_source_currents[0] == doctest::Approx(truth.voltage_source_currents[0]).epsilon(1e-11));
}

TEST_CASE("a Laplacian that iterates refuses what one that eliminates refuses") {
  const SolveOptions options = by_iteration;
  CHECK_THROWS_AS(Laplacian(2, {{0, Laplacian::ground, 1.0}}, options), std::invalid_argument);
  CHECK_THROWS_AS(Laplacian(1, {{0, 1, 1.0}}, options), std::invalid_argument);
  CHECK_THROWS_AS(Laplacian(1, {{0, Laplacian::ground, 0.0}}, options), std::invalid_argument);
  CHECK_THROWS_AS((void)Laplacian(1, {{0, Laplacian::ground, 1.0}}, options).resistance(0, 1), std::invalid_argument);
  CHECK_THROWS_AS((void)Laplacian(1, {{0, Laplacian::ground, 1.0}}).resistance(0, Laplacian::ground),
                  std::invalid_argument);
}
