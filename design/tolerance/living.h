// The causes that act on devices after they were made, as normal scores.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "design/tolerance.h"
#include "sim/life.h"

namespace ohmset::tolerance {

inline constexpr std::array<Cause, 5> living_causes{Cause::tc1, Cause::tc2, Cause::written, Cause::nu, Cause::read};

[[nodiscard]] inline bool needs(const Life& life, Cause cause) {
  const Life::Needs& needs = life.needs();
  switch (cause) {
    case Cause::tc1:
      return needs.tc1;
    case Cause::tc2:
      return needs.tc2;
    case Cause::written:
      return needs.written;
    case Cause::nu:
      return needs.nu;
    default:
      return cause == Cause::read && needs.read;
  }
}

// One cause's scores alone, or set among others.
inline void set_scores(Life::Scores& all, Cause cause, std::span<const double> scores) {
  switch (cause) {
    case Cause::tc1:
      all.tc1 = scores;
      return;
    case Cause::tc2:
      all.tc2 = scores;
      return;
    case Cause::written:
      all.written = scores;
      return;
    case Cause::nu:
      all.nu = scores;
      return;
    default:
      all.read = scores;
  }
}
[[nodiscard]] inline Life::Scores scores_of(Cause cause, std::span<const double> scores) {
  Life::Scores alone;
  set_scores(alone, cause, scores);
  return alone;
}

}  // namespace ohmset::tolerance
