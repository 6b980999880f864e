// The search works on exact sums of rounded contributions, the closed form rounds elsewhere: so all configurations
// within that rounding of the wanted ones are looked at, and ranked by what the closed form says.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "design/program/additive.h"
#include "design/subset_sum.h"

namespace ohmset::additive {
namespace {

constexpr std::size_t most_candidates = 65536;
constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

bool nearer(const Candidate& a, const Candidate& b) {
  if (a.cost != b.cost) return a.cost < b.cost;
  if (a.error != b.error) return a.error < b.error;
  const int items_a = std::popcount(a.mask);
  const int items_b = std::popcount(b.mask);
  return items_a != items_b ? items_a < items_b : a.mask < b.mask;
}

std::size_t plus(std::size_t a, std::size_t b) { return a > everything - b ? everything : a + b; }

class Search {
 public:
  Search(const Bank& bank, const Sum& sum, double target, const ProgramOptions& options, std::size_t wanted)
      : bank_(bank),
        sum_(sum),
        target_(target),
        options_(options),
        wanted_(wanted),
        scale_(bank, sum, target, options.unit) {
    const std::size_t stuck = sum.fixed.count();
    if (options.at_most) {
      possible_ = stuck <= *options.at_most;
      if (possible_) sums_.at_most = *options.at_most - stuck;
    }
    if (options.at_least && *options.at_least > stuck) sums_.at_least = *options.at_least - stuck;
    if (options.within) bound_ = *options.within * target;
    if (!options.costs.empty()) {
      for (const std::size_t device : sum.which) costs_.push_back(options.costs[device]);
      for (const std::size_t device : sum.fixed.on()) fixed_cost_ += options.costs[device];
    } else {
      fixed_cost_ = static_cast<double>(stuck);
    }
  }

  [[nodiscard]] Answer run() {
    if (!possible_) return {};
    if (sum_.items.empty()) {
      if (!sums_.at_least) add(0, 0.0);
    } else if (options_.cheapest) {
      collect_cheapest();
    } else if (!(options_.within && collect_within(bound_))) {
      options_.side == Side::either ? collect_nearest() : collect_on_side();
    }
    std::sort(found_.begin(), found_.end(), nearer);
    if (found_.size() > wanted_) found_.resize(wanted_);
    Answer answer{.candidates = std::move(found_), .exact = exact_};
    if (!method_.empty()) answer.method = std::move(method_);
    return answer;
  }

 private:
  void add(std::uint64_t mask, double cost) {
    const double seen = value_of(bank_, configuration(sum_, mask), options_.unit, Seen::measured);
    const double error = std::abs(seen - target_);
    if (error > bound_ || !on_side(options_.side, seen, target_)) return;
    found_.push_back({.cost = options_.cheapest ? cost + fixed_cost_ : 0.0, .error = error, .mask = mask});
  }
  void add(const SubsetSumResult& result) {
    // The slowest of the searches.
    if (result.method.size() > method_.size()) method_ = result.method;
    for (const Subset& subset : result.subsets) add(subset.mask, subset.cost);
  }

  // The last wanted error so far.
  [[nodiscard]] double worst() const { return found_.size() >= wanted_ ? found_[wanted_ - 1].error : infinity; }

  // Everything within the error; false when that is too much.
  bool collect_within(double error) {
    const Interval interval = scale_.sums_within(error, options_.side);
    SubsetSumOptions options = sums_;
    options.cap = plus(wanted_, most_candidates);
    const SubsetSumResult result = subset_sums_between(sum_.items, interval.low, interval.high, scale_.aim(), options);
    if (result.capped) return false;
    found_.clear();
    add(result);
    return true;
  }

  // Unless what is found shows it already, whatever else is as near by the closed form.
  void complete(const Interval& seen) {
    const double error = std::min(bound_, worst());
    const Interval needed = scale_.sums_within(error, options_.side);
    if (seen.low < needed.low && needed.high < seen.high) return;
    std::vector<Candidate> first = found_;
    if (!collect_within(error)) {
      // More ties than can be looked at: what is found is nearest by the exact sums of the contributions.
      found_.swap(first);
      exact_ = sum_.items_exact;
    }
  }

  // The nearest by exact sums, and some more.
  void collect_nearest() {
    const std::size_t ask = plus(wanted_, 7);
    Interval seen;  // all sums inside are among those found
    SubsetSumOptions options = sums_;
    if (scale_.reciprocal()) {
      const SubsetSumResult below = subset_sums_below(sum_.items, scale_.aim(), ask, options);
      const SubsetSumResult above = subset_sums_above(sum_.items, scale_.aim(), ask, options);
      if (below.subsets.size() == ask) seen.low = below.subsets.back().sum;
      if (above.subsets.size() == ask) seen.high = above.subsets.back().sum;
      add(below);
      add(above);
      drop_repeated();
    } else {
      options.best = ask;
      const SubsetSumResult closest = closest_subset_sums(sum_.items, scale_.aim(), options);
      if (closest.subsets.size() == ask) {
        const double distance = std::abs(closest.subsets.back().error);
        seen = {.low = scale_.aim() - distance, .high = scale_.aim() + distance};
      }
      add(closest);
      std::sort(found_.begin(), found_.end(), nearer);
    }
    complete(seen);
  }

  void drop_repeated() {
    std::sort(found_.begin(), found_.end(), nearer);
    const auto same = [](const Candidate& a, const Candidate& b) { return a.mask == b.mask; };
    found_.erase(std::unique(found_.begin(), found_.end(), same), found_.end());
  }

  // The same on one side: from as far on the other one as rounding may put a value that belongs to this one.
  void collect_on_side() {
    const bool downwards = (options_.side == Side::below) != scale_.reciprocal();
    const Interval edge = scale_.sums_within(0.0, options_.side);
    const double from = scale_.clamped(downwards ? edge.high : edge.low);
    for (std::size_t ask = plus(wanted_, 7);; ask *= 8) {
      const SubsetSumResult result =
          downwards ? subset_sums_below(sum_.items, from, ask, sums_) : subset_sums_above(sum_.items, from, ask, sums_);
      found_.clear();
      add(result);
      std::sort(found_.begin(), found_.end(), nearer);
      Interval seen;
      const bool all = result.subsets.size() < ask;
      if (!all) (downwards ? seen.low : seen.high) = result.subsets.back().sum;
      if (all || found_.size() >= wanted_) return complete(seen);
      if (ask >= most_candidates) {
        exact_ = false;
        return;
      }
    }
  }

  // By cost: the cheapest of the window on either side of the target, until none that ranks before can be missing.
  void collect_cheapest() {
    const Interval window = scale_.sums_within(bound_, options_.side);
    for (std::size_t ask = plus(wanted_, 7);; ask *= 8) {
      found_.clear();
      SubsetSumOptions options = sums_;
      options.best = ask;
      options.side = Side::below;
      const SubsetSumResult below =
          cheapest_subset_sums(sum_.items, costs_, window.low, window.high, scale_.aim(), options);
      options.side = Side::above;
      const SubsetSumResult above =
          cheapest_subset_sums(sum_.items, costs_, window.low, window.high, scale_.aim(), options);
      add(below);
      add(above);
      drop_repeated();
      if (covered(below, ask) && covered(above, ask)) return;
      if (ask >= most_candidates) {
        exact_ = false;
        return;
      }
    }
  }

  // Nothing that comes after the last of these belongs to the wanted ones.
  [[nodiscard]] bool covered(const SubsetSumResult& result, std::size_t ask) const {
    if (!result.exact) return false;
    if (result.subsets.size() < ask) return true;
    if (found_.size() < wanted_) return false;
    const Candidate& wanted = found_[wanted_ - 1];
    const Subset& last = result.subsets.back();
    if (last.cost + fixed_cost_ != wanted.cost) return last.cost + fixed_cost_ > wanted.cost;
    const Interval needed = scale_.sums_within(wanted.error, options_.side);
    return last.sum < needed.low || last.sum > needed.high;
  }

  const Bank& bank_;
  const Sum& sum_;
  double target_;
  const ProgramOptions& options_;
  std::size_t wanted_;
  Scale scale_;
  double bound_ = infinity;
  bool possible_ = true;
  SubsetSumOptions sums_{.cap = everything};
  std::vector<double> costs_{};  // of the free devices; none: 1 each
  double fixed_cost_ = 0.0;
  std::vector<Candidate> found_{};
  bool exact_ = true;
  std::string method_{};
};

}  // namespace

Answer search(const Bank& bank, const Sum& sum, double target, const ProgramOptions& options, std::size_t wanted) {
  return Search(bank, sum, target, options, wanted).run();
}

}  // namespace ohmset::additive
