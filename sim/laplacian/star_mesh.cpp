// Multifrontal star-mesh elimination. Eliminating node p with conductances c_pj to its neighbours, leak l_p and
// d_p = l_p + sum_j c_pj leaves c_jk + c_pj c_pk / d_p between its neighbours and l_j + c_pj l_p / d_p from them to
// ground: sums, products and quotients of numbers >= 0.
//
// Why accuracy() is a bound. Each step commits a relative error of a few roundings in the conductances it writes, which
// is the same as having eliminated exactly in a network whose conductances differ by that much. By the matrix-tree
// theorem an entry of G^-1 is a quotient of two polynomials in the conductances with coefficients >= 0 and degrees
// n - 1 and n, so a relative error e in the conductances moves it by at most (2n - 1) e (to first order). Steps in
// disjoint subtrees write disjoint terms, so their errors do not add: the longest path from a leaf to the root counts.
// In the solves an entry of the result is a sum of products along such a path, each with one rounding per operation.
// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian/star_mesh.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "sim/twofold.h"

namespace ohmset::laplacian {

namespace {

using Eigen::Index;
using Front = Eigen::MatrixXd;  // column-major, lower triangle without its diagonal

constexpr std::size_t panel_width = 32;
constexpr std::size_t block_width = 96;
constexpr std::size_t parallel_front = 384;  // fronts from this size on are updated by several threads

// The mesh that a supernode leaves among the nodes it connects to.
struct Mesh {
  Front between{};
  Eigen::VectorXd leaks{};
};

// The original edges of each position to later ones.
struct LowerEdges {
  std::vector<std::size_t> start{};
  std::vector<std::size_t> row{};
  std::vector<double> conductance{};
};

LowerEdges sort_edges(const Supernodes& tree, std::span<const WeightedEdge> edges) {
  std::vector<std::size_t> position(tree.node_at.size());
  for (std::size_t p = 0; p < position.size(); ++p) position[tree.node_at[p]] = p;
  LowerEdges lower;
  lower.start.assign(position.size() + 1, 0);
  for (const WeightedEdge& edge : edges) ++lower.start[std::min(position[edge.a], position[edge.b]) + 1];
  for (std::size_t p = 0; p < position.size(); ++p) lower.start[p + 1] += lower.start[p];
  std::vector<std::size_t> at(lower.start.begin(), lower.start.end() - 1);
  lower.row.resize(edges.size());
  lower.conductance.resize(edges.size());
  for (const WeightedEdge& edge : edges) {
    const auto [p, q] = std::minmax({position[edge.a], position[edge.b]});
    lower.row[at[p]] = q;
    lower.conductance[at[p]++] = edge.conductance;
  }
  return lower;
}

// A sum of numbers >= 0 to within two roundings.
double accurate_sum(const double* values, std::size_t count) {
  std::array<double, 4> high{};
  std::array<double, 4> low{};
  for (std::size_t i = 0; i < count; ++i) {
    const Twofold sum = exact_sum(high[i % 4], values[i]);
    high[i % 4] = sum.high;
    low[i % 4] += sum.low;
  }
  Twofold total;
  for (std::size_t lane = 0; lane < 4; ++lane) total += ordered_sum(high[lane], low[lane]);
  return total.value();
}

// Adds columns [from, to) of what the panel's pivots leave to the rest of the front.
void add_products(Front& front, const Eigen::Ref<const Eigen::MatrixXd>& conductances, std::size_t panel,
                  std::size_t width, std::size_t from, std::size_t to) {
  const auto rows = front.rows() - static_cast<Index>(from);
  const auto columns = static_cast<Index>(to - from);
  front.block(static_cast<Index>(from), static_cast<Index>(from), rows, columns).noalias() +=
      conductances.block(static_cast<Index>(from), 0, rows, static_cast<Index>(width)) *
      front.block(static_cast<Index>(from), static_cast<Index>(panel), columns, static_cast<Index>(width)).transpose();
}

// Eliminates the front's first `own` nodes; their columns become the weights c_jp / d_p. Returns the pivots d_p.
std::vector<double> eliminate(Front& front, Eigen::VectorXd& leaks, std::size_t own) {
  const auto size = static_cast<std::size_t>(front.rows());
  std::vector<double> pivots(own);
  Eigen::MatrixXd conductances(front.rows(), static_cast<Index>(std::min(own, panel_width)));
  for (std::size_t panel = 0; panel < own; panel += panel_width) {
    const std::size_t end = std::min(own, panel + panel_width);
    for (std::size_t p = panel; p < end; ++p) {
      double* column = &front(0, static_cast<Index>(p));
      double* kept = &conductances(0, static_cast<Index>(p - panel));
      const double leak = leaks[static_cast<Index>(p)];
      const double pivot = leak + accurate_sum(column + p + 1, size - p - 1);
      if (!(pivot > 0.0) || !std::isfinite(pivot)) {
        throw std::invalid_argument("a Laplacian needs finite conductances and a path to ground from every node");
      }
      pivots[p] = pivot;
      for (std::size_t j = p + 1; j < size; ++j) {
        kept[j] = column[j];
        column[j] /= pivot;
        leaks[static_cast<Index>(j)] += column[j] * leak;
      }
      for (std::size_t q = p + 1; q < end; ++q) {
        const double to_q = kept[q];
        if (to_q == 0.0) continue;
        double* next = &front(0, static_cast<Index>(q));
        for (std::size_t j = q + 1; j < size; ++j) next[j] += to_q * column[j];
      }
    }
    const std::size_t blocks = (size - end + block_width - 1) / block_width;
    const auto update = [&](std::size_t block) {
      const std::size_t from = end + block * block_width;
      add_products(front, conductances, panel, end - panel, from, std::min(size, from + block_width));
    };
    if (size - end >= parallel_front) {
      tbb::parallel_for(std::size_t{0}, blocks, update);
    } else {
      for (std::size_t block = 0; block < blocks; ++block) update(block);
    }
  }
  return pivots;
}

// Everything the fronts share while the network is being eliminated.
struct Elimination {
  const Supernodes& tree;
  const LowerEdges& edges;
  std::span<const double> leaks;
  const std::vector<std::size_t>& weights_at;
  const std::vector<std::vector<std::size_t>>& children;
  std::vector<Mesh> meshes;
  std::vector<double>& weights;
  std::vector<double>& pivots;

  [[nodiscard]] std::span<const std::size_t> rows(std::size_t s) const {
    return std::span(tree.rows).subspan(tree.begin[s], tree.begin[s + 1] - tree.begin[s]);
  }
  void run(std::size_t s);
  void gather_mesh(std::size_t child, std::span<const std::size_t> rows, Front& front, Eigen::VectorXd& leak);
};

void Elimination::gather_mesh(std::size_t child, std::span<const std::size_t> into, Front& front,
                              Eigen::VectorXd& leak) {
  const Mesh mesh = std::move(meshes[child]);
  meshes[child] = {};
  const std::size_t own = tree.first[child + 1] - tree.first[child];
  const auto from = rows(child).subspan(own);
  std::vector<Index> local(from.size());
  auto at = into.begin();
  for (std::size_t i = 0; i < from.size(); ++i) {
    at = std::lower_bound(at, into.end(), from[i]);
    local[i] = at - into.begin();
  }
  for (std::size_t j = 0; j < local.size(); ++j) {
    const double* column = &mesh.between(0, static_cast<Index>(j));
    double* target = &front(0, local[j]);
    for (std::size_t i = j + 1; i < local.size(); ++i) target[local[i]] += column[i];
    leak[local[j]] += mesh.leaks[static_cast<Index>(j)];
  }
}

void Elimination::run(std::size_t s) {
  const auto into = rows(s);
  const std::size_t first = tree.first[s];
  const std::size_t own = tree.first[s + 1] - first;
  const auto size = static_cast<Index>(into.size());
  Front front = Front::Zero(size, size);
  Eigen::VectorXd leak = Eigen::VectorXd::Zero(size);
  for (std::size_t p = first; p < first + own; ++p) {
    const auto column = static_cast<Index>(p - first);
    leak[column] = leaks[tree.node_at[p]];
    for (std::size_t e = edges.start[p]; e < edges.start[p + 1]; ++e) {
      const auto row = std::lower_bound(into.begin(), into.end(), edges.row[e]) - into.begin();
      front(row, column) += edges.conductance[e];
    }
  }
  for (const std::size_t child : children[s]) gather_mesh(child, into, front, leak);
  const std::vector<double> own_pivots = eliminate(front, leak, own);
  std::copy(own_pivots.begin(), own_pivots.end(), pivots.begin() + static_cast<std::ptrdiff_t>(first));
  std::transform(front.data(), front.data() + into.size() * own,
                 weights.begin() + static_cast<std::ptrdiff_t>(weights_at[s]), [](double weight) { return -weight; });
  const auto rest = size - static_cast<Index>(own);
  if (rest > 0) meshes[s] = {.between = front.bottomRightCorner(rest, rest), .leaks = leak.tail(rest)};
}

// Disjoint subtrees of at most a share of the whole work, as ranges of supernodes; what is left is listed in order.
struct Split {
  std::vector<std::pair<std::size_t, std::size_t>> subtrees{};
  std::vector<std::size_t> rest{};
};

Split split_work(const Supernodes& tree) {
  std::vector<double> work(tree.count());
  std::vector<std::size_t> lowest(tree.count());
  double total = 0.0;
  for (std::size_t s = 0; s < tree.count(); ++s) lowest[s] = s;
  for (std::size_t s = 0; s < tree.count(); ++s) {
    const auto rows = static_cast<double>(tree.begin[s + 1] - tree.begin[s]);
    const double own = rows * rows * static_cast<double>(tree.first[s + 1] - tree.first[s]) + 1000.0;
    work[s] += own;
    total += own;
    if (tree.parent[s] != none) {
      work[tree.parent[s]] += work[s];
      lowest[tree.parent[s]] = std::min(lowest[tree.parent[s]], lowest[s]);
    }
  }
  const double share = std::max(total / 32.0, 2e6);
  Split split;
  for (std::size_t s = 0; s < tree.count(); ++s) {
    if (work[s] > share) {
      split.rest.push_back(s);
    } else if (tree.parent[s] == none || work[tree.parent[s]] > share) {
      split.subtrees.emplace_back(lowest[s], s + 1);
    }
  }
  return split;
}

double proven_accuracy(const Supernodes& tree, const LowerEdges& edges) {
  std::vector<double> elimination(tree.count(), 0.0);
  std::vector<double> solving(tree.count(), 0.0);
  std::vector<double> children(tree.count(), 0.0);
  double longest_elimination = 0.0;
  double longest_solve = 0.0;
  for (std::size_t s = 0; s < tree.count(); ++s) {
    const auto own = static_cast<double>(tree.first[s + 1] - tree.first[s]);
    const auto rows = static_cast<double>(tree.begin[s + 1] - tree.begin[s]);
    std::size_t parallel = 0;
    for (std::size_t p = tree.first[s]; p < tree.first[s + 1]; ++p) {
      parallel = std::max(parallel, edges.start[p + 1] - edges.start[p]);
    }
    elimination[s] += 8.0 * own + children[s] + static_cast<double>(parallel) + 3.0;
    solving[s] += own * (rows + 8.0) + 4.0;
    longest_elimination = std::max(longest_elimination, elimination[s]);
    longest_solve = std::max(longest_solve, solving[s]);
    const std::size_t parent = tree.parent[s];
    if (parent == none) continue;
    elimination[parent] = std::max(elimination[parent], elimination[s]);
    solving[parent] = std::max(solving[parent], solving[s]);
    children[parent] += 1.0;
  }
  const auto nodes = static_cast<double>(tree.node_at.size());
  constexpr double unit = std::numeric_limits<double>::epsilon() / 2.0;
  const double first_order = unit * (2.0 * nodes * longest_elimination + 2.0 * longest_solve);
  return first_order < 0.25 ? first_order / (1.0 - 2.0 * first_order) : std::numeric_limits<double>::infinity();
}

}  // namespace

StarMesh::StarMesh(Supernodes supernodes, std::span<const WeightedEdge> edges, std::span<const double> leaks)
    : tree_(std::move(supernodes)) {
  const LowerEdges lower = sort_edges(tree_, edges);
  accuracy_ = proven_accuracy(tree_, lower);
  weights_at_.assign(tree_.count() + 1, 0);
  std::vector<std::vector<std::size_t>> children(tree_.count());
  for (std::size_t s = 0; s < tree_.count(); ++s) {
    weights_at_[s + 1] = weights_at_[s] + (tree_.begin[s + 1] - tree_.begin[s]) * (tree_.first[s + 1] - tree_.first[s]);
    if (tree_.parent[s] != none) children[tree_.parent[s]].push_back(s);
  }
  weights_.resize(weights_at_.back());
  pivots_.resize(tree_.node_at.size());
  Elimination elimination{.tree = tree_,
                          .edges = lower,
                          .leaks = leaks,
                          .weights_at = weights_at_,
                          .children = children,
                          .meshes = std::vector<Mesh>(tree_.count()),
                          .weights = weights_,
                          .pivots = pivots_};
  const Split split = split_work(tree_);
  const auto run_subtree = [&](std::size_t k) {
    for (std::size_t s = split.subtrees[k].first; s < split.subtrees[k].second; ++s) elimination.run(s);
  };
  if (split.subtrees.size() == 1) {
    run_subtree(0);
  } else {
    tbb::parallel_for(std::size_t{0}, split.subtrees.size(), run_subtree);
  }
  for (const std::size_t s : split.rest) elimination.run(s);
}

void StarMesh::solve_in_place(Matrix& columns) const {
  using ColumnMajor = Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>>;
  const Index width = columns.cols();
  Matrix y(columns.rows(), width);
  for (std::size_t p = 0; p < tree_.node_at.size(); ++p) {
    y.row(static_cast<Index>(p)) = columns.row(static_cast<Index>(tree_.node_at[p]));
  }
  Matrix outside(0, 0);
  const auto factor = [&](std::size_t s) {
    const auto rows = static_cast<Index>(tree_.begin[s + 1] - tree_.begin[s]);
    const auto own = static_cast<Index>(tree_.first[s + 1] - tree_.first[s]);
    return ColumnMajor(&weights_[weights_at_[s]], rows, own, Eigen::OuterStride<>(rows));
  };
  for (std::size_t s = 0; s < tree_.count(); ++s) {
    const auto L = factor(s);
    auto own = y.middleRows(static_cast<Index>(tree_.first[s]), L.cols());
    if (L.cols() > 1) L.topRows(L.cols()).triangularView<Eigen::UnitLower>().solveInPlace(own);
    const Index below = L.rows() - L.cols();
    if (below == 0) continue;
    outside.noalias() = L.bottomRows(below) * own;
    const std::size_t* row = &tree_.rows[tree_.begin[s] + static_cast<std::size_t>(L.cols())];
    for (Index i = 0; i < below; ++i) y.row(static_cast<Index>(row[i])) -= outside.row(i);
  }
  for (std::size_t s = tree_.count(); s-- > 0;) {
    const auto L = factor(s);
    auto own = y.middleRows(static_cast<Index>(tree_.first[s]), L.cols());
    for (Index p = 0; p < L.cols(); ++p) own.row(p) /= pivots_[tree_.first[s] + static_cast<std::size_t>(p)];
    const Index below = L.rows() - L.cols();
    if (below > 0) {
      const std::size_t* row = &tree_.rows[tree_.begin[s] + static_cast<std::size_t>(L.cols())];
      outside.resize(below, width);
      for (Index i = 0; i < below; ++i) outside.row(i) = y.row(static_cast<Index>(row[i]));
      own.noalias() -= L.bottomRows(below).transpose() * outside;
    }
    if (L.cols() > 1) L.topRows(L.cols()).triangularView<Eigen::UnitLower>().transpose().solveInPlace(own);
  }
  for (std::size_t p = 0; p < tree_.node_at.size(); ++p) {
    columns.row(static_cast<Index>(tree_.node_at[p])) = y.row(static_cast<Index>(p));
  }
}

}  // namespace ohmset::laplacian
