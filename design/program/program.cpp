// Every question about a bank: who answers it, and what is said of the answer.
// SPDX-License-Identifier: Apache-2.0
#include "design/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>

#include "design/program/additive.h"
#include "design/program/large.h"
#include "design/program/robust.h"
#include "design/program/tree.h"
#include "sim/error.h"

namespace ohmset {
namespace {

void require(const Bank& bank, double target, const ProgramOptions& options) {
  const auto refuse = [](const char* what) { throw std::invalid_argument(what); };
  if (!(target >= 0.0 && std::isfinite(target))) refuse("program: the target is not finite or negative");
  if (options.within && !(*options.within >= 0.0)) refuse("program: within is negative");
  if (options.any && !options.within) refuse("program: any one within what?");
  if (bank.devices.size() != bank.topology.device_count()) {
    refuse("program: the topology has another number of devices");
  }
  if (!options.costs.empty() && options.costs.size() != bank.devices.size()) {
    refuse("program: another number of costs than of devices");
  }
  if (!std::all_of(options.costs.begin(), options.costs.end(), [](double cost) { return std::isfinite(cost); })) {
    refuse("program: a cost is not finite");
  }
  if (!options.robust) return;
  if (options.any || options.cheapest) refuse("program: robust, and any one or the cheapest");
  for (const std::vector<double>* spreads : {&options.robust->devices, &options.robust->contacts}) {
    if (spreads->size() > 1 && spreads->size() != bank.devices.size()) {
      refuse("program: another number of spreads than of devices");
    }
    const auto sensible = [](double spread) { return spread >= 0.0 && std::isfinite(spread); };
    if (!std::ranges::all_of(*spreads, sensible)) refuse("program: a spread is not finite or negative");
  }
}

// The bank with its forced devices stuck.
void force(Bank& bank, const std::vector<std::size_t>& devices, bool in) {
  const std::vector<bool> bypassed = bypassed_by_switch(bank.topology);
  const std::string_view way = in ? "in" : "out";
  for (const std::size_t k : devices) {
    if (k >= bank.devices.size()) {
      throw input_error(fmt::format("device {} cannot be forced {}", k, way),
                        fmt::format("the bank has {} devices, counted from 0", bank.devices.size()));
    }
    const Stuck wanted = in == bypassed[k] ? Stuck::open : Stuck::closed;
    if (bank.devices[k].stuck != Stuck::free && bank.devices[k].stuck != wanted) {
      throw input_error(fmt::format("device {} cannot be forced {}", k, way),
                        "its switch is stuck, or it is forced the other way");
    }
    bank.devices[k].stuck = wanted;
  }
}

class Programmer {
 public:
  Programmer(const Bank& bank, double target, const ProgramOptions& options)
      : bank_(bank),
        target_(target),
        options_(options),
        additive_(bank.topology.is_parallel() || bank.topology.is_series()) {
    if (!options.force_in.empty() || !options.force_out.empty()) {
      forced_ = bank;
      force(*forced_, options.force_in, true);
      force(*forced_, options.force_out, false);
    }
    if (additive_) {
      sum_ = additive::sum_of(seen());
    } else {
      tree_ = std::make_unique<tree::Search>(seen());
    }
  }

  Design run() {
    Design design{.target = target_, .unit = options_.unit};
    if (additive_ && sum_.items.size() > most_items) {
      search_large(design);
    } else {
      answer(design);
      judge_reach(design);
      design.bound = design.exact ? least_error() : 0.0;
    }
    for (Configuration& configuration : configurations_) design.choices.push_back(choice_of(std::move(configuration)));
    return design;
  }

 private:
  // The bank that the search chooses for.
  [[nodiscard]] const Bank& seen() const { return forced_ ? *forced_ : bank_; }
  [[nodiscard]] double value_of(const Configuration& configuration) const {
    return additive::value_of(bank_, configuration, options_.unit, Seen::measured);
  }

  void answer(Design& design) {
    if (options_.robust) return least_spread(design);
    options_.any ? any_within(design) : ranked(design);
  }

  void ranked(Design& design) {
    if (!additive_) {
      design.method = "attainable-values";
      tree::Answer answer = tree_->answer(target_, options_);
      design.exact = answer.exact;
      design.capped = answer.capped;
      configurations_ = std::move(answer.configurations);
      return;
    }
    design.method = additive::Answer{}.method;
    const bool may_cap = options_.cap < options_.best;
    const std::size_t wanted = may_cap ? options_.cap + 1 : options_.best;
    if (wanted == 0) return;
    const additive::Answer answer = additive::search(seen(), sum_, target_, options_, wanted);
    design.exact = answer.exact;
    design.method = answer.method;
    for (const additive::Candidate& candidate : answer.candidates) {
      configurations_.push_back(additive::configuration(sum_, candidate.mask));
    }
    design.capped = may_cap && configurations_.size() > options_.cap;
    if (design.capped) configurations_.resize(options_.cap);
  }

  void search_large(Design& design) {
    large::Answer answer = large::search(seen(), sum_, target_, options_);
    design.method = std::move(answer.method);
    design.exact = answer.exact;
    if (answer.configuration) configurations_.push_back(std::move(*answer.configuration));
    design.bound = design.exact ? least_error() : answer.bound;
    static_cast<void>(judge_by_extremes(design));
  }

  void least_spread(Design& design) {
    std::vector<Configuration> nearest = first(only(Side::either));
    ProgramOptions options = options_;
    RobustTrade& trade = design.trade.emplace();
    if (!nearest.empty()) {
      trade.nearest = choice_of(nearest.front());
      const double error = target_ > 0.0 ? error_of(nearest.front()) / target_ : 0.0;
      if (!options.within) options.within = std::max(error * (1.0 + 1e-12), trade.nearest->spread / 3.0);
    }
    if (!options.within) options.within = 0.0;
    trade.within = *options.within;
    const bool may_cap = options.cap < options.best;
    const std::size_t wanted = may_cap ? options.cap + 1 : options.best;
    robust::Answer answer = additive_ ? robust::search(seen(), sum_, target_, options, wanted)
                                      : robust::search(seen(), *tree_, target_, options, wanted);
    design.exact = answer.exact;
    design.method = std::move(answer.method);
    configurations_ = std::move(answer.configurations);
    design.capped = may_cap && configurations_.size() > options.cap;
    if (design.capped) configurations_.resize(options.cap);
  }

  // Small banks: the nearest one is found as fast.
  void any_within(Design& design) {
    ProgramOptions nearest = options_;
    nearest.any = false;
    nearest.best = 1;
    nearest.cheapest = false;
    configurations_ = first(nearest);
    design.method = additive_ ? additive::Answer{}.method : "attainable-values";
  }

  // The same limits and forced devices, the nearest value on a side.
  [[nodiscard]] ProgramOptions only(Side side) const {
    return {.unit = options_.unit,
            .at_least = options_.at_least,
            .at_most = options_.at_most,
            .side = side == Side::either ? options_.side : side};
  }
  [[nodiscard]] std::vector<Configuration> first(const ProgramOptions& options) const {
    if (!additive_) return tree_->answer(target_, options).configurations;
    std::vector<Configuration> found;
    const additive::Answer answer = additive::search(seen(), sum_, target_, options, 1);
    for (const additive::Candidate& candidate : answer.candidates) {
      found.push_back(additive::configuration(sum_, candidate.mask));
    }
    return found;
  }

  [[nodiscard]] double error_of(const Configuration& configuration) const {
    return std::abs(value_of(configuration) - target_);
  }
  [[nodiscard]] double least_error() const {
    if (configurations_.empty()) return options_.within ? *options_.within * target_ : infinity;
    // By cost, a dearer one may be nearer.
    if (!options_.cheapest && !options_.robust) return error_of(configurations_.front());
    const std::vector<Configuration> nearest = first(only(Side::either));
    return nearest.empty() ? infinity : error_of(nearest.front());
  }

  void judge_reach(Design& design) {
    if (options_.neighbours || !judge_by_extremes(design)) {
      const std::optional<Configuration> below = neighbour(Side::below);
      const std::optional<Configuration> above = neighbour(Side::above);
      design.reachable = below && above && std::isfinite(value_of(*below)) && std::isfinite(value_of(*above));
      if (!options_.neighbours) return;
      if (below) design.below = choice_of(*below);
      if (above) design.above = choice_of(*above);
    }
  }

  [[nodiscard]] std::optional<Configuration> neighbour(Side side) const {
    // The nearest one of all is one of the two.
    const bool nearest = !options_.cheapest && !options_.robust && !options_.any && !configurations_.empty() &&
                         options_.side == Side::either;
    if (nearest && additive::on_side(side, value_of(configurations_.front()), target_)) return configurations_.front();
    std::vector<Configuration> found = first(only(side));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }

  // By the least and the greatest value; false when they take a search. Infinite ones do not count, but in trees.
  bool judge_by_extremes(Design& design) const {
    std::optional<Configuration> first;
    std::optional<Configuration> last;
    if (additive_) {
      first = additive::extreme(sum_, options_, false, 0);
      last = additive::extreme(sum_, options_, true, 0);
      if (first && std::isinf(value_of(*first))) first = additive::extreme(sum_, options_, false, 1);
    } else {
      if (options_.at_least || options_.at_most) return false;
      first = tree::extreme(seen(), false);
      last = tree::extreme(seen(), true);
    }
    if (!first || !last) return true;
    const auto [least, greatest] = std::minmax({value_of(*first), value_of(*last)});
    design.reachable = least <= target_ && target_ <= greatest && (!additive_ || std::isfinite(greatest));
    return true;
  }

  [[nodiscard]] Choice choice_of(Configuration configuration) const {
    Choice choice{.configuration = std::move(configuration)};
    choice.achieved = additive::value_of(bank_, choice.configuration, options_.unit, Seen::actual);
    choice.error = choice.achieved - target_;
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    choice.relative_error = target_ == 0.0 ? none : choice.error / target_;
    choice.bits =
        target_ == 0.0 ? none : (choice.error == 0.0 ? infinity : -std::log2(std::abs(choice.relative_error)));
    if (options_.cheapest) {
      for (const std::size_t device : choice.configuration.on()) {
        choice.cost += options_.costs.empty() ? 1.0 : options_.costs[device];
      }
    }
    if (options_.robust) choice.spread = predicted_spread(bank_, choice.configuration, *options_.robust);
    return choice;
  }

  const Bank& bank_;
  double target_;
  const ProgramOptions& options_;
  bool additive_;
  std::optional<Bank> forced_{};
  additive::Sum sum_{};                   // of parallel and series banks
  std::unique_ptr<tree::Search> tree_{};  // of others
  std::vector<Configuration> configurations_{};
};

}  // namespace

Design program(const Bank& bank, double target, const ProgramOptions& options) {
  require(bank, target, options);
  const auto start = std::chrono::steady_clock::now();
  Design design = Programmer(bank, target, options).run();
  design.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return design;
}

}  // namespace ohmset
