// What the benchmarks ask: items lognormal (0.5), targets between 25 % and 75 % of their sum, a fresh bank for every
// search.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "sim/bank.h"

namespace ohmset::bench {

struct Question {
  std::vector<double> items{};
  double target = 0.0;
};

[[nodiscard]] double target_for(const std::vector<double>& items, std::mt19937_64& random);
// The same ones for the same n, the first ones first.
[[nodiscard]] std::vector<Question> questions(std::size_t n, std::size_t count);
// So many that a measurement does not depend on one of them.
[[nodiscard]] std::vector<Question> enough_questions(std::size_t n);

// Devices whose conductances are a question's items (siemens), with ideal switches, known as they are.
[[nodiscard]] Bank bank_of(const Topology& topology, const std::vector<double>& conductances);

}  // namespace ohmset::bench
