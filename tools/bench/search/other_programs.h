// The same questions put to other programs, where they are installed: the mixed-integer solver CBC, NumPy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tools/bench/search/questions.h"

namespace ohmset::bench {

struct Answer {
  std::size_t question = 0;
  std::uint64_t mask = 0;
  double seconds = 0.0;  // of its processor
  bool claims_optimal = true;
};

#ifdef OHMSET_CBC
// Least e with -e <= sum - target <= e, CBC's tolerances as they come, a minute at most for each; its start is counted.
// Throws std::runtime_error when it does not answer.
[[nodiscard]] std::vector<Answer> mixed_integer_answers(const std::vector<Question>& questions);
#endif

#ifdef OHMSET_NUMPY_PYTHON
// Meet in the middle by sorting; Python's start is not counted, the best of several runs is.
[[nodiscard]] std::vector<Answer> numpy_answers(const std::vector<Question>& questions);
#endif

}  // namespace ohmset::bench
