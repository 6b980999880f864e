// Banks that are one group are subset sums: of conductances in parallel, of resistances in series. The search works on
// exact sums of rounded contributions, the closed form rounds elsewhere: so all configurations within that rounding of
// the wanted ones are looked at, and ranked by what the closed form says.
// SPDX-License-Identifier: Apache-2.0
#include "design/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "design/attainable.h"
#include "design/subset_sum.h"
#include "sim/error.h"

namespace ohmset {
namespace {

// Relative to the sum of all magnitudes: roundings of contributions, their differences, the offset and the closed form.
constexpr double rounding = 32.0 * std::numeric_limits<double>::epsilon();
constexpr std::size_t most_candidates = 65536;

double value_of(const Bank& bank, const Configuration& configuration, TargetUnit unit, Seen seen) {
  return unit == TargetUnit::ohm ? resistance(bank, configuration, seen).value
                                 : conductance(bank, configuration, seen).value;
}

// A parallel or series bank in the unit in which its devices add up.
struct Additive {
  std::vector<double> items{};       // what inserting a free device changes
  std::vector<std::size_t> which{};  // their devices
  Configuration fixed{};             // what is inserted in any case
  double offset = 0.0;               // with nothing but that inserted
  double magnitude = 0.0;            // sum of all magnitudes
  bool items_exact = true;           // whether equal sums of items mean equal banks
};

Additive additive(const Bank& bank) {
  const bool series = !bank.topology.is_parallel();
  Additive sum;
  sum.fixed = with_stuck(bank, Configuration(bank.devices.size()));
  double lost = 0.0;
  for (std::size_t k = 0; k < bank.devices.size(); ++k) {
    const Contribution gives = contribution(bank.devices[k], series, Seen::measured);
    const double next = sum.offset + gives.removed;
    lost += sum.offset >= gives.removed ? (sum.offset - next) + gives.removed : (gives.removed - next) + sum.offset;
    sum.offset = next;
    sum.magnitude += gives.removed;
    const double item = gives.inserted - gives.removed;
    if (bank.devices[k].stuck != Stuck::free || !std::isfinite(item) || item == 0.0) continue;
    sum.items.push_back(item);
    sum.which.push_back(k);
    sum.magnitude += std::abs(item);
    if (gives.removed != 0.0 && item != sum.items.front()) sum.items_exact = false;
  }
  if (std::isfinite(sum.offset)) sum.offset += lost;
  return sum;
}

struct Candidate {
  double error = 0.0;      // absolute, of what the search sees, in the target's unit
  std::uint64_t mask = 0;  // of the free devices
};

bool nearer(const Candidate& a, const Candidate& b) {
  if (a.error != b.error) return a.error < b.error;
  const int items_a = std::popcount(a.mask);
  const int items_b = std::popcount(b.mask);
  return items_a != items_b ? items_a < items_b : a.mask < b.mask;
}

class AdditiveSearch {
 public:
  AdditiveSearch(const Bank& bank, double target, const ProgramOptions& options, std::size_t wanted)
      : bank_(bank), target_(target), options_(options), wanted_(wanted), sum_(additive(bank)) {
    if (sum_.items.size() > most_items) {
      throw input_error(fmt::format("{} free switches", sum_.items.size()),
                        fmt::format("this search takes at most {} switches that are free to choose", most_items));
    }
    mapped_ = bank.topology.is_parallel() == (options.unit == TargetUnit::ohm);
    reachable_ = std::min(4.0 * (sum_.magnitude + 1e-300), std::numeric_limits<double>::max() / 4.0);
    aim_ = placed(mapped_ ? 1.0 / target : target);
    if (options.at_most) {
      const std::size_t stuck = sum_.fixed.count();
      possible_ = stuck <= *options.at_most;
      if (possible_) sums_.at_most = *options.at_most - stuck;
    }
    if (!std::isfinite(sum_.offset)) sum_.items.clear();  // open or shorted whatever is chosen
  }

  [[nodiscard]] Configuration configuration(std::uint64_t mask) const {
    Configuration all = sum_.fixed;
    for (; mask != 0; mask &= mask - 1) all.set(sum_.which[static_cast<std::size_t>(std::countr_zero(mask))], true);
    return all;
  }
  [[nodiscard]] bool exact() const { return exact_; }

  // The first `wanted`, in order.
  [[nodiscard]] std::vector<Candidate> run() {
    if (!possible_) return {};
    const double bound = options_.within ? *options_.within * target_ : infinity;
    if (sum_.items.empty()) {
      add(0);
    } else if (!(options_.within && collect_within(bound))) {
      collect_nearest(bound);
    }
    std::erase_if(found_, [&](const Candidate& candidate) { return candidate.error > bound; });
    std::sort(found_.begin(), found_.end(), nearer);
    if (found_.size() > wanted_) found_.resize(wanted_);
    return std::move(found_);
  }

 private:
  // Sums of items that give a value, as far away as any sum can tell.
  [[nodiscard]] double placed(double value) const { return std::clamp(value - sum_.offset, -reachable_, reachable_); }

  void add(std::uint64_t mask) {
    const double seen = value_of(bank_, configuration(mask), options_.unit, Seen::measured);
    found_.push_back({std::abs(seen - target_), mask});
  }
  void add(const SubsetSumResult& result) {
    for (const Subset& subset : result.subsets) add(subset.mask);
  }

  struct Interval {
    double low = 0.0;
    double high = 0.0;
  };
  // Sums of items whose value may be within `error` of the target.
  [[nodiscard]] Interval sums_within(double error) const {
    // The error itself was rounded, by up to half an ulp of the target.
    const double wide = error + rounding * (error + target_);
    double low = target_ - wide;
    double high = target_ + wide;
    if (mapped_) {
      const double least = 1.0 / high;
      high = low > 0.0 ? 1.0 / low : infinity;
      low = least;
    }
    const auto margin = [&](double bound) {
      return rounding * (sum_.magnitude + (std::isfinite(bound) ? std::abs(bound) : 0.0));
    };
    return {.low = low - margin(low) - sum_.offset, .high = high + margin(high) - sum_.offset};
  }

  // Everything within the error; false when that is too much.
  bool collect_within(double error) {
    const Interval interval = sums_within(error);
    SubsetSumOptions options = sums_;
    options.cap =
        wanted_ > std::numeric_limits<std::size_t>::max() - most_candidates ? wanted_ : wanted_ + most_candidates;
    const SubsetSumResult result = subset_sums_between(sum_.items, interval.low, interval.high, aim_, options);
    if (result.capped) return false;
    found_.clear();
    add(result);
    return true;
  }

  // The nearest by exact sums, then, unless they show it already, whatever else is as near by the closed form.
  void collect_nearest(double bound) {
    const std::size_t ask = wanted_ > std::numeric_limits<std::size_t>::max() - 8 ? wanted_ : wanted_ + 7;
    Interval seen{-infinity, infinity};  // all sums inside are among those found
    SubsetSumOptions options = sums_;
    if (mapped_) {
      const SubsetSumResult below = subset_sums_below(sum_.items, aim_, ask, options);
      const SubsetSumResult above = subset_sums_above(sum_.items, aim_, ask, options);
      if (below.subsets.size() == ask) seen.low = below.subsets.back().sum;
      if (above.subsets.size() == ask) seen.high = above.subsets.back().sum;
      add(below);
      add(above);
      std::sort(found_.begin(), found_.end(), nearer);
      const auto same = [](const Candidate& a, const Candidate& b) { return a.mask == b.mask; };
      found_.erase(std::unique(found_.begin(), found_.end(), same), found_.end());
    } else {
      options.best = ask;
      const SubsetSumResult closest = closest_subset_sums(sum_.items, aim_, options);
      if (closest.subsets.size() == ask) {
        const double distance = std::abs(closest.subsets.back().error);
        seen = {aim_ - distance, aim_ + distance};
      }
      add(closest);
      std::sort(found_.begin(), found_.end(), nearer);
    }
    const double error = std::min(bound, found_.size() >= wanted_ ? found_[wanted_ - 1].error : infinity);
    const Interval needed = sums_within(error);
    if (seen.low < needed.low && needed.high < seen.high) return;
    std::vector<Candidate> first = found_;
    if (!collect_within(error)) {
      // More ties than can be looked at: what is found is nearest by the exact sums of the contributions.
      found_.swap(first);
      exact_ = sum_.items_exact;
    }
  }

  const Bank& bank_;
  double target_;
  const ProgramOptions& options_;
  std::size_t wanted_;
  Additive sum_;
  bool mapped_ = false;  // the target is in the reciprocal of the unit that adds up
  double reachable_ = 0.0;
  double aim_ = 0.0;
  bool possible_ = true;
  SubsetSumOptions sums_{.cap = std::numeric_limits<std::size_t>::max()};
  std::vector<Candidate> found_{};
  bool exact_ = true;
};

Choice choice_of(const Bank& bank, double target, TargetUnit unit, Configuration configuration) {
  Choice choice{.configuration = std::move(configuration)};
  choice.achieved = value_of(bank, choice.configuration, unit, Seen::actual);
  choice.error = choice.achieved - target;
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  choice.relative_error = target == 0.0 ? none : choice.error / target;
  choice.bits = target == 0.0 ? none : (choice.error == 0.0 ? infinity : -std::log2(std::abs(choice.relative_error)));
  return choice;
}

}  // namespace

Design program(const Bank& bank, double target, const ProgramOptions& options) {
  if (!(target >= 0.0 && std::isfinite(target))) {
    throw std::invalid_argument("program: the target is not finite or negative");
  }
  if (options.within && !(*options.within >= 0.0)) throw std::invalid_argument("program: within is negative");
  if (bank.devices.size() != bank.topology.device_count()) {
    throw std::invalid_argument("program: the topology has another number of devices");
  }
  const auto start = std::chrono::steady_clock::now();
  Design design{.target = target, .unit = options.unit};
  std::vector<Configuration> configurations;
  if (bank.topology.is_parallel() || bank.topology.is_series()) {
    design.method = "meet-in-the-middle";
    const bool may_cap = options.cap < options.best;
    const std::size_t wanted = may_cap ? options.cap + 1 : options.best;
    if (wanted > 0) {
      AdditiveSearch search(bank, target, options, wanted);
      std::vector<Candidate> found = search.run();
      design.exact = search.exact();
      design.capped = may_cap && found.size() > options.cap;
      if (design.capped) found.resize(options.cap);
      for (const Candidate& candidate : found) configurations.push_back(search.configuration(candidate.mask));
    }
  } else {
    design.method = "attainable-values";
    AttainableOptions attainable{.siemens = options.unit == TargetUnit::siemens,
                                 .best = options.best,
                                 .at_most = options.at_most,
                                 .cap = options.cap,
                                 .seen = Seen::measured};
    if (options.within) attainable.within = *options.within * target;
    AttainableResult result = nearest_attainable(bank, target, attainable);
    design.exact = result.exact;
    design.capped = result.capped;
    configurations = std::move(result.configurations);
  }
  for (Configuration& configuration : configurations) {
    design.choices.push_back(choice_of(bank, target, options.unit, std::move(configuration)));
  }
  design.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return design;
}

}  // namespace ohmset
