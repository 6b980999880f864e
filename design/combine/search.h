// All circuits of a given number of parts that can still enter a ranking, found without making the others: one part or
// pair is looked up for every choice of the rest, in sorted lists, by what the target leaves for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "design/combine/lists.h"

namespace ohmset::drawer {

// Offers every circuit of exactly `parts` parts of the lists whose rounded error is within the ranking's bound. The
// lists have pairs when parts > 3. requires 1 <= parts <= 5
void search(const Lists& lists, double target, std::size_t parts, Ranking& ranking);

}  // namespace ohmset::drawer
