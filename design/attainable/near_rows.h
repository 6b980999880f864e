// Which of many rows of sums come near to a value: one outer value each, plus any of the inner ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "design/attainable/values.h"

namespace ohmset::attainable {

struct Rows {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Rows of ascending outer values with some inner value, of an ascending list, within `near` of wanted - outer; as
// ranges in descending order that do not overlap. Some rows in them may have none. Behind a range in that order more
// rows may have one, as long as all of those between them have. requires inner.front() <= wanted - outer <=
// inner.back() for all rows
[[nodiscard]] std::vector<Rows> rows_near(std::span<const Value> outer, std::span<const Value> inner, double wanted,
                                          double near);

}  // namespace ohmset::attainable
