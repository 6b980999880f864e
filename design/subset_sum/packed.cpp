// Each key is (item in fixed point) << n | its mask bit, so the sum of keys carries its own mask. Rounding an item or
// the target to fixed point errs by at most half a unit, the mask field by less than one: a subset whose key is best by
// more than n + 3 units is the closest, alone.
//
// Two items are kept out of the lists as four shifted targets: four independent scans fill the pipeline.
// SPDX-License-Identifier: Apache-2.0
#include "design/subset_sum/packed.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace ohmset::exact {
namespace {

constexpr int key_bits = 60;
constexpr std::int64_t beyond = std::int64_t{1} << 61;

// Sums of the keys in ascending order into `out`, a sentinel after them, by way of `scratch`; returns where they are.
// Forwards from the least and backwards from the greatest at once: two independent chains, no bounds to check.
std::int64_t* sorted_sums(std::span<const std::int64_t> keys, std::int64_t* list, std::int64_t* scratch) {
  list[0] = 0;
  std::size_t size = 1;
  for (const std::int64_t key : keys) {
    const std::int64_t* a = list;
    const std::int64_t* b = list;
    const std::int64_t* c = list + size - 1;
    const std::int64_t* d = c;
    std::int64_t* up = scratch;
    std::int64_t* down = scratch + 2 * size - 1;
    for (std::size_t k = 0; k < size; ++k) {
      const std::int64_t least = *a;
      const std::int64_t lead = *b + key - least;
      const std::int64_t with = lead >> 63;  // -1 or 0
      *up++ = least + (lead & with);
      b -= with;
      a += 1 + with;
      const std::int64_t most = *d + key;
      const std::int64_t excess = *c - most;
      const std::int64_t below = excess >> 63;
      *down-- = most + (excess & ~below);
      d += below;
      c -= 1 + below;
    }
    std::swap(list, scratch);
    size *= 2;
  }
  return list;
}

struct Nearest {
  std::int64_t error = beyond;   // of the best pair
  std::int64_t second = beyond;  // of the next best visited
  std::int64_t sum = 0;          // of the best pair, less its target
};

// requires sentinels: rows[row_count] = beyond, columns[-1] = -beyond
Nearest scan(const std::int64_t* rows, std::size_t row_count, const std::int64_t* columns, std::size_t column_count,
             const std::array<std::int64_t, 4>& targets) {
  std::array<const std::int64_t*, 4> row{rows, rows, rows, rows};
  const std::int64_t* last = columns + column_count - 1;
  std::array<const std::int64_t*, 4> column{last, last, last, last};
  Nearest nearest;
  for (std::size_t step = 0; step < row_count + column_count; ++step) {
    for (std::size_t chain = 0; chain < 4; ++chain) {
      const std::int64_t sum = *row[chain] + *column[chain] - targets[chain];
      const std::int64_t under = sum >> 63;  // -1 or 0
      const std::int64_t error = (sum ^ under) - under;
      if (error < nearest.second) [[unlikely]] {
        const bool better = error < nearest.error;
        nearest.second = better ? nearest.error : error;
        nearest.sum = better ? sum : nearest.sum;
        nearest.error = better ? error : nearest.error;
      }
      row[chain] -= under;
      column[chain] -= 1 + under;
    }
  }
  return nearest;
}

}  // namespace

std::optional<std::uint64_t> closest_packed(std::span<const double> items, double target,
                                            std::array<std::vector<std::int64_t>, 4>& buffers) {
  const std::size_t n = items.size();
  if (n < least_packed_items || n > most_packed_items) return std::nullopt;
  double total = 0.0;
  for (const double item : items) total += std::abs(item);
  const double aim = std::clamp(target, -2.0 * total, 2.0 * total);  // beyond all sums, the order stays the same
  total += std::abs(aim);
  if (!(total > 1e-250 && total < 1e250)) return std::nullopt;
  const int shift = key_bits - static_cast<int>(n) - (std::ilogb(total) + 1);
  const double scale = std::ldexp(1.0, shift);
  const auto fixed = [&](double value) {
    const double scaled = value * scale;
    return static_cast<std::int64_t>(scaled + (scaled < 0.0 ? -0.5 : 0.5)) * (std::int64_t{1} << n);
  };

  const std::size_t row_items = (n - 2) / 2;
  const std::size_t column_items = n - 2 - row_items;
  const std::size_t row_count = std::size_t{1} << row_items;
  const std::size_t column_count = std::size_t{1} << column_items;
  for (std::vector<std::int64_t>& buffer : buffers) {
    if (buffer.size() < column_count + 2) buffer.resize(column_count + 2);
  }
  std::array<std::int64_t, most_packed_items> keys{};
  for (std::size_t k = 0; k < n; ++k) keys[k] = fixed(items[k]) + (std::int64_t{1} << k);
  const std::span<const std::int64_t> all(keys.data(), n);
  std::int64_t* rows = sorted_sums(all.first(row_items), buffers[0].data() + 1, buffers[1].data() + 1);
  std::int64_t* columns =
      sorted_sums(all.subspan(row_items, column_items), buffers[2].data() + 1, buffers[3].data() + 1);
  rows[row_count] = beyond;
  columns[-1] = -beyond;
  const std::int64_t aimed = fixed(aim);
  const std::array<std::int64_t, 4> targets{aimed, aimed - keys[n - 2], aimed - keys[n - 1],
                                            aimed - keys[n - 2] - keys[n - 1]};
  const Nearest nearest = scan(rows, row_count, columns, column_count, targets);

  // A scan visits, for every pair it passes over, a nearer one in the pair's row or column. So another pair within the
  // margin was visited too, or lies next to the best pair.
  const std::int64_t margin = static_cast<std::int64_t>(n + 3) * (std::int64_t{1} << n);
  if (nearest.second <= nearest.error + margin) return std::nullopt;
  const std::uint64_t mask = static_cast<std::uint64_t>(nearest.sum + aimed) & ((std::uint64_t{1} << n) - 1);
  std::int64_t row_key = 0;
  std::int64_t column_key = 0;
  for (std::size_t k = 0; k < n - 2; ++k) {
    if (((mask >> k) & 1U) != 0) (k < row_items ? row_key : column_key) += keys[k];
  }
  const std::int64_t* row = std::lower_bound(rows, rows + row_count, row_key);
  if (row + 1 < rows + row_count && row[1] - row[0] <= margin) return std::nullopt;
  const std::int64_t* column = std::lower_bound(columns, columns + column_count, column_key);
  if (column > columns && column[0] - column[-1] <= margin) return std::nullopt;
  return mask;
}

}  // namespace ohmset::exact
