// All banks as far off as their spreads allow, each to the side that moves one output further: a guess of the worst
// case, since outputs are not monotone in their banks, solved in full.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "design/crossbar_tolerance.h"
#include "design/crossbar_tolerance/bank_spread.h"
#include "design/crossbar_tolerance/judge.h"
#include "design/crossbar_tolerance/slopes.h"
#include "design/tolerance/living.h"
#include "sim/error.h"
#include "sim/random/elementary.h"

namespace ohmset {
namespace crossbar_tolerance {
namespace {

constexpr double most_sigmas = 8.0;  // beyond, quantiles are too near to 1 for a double

// P(N(0,1) <= sigmas)
double probability(double sigmas) {
  elementary::loops().normal_probabilities(&sigmas, 1);
  return sigmas;
}

void scale(double factor, BankArray& array) {
  for (double& resistance : array.resistances) {
    if (!draws::is_faulty(resistance)) resistance = draws::resistance(resistance, factor, 1.0);
  }
}

// Every device as it was made, `sigmas` off; the lot's factor is the caller's.
BankArray made_off(const Making& making, double sigmas) {
  const CrossbarQuestion& question = making.question();
  const Fabrication& fabrication = question.design.spec.bank.fabrication;
  BankArray array = making.typical();
  // The devices and switches of redesigned dies are known when they are designed; how they read is not.
  const bool redesigned = question.population == Population::redesigned;
  const double u = probability(sigmas);
  double factor = 1.0;
  if (!redesigned && making.random(Cause::resistance)) factor = ratio_quantile(fabrication.process, u);
  if (making.random(Cause::measurement)) {
    double reading = probability(-sigmas);
    draws::Meter(fabrication.measurement).factors({&reading, 1});
    factor = 1.0 / reading;
  }
  scale(factor, array);
  if (!redesigned && making.random(Cause::switch_on)) {
    array.switch_on.assign(array.resistances.size(), u);
    draws::switch_on(fabrication.switches, array.switch_on);
  }
  return array;
}

// In place: what each cause does to each device in a condition, all at once, `sigmas` off to the side that makes it
// larger (or, negative, smaller).
void live_off(const Making& making, std::size_t condition, double sigmas, BankArray& array) {
  const Life& life = making.lives()[condition];
  const std::size_t count = array.resistances.size();
  using tolerance::living_causes;
  std::array<std::vector<double>, living_causes.size()> scores{};
  Life::Scores all;
  for (std::size_t c = 0; c < living_causes.size(); ++c) {
    const Cause cause = living_causes.at(c);
    if (!making.random(cause) || !tolerance::needs(life, cause)) continue;
    std::vector<double> up = array.resistances;
    std::vector<double> down = array.resistances;
    std::vector<double>& own = scores.at(c);
    own.assign(count, -std::abs(sigmas));
    life.age(down, tolerance::scores_of(cause, own));
    own.assign(count, std::abs(sigmas));
    life.age(up, tolerance::scores_of(cause, own));
    for (std::size_t k = 0; k < count; ++k) own[k] = up[k] >= down[k] ? sigmas : -sigmas;
    tolerance::set_scores(all, cause, own);
  }
  life.age(array.resistances, all);
}

double lot_factor_at(const Making& making, double sigmas) {
  if (!making.random(Cause::lot)) return 1.0;
  double factor = probability(sigmas);
  draws::lot_factors(making.question().design.spec.bank.fabrication.process, {&factor, 1});
  return factor;
}

// What the banks conduct at the corner that makes the output largest (sign 1) or smallest (sign -1).
Matrix at_corner(const Making& making, const BankSpreads& spreads, const Matrix& slopes, std::size_t condition,
                 double sigmas, double sign) {
  // The lot moves all devices the same way: to that which they favour together.
  double together = 0.0;
  if (making.random(Cause::lot)) {
    for (std::size_t bank = 0; bank < spreads.aged().switches.size(); ++bank) {
      const tolerance::Slopes shares = spreads.slopes(bank);
      for (const double share : shares.devices) together -= slopes.data()[bank] * share;
    }
  }
  const double lot = lot_factor_at(making, sign * together >= 0.0 ? sigmas : -sigmas);
  const auto conducting = [&](double off) {
    BankArray array = made_off(making, off);
    scale(lot, array);
    live_off(making, condition, off, array);
    return ohmset::conductances(array);
  };
  const Matrix most = conducting(-sigmas);
  Matrix result = conducting(sigmas);
  for (Eigen::Index k = 0; k < result.size(); ++k) {
    if (sign * slopes.data()[k] > 0.0) result.data()[k] = most.data()[k];
  }
  return result;
}

}  // namespace
}  // namespace crossbar_tolerance

std::vector<Corner> corners(const CrossbarQuestion& question, std::size_t input, std::size_t output, double sigmas) {
  using namespace crossbar_tolerance;
  crossbar_tolerance::check(question);
  check_output(question, input, output, 0);
  if (!(sigmas > 0.0 && sigmas <= most_sigmas)) {
    throw input_error(fmt::format("corners at {} sigmas", sigmas),
                      fmt::format("expected above 0, at most {}", most_sigmas));
  }
  const Making making(question);
  const Judge judge(question);
  const auto row = static_cast<Eigen::Index>(input);
  const auto column = static_cast<Eigen::Index>(output);
  const double ideal = judge.ideal()(row, column);
  std::vector<Corner> corners;
  for (std::size_t condition = 0; condition < question.conditions.size(); ++condition) {
    const BankSpreads spreads(making, condition);
    const Matrix slopes = log_slopes(question, spreads.conductances(), input, output);
    const auto achieved = [&](double sign) {
      return judge.outputs(at_corner(making, spreads, slopes, condition, sigmas, sign))(row, column);
    };
    const double one = achieved(-1.0);
    const double other = achieved(1.0);
    Corner corner{.aim = output, .condition = condition, .sigmas = sigmas, .exact = false};
    corner.low = std::min(one, other);
    corner.high = std::max(one, other);
    corner.low_error = (corner.low - ideal) / judge.largest();
    corner.high_error = (corner.high - ideal) / judge.largest();
    corners.push_back(corner);
  }
  return corners;
}

}  // namespace ohmset
