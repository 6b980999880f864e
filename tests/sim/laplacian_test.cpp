// Grounded Laplacians against a hundred digits, closed forms and their own promises.
// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian.h"

#include <doctest/doctest.h>
#include <tbb/global_control.h>

#include <Eigen/SparseCholesky>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include "tests/sim/dense_oracle.h"

namespace {

using namespace ohmset;
using Real = boost::multiprecision::cpp_bin_float_100;
using Eigen::Index;

struct Graph {
  std::size_t nodes = 0;
  std::vector<Conductor> conductors{};
};

// Connected, with `extra` edges beyond a random tree; one node leaks to ground, some others may.
Graph random_graph(std::uint64_t seed, std::size_t nodes, std::size_t extra, double decades) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> exponent(-decades / 2.0, decades / 2.0);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine); };
  Graph graph{.nodes = nodes};
  for (std::size_t node = 1; node < nodes; ++node) {
    graph.conductors.push_back({.a = node, .b = below(node), .conductance = std::pow(10.0, exponent(engine))});
  }
  for (std::size_t k = 0; k < extra; ++k) {
    const std::size_t a = below(nodes);
    const std::size_t b = below(nodes + 1);
    if (a == b) continue;
    graph.conductors.push_back(
        {.a = a, .b = b == nodes ? Laplacian::ground : b, .conductance = std::pow(10.0, exponent(engine))});
  }
  graph.conductors.push_back({.a = below(nodes), .b = Laplacian::ground, .conductance = 1.0});
  return graph;
}

Real exact(Twofold x) { return Real(x.high) + Real(x.low); }

std::vector<Real> exact_potentials(const Graph& graph, const Matrix& injections) {
  oracle::Circuit<Real> circuit(graph.nodes + 1);
  for (const Conductor& c : graph.conductors) {
    circuit.connect(c.a, c.b == Laplacian::ground ? graph.nodes : c.b, exact(c.conductance));
  }
  for (std::size_t node = 0; node < graph.nodes; ++node) {
    circuit.injection[node] = injections(static_cast<Index>(node), 0);
  }
  circuit.fix(graph.nodes, 0);
  return circuit.potentials();
}

// Checks potentials and currents against the exact ones. Returns nothing; fails where a promise is broken.
void check_against_exact(const Graph& graph, const Matrix& injections, double relative_current_error) {
  const Laplacian laplacian(graph.nodes, graph.conductors);
  const Potentials x = laplacian.solve(injections);
  std::vector<Real> v = exact_potentials(graph, injections);
  v[graph.nodes] = 0;
  Real largest = 0;
  for (std::size_t node = 0; node < graph.nodes; ++node) {
    const Real error = abs(exact(x.at(node, 0)) - v[node]);
    CHECK(error <= Real(x.bound[node]));
    if (abs(v[node]) > largest) largest = abs(v[node]);
  }
  for (const double bound : x.bound) CHECK(Real(bound) <= Real(1e-14) * largest);
  for (std::size_t k = 0; k < graph.conductors.size(); ++k) {
    const Conductor& c = graph.conductors[k];
    const std::size_t b = c.b == Laplacian::ground ? graph.nodes : c.b;
    const Real current = exact(c.conductance) * (v[c.a] - v[b]);
    const Real error = abs(exact(laplacian.current(k, x, 0)) - current);
    CHECK(error <= Real(laplacian.current_bound(k, x)) + abs(current) * Real(1e-30));
    Real scale = 0;
    for (Index i = 0; i < injections.rows(); ++i) scale += Real(std::abs(injections(i, 0)));
    CHECK(error <= Real(relative_current_error) * scale);
  }
}

Matrix random_injections(std::uint64_t seed, std::size_t nodes, bool positive) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform(positive ? 0.0 : -1.0, 1.0);
  Matrix injections(static_cast<Index>(nodes), 1);
  for (Index i = 0; i < injections.rows(); ++i) injections(i, 0) = uniform(engine);
  return injections;
}

// A grid whose edges span `decades`, one corner leaking to ground.
Graph random_grid(std::uint64_t seed, std::size_t side, double decades) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> exponent(-decades / 2.0, decades / 2.0);
  Graph graph{.nodes = side * side};
  for (std::size_t i = 0; i < side; ++i) {
    for (std::size_t j = 0; j < side; ++j) {
      const std::size_t node = i * side + j;
      if (i > 0) graph.conductors.push_back({node, node - side, std::pow(10.0, exponent(engine))});
      if (j > 0) graph.conductors.push_back({node, node - 1, std::pow(10.0, exponent(engine))});
    }
  }
  graph.conductors.push_back({.a = 0, .b = Laplacian::ground, .conductance = 1.0});
  return graph;
}

}  // namespace

TEST_CASE("twelve decades in one network: potentials, currents and their bounds against a hundred digits") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const std::size_t nodes = 5 + 3 * seed;
    const Graph graph = random_graph(seed, nodes, 2 * nodes, 12.0);
    check_against_exact(graph, random_injections(seed, nodes, true), 1e-10);
    check_against_exact(graph, random_injections(seed, nodes, false), 1e-10);
  }
}

TEST_CASE("stiff rings of micro-ohms that hang on megohms keep their currents") {
  // Rings of 1 S .. 1e6 S joined by 1e-6 S: the currents within a ring are decided by differences of 1e-12 V.
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> near_one(0.5, 2.0);
    constexpr std::size_t rings = 4;
    constexpr std::size_t length = 8;
    Graph graph{.nodes = rings * length};
    for (std::size_t ring = 0; ring < rings; ++ring) {
      for (std::size_t k = 0; k < length; ++k) {
        graph.conductors.push_back(
            {.a = ring * length + k, .b = ring * length + (k + 1) % length, .conductance = 1e6 * near_one(engine)});
      }
      const std::size_t next = ring + 1 < rings ? (ring + 1) * length + 3 : Laplacian::ground;
      graph.conductors.push_back({.a = ring * length, .b = next, .conductance = 1e-6 * near_one(engine)});
    }
    check_against_exact(graph, random_injections(seed, graph.nodes, false), 1e-10);
  }
}

TEST_CASE("injections >= 0 give potentials accurate to their own size without refinement to help") {
  // A chain of falling conductances: the potentials themselves span the decades.
  constexpr std::size_t nodes = 30;
  Graph graph{.nodes = nodes};
  for (std::size_t k = 0; k < nodes; ++k) {
    graph.conductors.push_back({.a = k, .b = k == 0 ? Laplacian::ground : k - 1, .conductance = 1.0});
    graph.conductors.push_back({.a = k, .b = Laplacian::ground, .conductance = 10.0});
  }
  Matrix injections = Matrix::Zero(nodes, 1);
  injections(nodes - 1, 0) = 1.0;
  const Laplacian laplacian(graph.nodes, graph.conductors);
  const Potentials x = laplacian.solve(injections);
  const std::vector<Real> v = exact_potentials(graph, injections);
  CHECK(v[0] < Real(1e-30));
  for (std::size_t node = 0; node < nodes; ++node) {
    CHECK(abs(exact(x.at(node, 0)) - v[node]) <= Real(1e-13) * v[node]);
  }
}

TEST_CASE("a grid of thousands of nodes agrees with a sparse factorisation in long double") {
  using Sparse = Eigen::SparseMatrix<long double>;
  const Graph graph = random_grid(7, 60, 6.0);
  std::vector<Eigen::Triplet<long double>> stamps;
  for (const Conductor& c : graph.conductors) {
    const auto a = static_cast<int>(c.a);
    const long double g = c.conductance.high;
    stamps.emplace_back(a, a, g);
    if (c.b == Laplacian::ground) continue;
    const auto b = static_cast<int>(c.b);
    stamps.emplace_back(b, b, g);
    stamps.emplace_back(a, b, -g);
    stamps.emplace_back(b, a, -g);
  }
  Sparse G(static_cast<Index>(graph.nodes), static_cast<Index>(graph.nodes));
  G.setFromTriplets(stamps.begin(), stamps.end());
  const Matrix injections = random_injections(3, graph.nodes, false);
  const Eigen::Matrix<long double, Eigen::Dynamic, 1> v =
      Eigen::SimplicialLDLT<Sparse>(G).solve(injections.col(0).cast<long double>());
  const Laplacian laplacian(graph.nodes, graph.conductors);
  const Potentials x = laplacian.solve(injections);
  const long double largest = v.cwiseAbs().maxCoeff();
  for (std::size_t node = 0; node < graph.nodes; ++node) {
    const long double error = std::abs(x.high(static_cast<Index>(node), 0) - v[static_cast<Index>(node)]);
    CHECK(error <= 1e-12L * largest);
    CHECK(x.bound[node] <= 1e-15 * static_cast<double>(largest));
  }
}

TEST_CASE("the order of elimination does not change the answer beyond its bound") {
  const Graph graph = random_grid(5, 12, 8.0);
  const Matrix injections = random_injections(11, graph.nodes, false);
  const Potentials chosen = Laplacian(graph.nodes, graph.conductors).solve(injections);
  std::vector<std::size_t> order(graph.nodes);
  for (std::size_t k = 0; k < order.size(); ++k) order[k] = (k * 65) % graph.nodes;  // 65 and 144 are coprime
  const Potentials given = Laplacian(graph.nodes, graph.conductors, order).solve(injections);
  for (std::size_t node = 0; node < graph.nodes; ++node) {
    const double difference = std::abs((chosen.at(node, 0) - given.at(node, 0)).value());
    CHECK(difference <= chosen.bound[node] + given.bound[node]);
  }
}

TEST_CASE("columns are solved as if each stood alone, to within the bounds") {
  const Graph graph = random_graph(21, 60, 120, 6.0);
  Matrix injections(60, 5);
  for (Index c = 0; c < 5; ++c) injections.col(c) = random_injections(static_cast<std::uint64_t>(c), 60, false);
  const Laplacian laplacian(graph.nodes, graph.conductors);
  const Potentials together = laplacian.solve(injections);
  for (Index c = 0; c < 5; ++c) {
    const Potentials alone = laplacian.solve(injections.col(c));
    for (std::size_t node = 0; node < graph.nodes; ++node) {
      const double difference = std::abs((alone.at(node, 0) - together.at(node, static_cast<std::size_t>(c))).value());
      CHECK(difference <= alone.bound[node] + together.bound[node]);
    }
  }
}

TEST_CASE("any number of threads gives the same bytes") {
  const Graph graph = random_grid(9, 70, 6.0);
  const Matrix injections = random_injections(4, graph.nodes, false);
  const Potentials many = Laplacian(graph.nodes, graph.conductors).solve(injections);
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const Potentials single = Laplacian(graph.nodes, graph.conductors).solve(injections);
  CHECK(many.high == single.high);
  CHECK(many.low == single.low);
  CHECK(many.bound == single.bound);
}

TEST_CASE("a star of many leaves and an empty system are solved") {
  constexpr std::size_t leaves = 20000;
  std::vector<Conductor> conductors;
  for (std::size_t leaf = 1; leaf <= leaves; ++leaf) conductors.push_back({.a = 0, .b = leaf, .conductance = 2.0});
  conductors.push_back({.a = 0, .b = Laplacian::ground, .conductance = 1.0});
  const Laplacian star(leaves + 1, conductors);
  const Potentials x = star.solve(Matrix::Ones(leaves + 1, 1));
  CHECK(x.at(0, 0).value() == doctest::Approx(leaves + 1.0).epsilon(1e-14));
  CHECK(x.at(77, 0).value() == doctest::Approx(leaves + 1.5).epsilon(1e-14));
  CHECK(Laplacian(0, {}).solve(Matrix(0, 1)).bound.empty());
}

TEST_CASE("a malformed system is refused") {
  CHECK_THROWS_AS(Laplacian(2, {{0, 1, 1.0}}), std::invalid_argument);  // nothing leads to ground
  CHECK_THROWS_AS(Laplacian(1, {{0, 0, 1.0}}), std::invalid_argument);
  CHECK_THROWS_AS(Laplacian(1, {{1, 0, 1.0}}), std::invalid_argument);
  for (const double g : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(Laplacian(1, {{0, Laplacian::ground, g}}), std::invalid_argument);
  }
  const Laplacian fine(1, {{0, Laplacian::ground, 2.0}});
  CHECK_THROWS_AS((void)fine.solve(Matrix::Zero(2, 1)), std::invalid_argument);
  CHECK_THROWS_AS((void)fine.solve(Matrix::Constant(1, 1, std::nan(""))), std::invalid_argument);
  CHECK(fine.solve(Matrix::Ones(1, 1)).at(0, 0).value() == 0.5);
}
