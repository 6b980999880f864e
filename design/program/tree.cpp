// SPDX-License-Identifier: Apache-2.0
#include "design/program/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/error.h"

namespace ohmset::tree {
namespace {

// Configurations that are compared by cost.
constexpr std::size_t most_compared = 1'000'000;

AttainableOptions attainable_options(double target, const ProgramOptions& options) {
  AttainableOptions attainable{.siemens = options.unit == TargetUnit::siemens,
                               .best = options.best,
                               .at_least = options.at_least,
                               .at_most = options.at_most,
                               .side = options.side,
                               .cap = options.cap,
                               .seen = Seen::measured};
  if (options.within) attainable.within = *options.within * target;
  return attainable;
}

void insert(const Group& group, bool greatest, Configuration& configuration) {
  for (const Group& member : group.members) {
    if (member.arrangement == Arrangement::device) {
      configuration.set(member.device, greatest == (group.arrangement == Arrangement::series));
    } else {
      insert(member, greatest, configuration);
    }
  }
}

}  // namespace

// Of each number of inserted devices in turn.
Answer Search::fewest(double target, const ProgramOptions& options) {
  Answer answer;
  AttainableOptions attainable = attainable_options(target, options);
  const std::size_t wanted = std::min(options.best, options.cap < options.best ? options.cap + 1 : options.best);
  const std::size_t most = std::min(options.at_most.value_or(bank_.devices.size()), bank_.devices.size());
  for (std::size_t items = options.at_least.value_or(0); items <= most; ++items) {
    if (answer.configurations.size() >= wanted) break;
    attainable.at_least = attainable.at_most = items;
    attainable.best = wanted - answer.configurations.size();
    attainable.cap = attainable.best;
    AttainableResult result = nearest_.nearest(target, attainable);
    answer.exact = answer.exact && result.exact;
    std::move(result.configurations.begin(), result.configurations.end(), std::back_inserter(answer.configurations));
  }
  if (answer.configurations.size() > options.cap) {
    answer.configurations.resize(options.cap);
    answer.capped = true;
  }
  return answer;
}

// All within reach, by cost. They are in order of error, which a stable sort keeps.
Answer Search::cheapest(double target, const ProgramOptions& options) {
  AttainableOptions attainable = attainable_options(target, options);
  attainable.best = most_compared + 1;
  attainable.cap = most_compared;
  AttainableResult result = nearest_.nearest(target, attainable);
  if (result.capped) {
    throw input_error(fmt::format("more than {} configurations of this topology to compare by cost", most_compared),
                      "expected a smaller within");
  }
  std::vector<double> costs;
  costs.reserve(result.configurations.size());
  for (const Configuration& configuration : result.configurations) {
    double cost = 0.0;
    for (const std::size_t device : configuration.on()) cost += options.costs[device];
    costs.push_back(cost);
  }
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });
  Answer answer{.exact = result.exact};
  const std::size_t shown = std::min(options.best, options.cap);
  answer.capped = options.cap < options.best && order.size() > options.cap;
  for (const std::size_t k : order) {
    if (answer.configurations.size() == shown) break;
    answer.configurations.push_back(std::move(result.configurations[k]));
  }
  return answer;
}

Answer Search::answer(double target, const ProgramOptions& options) {
  if (options.cheapest) return options.costs.empty() ? fewest(target, options) : cheapest(target, options);
  AttainableResult result = nearest_.nearest(target, attainable_options(target, options));
  return {.configurations = std::move(result.configurations), .exact = result.exact, .capped = result.capped};
}

Configuration extreme(const Bank& bank, bool greatest) {
  Configuration configuration(bank.devices.size());
  insert(bank.topology.root(), greatest, configuration);
  return with_stuck(bank, configuration);
}

}  // namespace ohmset::tree
