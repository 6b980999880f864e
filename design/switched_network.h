// Which switches of an arbitrary resistor network close so that the effective resistance of a port hits a target.
//
// The fixed part is reduced to its terminals once. Then switches are decided one by one, the most influential first; a
// terminal whose switches are all decided is eliminated (star-mesh), so that late decisions, which are most of the
// work, act on a handful of conductances. Nothing is ever subtracted: 0 ohm merges, infinity leaves out, and no update
// drifts, as rank-one updates of the inverse would. By Rayleigh's monotonicity the resistances with all undecided
// switches at their highest and at their lowest bound all configurations between [DoyleSnell84]; what cannot be nearer
// than the best known is never visited. To some 25 switches the answer comes proven within a second; beyond, the search
// may be given a time limit and tells what it has proven. Part of that time goes to walks among configurations near the
// target, which prove nothing and mostly find the answer. The answer is a function of the question; with a time limit
// it also depends on how far the machine gets.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "design/program.h"
#include "sim/switched_network.h"

namespace ohmset {

struct SwitchedOptions {
  TargetUnit unit = TargetUnit::ohm;     // of the target, the achieved value and the error that is minimised
  std::size_t best = 1;                  // ranked alternatives wanted, the best included
  std::optional<double> within{};        // relative: only configurations with |achieved - target| <= within * |target|
  std::optional<std::size_t> at_most{};  // closed switches
  std::optional<double> time_limit{};    // seconds; none: until proven, the same on every machine
};

struct SwitchedDesign {
  double target = 0.0;
  TargetUnit unit = TargetUnit::ohm;
  // Best first; a configuration's bit is 1 where the switch is closed. `achieved` is the effective resistance (or its
  // reciprocal) of the whole network by Kirchhoff's laws. Empty when nothing is within reach.
  std::vector<Choice> choices{};
  std::string method{};
  bool proven = true;  // no other configuration is nearer, as far as rounding can tell
  // No configuration outside `choices` errs by less, in the target's unit; infinite when none is within reach.
  double bound = 0.0;
  bool reachable = true;  // the target lies between the lowest and the highest value of any configuration
  double lowest = 0.0;    // what all configurations lie between
  double highest = 0.0;
  std::uint64_t visited = 0;  // partial configurations
  double seconds = 0.0;
};

inline constexpr std::size_t most_network_switches = 128;

// Independent sources are zeroed. Equal errors: fewest closed switches, then the smallest mask (switch 0 lowest);
// configurations whose values agree to 1e-14, relative, count as equal where the undecided switches carry nothing.
// Throws Error{input} above most_network_switches and for more than 100,000 best. requires an existing port, existing
// branches, on and off >= 0, a finite target >= 0, within >= 0 and time_limit >= 0
[[nodiscard]] SwitchedDesign program_network(const SwitchedNetwork& switched, Port port, double target,
                                             const SwitchedOptions& options = {});

}  // namespace ohmset
