// How the linear systems of a network are solved, and how large they may become.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace ohmset {

// elimination: star-mesh, to the last digit. conjugate_gradients: behind an approximate factor, to a proven bound.
// automatic: elimination where its factor is small enough, else conjugate gradients.
enum class SolveMethod : unsigned char { automatic, elimination, conjugate_gradients };

[[nodiscard]] constexpr std::string_view name_of(SolveMethod method) {
  switch (method) {
    case SolveMethod::elimination:
      return "elimination";
    case SolveMethod::conjugate_gradients:
      return "conjugate-gradients";
    default:
      return "automatic";
  }
}

// How large elimination's factor may be for it to be the automatic choice, and how large when nothing else will do.
struct SolveLimits {
  double factor_bytes = 2e9;
  double factor_operations = 5e9;    // multiplications and additions, and
  double operations_per_node = 3e4;  // so many more for each node
  double last_resort_bytes = 8e9;
};

struct SolveOptions {
  SolveMethod method = SolveMethod::automatic;
  SolveLimits limits{};
};

}  // namespace ohmset
