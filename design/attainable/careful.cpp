// SPDX-License-Identifier: Apache-2.0
#include "design/attainable/careful.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "design/attainable/cut.h"
#include "design/attainable/lists.h"

namespace ohmset::attainable {
namespace {

constexpr std::size_t most_candidates = std::size_t{1} << 20;

class Nearest {
 public:
  Nearest(const Bank& bank, double target, const AttainableOptions& options, std::size_t wanted)
      : bank_(bank),
        options_(options),
        target_(target),
        wanted_(wanted),
        at_least_(options.at_least.value_or(0)),
        lists_(bank, options.seen, wanted, at_least_, options.at_most.value_or(bank.devices.size())) {
    if (options.within) worst_ = *options.within;
    const Cut cut = balanced_cut(bank.topology.root(), lists_);
    double predicted = 1.0;
    for (const Level& level : cut.path) predicted *= lists_.predicted(level.arrangement, level.siblings);
    predicted = std::max(predicted, lists_.predicted(cut.path.back().arrangement, cut.inner));
    if (predicted > static_cast<double>(most_entries)) lists_.refuse();
    inner_ = lists_.sums(cut.path.back().arrangement, cut.inner);
    std::size_t outer = 1;
    for (const Level& level : cut.path) {
      outer_.push_back(lists_.sums(level.arrangement, level.siblings));
      if (outer_.back().size() > most_entries / std::max<std::size_t>(outer, 1)) lists_.refuse();
      outer *= outer_.back().size();
      series_.push_back(level.arrangement == Arrangement::series);
    }
    final_reciprocal_ = series_.front() == options.siemens;
    rising_ = !final_reciprocal_;
    for (std::size_t k = 1; k < series_.size(); ++k) rising_ = rising_ != (series_[k] != series_[k - 1]);
    chosen_.resize(outer_.size());
    values_.resize(inner_.size());
    std::transform(inner_.begin(), inner_.end(), values_.begin(), [](const Entry& entry) { return entry.value(); });
  }

  [[nodiscard]] bool exact() const { return exact_; }

  // Masks of at least the `wanted` nearest configurations.
  [[nodiscard]] std::vector<Candidate> run() {
    if (!inner_.empty()) enumerate(0, 0);
    shrink();
    return std::move(pool_);
  }

 private:
  void enumerate(std::size_t level, std::uint64_t mask) {
    if (level == outer_.size()) {
      search(mask);
      return;
    }
    for (const Entry& entry : outer_[level]) {
      if (!lists_.allowed(mask | entry.mask)) continue;
      chosen_[level] = entry.value();
      enumerate(level + 1, mask | entry.mask);
    }
  }

  // The bank's value, in the target's unit, with this value of the inner members.
  [[nodiscard]] double value_with(double inner) const {
    double value = inner + chosen_.back();
    for (std::size_t level = chosen_.size() - 1; level-- > 0;) {
      if (series_[level] != series_[level + 1]) value = reciprocal(value);
      value += chosen_[level];
    }
    return final_reciprocal_ ? reciprocal(value) : value;
  }
  [[nodiscard]] double reach() const { return worst_ + rounding * (target_ + worst_); }

  void search(std::uint64_t outer) {
    const double first = value_with(values_.front());
    if (first == value_with(values_.back())) {
      search_plateau(outer, first);
      return;
    }
    const auto start = std::partition_point(values_.begin(), values_.end(), [&](double inner) {
      const double value = value_with(inner);
      return rising_ ? value < target_ : value > target_;
    });
    const auto middle = static_cast<std::size_t>(start - values_.begin());
    const auto take = [&](std::size_t k) {
      const double value = value_with(values_[k]);
      if (std::abs(value - target_) > reach() || beyond_side(value)) return false;
      push(value, outer | inner_[k].mask);
      return true;
    };
    for (std::size_t k = middle; k < values_.size() && take(k);) ++k;
    for (std::size_t k = middle; k > 0 && take(k - 1);) --k;
  }

  // On the side that is not asked for, by more than rounding explains.
  [[nodiscard]] bool beyond_side(double value) const {
    if (options_.side == Side::below) return value > target_ + rounding * target_;
    return options_.side == Side::above && value < target_ - rounding * target_;
  }

  // The inner members do not matter: the first of them by (inserted devices, mask) are all that can be wanted.
  void search_plateau(std::uint64_t outer, double value) {
    if (std::abs(value - target_) > reach() || beyond_side(value)) return;
    if (ranked_.empty()) {
      for (const Entry& entry : inner_) ranked_.push_back(entry.mask);
      std::sort(ranked_.begin(), ranked_.end(), [](std::uint64_t a, std::uint64_t b) {
        return std::popcount(a) != std::popcount(b) ? std::popcount(a) < std::popcount(b) : a < b;
      });
      if (at_least_ == 0 && ranked_.size() > wanted_) ranked_.resize(wanted_);
    }
    for (const std::uint64_t mask : ranked_) push(value, outer | mask);
  }

  void push(double value, std::uint64_t mask) {
    if (!lists_.allowed(mask) || static_cast<std::size_t>(std::popcount(mask)) < at_least_) return;
    const double error = std::abs(value - target_);
    // So near the target that only the closed form can tell the side.
    if (options_.side != Side::either && error <= rounding * target_ &&
        !on_side(options_.side, value_of(bank_, mask, options_), target_)) {
      return;
    }
    pool_.push_back({error, mask});
    if (pool_.size() >= limit_) shrink();
  }

  // Drops what lies beyond the wanted ones by more than rounding explains.
  void shrink() {
    if (pool_.size() > wanted_) {
      const auto last = pool_.begin() + static_cast<std::ptrdiff_t>(wanted_ - 1);
      std::nth_element(pool_.begin(), last, pool_.end(), before);
      worst_ = std::min(worst_, last->error);
      std::erase_if(pool_, [&](const Candidate& candidate) { return candidate.error > reach(); });
    }
    if (pool_.size() > most_candidates && pool_.size() - most_candidates > wanted_) {
      const auto last = pool_.begin() + static_cast<std::ptrdiff_t>(most_candidates + wanted_);
      std::nth_element(pool_.begin(), last, pool_.end(), before);
      pool_.erase(last, pool_.end());
      exact_ = false;
    }
    limit_ = std::max<std::size_t>(1024, 2 * pool_.size());
  }

  const Bank& bank_;
  const AttainableOptions& options_;
  double target_;
  std::size_t wanted_;
  std::size_t at_least_;
  ListMaker lists_;
  std::vector<Entry> inner_{};
  std::vector<double> values_{};             // of inner_
  std::vector<std::vector<Entry>> outer_{};  // one list per level of the path, root first
  std::vector<bool> series_{};               // per level
  bool final_reciprocal_ = false;
  bool rising_ = true;
  std::vector<double> chosen_{};  // one value of each outer list
  std::vector<std::uint64_t> ranked_{};
  std::vector<Candidate> pool_{};
  std::size_t limit_ = 1024;
  double worst_ = infinity;  // no wanted configuration errs by more
  bool exact_ = true;
};

}  // namespace

Ranked careful_search(const Bank& bank, double target, const AttainableOptions& options, std::size_t wanted) {
  Nearest nearest(bank, target, options, wanted);
  Ranked result{.candidates = nearest.run(), .exact = nearest.exact()};
  constexpr double none = -1.0;  // no error
  std::vector<Candidate>& candidates = result.candidates;
  for (Candidate& candidate : candidates) {
    const double value = value_of(bank, candidate.mask, options);
    candidate.error = on_side(options.side, value, target) ? std::abs(value - target) : none;
  }
  std::erase_if(candidates, [](const Candidate& candidate) { return candidate.error == none; });
  if (options.within) {
    std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.error > *options.within; });
  }
  std::sort(candidates.begin(), candidates.end(), before);
  if (candidates.size() > wanted) candidates.resize(wanted);
  return result;
}

}  // namespace ohmset::attainable
