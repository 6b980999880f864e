// Pieces that the checks of banks, arrays and decks share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "netlists/crosscheck/findings.h"
#include "netlists/ngspice.h"
#include "netlists/spice_reader.h"

namespace ohmset::crosscheck {

// ngspice's currents carry rounding errors of this much of what meets at a node at the same voltage: what differs
// by less counts as equal.
inline constexpr double rounding_floor = 4e-15;

// relative_difference, 0 where the two differ by no more than `floor`.
[[nodiscard]] double difference_above(double a, double b, double floor);

[[nodiscard]] std::optional<double> value_of(const NgspiceResult& result, const std::string& name);

// "v.x1.v2#branch" of "x1.v2", "vport#branch" of "vport": ngspice's name of a source's current.
[[nodiscard]] std::string current_name(const std::string& source);

// Every node voltage and source current of a deck, ours against ngspice's, each relative to the largest of its kind.
// Returns ngspice's result.
NgspiceResult check_operating_point(const SpiceDeck& deck, const std::string& text, const std::string& file,
                                    Ngspice& ngspice, double tolerance, Findings& findings);

}  // namespace ohmset::crosscheck
