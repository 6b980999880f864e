// SPDX-License-Identifier: Apache-2.0
#include "design/combine/ranking.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ohmset::drawer {
namespace {

bool is_zero(const Fraction& fraction) { return fraction.numerator.is_zero(); }

Fraction magnitude(Fraction fraction) {
  if (fraction.numerator < 0) fraction.numerator = -fraction.numerator;
  return fraction;
}

}  // namespace

Ranking::Ranking(const Shelf& shelf, double target, std::size_t best)
    : shelf_(shelf), target_(target), best_(best), decimals_(shelf.ohms, target) {}

void Ranking::offer(Wiring circuit) {
  if (!available(circuit)) return;
  Ranked candidate{.circuit = std::move(circuit)};
  candidate.error = std::abs(value_of(candidate.circuit, shelf_.ohms) - target_);
  if (candidate.error > bound()) return;
  candidate.size = size_of(candidate.circuit);

  const std::scoped_lock lock(mutex_);
  if (candidate.error > bound()) return;
  if (ranked_.size() == best_ && !before(candidate, ranked_.back())) return;
  const auto place = std::find_if(ranked_.begin(), ranked_.end(), [&](Ranked& r) { return !before(r, candidate); });
  if (place != ranked_.end() && compare(place->circuit, candidate.circuit) == 0) return;
  ranked_.insert(place, std::move(candidate));
  if (ranked_.size() > best_) ranked_.pop_back();
  if (ranked_.size() == best_) {
    const double error = ranked_.back().error;
    bound_.store(error + rounding * (2.0 * target_ + error), std::memory_order_relaxed);
  }
}

bool Ranking::settled() {
  const std::scoped_lock lock(mutex_);
  return ranked_.size() == best_ && ranked_.back().error <= rounding * target_ && is_zero(difference(ranked_.back()));
}

bool Ranking::available(const Wiring& circuit) const {
  std::vector<std::size_t> parts = parts_of(circuit);
  std::sort(parts.begin(), parts.end());
  for (std::size_t k = 0; k < parts.size();) {
    const auto end = std::upper_bound(parts.begin(), parts.end(), parts[k]);
    const auto next = static_cast<std::size_t>(end - parts.begin());
    if (next - k > shelf_.quantities[parts[k]]) return false;
    k = next;
  }
  return true;
}

const Fraction& Ranking::difference(Ranked& ranked) const {
  if (!ranked.difference) ranked.difference = decimals_.difference(decimals_.value(ranked.circuit));
  return *ranked.difference;
}

bool Ranking::before(Ranked& a, Ranked& b) const {
  const double slack = rounding * (2.0 * target_ + std::max(a.error, b.error));
  if (std::abs(a.error - b.error) > slack) return a.error < b.error;
  const bool simpler = a.size != b.size ? a.size < b.size : compare(a.circuit, b.circuit) < 0;
  // Most ties are circuits that hit the target: whoever is not simpler need not be computed.
  if (!simpler && b.difference && is_zero(*b.difference)) return false;
  const int order = compare(magnitude(difference(a)), magnitude(difference(b)));
  return order != 0 ? order < 0 : simpler;
}

}  // namespace ohmset::drawer
