// First-order effects of a question that is prepared already.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "design/tolerance.h"
#include "design/tolerance/variables.h"

namespace ohmset::tolerance {

// As ohmset::sensitivities. requires an aim and a condition of the question
[[nodiscard]] std::vector<Sensitivity> first_order(const Making& making, std::size_t aim, std::size_t condition);

}  // namespace ohmset::tolerance
