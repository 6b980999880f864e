// Refinement: x <- x + G^-1 (i - G x), the residual in twice the precision and edge by edge, since an assembled
// diagonal has lost what the edges know. A solve errs by at most accuracy() G^-1 |r|, entry by entry, so each
// refinement also proves how good it left x; the residual's own roundings are bounded the same way.
// SPDX-License-Identifier: Apache-2.0
#include "sim/laplacian.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "sim/laplacian/conjugate_gradients.h"
#include "sim/laplacian/separator.h"
#include "sim/laplacian/star_mesh.h"

namespace ohmset {

namespace {

using Eigen::Index;

constexpr double twofold_unit = 0x1p-102;  // relative error of a few twofold operations
constexpr double voltage_goal = 0x1p-60;   // of the largest potential
constexpr double current_goal = 0x1p-50;   // of the largest current
constexpr int most_refinements = 12;
constexpr std::size_t worth_estimating = 60'000;  // nodes from which on an ordering takes much longer than an estimate
constexpr double doubtful = 4.0;                  // times the limit: where the estimate alone decides

}  // namespace

struct Laplacian::Impl {
  std::size_t nodes;
  std::vector<Conductor> conductors;
  SolveMethod method;
  SolveLimits limits{};
  std::vector<double> degree{};  // sum of a node's conductances
  // One of the two, until the second gives way to the first.
  mutable std::mutex giving_way{};
  mutable std::optional<laplacian::StarMesh> factor{};
  std::optional<laplacian::ConjugateGradients> iteration{};

  Impl(std::size_t n, std::vector<Conductor> given, std::span<const std::size_t> order, const SolveOptions& options);

  // Factors when the analysis keeps within the limits.
  bool make_factor(std::span<const std::size_t> order, double most_bytes, double most_operations) const;
  [[nodiscard]] const laplacian::StarMesh* ready_factor() const;
  // After conjugate gradients have missed their tolerance: whether elimination answers instead.
  [[nodiscard]] bool give_way() const;
  [[nodiscard]] Potentials eliminate(const Matrix& high, const Matrix& low) const;
  // Nothing when elimination can do better.
  [[nodiscard]] std::optional<Potentials> iterate(const Matrix& high, const Matrix& low) const;
  // residual in columns 0 .. k - 1; then the largest of each row, and the bound of its roundings
  Matrix residual(const Matrix& high, const Matrix& low, const Potentials& x) const;
  bool refine(Potentials& x, const Matrix& residual) const;
  bool good_enough(const Potentials& x) const;
};

Laplacian::Impl::Impl(std::size_t n, std::vector<Conductor> given, std::span<const std::size_t> order,
                      const SolveOptions& options)
    : nodes(n), conductors(std::move(given)), method(options.method), limits(options.limits), degree(n, 0.0) {
  if (!order.empty() && order.size() != nodes) throw std::invalid_argument("the order must list every node once");
  for (const Conductor& conductor : conductors) {
    const double g = conductor.conductance.high;
    const bool to_ground = conductor.b == ground;
    if (!(g > 0.0) || !std::isfinite(g) || conductor.a >= nodes || (!to_ground && conductor.b >= nodes) ||
        conductor.a == conductor.b) {
      throw std::invalid_argument("a conductor needs two nodes and a finite conductance > 0");
    }
    degree[conductor.a] += g;
    if (!to_ground) degree[conductor.b] += g;
  }
  constexpr double any = std::numeric_limits<double>::infinity();
  const bool eliminates =
      method == SolveMethod::elimination
          ? make_factor(order, any, any)
          : method == SolveMethod::automatic &&
                make_factor(order, limits.factor_bytes,
                            limits.factor_operations + limits.operations_per_node * static_cast<double>(nodes));
  if (!eliminates) iteration.emplace(nodes, conductors);
}

bool Laplacian::Impl::make_factor(std::span<const std::size_t> order, double most_bytes, double most_operations) const {
  laplacian::Supernodes supernodes;
  {
    std::vector<laplacian::Edge> pattern;
    pattern.reserve(conductors.size());
    for (const Conductor& conductor : conductors) {
      if (conductor.b != ground) pattern.push_back({.a = conductor.a, .b = conductor.b});
    }
    if (std::isfinite(most_operations) && nodes > worth_estimating) {
      const double front = laplacian::separator_estimate(nodes, pattern);
      if (front * front * front / 3.0 > doubtful * most_operations) return false;
    }
    supernodes = laplacian::analyse(nodes, pattern, order);
  }
  if (supernodes.bytes() > most_bytes || supernodes.operations() > most_operations) return false;
  std::vector<laplacian::WeightedEdge> edges;
  edges.reserve(conductors.size());
  std::vector<double> leaks(nodes, 0.0);
  for (const Conductor& conductor : conductors) {
    const double g = conductor.conductance.high;
    if (conductor.b == ground) {
      leaks[conductor.a] += g;
    } else {
      edges.push_back({.a = conductor.a, .b = conductor.b, .conductance = g});
    }
  }
  factor.emplace(std::move(supernodes), edges, leaks);
  return true;
}

const laplacian::StarMesh* Laplacian::Impl::ready_factor() const {
  const std::scoped_lock lock(giving_way);
  return factor ? &*factor : nullptr;
}

bool Laplacian::Impl::give_way() const {
  if (method != SolveMethod::automatic) return false;
  const std::scoped_lock lock(giving_way);
  return factor || make_factor({}, limits.last_resort_bytes, std::numeric_limits<double>::infinity());
}

Matrix Laplacian::Impl::residual(const Matrix& high, const Matrix& low, const Potentials& x) const {
  const Index columns = high.cols();
  Matrix sum = Matrix::Zero(high.rows(), columns + 2);
  Matrix rest = Matrix::Zero(high.rows(), columns);
  sum.leftCols(columns) = high;
  if (low.size() > 0) rest = low;
  const auto add = [](double& to_high, double& to_low, Twofold term) {
    const Twofold total = Twofold(to_high, to_low) + term;
    to_high = total.high;
    to_low = total.low;
  };
  for (const Conductor& conductor : conductors) {
    const auto a = static_cast<Index>(conductor.a);
    const bool to_ground = conductor.b == ground;
    const Index b = to_ground ? a : static_cast<Index>(conductor.b);
    for (Index c = 0; c < columns; ++c) {
      Twofold difference(x.high(a, c), x.low(a, c));
      if (!to_ground) difference -= Twofold(x.high(b, c), x.low(b, c));
      const Twofold current = conductor.conductance * difference;
      add(sum(a, c), rest(a, c), -current);
      if (!to_ground) add(sum(b, c), rest(b, c), current);
    }
  }
  double largest = 0.0;
  for (Index node = 0; node < high.rows(); ++node) {
    sum.row(node).head(columns) += rest.row(node);
    sum(node, columns) = columns > 0 ? sum.row(node).head(columns).cwiseAbs().maxCoeff() : 0.0;
    largest = std::max(largest, columns > 0 ? x.high.row(node).cwiseAbs().maxCoeff() : 0.0);
  }
  for (Index node = 0; node < high.rows(); ++node) {
    const double injected = columns > 0 ? high.row(node).cwiseAbs().maxCoeff() : 0.0;
    sum(node, columns + 1) = twofold_unit * (4.0 * degree[static_cast<std::size_t>(node)] * largest + injected);
  }
  return sum;
}

bool Laplacian::Impl::good_enough(const Potentials& x) const {
  const double largest = x.high.size() > 0 ? x.high.cwiseAbs().maxCoeff() : 0.0;
  double current = 0.0;
  double current_error = 0.0;
  double voltage_error = 0.0;
  for (const double bound : x.bound) voltage_error = std::max(voltage_error, bound);
  for (const Conductor& conductor : conductors) {
    const auto a = static_cast<Index>(conductor.a);
    const double g = conductor.conductance.high;
    const bool to_ground = conductor.b == ground;
    current_error = std::max(current_error, g * (x.bound[conductor.a] + (to_ground ? 0.0 : x.bound[conductor.b])));
    for (Index c = 0; c < x.high.cols(); ++c) {
      double difference = x.high(a, c);
      if (!to_ground) {
        const auto b = static_cast<Index>(conductor.b);
        difference = (difference - x.high(b, c)) + (x.low(a, c) - x.low(b, c));
      }
      current = std::max(current, g * std::abs(difference));
    }
  }
  return voltage_error <= voltage_goal * largest && current_error <= current_goal * current;
}

// Returns whether going on can help.
bool Laplacian::Impl::refine(Potentials& x, const Matrix& residual) const {
  const Index columns = x.high.cols();
  Matrix step = residual;
  factor->solve_in_place(step);
  const double accuracy = factor->accuracy();
  double worst = 0.0;
  double worst_before = 0.0;
  std::vector<double> bound(nodes);
  for (std::size_t node = 0; node < nodes; ++node) {
    const auto i = static_cast<Index>(node);
    // The two bounding columns have an error themselves, and the residual was rounded to double.
    bound[node] = 2.0 * ((accuracy + 0x1p-52) * step(i, columns) + step(i, columns + 1));
    double largest = 0.0;
    for (Index c = 0; c < columns; ++c) {
      const Twofold sum = Twofold(x.high(i, c), x.low(i, c)) + Twofold(step(i, c));
      x.high(i, c) = sum.high;
      x.low(i, c) = sum.low;
      largest = std::max(largest, std::abs(sum.high));
    }
    bound[node] += twofold_unit * largest;
    worst = std::max(worst, bound[node]);
    worst_before = std::max(worst_before, x.bound[node]);
  }
  x.bound = std::move(bound);
  return worst < 0.5 * worst_before;
}

Laplacian::Laplacian(std::size_t nodes, std::vector<Conductor> conductors, std::span<const std::size_t> order)
    : impl_(std::make_unique<Impl>(nodes, std::move(conductors), order,
                                   SolveOptions{.method = SolveMethod::elimination})) {}
Laplacian::Laplacian(std::size_t nodes, std::vector<Conductor> conductors, const SolveOptions& options)
    : impl_(std::make_unique<Impl>(nodes, std::move(conductors), std::span<const std::size_t>{}, options)) {}
Laplacian::~Laplacian() = default;
Laplacian::Laplacian(Laplacian&&) noexcept = default;
Laplacian& Laplacian::operator=(Laplacian&&) noexcept = default;

std::size_t Laplacian::size() const { return impl_->nodes; }
std::span<const Conductor> Laplacian::conductors() const { return impl_->conductors; }

SolveMethod Laplacian::method() const {
  return impl_->ready_factor() != nullptr ? SolveMethod::elimination : SolveMethod::conjugate_gradients;
}

Potentials Laplacian::solve(const Matrix& high, const Matrix& low) const {
  const auto rows = static_cast<Index>(impl_->nodes);
  if (high.rows() != rows || (low.size() > 0 && (low.rows() != rows || low.cols() != high.cols()))) {
    throw std::invalid_argument("injections need one row for every node");
  }
  if (!high.allFinite()) throw std::invalid_argument("injections need to be finite");
  if (high.size() == 0) {
    return {.high = high, .low = Matrix::Zero(rows, high.cols()), .bound = std::vector<double>(impl_->nodes, 0.0)};
  }
  if (impl_->ready_factor() == nullptr) {
    if (std::optional<Potentials> x = impl_->iterate(high, low)) return *std::move(x);
  }
  return impl_->eliminate(high, low);
}

Potentials Laplacian::Impl::eliminate(const Matrix& high, const Matrix& low) const {
  Potentials x{.high = high,
               .low = Matrix::Zero(high.rows(), high.cols()),
               .bound = std::vector<double>(nodes, std::numeric_limits<double>::infinity())};
  factor->solve_in_place(x.high);
  for (int k = 0; k < most_refinements; ++k) {
    const bool improves = refine(x, residual(high, low, x));
    if (!improves || good_enough(x)) break;
  }
  return x;
}

std::optional<Potentials> Laplacian::Impl::iterate(const Matrix& high, const Matrix& low) const {
  using Goal = laplacian::ConjugateGradients::Goal;
  Potentials x{.high = Matrix::Zero(high.rows(), high.cols()), .low = Matrix::Zero(high.rows(), high.cols())};
  double error_energy = 0.0;
  std::vector<Twofold> injection(nodes);
  for (Index c = 0; c < high.cols(); ++c) {
    for (std::size_t node = 0; node < nodes; ++node) {
      const auto i = static_cast<Index>(node);
      injection[node] = {high(i, c), low.size() > 0 ? low(i, c) : 0.0};
    }
    const auto column = iteration->solve(injection, Goal::potentials);
    if (!column.met && give_way()) return std::nullopt;
    error_energy = std::max(error_energy, column.error_energy);
    for (std::size_t node = 0; node < nodes; ++node) {
      x.high(static_cast<Index>(node), c) = column.potentials[node].high;
      x.low(static_cast<Index>(node), c) = column.potentials[node].low;
    }
  }
  x.error_energy = error_energy;
  x.bound.resize(nodes);
  for (std::size_t node = 0; node < nodes; ++node) x.bound[node] = iteration->potential_bound(node, error_energy);
  return x;
}

std::optional<Bounded> Laplacian::resistance(std::size_t a, std::size_t b) const {
  if (!impl_->iteration) throw std::invalid_argument("resistance() is for conjugate gradients");
  for (const std::size_t node : {a, b}) {
    if (node != ground && node >= impl_->nodes) throw std::invalid_argument("a port needs existing nodes");
  }
  std::vector<Twofold> injection(impl_->nodes);
  if (a != ground) injection[a] += Twofold(1.0);
  if (b != ground) injection[b] -= Twofold(1.0);
  const auto column = impl_->iteration->solve(injection, laplacian::ConjugateGradients::Goal::energy);
  if (!column.met && impl_->give_way()) return std::nullopt;
  return column.energy;
}

Twofold current_through(Twofold conductance, Twofold a, Twofold b) {
  const Twofold difference = a - b;
  if (std::abs(difference.high) <= twofold_unit * (std::abs(a.high) + std::abs(b.high))) return {};
  return conductance * difference;
}

Twofold Laplacian::current(std::size_t conductor, const Potentials& potentials, std::size_t column) const {
  const Conductor& path = impl_->conductors[conductor];
  return current_through(path.conductance, potentials.at(path.a, column),
                         path.b == ground ? Twofold{} : potentials.at(path.b, column));
}

// Twice the potentials' bounds, which are at least what current_through takes for 0; or what one edge can take of the
// energy of the error.
double Laplacian::current_bound(std::size_t conductor, const Potentials& potentials) const {
  const Conductor& path = impl_->conductors[conductor];
  const double g = path.conductance.high;
  return std::min(2.0 * g * (potentials.bound[path.a] + (path.b == ground ? 0.0 : potentials.bound[path.b])),
                  std::sqrt(g * potentials.error_energy) * (1.0 + 0x1p-18));
}

}  // namespace ohmset
