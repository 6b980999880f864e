// From a network to its terminals, through the search, and back to the whole network.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "design/switched_network.h"
#include "design/switched_network/search.h"
#include "sim/error.h"
#include "sim/nodal.h"

namespace ohmset {
namespace {

constexpr std::size_t most_answers = 100'000;

void require(bool holds, const char* what) {
  if (!holds) throw std::invalid_argument(std::string("switched network: ") + what);
}

void check(const SwitchedNetwork& switched, Port port, double target, const SwitchedOptions& options) {
  require(std::isfinite(target) && target >= 0.0, "the target is not finite or negative");
  require(!options.within || *options.within >= 0.0, "within is negative");
  require(!options.time_limit || *options.time_limit >= 0.0, "the time limit is negative");
  const std::size_t nodes = switched.network.node_count();
  require(port.a < nodes && port.b < nodes, "a port needs existing nodes");
  std::vector<bool> seen(switched.network.branches().size(), false);
  for (const SwitchBranch& contact : switched.switches) {
    require(contact.branch < seen.size() && !seen[contact.branch], "a switch needs a branch of its own");
    seen[contact.branch] = true;
    require(contact.on.value >= 0.0 && contact.off.value >= 0.0, "a switch is not at or above 0 ohm");
  }
  if (switched.switches.size() > most_network_switches) {
    throw input_error(fmt::format("{} switches in the network", switched.switches.size()),
                      fmt::format("this search takes at most {}", most_network_switches));
  }
  if (options.best > most_answers) {
    throw input_error(fmt::format("the {} best configurations", options.best), "this search ranks at most 100,000");
  }
}

// Values of the whole network in the question's unit.
class Kirchhoff {
 public:
  Kirchhoff(const SwitchedNetwork& switched, Port port, bool siemens)
      : network_(switched.network), switches_(switched.switches), port_(port), siemens_(siemens) {}

  [[nodiscard]] double value(const Configuration& closed) {
    for (std::size_t k = 0; k < switches_.size(); ++k) {
      network_.set_resistance(switches_[k].branch, closed.inserted(k) ? switches_[k].on : switches_[k].off);
    }
    const double r = effective_resistance(network_, port_).value;
    if (!siemens_) return r;
    return r == 0.0 ? infinity : 1.0 / r;
  }

 private:
  Network network_;
  std::vector<SwitchBranch> switches_;
  Port port_;
  bool siemens_;
};

Choice choice_of(const Configuration& closed, double achieved, double target) {
  Choice choice{.configuration = closed, .achieved = achieved, .error = achieved - target};
  choice.relative_error = target == 0.0 ? std::numeric_limits<double>::quiet_NaN() : choice.error / target;
  choice.bits = -std::log2(std::abs(choice.relative_error));
  return choice;
}

}  // namespace

SwitchedDesign program_network(const SwitchedNetwork& switched, Port port, double target,
                               const SwitchedOptions& options) {
  check(switched, port, target, options);
  const auto begin = std::chrono::steady_clock::now();
  const SwitchedNetwork silent{.network = switched.network.without_sources(), .switches = switched.switches};
  const bool siemens = options.unit == TargetUnit::siemens;
  SwitchedDesign design{.target = target, .unit = options.unit, .method = "branch and bound on terminals"};

  const double within = options.within ? *options.within * target : infinity;
  const switched::Question question{.target = target,
                                    .siemens = siemens,
                                    .switches = switched.switches.size(),
                                    .wanted = std::max<std::size_t>(options.best, 1),
                                    .within = within,
                                    .at_most = options.at_most.value_or(switched.switches.size()),
                                    .time_limit = options.time_limit};
  Kirchhoff kirchhoff(silent, port, siemens);
  const auto value = [&](const Configuration& closed) { return kirchhoff.value(closed); };
  switched::Answer answer = switched::search(switched::terminals_of(silent, port), question, value);

  for (const switched::Candidate& candidate : answer.candidates) {
    const double achieved = candidate.value ? *candidate.value : kirchhoff.value(candidate.closed);
    if (options.within && !(std::abs(achieved - target) <= within)) continue;
    design.choices.push_back(choice_of(candidate.closed, achieved, target));
  }
  design.lowest = answer.lowest;
  design.highest = answer.highest;
  design.reachable = answer.lowest <= target && target <= answer.highest;
  design.visited = answer.visited;
  if (answer.walked) design.method += ", with walks";
  const bool all = design.choices.size() == question.wanted;
  const double worst = all ? std::abs(design.choices.back().error) : within;
  design.bound = answer.finished ? worst : std::min(worst, answer.unvisited);
  // Hits within rounding cannot be improved upon.
  design.proven = answer.finished || design.bound >= worst || (all && worst <= 1e-12 * target);
  design.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return design;
}

}  // namespace ohmset
