// Which way an output of one input goes with each bank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "design/crossbar_tolerance.h"

namespace ohmset::crossbar_tolerance {

// Throws Error{input} where there is no such input, output or condition.
void check_output(const CrossbarQuestion& question, std::size_t input, std::size_t output, std::size_t condition);

// d(differenced output) / d ln(g) of every bank, ampere, word lines x bit lines; 0 for shorted ones.
[[nodiscard]] Matrix log_slopes(const CrossbarQuestion& question, const Matrix& conductances, std::size_t input,
                                std::size_t output);

}  // namespace ohmset::crossbar_tolerance
