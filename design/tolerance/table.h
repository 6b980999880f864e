// Rows of numbers, a number for each of many samples.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "design/tolerance/loops.h"

namespace ohmset::tolerance {

class Table {
 public:
  Table() = default;
  // A pack more than asked for: rows of a power of two would all start in the same places of the cache.
  Table(std::size_t rows, std::size_t samples)
      : stride_(whole_packs(samples) + pack), values_(rows * (whole_packs(samples) + pack)) {}

  [[nodiscard]] double* row(std::size_t k) { return values_.data() + k * stride_; }
  [[nodiscard]] const double* row(std::size_t k) const { return values_.data() + k * stride_; }
  [[nodiscard]] std::size_t stride() const { return stride_; }

 private:
  std::size_t stride_ = 0;
  std::vector<double> values_{};
};

}  // namespace ohmset::tolerance
