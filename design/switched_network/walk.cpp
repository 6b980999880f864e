// SPDX-License-Identifier: Apache-2.0
#include "design/switched_network/walk.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sim/random.h"

namespace ohmset::switched {
namespace {

using Index = Eigen::Index;

// Shorts and opens are this much better or worse than the best or worst finite conductance while the walk looks around.
constexpr double extreme = 1e5;
// Updates drift: after so many moves the resistances are computed anew.
constexpr std::size_t fresh_every = 48;
// After so many moves the walk begins elsewhere.
constexpr std::size_t leg = 240;
static_assert(leg % fresh_every == 0);
// The walk keeps within a part of the target between these, drawn for each step: near it small moves are worth most,
// farther off there are more ways to go on.
constexpr double least_window = 1e-5;
constexpr double most_window = 1e-2;
// So many candidates of one step are computed anew at most.
constexpr std::size_t most_computed = 24;
// What the updates are off, relative, at most, when candidates are screened.
constexpr double most_drift = 1e-5;

struct Move {
  double error = infinity;  // ohm, as the updates have it
  std::size_t first = 0;
  std::size_t second = 0;  // first: one switch only
  bool operator==(const Move& other) const { return first == other.first && second == other.second; }
};

class Walk {
 public:
  Walk(const Terminals& terminals, Highs start, const WalkOrders& orders)
      : mesh_(terminals.mesh),
        contacts_(terminals.contacts),
        orders_(orders),
        highs_(std::move(start)),
        drift_(1e-12 * orders.resistance) {
    double best = 0.0;
    double worst = infinity;
    const auto see = [&](double g) {
      if (!(g > 0.0 && g < infinity)) return;
      best = std::max(best, g);
      worst = std::min(worst, g);
    };
    for (std::size_t p = 0; p < mesh_.size(); ++p) {
      for (std::size_t q = 0; q < p; ++q) see(mesh_.between(p, q));
    }
    for (const Contact& contact : contacts_) {
      see(contact.high);
      see(contact.low);
    }
    if (best == 0.0) best = worst = 1.0 / orders.resistance;
    for (const Contact& contact : contacts_) {
      high_.push_back(std::min(contact.high, extreme * best));
      low_.push_back(std::max(contact.low, worst / extreme));
    }
    number_reachable();
    inverse_step_.resize(contacts_.size());
    errors_.resize(contacts_.size());
  }

  void run() {
    if (rows_[0] < 0) return;  // the port is open, whatever the switches do
    bool known = false;
    for (std::size_t moves = 0; orders_.goes_on(); ++moves) {
      const std::array<std::uint64_t, 4> draws = philox_block({.seed = orders_.seed, .cell = moves}, 0);
      if (moves > 0 && moves % leg == 0) begin_elsewhere(moves);
      if (!known || moves % fresh_every == 0) known = resistances();
      const Move move = known ? step(draws) : Move{};
      if (move.error == infinity) {  // nowhere to go from here
        begin_elsewhere(moves);
        known = false;
        continue;
      }
      flip(move.first);
      if (move.second != move.first) flip(move.second);
      last_ = move;
    }
  }

 private:
  // Rows of the terminals that the port's second one, the ground, can reach at all.
  void number_reachable() {
    rows_.assign(mesh_.size(), -2);
    rows_[1] = -1;
    count_ = 0;
    std::vector<std::size_t> open{1};
    const auto reach = [&](std::size_t terminal) {
      if (rows_[terminal] != -2) return;
      rows_[terminal] = count_++;
      open.push_back(terminal);
    };
    while (!open.empty()) {
      const std::size_t p = open.back();
      open.pop_back();
      for (std::size_t q = 0; q < mesh_.size(); ++q) {
        if (q != p && mesh_.between(p, q) > 0.0) reach(q);
      }
      for (const Contact& contact : contacts_) {
        if (contact.p == p) reach(contact.q);
        if (contact.q == p) reach(contact.p);
      }
    }
  }

  // How a flip of the contact changes the number of closed switches.
  [[nodiscard]] int closes(std::size_t k) const { return highs_[k] == contacts_[k].high_is_closed ? -1 : 1; }
  [[nodiscard]] bool is_allowed(const Move& move) const {
    return closes(move.first) + (move.second == move.first ? 0 : closes(move.second)) <= may_close_;
  }
  void count_closed() {
    may_close_ = static_cast<std::ptrdiff_t>(orders_.at_most);
    for (std::size_t k = 0; k < contacts_.size(); ++k) may_close_ -= closes(k) < 0 ? 1 : 0;
  }

  // The resistances between the port (0) and the contacts (1 + k), as currents through one drive voltages across
  // another. False when rounding has the better of it.
  bool resistances() {
    Eigen::MatrixXd g = Eigen::MatrixXd::Zero(count_, count_);
    const auto add = [&](std::size_t p, std::size_t q, double conductance) {
      const Index i = rows_[p];
      const Index j = rows_[q];
      if (i == -2 || j == -2) return;
      if (i >= 0) g(i, i) += conductance;
      if (j >= 0) g(j, j) += conductance;
      if (i < 0 || j < 0) return;
      g(i, j) -= conductance;
      g(j, i) -= conductance;
    };
    for (std::size_t p = 0; p < mesh_.size(); ++p) {
      for (std::size_t q = 0; q < p; ++q) add(p, q, mesh_.between(p, q));
    }
    for (std::size_t k = 0; k < contacts_.size(); ++k) {
      add(contacts_[k].p, contacts_[k].q, highs_[k] ? high_[k] : low_[k]);
    }
    const auto size = static_cast<Index>(contacts_.size()) + 1;
    Eigen::MatrixXd ends = Eigen::MatrixXd::Zero(count_, size);
    const auto put = [&](Index column, std::size_t p, std::size_t q) {
      if (rows_[p] >= 0) ends(rows_[p], column) += 1.0;
      if (rows_[q] >= 0) ends(rows_[q], column) -= 1.0;
    };
    put(0, 0, 1);
    for (std::size_t k = 0; k < contacts_.size(); ++k) put(static_cast<Index>(k) + 1, contacts_[k].p, contacts_[k].q);
    const Eigen::LLT<Eigen::MatrixXd> factor(g);
    if (factor.info() != Eigen::Success) return false;
    resistances_.noalias() = ends.transpose() * factor.solve(ends);
    return std::isfinite(resistances_(0, 0));
  }

  // Of the contact's conductance when it is flipped.
  [[nodiscard]] double change(std::size_t k) const { return highs_[k] ? low_[k] - high_[k] : high_[k] - low_[k]; }
  void flip(std::size_t k) {
    const auto i = static_cast<Index>(k) + 1;
    column_ = resistances_.col(i);
    resistances_.noalias() -= (column_ / (1.0 / change(k) + column_(i))) * column_.transpose();
    highs_[k] = !highs_[k];
  }

  // Looks at all moves, offers the good ones and returns the one to make.
  Move step(const std::array<std::uint64_t, 4>& draws) {
    count_closed();
    Look look{.window = orders_.resistance * least_window * std::pow(most_window / least_window, to_uniform(draws[0])),
              .screen = orders_.reach() + 2.0 * drift_,
              .draw = draws[1]};
    found_.clear();
    for (std::size_t k = 0; k < contacts_.size(); ++k) {
      value_moves(k);
      for (std::size_t l = 0; l <= k; ++l) {
        const double error = errors_[l];
        if (error < look.window || error < look.nearest.error || error <= look.screen) {
          consider({.error = error, .first = k, .second = l}, look);
        }
      }
    }
    for (const Move& move : found_) compute(move);
    return look.chosen.error < infinity ? look.chosen : look.nearest;
  }

  // The errors of flipping a contact together with each one before it, and alone.
  void value_moves(std::size_t k) {
    const double* port = resistances_.data();
    const double* across = resistances_.col(static_cast<Index>(k) + 1).data();
    const double missing = port[0] - orders_.resistance;
    const double a = 1.0 / change(k) + across[k + 1];
    const double u = port[k + 1];
    inverse_step_[k] = a;
    for (std::size_t l = 0; l < k; ++l) {
      const double b = inverse_step_[l];
      const double w = port[l + 1];
      const double c = across[l + 1];
      errors_[l] = std::abs((b * u * u - 2.0 * c * u * w + a * w * w) / (a * b - c * c) - missing);
    }
    errors_[k] = std::abs(u * u / a - missing);
  }

  // A step's view: what is near enough to be gone to, near enough to be computed, and the best of both so far.
  struct Look {
    double window = 0.0;
    double screen = 0.0;
    std::uint64_t draw = 0;
    Move nearest{};
    Move chosen{};
    std::uint64_t least_draw = ~std::uint64_t{0};
  };
  void consider(const Move& move, Look& look) {
    if (move == last_ || !is_allowed(move)) return;
    if (move.error <= look.screen && found_.size() < most_computed) found_.push_back(move);
    if (move.error < look.nearest.error) look.nearest = move;
    if (move.error >= look.window) return;
    // Each move in the window is as likely as any other.
    const std::uint64_t draw = (look.draw ^ (move.first << 32U | move.second)) * 0x9E3779B97F4A7C15U;
    if (draw >= look.least_draw) return;
    look.least_draw = draw;
    look.chosen = move;
  }

  void compute(const Move& move) {
    const auto turn = [&](std::size_t k) { highs_[k] = !highs_[k]; };
    turn(move.first);
    if (move.second != move.first) turn(move.second);
    actual_ = contacts_;
    for (std::size_t k = 0; k < contacts_.size(); ++k) {
      if (!highs_[k]) actual_[k].high = actual_[k].low;
    }
    const double conductance = mesh_.between_ports(actual_, true, scratch_);
    if (conductance > 0.0 && conductance < infinity) orders_.offer(highs_, conductance);
    const double off = std::abs(std::abs(1.0 / conductance - orders_.resistance) - move.error);
    drift_ = std::min(drift_ * (off > drift_ ? 1.15 : 0.95), most_drift * orders_.resistance);
    turn(move.first);
    if (move.second != move.first) turn(move.second);
  }

  // Some switches closed, as many as may be.
  void begin_elsewhere(std::uint64_t moves) {
    const double density = uniform({.seed = orders_.seed, .die = 1, .cell = moves}, Draw::choice);
    std::size_t left = orders_.at_most;
    for (std::size_t k = 0; k < contacts_.size(); ++k) {
      const bool closes =
          uniform({.seed = orders_.seed, .die = 1, .cell = moves, .device = k + 1}, Draw::choice) < density && left > 0;
      left -= closes ? 1 : 0;
      highs_[k] = closes == contacts_[k].high_is_closed;
    }
    last_ = {};
  }

  const Mesh& mesh_;
  const std::vector<Contact>& contacts_;
  const WalkOrders& orders_;
  Highs highs_;
  std::vector<double> high_{};  // finite and above 0, as the updates need them
  std::vector<double> low_{};
  std::vector<Index> rows_{};  // of terminals; -1: the ground, -2: not to be reached
  Index count_ = 0;
  Eigen::MatrixXd resistances_{};
  Eigen::VectorXd column_{};
  std::vector<double> inverse_step_{};
  std::vector<double> errors_{};
  std::vector<Move> found_{};
  std::vector<Contact> actual_{};
  Mesh scratch_{};
  Move last_{};
  std::ptrdiff_t may_close_ = 0;  // so many more
  double drift_;
};

}  // namespace

void walk(const Terminals& terminals, Highs start, const WalkOrders& orders) {
  if (terminals.contacts.size() < 2) return;
  Walk(terminals, std::move(start), orders).run();
}

}  // namespace ohmset::switched
