// SPDX-License-Identifier: Apache-2.0
#include "design/kernels/half_sums.h"

namespace ohmset::kernels {

std::optional<std::uint64_t> subset_of_sum(std::span<const std::int64_t> items, std::int64_t sum, const Kernels& set) {
  constexpr std::size_t most_by_force = 14;
  if (items.size() <= most_by_force) {
    const std::uint64_t mask = set.subset_with_sum(items.data(), items.size(), sum);
    if (mask == ~std::uint64_t{0}) return std::nullopt;
    return mask;
  }
  const std::size_t rows = items.size() / 2;
  Buffers<std::int64_t> buffers;
  const Halves<std::int64_t> halves =
      set.integers.halves(items.data(), rows, items.size() - rows, buffers.reserve(std::size_t{1} << (rows + 1)));
  std::size_t row = 0;
  std::size_t column = halves.columns.count;
  while (row < halves.rows.count && column > 0) {
    const std::int64_t reached = halves.rows.values[row] + halves.columns.values[column - 1];
    if (reached == sum) {
      const auto low = subset_of_sum(items.first(rows), halves.rows.values[row], set);
      const auto high = subset_of_sum(items.subspan(rows), halves.columns.values[column - 1], set);
      return *low | *high << rows;
    }
    if (reached < sum) {
      ++row;
    } else {
      --column;
    }
  }
  return std::nullopt;
}

}  // namespace ohmset::kernels
