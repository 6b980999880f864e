// SPDX-License-Identifier: Apache-2.0
#include "design/switched_network/pool.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ohmset::switched {

bool simpler(const Configuration& a, const Configuration& b) {
  const std::size_t in_a = a.count();
  const std::size_t in_b = b.count();
  if (in_a != in_b) return in_a < in_b;
  for (std::size_t k = a.size(); k-- > 0;) {
    if (a.inserted(k) != b.inserted(k)) return b.inserted(k);
  }
  return false;
}

bool Pool::perfect() const { return candidates_.size() >= wanted_ && worst_ <= rounding * target_; }

void Pool::push(double error, Configuration closed) {
  candidates_.push_back({.error = error, .closed = std::move(closed)});
  if (wanted_ == 1) worst_ = std::min(worst_, error);
  if (candidates_.size() >= limit_) shrink();
}

void Pool::shrink() {
  if (candidates_.size() > wanted_) {
    const auto last = candidates_.begin() + static_cast<std::ptrdiff_t>(wanted_ - 1);
    std::nth_element(candidates_.begin(), last, candidates_.end(),
                     [](const Candidate& a, const Candidate& b) { return a.error < b.error; });
    worst_ = std::min(worst_, last->error);
    std::erase_if(candidates_, [&](const Candidate& candidate) { return candidate.error > reach(); });
  }
  if (candidates_.size() >= limit_ && candidates_.size() > wanted_) solve_and_rank();
  limit_ = std::max<std::size_t>(64, 2 * std::max(candidates_.size(), wanted_));
}

void Pool::solve_and_rank() {
  for (Candidate& candidate : candidates_) {
    // Open is open: no rounding in that.
    if (candidate.value || candidate.error == infinity) continue;
    candidate.value = solve_(candidate.closed);
    candidate.error = std::abs(*candidate.value - target_);
  }
  std::sort(candidates_.begin(), candidates_.end(),
            [](const Candidate& a, const Candidate& b) { return a.error < b.error; });
  // Errors that differ by the rounding of their own computation are equal.
  constexpr double ulps = 4 * std::numeric_limits<double>::epsilon();
  for (auto first = candidates_.begin(); first != candidates_.end();) {
    const double most = first->error + ulps * (target_ + first->error);
    const auto last = std::find_if(first, candidates_.end(), [&](const Candidate& next) { return next.error > most; });
    std::sort(first, last, [](const Candidate& a, const Candidate& b) { return simpler(a.closed, b.closed); });
    first = last;
  }
  if (candidates_.size() > wanted_) candidates_.resize(wanted_);
}

std::vector<Candidate> Pool::ranked() && {
  shrink();
  solve_and_rank();
  return std::move(candidates_);
}

}  // namespace ohmset::switched
